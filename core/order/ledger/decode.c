#include "order/ledger/data.h"

#include "order/ledger/event.h"
#include "order/model/fields.h"

/* Deeper than what a request may nest, which metadata keeps. */
#define DEPTH_MAX 128

static const char *const address_keys[2] = {"shipping_address", "billing_address"};
static const char *const address_kinds[2] = {"shipping", "billing"};
static const struct od_entity *const order_entity = &od_entities[OD_ENTITY_ORDER];

struct od_json *od_event_take(struct od_json *o, const char *key)
{
    for (struct od_json **at = &o->child; *at; at = &(*at)->next) {
        struct od_json *v = *at;
        if (od_str_is(v->key, key)) {
            *at = v->next;
            o->count--;
            return v;
        }
    }
    return NULL;
}

int od_event_check_list(const struct od_json *list, const char *what, struct od_err *err)
{
    if (list && list->type != OD_JSON_ARRAY)
        return od_err_set(err, OD_ERR_INVALID, "%s is not a list", what);
    return 0;
}

int od_event_check_empty(const struct od_json *data, struct od_err *err)
{
    if (data->child)
        return od_err_set(err, OD_ERR_INVALID, "unknown member %.*s", OD_STR_ARG(data->child->key));
    return 0;
}

int od_event_read_list(struct od_json *data, const char *key, enum od_entity_kind kind,
                       void **first, uint32_t *count, struct od_arena *a, struct od_err *err)
{
    const struct od_json *list = od_event_take(data, key);
    size_t size = od_entities[kind].size;

    if (od_event_check_list(list, key, err) < 0)
        return -1;
    char *array = od_arena_array(a, list ? list->count : 0, size);
    *first = array;
    *count = 0;
    for (const struct od_json *v = list ? list->child : NULL; v; v = v->next) {
        if (od_entity_read(&od_entities[kind], v, array + *count * size, a, err) < 0)
            return od_err_wrap(err, "%s[%u]", key, *count);
        ++*count;
    }
    return 0;
}

static int read_address(struct od_order *o, int i, const struct od_json *v, struct od_arena *a,
                        struct od_err *err)
{
    struct od_address *address = &o->addresses[i];

    if (!v || v->type == OD_JSON_NULL)
        return 0;
    if (od_entity_read(&od_entities[OD_ENTITY_ADDRESS], v, address, a, err) < 0)
        return od_err_wrap(err, "%s", address_keys[i]);
    address->kind = od_str_of(address_kinds[i]);
    address->present = true;
    return 0;
}

int od_event_read_addresses(struct od_order *o, struct od_json *data, bool named[2],
                            struct od_arena *a, struct od_err *err)
{
    for (int i = 0; i < 2; i++) {
        struct od_json *v = od_event_take(data, address_keys[i]);
        if (named)
            named[i] = v != NULL;
        if (read_address(o, i, v, a, err) < 0)
            return -1;
    }
    return 0;
}

int od_event_read_patch(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err)
{
    struct od_patch *p = OD_NEW(a, struct od_patch);
    struct od_order *values = OD_NEW(a, struct od_order);
    void *items;

    if (od_event_read_addresses(values, data, p->address, a, err) < 0 ||
        od_event_read_list(data, "items", OD_ENTITY_ITEM, &items, &values->item_count, a, err) < 0)
        return -1;
    values->items = items;
    if (od_entity_read(order_entity, data, values, a, err) < 0)
        return -1;
    for (const struct od_json *v = data->child; v; v = v->next)
        p->fields |= (uint64_t)1 << (od_entity_field(order_entity, v->key) - order_entity->fields);
    p->values = values;
    e->patch = p;
    return 0;
}

int od_event_read_amount(struct od_event *e, struct od_json *data, struct od_err *err)
{
    const struct od_json *amount = od_event_take(data, "amount");

    if (amount && !od_json_i64(amount, 0, INT64_MAX, &e->amount))
        return od_err_set(err, OD_ERR_INVALID, "amount is not an amount");
    return 0;
}

int od_event_read_units(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err)
{
    const struct od_json *list = od_event_take(data, "units");
    struct od_units *units;
    uint32_t n = 0;

    if (od_event_check_list(list, "units", err) < 0)
        return -1;
    e->units = units = OD_NEW_ARRAY(a, struct od_units, list ? list->count : 0);
    for (const struct od_json *v = list ? list->child : NULL; v; v = v->next) {
        struct od_shipment_item it = {0};
        if (od_entity_read(&od_entities[OD_ENTITY_SHIPMENT_ITEM], v, &it, a, err) < 0)
            return od_err_wrap(err, "units[%u]", n);
        units[n++] = (struct od_units){it.order_item_id, it.qty};
    }
    e->unit_count = n;
    return od_event_read_amount(e, data, err);
}

int od_event_read_payment(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err)
{
    struct od_payment *p = OD_NEW(a, struct od_payment);

    e->payment = p;
    return od_entity_read(&od_entities[OD_ENTITY_PAYMENT], data, p, a, err);
}

int od_event_read_nothing(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err)
{
    (void)e, (void)a;
    return od_event_check_empty(data, err);
}

int od_event_decode(struct od_event *e, struct od_str data, struct od_arena *a, struct od_err *err)
{
    struct od_json *o;

    if (od_json_parse(a, data, DEPTH_MAX, &o, err) < 0)
        goto out;
    if (o->type != OD_JSON_OBJECT) {
        od_err_set(err, OD_ERR_INVALID, "is not an object");
        goto out;
    }
    if (od_event_kinds[e->type]->read(e, o, a, err) < 0)
        goto out;
    return 0;
out:
    return od_err_wrap(err, "order %lld event %d %s", (long long)e->order_id, e->seq,
                       od_event_type_name(e->type).ptr);
}
