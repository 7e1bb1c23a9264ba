#include "order/model/event.h"

#include "order/machine/event_data.h"
#include "order/machine/event_keys.h"
#include "order/model/fields.h"

static const struct od_entity *const order_entity = &od_entities[OD_ENTITY_ORDER];

static void write_key(const struct od_event_form *f, const char *ledger, const char *api)
{
    od_jw_key(f->w, f->dialect == OD_JSON_API ? api : ledger);
}

uint64_t od_event_mask(enum od_entity_kind kind, unsigned flags)
{
    const struct od_entity *e = &od_entities[kind];
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)((e->fields[i].flags & flags) != 0) << i;
    return mask;
}

uint64_t od_event_field(enum od_entity_kind kind, const char *name)
{
    const struct od_entity *e = &od_entities[kind];

    return UINT64_C(1) << (od_entity_field(e, od_str_of(name)) - e->fields);
}

void od_event_write_fields(const struct od_event_form *f, enum od_entity_kind kind,
                           const void *entity, uint64_t mask)
{
    od_entity_write(f->w, &od_entities[kind], entity, f->dialect, f->digits, mask);
}

static void write_amount(const struct od_event_form *f, const char *ledger, const char *api,
                         int64_t amount)
{
    write_key(f, ledger, api);
    if (f->dialect == OD_JSON_API)
        od_jw_decimal(f->w, amount, f->digits);
    else
        od_jw_i64(f->w, amount);
}

void od_event_write_list(const struct od_event_form *f, const char *key, enum od_entity_kind kind,
                         const void *first, uint32_t count, uint64_t mask)
{
    od_jw_key(f->w, key);
    od_jw_array(f->w);
    for (uint32_t i = 0; i < count; i++) {
        od_jw_object(f->w);
        od_event_write_fields(f, kind, (const char *)first + (size_t)i * od_entities[kind].size,
                              mask);
        od_jw_object_end(f->w);
    }
    od_jw_array_end(f->w);
}

/* The kind is said by the key; a patch may empty the address. */
static void write_address(const struct od_event_form *f, const struct od_order *o, int i)
{
    static const char *const ledger_keys[2] = OD_DATA_ADDRESS_KEYS;
    static const char *const api_keys[2] = {"shippingAddress", "billingAddress"};

    write_key(f, ledger_keys[i], api_keys[i]);
    if (!o->addresses[i].present) {
        od_jw_null(f->w);
        return;
    }
    od_jw_object(f->w);
    od_event_write_fields(f, OD_ENTITY_ADDRESS, &o->addresses[i],
                          od_event_mask(OD_ENTITY_ADDRESS, OD_FIELD_INPUT));
    od_jw_object_end(f->w);
}

static void write_order(const struct od_event_form *f, const struct od_order *o)
{
    const unsigned placed = OD_FIELD_INPUT | OD_FIELD_PLACED;

    od_event_write_fields(f, OD_ENTITY_ORDER, o, od_event_mask(OD_ENTITY_ORDER, placed));
    for (int i = 0; i < 2; i++) {
        if (o->addresses[i].present)
            write_address(f, o, i);
    }
    od_event_write_list(f, "items", OD_ENTITY_ITEM, o->items, o->item_count,
                        od_event_mask(OD_ENTITY_ITEM, placed));
}

/* A field that is set to nothing, or to the zero that the ledger leaves out, is an explicit null
 * here. */
void od_event_write_patch(const struct od_event_form *f, const struct od_patch *p)
{
    for (uint32_t i = 0; i < order_entity->field_count; i++) {
        const struct od_field *field = &order_entity->fields[i];
        bool absent = od_field_absent(field, p->values);
        size_t before = f->w->buf->len;
        if (!(p->fields >> i & 1))
            continue;
        if (!absent)
            od_event_write_fields(f, OD_ENTITY_ORDER, p->values, (uint64_t)1 << i);
        if (absent || (f->dialect == OD_JSON_LEDGER && f->w->buf->len == before)) {
            write_key(f, field->name, field->json);
            od_jw_null(f->w);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            write_address(f, p->values, i);
    }
    if (p->values->item_count)
        od_event_write_list(f, "items", OD_ENTITY_ITEM, p->values->items, p->values->item_count,
                            od_event_mask(OD_ENTITY_ITEM, OD_FIELD_INPUT | OD_FIELD_PLACED));
}

static void write_unit(const struct od_event_form *f, int32_t order_item_id, int32_t qty)
{
    od_jw_object(f->w);
    write_key(f, "order_item_id", "orderItemId");
    od_jw_i64(f->w, order_item_id);
    od_jw_key(f->w, "qty");
    od_jw_i64(f->w, qty);
    od_jw_object_end(f->w);
}

static void write_units(const struct od_event_form *f, const struct od_event *e)
{
    od_jw_key(f->w, "units");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < e->unit_count; i++)
        write_unit(f, e->units[i].order_item_id, e->units[i].qty);
    od_jw_array_end(f->w);
    if (e->amount)
        write_amount(f, "amount", "amount", e->amount);
}

static void write_shipment(const struct od_event_form *f, const struct od_event *e)
{
    const struct od_shipment *s = e->shipment;

    od_event_write_fields(f, OD_ENTITY_SHIPMENT, s, ~(uint64_t)0);
    if (e->handed_over) {
        write_key(f, "handed_over", "handedOver");
        od_jw_bool(f->w, true);
    }
    if (e->amount)
        write_amount(f, "amount", "amount", e->amount);
    if (e->type != OD_EVENT_SHIPMENT_CREATED)
        return;
    od_jw_key(f->w, "items");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < s->item_count; i++)
        write_unit(f, s->items[i].order_item_id, s->items[i].qty);
    od_jw_array_end(f->w);
}

static void write_migrated(const struct od_event_form *f, const struct od_status_change *shipments)
{
    if (!shipments->to.ptr)
        return;
    write_key(f, "shipments_from", "shipmentsFrom");
    od_jw_str(f->w, shipments->from);
    write_key(f, "shipments_to", "shipmentsTo");
    od_jw_str(f->w, shipments->to);
}

static void write_data(const struct od_event_form *f, const struct od_event *e)
{
    od_jw_object(f->w);
    switch (e->type) {
    case OD_EVENT_ORDER_PLACED:
        write_order(f, e->order);
        break;
    case OD_EVENT_ORDER_UPDATED:
        od_event_write_patch(f, e->patch);
        break;
    case OD_EVENT_ORDER_CANCELED:
    case OD_EVENT_ITEMS_CANCELED:
        write_units(f, e);
        break;
    case OD_EVENT_ORDER_HELD:
    case OD_EVENT_ORDER_RELEASED:
        od_event_write_fields(f, OD_ENTITY_HOLD, e->hold, ~(uint64_t)0);
        break;
    case OD_EVENT_PAYMENT_AUTHORIZED:
    case OD_EVENT_PAYMENT_CAPTURED:
    case OD_EVENT_PAYMENT_VOIDED:
    case OD_EVENT_PAYMENT_FAILED:
    case OD_EVENT_PAYMENT_CHARGED_BACK:
        od_event_write_fields(f, OD_ENTITY_PAYMENT, e->payment, ~(uint64_t)0);
        break;
    case OD_EVENT_SHIPMENT_CREATED:
    case OD_EVENT_SHIPMENT_UPDATED:
    case OD_EVENT_SHIPMENT_DELIVERED:
    case OD_EVENT_SHIPMENT_CANCELED:
        write_shipment(f, e);
        break;
    case OD_EVENT_ACTIVITY_ADDED:
        od_jw_key(f->w, "comment");
        od_jw_str(f->w, e->comment);
        write_key(f, "customer_notified", "customerNotified");
        od_jw_bool(f->w, e->customer_notified);
        break;
    case OD_EVENT_STATUS_MIGRATED:
        write_migrated(f, &e->shipments);
        break;
    case OD_EVENT_PAYMENT_REFUNDED:
    case OD_EVENT_REFUND_CONFIRMED:
        od_event_write_refund(f, e);
        break;
    case OD_EVENT_INVOICE_ISSUED:
    case OD_EVENT_INVOICE_CREDITED:
        od_event_write_invoice(f, e);
        break;
    case OD_EVENT_RETURN_REQUESTED:
    case OD_EVENT_RETURN_APPROVED:
    case OD_EVENT_RETURN_REJECTED:
    case OD_EVENT_RETURN_CANCELED:
    case OD_EVENT_RETURN_RECEIVED:
    case OD_EVENT_RETURN_REFUNDED:
    case OD_EVENT_RETURN_EXCHANGED:
        od_event_write_return(f, e);
        break;
    case OD_EVENT_CHANGE_PROPOSED:
    case OD_EVENT_CHANGE_DISCARDED:
    case OD_EVENT_ORDER_CHANGED:
        od_event_write_change(f, e);
        break;
    case OD_EVENT_PAYMENT_STATUS_SET:
    case OD_EVENT_SHIPMENT_STATUS_SET:
    case OD_EVENT_TYPES:
        break;
    }
    od_jw_object_end(f->w);
}

void od_event_encode(const struct od_event *e, struct od_buf *out)
{
    struct od_json_writer w;
    const struct od_event_form ledger = {&w, OD_JSON_LEDGER, 0};

    od_jw_init(&w, out);
    write_data(&ledger, e);
}

void od_event_data_write(struct od_json_writer *w, const struct od_event *e, int digits)
{
    const struct od_event_form api = {w, OD_JSON_API, digits};

    write_data(&api, e);
}
