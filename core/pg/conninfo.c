#include "pg/conninfo.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { CONNINFO_MAX = 1 << 20 };

static PQconninfoOption *parse(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    if (!options)
        abort();
    return options;
}

/* libpq takes quoted values with backslash escapes. */
void od_pg_conninfo_put(struct od_buf *b, const char *keyword, const char *value)
{
    od_buf_printf(b, "%s%s='", b->len > 0 ? " " : "", keyword);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            od_buf_char(b, '\\');
        od_buf_char(b, *value);
    }
    od_buf_char(b, '\'');
}

char *od_pg_conninfo_with(const char *conninfo, const char *keyword, const char *value)
{
    PQconninfoOption *options = parse(conninfo);
    struct od_buf b;
    od_buf_init(&b, CONNINFO_MAX);
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (o->val && strcmp(o->keyword, keyword) != 0)
            od_pg_conninfo_put(&b, o->keyword, o->val);
    }
    if (value)
        od_pg_conninfo_put(&b, keyword, value);
    od_buf_char(&b, '\0');
    char *out = b.overflow ? NULL : strdup(b.ptr);
    if (!out)
        abort();
    od_buf_fini(&b);
    PQconninfoFree(options);
    return out;
}

char *od_pg_conninfo_option(const char *conninfo, const char *keyword)
{
    PQconninfoOption *options = parse(conninfo);
    char *out = NULL;
    for (const PQconninfoOption *o = options; o->keyword && !out; o++) {
        if (o->val && strcmp(o->keyword, keyword) == 0)
            out = strdup(o->val);
    }
    PQconninfoFree(options);
    return out;
}
