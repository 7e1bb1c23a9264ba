#include <string.h>

#include "order/machine/command_kind.h"

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

bool od_command_offered(const struct od_command_kind *kind)
{
    return kind->body && !kind->together;
}

const char *od_command_call(const struct od_command_kind *kind)
{
    if (!od_command_offered(kind) || kind->subject != OD_SUBJECT_ORDER ||
        kind == od_command_kinds[OD_COMMAND_COMPOSITE])
        return NULL;
    return kind->call ? kind->call : kind->name;
}

void od_command_set_id(struct od_command *c, const struct od_command_member *m, int32_t id)
{
    *(int32_t *)((char *)c + m->offset) = id;
}

void od_command_set_text(struct od_command *c, const struct od_command_member *m, struct od_str s)
{
    *(struct od_str *)((char *)c + m->offset) = s;
}

const char *od_answer_id(const struct od_command_kind *kind)
{
    switch (kind->answer) {
    case OD_ANSWER_PART:
        return od_entities[kind->part].fields->json;
    case OD_ANSWER_ACTIVITY:
        return "activityId";
    case OD_ANSWER_ORDER:
    case OD_ANSWER_STOCK:
        break;
    }
    return NULL;
}

void od_want_stock_of_order(const struct od_command *c, struct od_wants *w)
{
    (void)c;
    w->stock_of_order = true;
}
