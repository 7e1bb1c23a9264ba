#include "order/show/render.h"

#include <stdio.h>

#include "order/machine/decide.h"
#include "order/model/codec.h"

/* The parts of an order as the API shows them. */

static void write_fields(struct od_json_writer *w, enum od_entity_kind kind, const void *entity,
                         int digits)
{
    od_entity_write(w, &od_entities[kind], entity, OD_JSON_API, digits, ~(uint64_t)0);
}

void od_part_write(struct od_json_writer *w, enum od_entity_kind kind, const void *entity,
                   int digits)
{
    od_jw_object(w);
    write_fields(w, kind, entity, digits);
    od_jw_object_end(w);
}

/* The uuid of a part follows from the order's (version 5, "item/1" or "shipment/1"), so that it
 * need not be stored; the SHA-1 costs 0.07 µs. */
static void write_uuid(struct od_json_writer *w, const struct od_order *o, const char *part,
                       int32_t number)
{
    char name[24], text[OD_UUID_TEXT + 1];
    int len = snprintf(name, sizeof name, "%s/%d", part, number);
    struct od_uuid u = od_uuid_v5(&o->uuid, od_str_n(name, (size_t)len));

    od_uuid_format(&u, text);
    od_jw_key(w, "uuid");
    od_jw_str(w, od_str_n(text, OD_UUID_TEXT));
}

/* "items": the lines of a shipment, refund or return. */
static void write_items(struct od_json_writer *w, enum od_entity_kind kind, const void *items,
                        uint32_t count, int digits)
{
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < count; i++)
        od_part_write(w, kind, (const char *)items + i * od_entities[kind].size, digits);
    od_jw_array_end(w);
}

void od_item_write(struct od_json_writer *w, const struct od_order *o, const struct od_item *it)
{
    od_jw_object(w);
    write_uuid(w, o, "item", it->order_item_id);
    write_fields(w, OD_ENTITY_ITEM, it, od_order_digits(o));
    od_jw_object_end(w);
}

void od_payment_write(struct od_json_writer *w, const struct od_order *o,
                      const struct od_payment *p)
{
    od_part_write(w, OD_ENTITY_PAYMENT, p, od_order_digits(o));
}

void od_shipment_write(struct od_json_writer *w, const struct od_order *o,
                       const struct od_shipment *s)
{
    od_jw_object(w);
    write_uuid(w, o, "shipment", s->shipment_id);
    write_fields(w, OD_ENTITY_SHIPMENT, s, 0);
    write_items(w, OD_ENTITY_SHIPMENT_ITEM, s->items, s->item_count, 0);
    od_jw_object_end(w);
}

void od_refund_write_members(struct od_json_writer *w, const struct od_order *o,
                             const struct od_refund *r)
{
    int digits = od_order_digits(o);

    write_fields(w, OD_ENTITY_REFUND, r, digits);
    write_items(w, OD_ENTITY_REFUND_ITEM, r->items, r->item_count, digits);
}

void od_refund_write(struct od_json_writer *w, const struct od_order *o, const struct od_refund *r)
{
    od_jw_object(w);
    od_refund_write_members(w, o, r);
    od_jw_object_end(w);
}

void od_return_write(struct od_json_writer *w, const struct od_order *o, const struct od_return *r)
{
    (void)o; /* as the others are called */
    od_jw_object(w);
    write_fields(w, OD_ENTITY_RETURN, r, 0);
    write_items(w, OD_ENTITY_RETURN_ITEM, r->items, r->item_count, 0);
    od_jw_object_end(w);
}

void od_invoice_write(struct od_json_writer *w, const struct od_order *o,
                      const struct od_invoice *i)
{
    od_part_write(w, OD_ENTITY_INVOICE, i, od_order_digits(o));
}

static void write_quantities(struct od_json_writer *w, int64_t on_hand, int64_t reserved)
{
    od_jw_key(w, "qty");
    od_jw_i64(w, on_hand);
    od_jw_key(w, "reserved");
    od_jw_i64(w, reserved);
    od_jw_key(w, "available");
    od_jw_i64(w, on_hand - reserved);
}

static void write_location(struct od_json_writer *w, const struct od_stock *s)
{
    od_jw_object(w);
    od_jw_key(w, "location");
    od_jw_str(w, s->location);
    write_quantities(w, s->on_hand, s->reserved);
    od_jw_key(w, "backorder");
    od_jw_bool(w, s->backorder);
    od_jw_key(w, "oversold");
    od_jw_i64(w, s->oversold);
    od_jw_object_end(w);
}

static const struct od_stock *shown(const struct od_stock *s, const struct od_stock *about)
{
    return about && od_str_eq(s->location, about->location) ? about : s;
}

void od_stock_write(struct od_json_writer *w, const struct od_stock *first,
                    const struct od_stock *about)
{
    struct od_str sku = first->sku;
    int64_t on_hand = 0, reserved = 0;

    for (const struct od_stock *s = first; s; s = s->next) {
        on_hand += shown(s, about)->on_hand; /* below 10^12 each */
        reserved += shown(s, about)->reserved;
    }
    od_jw_object(w);
    od_jw_key(w, "sku");
    od_jw_str(w, sku);
    write_quantities(w, on_hand, reserved);
    od_jw_key(w, "locations");
    od_jw_array(w);
    for (const struct od_stock *s = first; s; s = s->next) {
        if (shown(s, about)->exists)
            write_location(w, shown(s, about));
    }
    od_jw_array_end(w);
    od_jw_object_end(w);
}
