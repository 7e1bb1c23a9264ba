#include "pg/sqlstate.h"

#include <stddef.h>
#include <string.h>

static bool in_class(const struct od_err *err, const char *prefix)
{
    return strncmp(err->sqlstate, prefix, strlen(prefix)) == 0;
}

bool od_pg_is_temporary(const struct od_err *err)
{
    static const char *const states[] = {
        "40",    /* transaction rollback: serialization failure, deadlock */
        "53",    /* insufficient resources */
        "57P",   /* shutdown, crash, cannot connect now */
        "57014", /* statement_timeout */
        "55P03", /* lock_timeout */
        "25006", /* read-only: a server that was the primary */
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (in_class(err, states[i]))
            return true;
    }
    return false;
}

bool od_pg_is_repeatable(const struct od_err *err)
{
    return in_class(err, "40") || in_class(err, "26000") || in_class(err, "0A000");
}

bool od_pg_is_duplicate(const struct od_err *err, const char *constraint)
{
    return in_class(err, "23505") && strstr(err->message, constraint);
}

bool od_pg_is_check(const struct od_err *err, const char *constraint)
{
    return in_class(err, "23514") && strstr(err->message, constraint);
}
