#include "api/handler.h"
#include "api/reads/find.h"
#include "base/json/value.h"
#include "order/show/filter.h"
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
                                    const struct od_order *o, struct od_str activities,
                                    unsigned classes)
{
    struct od_json_writer w;
    struct od_json *order = NULL;
    struct od_buf text;
    struct od_err err;
    od_buf_init(&text, od_http_body(req)->max);
    od_jw_init(&w, &text);
    od_order_write_seen(&w, o, &rules->statuses, rules->shop, activities, classes);
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
    const struct od_json *order = render(req, rules, &empty, OD_STR_NONE, OD_CLASSES_ALL);
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

/* Of the hidden paths, those of members that are there: "items.price" is of items. */
static void write_masked(struct od_json_writer *w, struct od_str fields,
                         const struct od_json *masked)
{
    od_jw_key(w, "masked");
    od_jw_array(w);
    for (const struct od_json *m = masked->child; m; m = m->next) {
        struct od_str rest = m->text, member;
        (void)od_str_cut(&rest, '.', &member);
        if (wants(fields, member))
            od_jw_str(w, m->text);
    }
    od_jw_array_end(w);
}

void od_api_filter_stores(const struct od_principal *who, struct od_arena *a,
                          struct od_filter *filters, uint32_t *count)
{
    struct od_buf names;
    if (!who->stores)
        return;
    od_buf_init(&names, 1 << 16); /* at most 50 of at most 40 bytes */
    for (size_t i = 0; i < who->store_count; i++)
        od_buf_printf(&names, "%s%.*s", i ? "," : "", OD_STR_ARG(who->stores[i]));
    filters[(*count)++] = (struct od_filter){
        .field = OD_FILTER_OF_STORE,
        .operation = OD_FILTER_IN,
        .value = od_arena_str(a, od_buf_view(&names)),
    };
    od_buf_fini(&names);
}

bool od_api_filter_seen(struct od_http_request *req, const struct od_principal *who,
                        struct od_str name)
{
    struct od_str field = name;
    if (name.len && name.ptr[0] == '-')
        name = od_str_slice(name, 1, name.len);
    (void)od_str_cut(&name, '.', &field);
    unsigned about = od_filter_classes(field);
    if ((who->classes & about) == about) /* PUBLIC always is: also a name that is none passes */
        return true;
    return od_api_sees_classes(req, who, about, od_arena_str(&req->arena, field).ptr);
}

void od_api_write_order(struct od_json_writer *w, struct od_http_request *req, struct od_str fields,
                        const struct od_rules *rules, const struct od_loaded *l, unsigned classes)
{
    if (!fields.ptr) {
        od_order_write_seen(w, l->order, &rules->statuses, rules->shop, l->activities, classes);
        return;
    }
    const struct od_json *order = render(req, rules, l->order, l->activities, classes);
    od_jw_object(w);
    for (const struct od_json *m = order ? order->child : NULL; m; m = m->next) {
        if (od_str_is(m->key, "masked"))
            write_masked(w, fields, m);
        if (!wants(fields, m->key))
            continue;
        od_jw_key_str(w, m->key);
        od_jw_value(w, m);
    }
    od_jw_object_end(w);
}
