#include "api/handler.h"
#include "api/reads/find.h"
#include "base/json/value.h"
#include "order/show/render.h"

static bool wants(struct od_str fields, struct od_str member)
{
    struct od_str name;
    while (od_str_cut(&fields, ',', &name)) {
        if (od_str_eq(od_str_trim(name), member))
            return true;
    }
    return false;
}

void od_api_write_order(struct od_json_writer *w, struct od_http_request *req, struct od_str fields,
                        const struct od_rules *rules, const struct od_loaded *l)
{
    struct od_json_writer whole;
    struct od_json *order;
    struct od_buf text;
    struct od_err err;
    if (!fields.ptr) {
        od_order_write(w, l->order, &rules->statuses, rules->shop, l->activities);
        return;
    }
    od_buf_init(&text, od_http_body(req)->max);
    od_jw_init(&whole, &text);
    od_order_write(&whole, l->order, &rules->statuses, rules->shop, l->activities);
    od_jw_object(w);
    if (od_json_parse(&req->arena, od_arena_str(&req->arena, od_buf_view(&text)), OD_API_BODY_DEPTH,
                      &order, &err) == 0) {
        for (const struct od_json *m = order->child; m; m = m->next) {
            if (!wants(fields, m->key))
                continue;
            od_jw_key_str(w, m->key);
            od_jw_value(w, m);
        }
    }
    od_jw_object_end(w);
    od_buf_fini(&text);
}
