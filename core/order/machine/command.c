#include <string.h>

#include "order/machine/kind.h"

/* Commands by their names. */

const char *od_command_name(enum od_command_type type)
{
    return type < OD_COMMAND_TYPES ? od_command_kinds[type]->name : "unknown";
}

bool od_command_named(struct od_str name, enum od_command_type *out)
{
    for (int i = 0; i < OD_COMMAND_TYPES; i++) {
        *out = (enum od_command_type)i;
        if (od_str_is(name, od_command_kinds[i]->name))
            return true;
    }
    return false;
}

void od_want_stock_of_order(const struct od_command *c, struct od_wants *w)
{
    (void)c;
    w->stock_of_order = true;
}
