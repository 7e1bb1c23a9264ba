#include "api/pairs.h"

#include "base/json/json.h"

struct od_str od_pairs_json(struct od_http_request *req, const struct od_http_pair *pairs,
                            size_t count)
{
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, 1 << 20);
    od_jw_init(&w, &b);
    od_jw_object(&w);
    for (size_t i = 0; i < count; i++) {
        bool repeated = false;
        for (size_t n = 0; n < i && !repeated; n++)
            repeated = od_str_eq(pairs[n].name, pairs[i].name);
        if (repeated)
            continue;
        od_jw_key_str(&w, pairs[i].name);
        od_jw_str(&w, pairs[i].value);
    }
    od_jw_object_end(&w);
    struct od_str text = od_arena_str(&req->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

struct od_str od_headers_json(struct od_http_request *req, bool authorization)
{
    struct od_http_pair *pairs = OD_NEW_ARRAY(&req->arena, struct od_http_pair, req->header_count);
    size_t count = 0;
    for (size_t i = 0; i < req->header_count; i++) {
        struct od_str name = req->headers[i].name;
        if ((!authorization && od_str_eq_nocase(name, OD_STR("authorization"))) ||
            !od_utf8_valid(req->headers[i].value))
            continue;
        char *lower = od_arena_alloc(&req->arena, name.len + 1);
        for (size_t n = 0; n < name.len; n++)
            lower[n] =
                name.ptr[n] >= 'A' && name.ptr[n] <= 'Z' ? (char)(name.ptr[n] | 0x20) : name.ptr[n];
        pairs[count++] = (struct od_http_pair){od_str_n(lower, name.len), req->headers[i].value};
    }
    return od_pairs_json(req, pairs, count);
}
