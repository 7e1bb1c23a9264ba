#include "order/codec.h"

#include <stdio.h>

#include "base/money.h"
#include "order/decide.h"

static int digits_of(const struct od_order *o)
{
    int digits = od_currency_digits(o->currency);

    return digits < 0 ? 2 : digits; /* unknown only in a dry run that refuses it */
}

/* The uuid of a part of an order follows from the order's (version 5, "item/1" or "shipment/1"), so
 * that it need not be stored; the SHA-1 costs 0.07 µs. */
static void write_part_uuid(struct od_json_writer *w, const struct od_order *o, const char *part,
                            int32_t number)
{
    char name[24], text[OD_UUID_TEXT + 1];
    int len = snprintf(name, sizeof name, "%s/%d", part, number);
    struct od_uuid u = od_uuid_v5(&o->uuid, od_str_n(name, (size_t)len));

    od_uuid_format(&u, text);
    od_jw_key(w, "uuid");
    od_jw_str(w, od_str_n(text, OD_UUID_TEXT));
}

static void write_fields(struct od_json_writer *w, enum od_entity_kind kind, const void *entity,
                         int digits)
{
    od_entity_write(w, &od_entities[kind], entity, OD_JSON_API, digits, ~(uint64_t)0);
}

static void write_object(struct od_json_writer *w, enum od_entity_kind kind, const void *entity,
                         int digits)
{
    od_jw_object(w);
    write_fields(w, kind, entity, digits);
    od_jw_object_end(w);
}

void od_stock_write(struct od_json_writer *w, const struct od_stock *stock)
{
    od_jw_object(w);
    od_jw_key(w, "sku");
    od_jw_str(w, stock->sku);
    od_jw_key(w, "qty");
    od_jw_i64(w, stock->on_hand);
    od_jw_key(w, "reserved");
    od_jw_i64(w, stock->reserved);
    od_jw_key(w, "available");
    od_jw_i64(w, stock->on_hand - stock->reserved);
    od_jw_object_end(w);
}

void od_status_write(struct od_json_writer *w, const struct od_status_set *set, struct od_str code)
{
    const struct od_status *s = od_status_find(set, code);

    if (!code.ptr) {
        od_jw_null(w);
        return;
    }
    od_jw_object(w);
    od_jw_key(w, "code");
    od_jw_str(w, code);
    od_jw_key(w, "name");
    od_jw_str(w, s && s->name.ptr ? s->name : code);
    od_jw_key(w, "badge");
    od_jw_str(w, s ? s->badge : OD_STR_NONE);
    od_jw_key(w, "progress");
    od_jw_str(w, s ? s->progress : OD_STR_NONE);
    od_jw_object_end(w);
}

/* The header fields that the API shows in another form than their type's. */
static uint64_t plain_mask(void)
{
    static const char *const shaped[] = {"status", "payment_status", "shipment_status", "tags",
                                         "metadata"};
    static uint64_t mask; /* never zero once it is made */
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    if (mask)
        return mask;
    mask = ~(uint64_t)0;
    for (size_t i = 0; i < sizeof shaped / sizeof shaped[0]; i++)
        mask &= ~((uint64_t)1 << (od_entity_field(e, od_str_of(shaped[i])) - e->fields));
    return mask;
}

static void write_statuses(struct od_json_writer *w, const struct od_order *o,
                           const struct od_status_sets *sets)
{
    od_jw_key(w, "status");
    od_status_write(w, &sets->of[OD_STATUS_ORDER], o->status);
    od_jw_key(w, "paymentStatus");
    od_status_write(w, &sets->of[OD_STATUS_PAYMENT], o->payment_status);
    od_jw_key(w, "shipmentStatus");
    od_status_write(w, &sets->of[OD_STATUS_SHIPMENT], o->shipment_status);
}

static void write_customer(struct od_json_writer *w, const struct od_order *o)
{
    od_jw_key(w, "customer");
    od_jw_object(w);
    od_jw_key(w, "id");
    od_jw_str(w, o->customer_id);
    od_jw_key(w, "email");
    od_jw_str(w, o->customer_email);
    od_jw_key(w, "fullName");
    od_jw_str(w, o->customer_full_name);
    od_jw_object_end(w);
}

static void write_address(struct od_json_writer *w, const char *key, const struct od_address *a)
{
    od_jw_key(w, key);
    if (a->present)
        write_object(w, OD_ENTITY_ADDRESS, a, 0);
    else
        od_jw_null(w);
}

static void write_items(struct od_json_writer *w, const struct od_order *o, int digits)
{
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->item_count; i++) {
        od_jw_object(w);
        write_part_uuid(w, o, "item", o->items[i].order_item_id);
        write_fields(w, OD_ENTITY_ITEM, &o->items[i], digits);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

void od_payment_write(struct od_json_writer *w, const struct od_order *o,
                      const struct od_payment *p)
{
    write_object(w, OD_ENTITY_PAYMENT, p, digits_of(o));
}

void od_shipment_write(struct od_json_writer *w, const struct od_order *o,
                       const struct od_shipment *s)
{
    od_jw_object(w);
    write_part_uuid(w, o, "shipment", s->shipment_id);
    write_fields(w, OD_ENTITY_SHIPMENT, s, 0);
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < s->item_count; i++)
        write_object(w, OD_ENTITY_SHIPMENT_ITEM, &s->items[i], 0);
    od_jw_array_end(w);
    od_jw_object_end(w);
}

static void write_holds(struct od_json_writer *w, const struct od_order *o)
{
    od_jw_key(w, "holds");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (o->holds[i].dirty != OD_DIRTY_DELETED)
            write_object(w, OD_ENTITY_HOLD, &o->holds[i], 0);
    }
    od_jw_array_end(w);
}

static void write_json(struct od_json_writer *w, const char *key, struct od_str json,
                       struct od_str otherwise)
{
    od_jw_key(w, key);
    od_jw_raw(w, json.ptr ? json : otherwise);
}

void od_order_write(struct od_json_writer *w, const struct od_order *o,
                    const struct od_status_sets *sets, struct od_str activities)
{
    const struct od_str none = OD_STR("[]");
    int digits = digits_of(o);

    od_jw_object(w);
    od_entity_write(w, &od_entities[OD_ENTITY_ORDER], o, OD_JSON_API, digits, plain_mask());
    write_statuses(w, o, sets);
    write_customer(w, o);
    write_address(w, "shippingAddress", &o->addresses[OD_SHIPPING]);
    write_address(w, "billingAddress", &o->addresses[OD_BILLING]);
    write_items(w, o, digits);
    od_jw_key(w, "payments");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->payment_count; i++)
        write_object(w, OD_ENTITY_PAYMENT, &o->payments[i], digits);
    od_jw_array_end(w);
    od_jw_key(w, "shipments");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->shipment_count; i++)
        od_shipment_write(w, o, &o->shipments[i]);
    od_jw_array_end(w);
    write_holds(w, o);
    write_json(w, "refunds", none, none);
    write_json(w, "returns", none, none);
    write_json(w, "invoices", none, none);
    write_json(w, "activities", activities, none);
    write_json(w, "tags", o->tags, none);
    write_json(w, "metadata", o->metadata, OD_STR("{}"));
    od_jw_object_end(w);
}

static void write_str(struct od_json_writer *w, const char *key, struct od_str s)
{
    od_jw_key(w, key);
    od_jw_str(w, s);
}

/* {from, to}; left out when the event left the status alone. */
static void write_change(struct od_json_writer *w, const char *key,
                         const struct od_status_change *c)
{
    if (!c->to.ptr)
        return;
    od_jw_key(w, key);
    od_jw_object(w);
    write_str(w, "from", c->from);
    write_str(w, "to", c->to);
    od_jw_object_end(w);
}

void od_event_write(struct od_json_writer *w, const struct od_event *e, struct od_str bundle,
                    int digits)
{
    od_jw_object(w);
    od_jw_key(w, "seq");
    od_jw_i64(w, e->seq);
    write_str(w, "type", od_event_type_name(e->type));
    od_jw_key(w, "at");
    od_jw_time(w, e->at);
    od_jw_key(w, "recordedAt");
    od_jw_time(w, e->recorded_at);
    write_str(w, "actor", e->actor);
    write_str(w, "bundle", bundle);
    write_str(w, "policy", e->policy);
    write_str(w, "reason", e->reason);
    write_str(w, "policyReason", e->policy_reason);
    write_str(w, "overruled", e->overruled);
    write_change(w, "status", &e->status[OD_STATUS_ORDER]);
    write_change(w, "paymentStatus", &e->status[OD_STATUS_PAYMENT]);
    write_change(w, "shipmentStatus", &e->status[OD_STATUS_SHIPMENT]);
    od_jw_key(w, "data");
    od_event_data_write(w, e, digits);
    od_jw_object_end(w);
}
