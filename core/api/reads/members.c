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

/* The order as an object; NULL: it is larger than an answer may be. */
static const struct od_json *render(struct od_http_request *req, const struct od_rules *rules,
                                    const struct od_order *o, struct od_str activities)
{
    struct od_json_writer w;
    struct od_json *order = NULL;
    struct od_buf text;
    struct od_err err;
    od_buf_init(&text, od_http_body(req)->max);
    od_jw_init(&w, &text);
    od_order_write(&w, o, &rules->statuses, rules->shop, activities);
    if (text.overflow || od_json_parse(&req->arena, od_arena_str(&req->arena, od_buf_view(&text)),
                                       OD_API_BODY_DEPTH, &order, &err))
        order = NULL;
    od_buf_fini(&text);
    return order;
}

bool od_api_fields_known(struct od_http_request *req, struct od_str fields,
                         const struct od_rules *rules)
{
    const struct od_order empty = {.currency = OD_STR("EUR")};
    struct od_str name;
    if (!fields.ptr)
        return true;
    const struct od_json *order = render(req, rules, &empty, OD_STR_NONE);
    while (od_str_cut(&fields, ',', &name)) {
        name = od_str_trim(name);
        if (od_json_get_str(order, name))
            continue;
        od_problem_sendf(req, 422, "bad_query",
                         "fields: an order has no member \"%.*s\"; name some as "
                         "orderNumber,status,grandTotal, with commas between them.",
                         (int)(name.len > 60 ? 60 : name.len), name.ptr);
        return false;
    }
    return true;
}

void od_api_write_order(struct od_json_writer *w, struct od_http_request *req, struct od_str fields,
                        const struct od_rules *rules, const struct od_loaded *l)
{
    if (!fields.ptr) {
        od_order_write(w, l->order, &rules->statuses, rules->shop, l->activities);
        return;
    }
    const struct od_json *order = render(req, rules, l->order, l->activities);
    od_jw_object(w);
    for (const struct od_json *m = order ? order->child : NULL; m; m = m->next) {
        if (!wants(fields, m->key))
            continue;
        od_jw_key_str(w, m->key);
        od_jw_value(w, m);
    }
    od_jw_object_end(w);
}
