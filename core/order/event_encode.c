#include "order/event.h"

#include "order/codec.h"
#include "order/event_data.h"
#include "order/fields.h"

static const struct od_entity *const order_entity = &od_entities[OD_ENTITY_ORDER];

/* How the data is written: as the ledger keeps it, or as the API shows it. */
struct form {
    struct od_json_writer *w;
    enum od_dialect dialect;
    int digits; /* of amounts; the ledger's are in minor units */
};

static void write_key(const struct form *f, const char *ledger, const char *api)
{
    od_jw_key(f->w, f->dialect == OD_JSON_API ? api : ledger);
}

static uint64_t mask_of(const struct od_entity *e, unsigned flags)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)((e->fields[i].flags & flags) != 0) << i;
    return mask;
}

static void write_fields(const struct form *f, enum od_entity_kind kind, const void *entity,
                         uint64_t mask)
{
    od_entity_write(f->w, &od_entities[kind], entity, f->dialect, f->digits, mask);
}

/* The kind is said by the key; a patch may empty the address. */
static void write_address(const struct form *f, const struct od_order *o, int i)
{
    static const char *const ledger_keys[2] = OD_DATA_ADDRESS_KEYS;
    static const char *const api_keys[2] = {"shippingAddress", "billingAddress"};

    write_key(f, ledger_keys[i], api_keys[i]);
    if (!o->addresses[i].present) {
        od_jw_null(f->w);
        return;
    }
    od_jw_object(f->w);
    write_fields(f, OD_ENTITY_ADDRESS, &o->addresses[i],
                 mask_of(&od_entities[OD_ENTITY_ADDRESS], OD_FIELD_INPUT));
    od_jw_object_end(f->w);
}

static void write_order(const struct form *f, const struct od_order *o)
{
    const unsigned placed = OD_FIELD_INPUT | OD_FIELD_PLACED;
    uint64_t item_mask = mask_of(&od_entities[OD_ENTITY_ITEM], placed);

    write_fields(f, OD_ENTITY_ORDER, o, mask_of(order_entity, placed));
    for (int i = 0; i < 2; i++) {
        if (o->addresses[i].present)
            write_address(f, o, i);
    }
    od_jw_key(f->w, "items");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < o->item_count; i++) {
        od_jw_object(f->w);
        write_fields(f, OD_ENTITY_ITEM, &o->items[i], item_mask);
        od_jw_object_end(f->w);
    }
    od_jw_array_end(f->w);
}

/* A field that is set to nothing is an explicit null here. */
static void write_patch(const struct form *f, const struct od_patch *p)
{
    for (uint32_t i = 0; i < order_entity->field_count; i++) {
        const struct od_field *field = &order_entity->fields[i];
        if (!(p->fields >> i & 1))
            continue;
        if (od_field_absent(field, p->values)) {
            write_key(f, field->name, field->json);
            od_jw_null(f->w);
        } else {
            write_fields(f, OD_ENTITY_ORDER, p->values, (uint64_t)1 << i);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            write_address(f, p->values, i);
    }
}

static void write_unit(const struct form *f, int32_t order_item_id, int32_t qty)
{
    od_jw_object(f->w);
    write_key(f, "order_item_id", "orderItemId");
    od_jw_i64(f->w, order_item_id);
    od_jw_key(f->w, "qty");
    od_jw_i64(f->w, qty);
    od_jw_object_end(f->w);
}

static void write_units(const struct form *f, const struct od_event *e)
{
    od_jw_key(f->w, "units");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < e->unit_count; i++)
        write_unit(f, e->units[i].order_item_id, e->units[i].qty);
    od_jw_array_end(f->w);
}

static void write_shipment(const struct form *f, const struct od_shipment *s, bool with_items)
{
    write_fields(f, OD_ENTITY_SHIPMENT, s, ~(uint64_t)0);
    if (!with_items)
        return;
    od_jw_key(f->w, "items");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < s->item_count; i++)
        write_unit(f, s->items[i].order_item_id, s->items[i].qty);
    od_jw_array_end(f->w);
}

static void write_migrated(const struct form *f, const struct od_status_change *shipments)
{
    if (!shipments->to.ptr)
        return;
    write_key(f, "shipments_from", "shipmentsFrom");
    od_jw_str(f->w, shipments->from);
    write_key(f, "shipments_to", "shipmentsTo");
    od_jw_str(f->w, shipments->to);
}

static void write_data(const struct form *f, const struct od_event *e)
{
    od_jw_object(f->w);
    switch (e->type) {
    case OD_EVENT_ORDER_PLACED:
        write_order(f, e->order);
        break;
    case OD_EVENT_ORDER_UPDATED:
        write_patch(f, e->patch);
        break;
    case OD_EVENT_ORDER_CANCELED:
        write_units(f, e);
        break;
    case OD_EVENT_ORDER_HELD:
    case OD_EVENT_ORDER_RELEASED:
        write_fields(f, OD_ENTITY_HOLD, e->hold, ~(uint64_t)0);
        break;
    case OD_EVENT_PAYMENT_AUTHORIZED:
    case OD_EVENT_PAYMENT_CAPTURED:
    case OD_EVENT_PAYMENT_VOIDED:
    case OD_EVENT_PAYMENT_FAILED:
        write_fields(f, OD_ENTITY_PAYMENT, e->payment, ~(uint64_t)0);
        break;
    case OD_EVENT_SHIPMENT_CREATED:
    case OD_EVENT_SHIPMENT_UPDATED:
    case OD_EVENT_SHIPMENT_DELIVERED:
    case OD_EVENT_SHIPMENT_CANCELED:
        write_shipment(f, e->shipment, e->type == OD_EVENT_SHIPMENT_CREATED);
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
    const struct form ledger = {&w, OD_JSON_LEDGER, 0};

    od_jw_init(&w, out);
    write_data(&ledger, e);
}

void od_event_data_write(struct od_json_writer *w, const struct od_event *e, int digits)
{
    const struct form api = {w, OD_JSON_API, digits};

    write_data(&api, e);
}
