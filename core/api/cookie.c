#include "api/cookie.h"

#include "http/request.h"

/* What of one name has been found so far. */
struct found {
    const char *name;
    struct od_str value;
    bool twice;
};

/* RFC 6265, section 4.1.1: visible ASCII without quotes, commas, semicolons and backslashes. */
static bool is_value(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

static void look(struct found *f, struct od_str header)
{
    struct od_str rest = header, pair, name;
    while (od_str_cut(&rest, ';', &pair)) {
        struct od_str value = pair;
        if (!od_str_cut(&value, '=', &name) || !value.ptr || !od_str_is(od_str_trim(name), f->name))
            continue;
        value = od_str_trim(value);
        if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = od_str_slice(value, 1, value.len - 1);
        if (!is_value(value))
            continue;
        f->twice = f->twice || (f->value.ptr && !od_str_eq(f->value, value));
        f->value = value;
    }
}

struct od_str od_cookie_find(struct od_str header, const char *name)
{
    struct found f = {.name = name};
    look(&f, header);
    return f.twice ? OD_STR_NONE : f.value;
}

struct od_str od_http_cookie(const struct od_http_request *req, const char *name)
{
    struct found f = {.name = name};
    for (size_t i = 0; i < req->header_count; i++) {
        if (od_str_eq_nocase(req->headers[i].name, OD_STR("Cookie")))
            look(&f, req->headers[i].value);
    }
    return f.twice ? OD_STR_NONE : f.value;
}
