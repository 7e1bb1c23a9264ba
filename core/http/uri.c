#include "http/uri.h"

#include <string.h>

#include "http/request.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unescape(struct od_str s, bool plus, char *out, size_t *len)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            int high = i + 2 < s.len ? hex_value(s.ptr[i + 1]) : -1;
            int low = i + 2 < s.len ? hex_value(s.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    *len = n;
    return true;
}

/* Borrows from the target when nothing in it is encoded, which is the usual case. */
static bool decode(struct od_arena *arena, struct od_str s, bool plus, struct od_str *out)
{
    bool plain = s.len == 0 || (!memchr(s.ptr, '%', s.len) && !(plus && memchr(s.ptr, '+', s.len)));
    *out = s;
    if (!plain) {
        char *copy = od_arena_alloc(arena, s.len);
        size_t len;
        if (!unescape(s, plus, copy, &len))
            return false;
        *out = od_str_n(copy, len);
    }
    return od_utf8_valid(*out) && !od_str_has_nul(*out);
}

static size_t count_of(struct od_str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == c;
    return n;
}

static bool parse_path(struct od_http_request *req, struct od_str path)
{
    req->path = path;
    if (path.len == 0 || path.ptr[0] != '/')
        return false;
    if (path.len == 1)
        return true;
    req->segments = OD_NEW_ARRAY(&req->arena, struct od_str, count_of(path, '/'));
    struct od_str rest = od_str_slice(path, 1, path.len);
    struct od_str piece;
    while (od_str_cut(&rest, '/', &piece)) {
        if (!decode(&req->arena, piece, false, &req->segments[req->segment_count++]))
            return false;
    }
    return true;
}

static bool parse_query(struct od_http_request *req, struct od_str query)
{
    req->query = OD_NEW_ARRAY(&req->arena, struct od_http_pair, count_of(query, '&') + 1);
    struct od_str piece;
    while (od_str_cut(&query, '&', &piece)) {
        if (piece.len == 0)
            continue;
        struct od_str value = piece;
        struct od_str name;
        struct od_http_pair *pair = &req->query[req->query_count++];
        (void)od_str_cut(&value, '=', &name);
        if (value.ptr == NULL)
            value = OD_STR("");
        if (!decode(&req->arena, name, true, &pair->name) ||
            !decode(&req->arena, value, true, &pair->value))
            return false;
    }
    return true;
}

/* Returns what follows scheme and authority, perhaps nothing; absent: they are not there. */
static struct od_str strip_authority(struct od_str target)
{
    const char *colon = memchr(target.ptr, ':', target.len);
    size_t from = colon ? (size_t)(colon - target.ptr) + 1 : target.len;
    if (target.len < from + 2 || memcmp(target.ptr + from, "//", 2) != 0)
        return OD_STR_NONE;
    for (from += 2; from < target.len && !strchr("/?", target.ptr[from]); from++)
        ;
    return od_str_slice(target, from, target.len);
}

bool od_http_uri_parse(struct od_http_request *req, struct od_str target)
{
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= ' ' || c == 0x7f || c == '#')
            return false;
    }
    if (req->method == OD_HTTP_OPTIONS && od_str_eq(target, OD_STR("*"))) {
        req->path = target;
        return true;
    }
    bool absolute = target.len > 0 && target.ptr[0] != '/';
    struct od_str query = absolute ? strip_authority(target) : target;
    struct od_str path;
    if (!od_str_cut(&query, '?', &path))
        return false;
    if (absolute && path.len == 0)
        path = OD_STR("/");
    return parse_path(req, path) && (query.ptr == NULL || parse_query(req, query));
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool od_http_host_valid(struct od_str host)
{
    if (host.len == 0)
        return false;
    size_t i = 0;
    if (host.ptr[0] == '[') {
        for (i = 1; i < host.len && (is_alnum(host.ptr[i]) || strchr(":.", host.ptr[i])); i++)
            ;
        if (i == 1 || i == host.len || host.ptr[i++] != ']')
            return false;
    } else {
        for (; i < host.len && (is_alnum(host.ptr[i]) || strchr("-._~%!$&'()*+,;=", host.ptr[i]));
             i++)
            ;
        if (i == 0)
            return false;
    }
    if (i == host.len)
        return true;
    int64_t port;
    struct od_str digits = od_str_slice(host, i + 1, host.len);
    return host.ptr[i] == ':' && (digits.len == 0 || od_str_to_i64(digits, 0, 65535, &port));
}
