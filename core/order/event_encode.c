#include "order/event.h"

#include "order/codec.h"
#include "order/event_data.h"
#include "order/fields.h"

static const char *const address_keys[2] = OD_DATA_ADDRESS_KEYS;
static const struct od_entity *const order_entity = &od_entities[OD_ENTITY_ORDER];

static uint64_t mask_of(const struct od_entity *e, unsigned flags)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)((e->fields[i].flags & flags) != 0) << i;
    return mask;
}

static void write_ledger(struct od_json_writer *w, enum od_entity_kind kind, const void *entity,
                         uint64_t mask)
{
    od_entity_write(w, &od_entities[kind], entity, OD_JSON_LEDGER, 0, mask);
}

/* The kind is said by the key; a patch may empty the address. */
static void write_address(struct od_json_writer *w, const struct od_order *o, int i)
{
    od_jw_key(w, address_keys[i]);
    if (!o->addresses[i].present) {
        od_jw_null(w);
        return;
    }
    od_jw_object(w);
    write_ledger(w, OD_ENTITY_ADDRESS, &o->addresses[i],
                 mask_of(&od_entities[OD_ENTITY_ADDRESS], OD_FIELD_INPUT));
    od_jw_object_end(w);
}

static void write_order(struct od_json_writer *w, const struct od_order *o)
{
    const unsigned placed = OD_FIELD_INPUT | OD_FIELD_PLACED;
    uint64_t item_mask = mask_of(&od_entities[OD_ENTITY_ITEM], placed);

    write_ledger(w, OD_ENTITY_ORDER, o, mask_of(order_entity, placed));
    for (int i = 0; i < 2; i++) {
        if (o->addresses[i].present)
            write_address(w, o, i);
    }
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->item_count; i++) {
        od_jw_object(w);
        write_ledger(w, OD_ENTITY_ITEM, &o->items[i], item_mask);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

/* A field that is set to nothing is an explicit null here. */
static void write_patch(struct od_json_writer *w, const struct od_patch *p)
{
    for (uint32_t i = 0; i < order_entity->field_count; i++) {
        if (!(p->fields >> i & 1))
            continue;
        if (od_field_absent(&order_entity->fields[i], p->values)) {
            od_jw_key(w, order_entity->fields[i].name);
            od_jw_null(w);
        } else {
            write_ledger(w, OD_ENTITY_ORDER, p->values, (uint64_t)1 << i);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            write_address(w, p->values, i);
    }
}

static void write_unit(struct od_json_writer *w, int32_t order_item_id, int32_t qty)
{
    od_jw_object(w);
    od_jw_key(w, "order_item_id");
    od_jw_i64(w, order_item_id);
    od_jw_key(w, "qty");
    od_jw_i64(w, qty);
    od_jw_object_end(w);
}

static void write_units(struct od_json_writer *w, const struct od_event *e)
{
    od_jw_key(w, "units");
    od_jw_array(w);
    for (uint32_t i = 0; i < e->unit_count; i++)
        write_unit(w, e->units[i].order_item_id, e->units[i].qty);
    od_jw_array_end(w);
}

static void write_shipment(struct od_json_writer *w, const struct od_shipment *s, bool with_items)
{
    write_ledger(w, OD_ENTITY_SHIPMENT, s, ~(uint64_t)0);
    if (!with_items)
        return;
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < s->item_count; i++)
        write_unit(w, s->items[i].order_item_id, s->items[i].qty);
    od_jw_array_end(w);
}

static void write_migrated(struct od_json_writer *w, const struct od_status_change *shipments)
{
    if (!shipments->to.ptr)
        return;
    od_jw_key(w, "shipments_from");
    od_jw_str(w, shipments->from);
    od_jw_key(w, "shipments_to");
    od_jw_str(w, shipments->to);
}

void od_event_encode(const struct od_event *e, struct od_buf *out)
{
    struct od_json_writer w;

    od_jw_init(&w, out);
    od_jw_object(&w);
    switch (e->type) {
    case OD_EVENT_ORDER_PLACED:
        write_order(&w, e->order);
        break;
    case OD_EVENT_ORDER_UPDATED:
        write_patch(&w, e->patch);
        break;
    case OD_EVENT_ORDER_CANCELED:
        write_units(&w, e);
        break;
    case OD_EVENT_ORDER_HELD:
    case OD_EVENT_ORDER_RELEASED:
        write_ledger(&w, OD_ENTITY_HOLD, e->hold, ~(uint64_t)0);
        break;
    case OD_EVENT_PAYMENT_AUTHORIZED:
    case OD_EVENT_PAYMENT_CAPTURED:
    case OD_EVENT_PAYMENT_VOIDED:
    case OD_EVENT_PAYMENT_FAILED:
        write_ledger(&w, OD_ENTITY_PAYMENT, e->payment, ~(uint64_t)0);
        break;
    case OD_EVENT_SHIPMENT_CREATED:
    case OD_EVENT_SHIPMENT_UPDATED:
    case OD_EVENT_SHIPMENT_DELIVERED:
    case OD_EVENT_SHIPMENT_CANCELED:
        write_shipment(&w, e->shipment, e->type == OD_EVENT_SHIPMENT_CREATED);
        break;
    case OD_EVENT_ACTIVITY_ADDED:
        od_jw_key(&w, "comment");
        od_jw_str(&w, e->comment);
        od_jw_key(&w, "customer_notified");
        od_jw_bool(&w, e->customer_notified);
        break;
    case OD_EVENT_STATUS_MIGRATED:
        write_migrated(&w, &e->shipments);
        break;
    case OD_EVENT_PAYMENT_STATUS_SET:
    case OD_EVENT_SHIPMENT_STATUS_SET:
    case OD_EVENT_TYPES:
        break;
    }
    od_jw_object_end(&w);
}
