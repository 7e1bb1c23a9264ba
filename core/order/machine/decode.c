#include "order/model/event.h"

#include <stdlib.h>

#include "order/machine/event_data.h"
#include "order/machine/event_keys.h"
#include "order/model/fields.h"

/* Deeper than what a request may nest, which metadata keeps. */
#define DEPTH_MAX 128

static const char *const address_keys[2] = OD_DATA_ADDRESS_KEYS;
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

/* list may be NULL: an empty one. */
static int check_list(const struct od_json *list, const char *what, struct od_err *err)
{
    if (list && list->type != OD_JSON_ARRAY)
        return od_err_set(err, OD_ERR_INVALID, "%s is not a list", what);
    return 0;
}

/* For data without fields: what was not taken is unknown. */
static int check_empty(const struct od_json *data, struct od_err *err)
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

    if (check_list(list, key, err) < 0)
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

static int read_items(struct od_order *o, struct od_json *data, struct od_arena *a,
                      struct od_err *err)
{
    void *items;

    if (od_event_read_list(data, "items", OD_ENTITY_ITEM, &items, &o->item_count, a, err) < 0)
        return -1;
    o->items = items;
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

static int read_order(struct od_event *e, struct od_json *data, struct od_arena *a,
                      struct od_err *err)
{
    struct od_order *o = OD_NEW(a, struct od_order);

    if (read_items(o, data, a, err) < 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        if (read_address(o, i, od_event_take(data, address_keys[i]), a, err) < 0)
            return -1;
    }
    e->order = o;
    return od_entity_read(order_entity, data, o, a, err);
}

int od_event_read_patch(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err)
{
    struct od_patch *p = OD_NEW(a, struct od_patch);
    struct od_order *values = OD_NEW(a, struct od_order);

    for (int i = 0; i < 2; i++) {
        struct od_json *v = od_event_take(data, address_keys[i]);
        p->address[i] = v != NULL;
        if (read_address(values, i, v, a, err) < 0)
            return -1;
    }
    if (read_items(values, data, a, err) < 0)
        return -1;
    if (od_entity_read(order_entity, data, values, a, err) < 0)
        return -1;
    for (const struct od_json *v = data->child; v; v = v->next)
        p->fields |= (uint64_t)1 << (od_entity_field(order_entity, v->key) - order_entity->fields);
    p->values = values;
    e->patch = p;
    return 0;
}

static int read_amount(struct od_event *e, struct od_json *data, struct od_err *err)
{
    const struct od_json *amount = od_event_take(data, "amount");

    if (amount && !od_json_i64(amount, 0, INT64_MAX, &e->amount))
        return od_err_set(err, OD_ERR_INVALID, "amount is not an amount");
    return 0;
}

static int read_units(struct od_event *e, struct od_json *data, struct od_arena *a,
                      struct od_err *err)
{
    const struct od_json *list = od_event_take(data, "units");
    struct od_units *units;
    uint32_t n = 0;

    if (check_list(list, "units", err) < 0)
        return -1;
    e->units = units = OD_NEW_ARRAY(a, struct od_units, list ? list->count : 0);
    for (const struct od_json *v = list ? list->child : NULL; v; v = v->next) {
        struct od_shipment_item it = {0};
        if (od_entity_read(&od_entities[OD_ENTITY_SHIPMENT_ITEM], v, &it, a, err) < 0)
            return od_err_wrap(err, "units[%u]", n);
        units[n++] = (struct od_units){it.order_item_id, it.qty};
    }
    e->unit_count = n;
    return read_amount(e, data, err) < 0 ? -1 : check_empty(data, err);
}

static int read_shipment(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_shipment *s = OD_NEW(a, struct od_shipment);
    const struct od_json *list = od_event_take(data, "items");
    const struct od_json *handed_over = od_event_take(data, "handed_over");

    if (handed_over && handed_over->type != OD_JSON_BOOL)
        return od_err_set(err, OD_ERR_INVALID, "handed_over is not a boolean");
    e->handed_over = handed_over && handed_over->boolean;
    if (read_amount(e, data, err) < 0 ||
        od_entity_read(&od_entities[OD_ENTITY_SHIPMENT], data, s, a, err) < 0 ||
        check_list(list, "items", err) < 0)
        return -1;
    s->items = OD_NEW_ARRAY(a, struct od_shipment_item, list ? list->count : 0);
    for (const struct od_json *v = list ? list->child : NULL; v; v = v->next) {
        struct od_shipment_item *it = &s->items[s->item_count++];
        if (od_entity_read(&od_entities[OD_ENTITY_SHIPMENT_ITEM], v, it, a, err) < 0)
            return od_err_wrap(err, "items[%u]", s->item_count - 1);
        it->shipment_id = s->shipment_id;
    }
    e->shipment = s;
    return 0;
}

static int read_activity(struct od_event *e, struct od_json *data, struct od_err *err)
{
    const struct od_json *comment = od_event_take(data, "comment");
    const struct od_json *notified = od_event_take(data, "customer_notified");

    if (!comment || comment->type != OD_JSON_STRING)
        return od_err_set(err, OD_ERR_INVALID, "comment is not a string");
    if (!notified || notified->type != OD_JSON_BOOL)
        return od_err_set(err, OD_ERR_INVALID, "customer_notified is not a boolean");
    e->comment = comment->text;
    e->customer_notified = notified->boolean;
    return check_empty(data, err);
}

static int read_migrated(struct od_event *e, struct od_json *data, struct od_err *err)
{
    const struct od_json *from = od_event_take(data, "shipments_from");
    const struct od_json *to = od_event_take(data, "shipments_to");

    if (!from != !to || (from && (from->type != OD_JSON_STRING || to->type != OD_JSON_STRING)))
        return od_err_set(err, OD_ERR_INVALID, "shipments_from and shipments_to are not strings");
    if (from)
        e->shipments = (struct od_status_change){from->text, to->text};
    return check_empty(data, err);
}

static int read_hold(struct od_event *e, const struct od_json *data, struct od_arena *a,
                     struct od_err *err)
{
    struct od_hold *h = OD_NEW(a, struct od_hold);

    e->hold = h;
    return od_entity_read(&od_entities[OD_ENTITY_HOLD], data, h, a, err);
}

static int read_payment(struct od_event *e, const struct od_json *data, struct od_arena *a,
                        struct od_err *err)
{
    struct od_payment *p = OD_NEW(a, struct od_payment);

    e->payment = p;
    return od_entity_read(&od_entities[OD_ENTITY_PAYMENT], data, p, a, err);
}

static int read_data(struct od_event *e, struct od_json *data, struct od_arena *a,
                     struct od_err *err)
{
    switch (e->type) {
    case OD_EVENT_ORDER_PLACED:
        return read_order(e, data, a, err);
    case OD_EVENT_ORDER_UPDATED:
        return od_event_read_patch(e, data, a, err);
    case OD_EVENT_ORDER_CANCELED:
    case OD_EVENT_ITEMS_CANCELED:
        return read_units(e, data, a, err);
    case OD_EVENT_ORDER_HELD:
    case OD_EVENT_ORDER_RELEASED:
        return read_hold(e, data, a, err);
    case OD_EVENT_PAYMENT_AUTHORIZED:
    case OD_EVENT_PAYMENT_CAPTURED:
    case OD_EVENT_PAYMENT_VOIDED:
    case OD_EVENT_PAYMENT_FAILED:
    case OD_EVENT_PAYMENT_CHARGED_BACK:
        return read_payment(e, data, a, err);
    case OD_EVENT_PAYMENT_REFUNDED:
    case OD_EVENT_REFUND_CONFIRMED:
        return od_event_read_refund(e, data, a, err);
    case OD_EVENT_INVOICE_ISSUED:
    case OD_EVENT_INVOICE_CREDITED:
        return od_event_read_invoice(e, data, a, err);
    case OD_EVENT_RETURN_REQUESTED:
    case OD_EVENT_RETURN_APPROVED:
    case OD_EVENT_RETURN_REJECTED:
    case OD_EVENT_RETURN_CANCELED:
    case OD_EVENT_RETURN_RECEIVED:
    case OD_EVENT_RETURN_REFUNDED:
    case OD_EVENT_RETURN_EXCHANGED:
        return od_event_read_return(e, data, a, err);
    case OD_EVENT_CHANGE_PROPOSED:
    case OD_EVENT_CHANGE_DISCARDED:
    case OD_EVENT_ORDER_CHANGED:
        return od_event_read_change(e, data, a, err);
    case OD_EVENT_SHIPMENT_CREATED:
    case OD_EVENT_SHIPMENT_UPDATED:
    case OD_EVENT_SHIPMENT_DELIVERED:
    case OD_EVENT_SHIPMENT_CANCELED:
        return read_shipment(e, data, a, err);
    case OD_EVENT_ACTIVITY_ADDED:
        return read_activity(e, data, err);
    case OD_EVENT_STATUS_MIGRATED:
        return read_migrated(e, data, err);
    case OD_EVENT_PAYMENT_STATUS_SET:
    case OD_EVENT_SHIPMENT_STATUS_SET:
        return check_empty(data, err);
    case OD_EVENT_TYPES:
        break;
    }
    abort();
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
    if (read_data(e, o, a, err) < 0)
        goto out;
    return 0;
out:
    return od_err_wrap(err, "order %lld event %d %s", (long long)e->order_id, e->seq,
                       od_event_type_name(e->type).ptr);
}
