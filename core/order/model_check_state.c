#include "order/fields.h"
#include "order/model_check_parts.h"

/* Which states are one, and keeping one. */

static void put(struct od_model_key *k, int64_t v)
{
    if (k->len < sizeof k->bytes)
        k->bytes[k->len++] = v < 0 || v > 254 ? 255 : (uint8_t)v;
}

static void put_status(struct od_model_key *k, const struct od_status_set *set, struct od_str code)
{
    const struct od_status *s = od_status_find(set, code);
    put(k, s ? s - set->statuses : 255);
}

/* none, part, all, more */
static void put_amount(struct od_model_key *k, int64_t amount, int64_t total)
{
    put(k, (amount > 0) + (amount >= total) + (amount > total));
}

/* The open parcels, as a set: how many are in each status. */
static void put_parcels(struct od_model_key *k, const struct od_order *o,
                        const struct od_status_set *set)
{
    uint32_t counts[256] = {0};
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];
        const struct od_status *status = od_status_find(set, s->status);
        if (!s->delivered_at && !s->canceled_at)
            counts[status ? (size_t)(status - set->statuses) & 255 : 255]++;
    }
    for (int i = 0; i < 256; i++) {
        if (!counts[i])
            continue;
        put(k, i);
        put(k, counts[i]);
    }
}

struct od_str od_model_key(const struct od_model *m, const struct od_order *o,
                           struct od_model_key *k)
{
    const struct od_status_set *sets = m->statuses->of;
    k->len = 0;
    put_status(k, &sets[OD_STATUS_ORDER], o->status);
    put_status(k, &sets[OD_STATUS_PAYMENT], o->payment_status);
    put_status(k, &sets[OD_STATUS_SHIPMENT], o->shipment_status);
    put(k, od_model_holds(o));
    put(k, o->canceled_at != 0);
    put(k, o->payment_count > 0);
    put_amount(k, o->amount_authorized - o->amount_captured, o->grand_total);
    put_amount(k, o->amount_captured, o->grand_total);
    put_amount(k, o->amount_refunded, o->grand_total);
    for (uint32_t i = 0; i < o->item_count; i++) {
        put(k, o->items[i].qty_shipped);
        put(k, o->items[i].qty_delivered);
        put(k, o->items[i].qty_canceled);
    }
    put_parcels(k, o, &sets[OD_STATUS_SHIPMENT]);
    return od_str_n((const char *)k->bytes, k->len);
}

static void keep_texts(struct od_arena *a, enum od_entity_kind kind, void *entity)
{
    const struct od_entity *e = &od_entities[kind];
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->fields[i].type != OD_FIELD_STR && e->fields[i].type != OD_FIELD_JSON)
            continue;
        struct od_str *s = (void *)((char *)entity + e->fields[i].offset);
        *s = od_arena_str(a, *s);
    }
}

struct od_order *od_model_keep(struct od_arena *a, const struct od_order *from)
{
    struct od_order *o = od_order_clone(a, from);
    keep_texts(a, OD_ENTITY_ORDER, o);
    for (uint32_t i = 0; i < o->item_count; i++)
        keep_texts(a, OD_ENTITY_ITEM, &o->items[i]);
    for (uint32_t i = 0; i < 2; i++)
        keep_texts(a, OD_ENTITY_ADDRESS, &o->addresses[i]);
    for (uint32_t i = 0; i < o->hold_count; i++)
        keep_texts(a, OD_ENTITY_HOLD, &o->holds[i]);
    o->payments = OD_NEW_ARRAY(a, struct od_payment, o->payment_count + 1);
    for (uint32_t i = 0; i < o->payment_count; i++) {
        o->payments[i] = from->payments[i];
        keep_texts(a, OD_ENTITY_PAYMENT, &o->payments[i]);
    }
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        struct od_shipment *s = &o->shipments[i];
        const struct od_shipment_item *items = s->items;
        s->items = OD_NEW_ARRAY(a, struct od_shipment_item, s->item_count + 1);
        for (uint32_t k = 0; k < s->item_count; k++)
            s->items[k] = items[k];
        keep_texts(a, OD_ENTITY_SHIPMENT, s);
    }
    return o;
}
