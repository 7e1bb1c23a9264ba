#ifndef TESTS_UNIT_ORDER_SAMPLE_H
#define TESTS_UNIT_ORDER_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/money.h"
#include "order/ledger/event.h"
#include "order/model/event.h"
#include "order/model/fields.h"
#include "order/model/model.h"
#include "order/model/status.h"

/* An order of three lines and the life it may have, for the tests of this folder. */

#define SAMPLE_AT 1499637425000000 /* 2017-07-09T21:57:05Z */

static inline struct od_order *sample_draft(struct od_arena *a)
{
    static const struct od_item lines[3] = {
        {.sku = OD_STR_INIT("MUG-RED"), .qty = 2, .final_price = 1250, .sub_total = 2500},
        {.sku = OD_STR_INIT("MUG-BLUE"), .qty = 1, .final_price = 1499, .sub_total = 1499},
        {.sku = OD_STR_INIT("TEA-\"EARL\""), .qty = 5, .final_price = 400, .sub_total = 2000},
    };
    struct od_order *o = OD_NEW(a, struct od_order);

    o->uuid = od_uuid_v7(SAMPLE_AT);
    o->order_number = OD_STR("ORD-2017-000007");
    o->currency = OD_STR("EUR");
    o->customer_email = OD_STR("ana@example.com");
    o->customer_full_name = OD_STR("Ana Luísa");
    o->sub_total = o->sub_total_incl_tax = 5999;
    o->shipping_fee_excl_tax = o->shipping_fee_incl_tax = 500;
    o->grand_total = 6499;
    o->total_qty = 8;
    o->total_weight = 25000;
    o->shipping_method = OD_STR("post");
    o->payment_method = OD_STR("card");
    o->tags = OD_STR("[\"vip\"]");
    o->metadata = OD_STR("{\"cart\": 17}");
    o->addresses[OD_SHIPPING] = (struct od_address){.full_name = OD_STR("Ana Luísa"),
                                                    .address1 = OD_STR("Rua 7"),
                                                    .city = OD_STR("Curitiba"),
                                                    .country = OD_STR("BR"),
                                                    .present = true};
    o->item_count = 3;
    o->items = OD_NEW_ARRAY(a, struct od_item, 3);
    for (int i = 0; i < 3; i++) {
        o->items[i] = lines[i];
        o->items[i].order_item_id = i + 1;
        o->items[i].name = lines[i].sku;
        o->items[i].price = o->items[i].final_price_incl_tax = lines[i].final_price;
        o->items[i].total = lines[i].sub_total;
        o->items[i].weight = 3125;
        o->items[i].variant_options = OD_STR("{\"size\":\"L\"}");
        o->items[i].stock_tracked = true;
    }
    return o;
}

/* The next event of *o. */
static inline struct od_event sample_event(const struct od_order *o, enum od_event_type type)
{
    return (struct od_event){.order_id = 7,
                             .seq = o->version + 1,
                             .at = SAMPLE_AT + o->version * 1000000,
                             .recorded_at = SAMPLE_AT + 1,
                             .type = type,
                             .actor = OD_STR("key:test")};
}

/* A zeroed order that has been placed. */
static inline struct od_order *sample_placed(struct od_arena *a)
{
    struct od_order *o = OD_NEW(a, struct od_order);
    struct od_event e = sample_event(o, OD_EVENT_ORDER_PLACED);
    struct od_err err;

    e.order = sample_draft(a);
    e.status[OD_STATUS_ORDER].to = OD_STR("pending");
    e.status[OD_STATUS_PAYMENT].to = OD_STR("pending");
    e.status[OD_STATUS_SHIPMENT].to = OD_STR("pending");
    assert_int_equal(od_fold(o, &e, a, &err), 0);
    return o;
}

static inline struct od_event sample_payment(struct od_arena *a, const struct od_order *o,
                                             enum od_event_type type, const char *name,
                                             int64_t amount)
{
    struct od_event e = sample_event(o, type);
    struct od_payment *p = OD_NEW(a, struct od_payment);

    *p = (struct od_payment){.payment_id = (int32_t)o->payment_count + 1,
                             .type = od_str_of(name),
                             .amount = amount,
                             .method = OD_STR("card"),
                             .transaction_id = OD_STR("tx-1"),
                             .status = OD_STR("succeeded"),
                             .created_at = e.at};
    e.payment = p;
    return e;
}

/* shipment.created of qty units of one item. */
static inline struct od_event sample_shipment(struct od_arena *a, const struct od_order *o,
                                              int32_t item, int32_t qty)
{
    struct od_event e = sample_event(o, OD_EVENT_SHIPMENT_CREATED);
    struct od_shipment *s = OD_NEW(a, struct od_shipment);

    *s = (struct od_shipment){.shipment_id = (int32_t)o->shipment_count + 1,
                              .shipment_number = OD_STR("ORD-2017-000007-S1"),
                              .carrier = OD_STR("Correios"),
                              .status = OD_STR("shipped"),
                              .shipped_at = e.at,
                              .item_count = 1};
    s->items = OD_NEW(a, struct od_shipment_item);
    s->items[0] = (struct od_shipment_item){s->shipment_id, item, qty};
    e.shipment = s;
    return e;
}

/* shipment.updated, .delivered or .canceled of a shipment. */
static inline struct od_event sample_shipment_change(struct od_arena *a, const struct od_order *o,
                                                     enum od_event_type type, int32_t shipment_id)
{
    struct od_event e = sample_event(o, type);
    struct od_shipment *s = OD_NEW(a, struct od_shipment);

    s->shipment_id = shipment_id;
    if (type == OD_EVENT_SHIPMENT_UPDATED)
        s->tracking_number = OD_STR("BR123");
    if (type == OD_EVENT_SHIPMENT_DELIVERED)
        s->delivered_at = e.at;
    if (type == OD_EVENT_SHIPMENT_CANCELED)
        s->canceled_at = e.at;
    e.shipment = s;
    return e;
}

static inline struct od_event sample_hold(struct od_arena *a, const struct od_order *o,
                                          enum od_event_type type, const char *handle)
{
    struct od_event e = sample_event(o, type);
    struct od_hold *h = OD_NEW(a, struct od_hold);

    *h = (struct od_hold){.handle = od_str_of(handle), .by = OD_STR("key:test"), .at = e.at};
    e.hold = h;
    return e;
}

static inline struct od_event sample_cancel(struct od_arena *a, const struct od_order *o,
                                            int32_t item, int32_t qty)
{
    struct od_event e = sample_event(o, OD_EVENT_ORDER_CANCELED);
    struct od_units *u = OD_NEW(a, struct od_units);

    *u = (struct od_units){item, qty};
    e.units = u;
    e.unit_count = 1;
    e.reason = OD_STR("changed my mind");
    return e;
}

static inline struct od_event sample_patch(struct od_arena *a, const struct od_order *o)
{
    const struct od_entity *entity = &od_entities[OD_ENTITY_ORDER];
    struct od_event e = sample_event(o, OD_EVENT_ORDER_UPDATED);
    struct od_patch *p = OD_NEW(a, struct od_patch);
    struct od_order *values = OD_NEW(a, struct od_order);

    values->shipping_note = OD_STR("ring twice");
    values->addresses[OD_BILLING] = (struct od_address){.city = OD_STR("Porto"), .present = true};
    p->values = values;
    p->address[OD_BILLING] = true;
    p->fields = (uint64_t)1 << (od_entity_field(entity, OD_STR("shipping_note")) - entity->fields);
    /* Set to nothing. */
    p->fields |= (uint64_t)1 << (od_entity_field(entity, OD_STR("tags")) - entity->fields);
    e.patch = p;
    return e;
}

#define SAMPLE_STATUS(c)                                                                           \
    {                                                                                              \
        .code = OD_STR_INIT(c), .name = OD_STR_INIT(c), .phase = OD_STR_INIT(c)                    \
    }

static inline const struct od_status_sets *sample_statuses(void)
{
    static struct od_str next[] = {OD_STR_INIT("shipped"), OD_STR_INIT("canceled")};
    static struct od_status order[] = {
        {.code = OD_STR_INIT("pending"),
         .name = OD_STR_INIT("Pending"),
         .badge = OD_STR_INIT("default"),
         .progress = OD_STR_INIT("incomplete"),
         .is_default = true,
         .next = next,
         .next_count = 2},
        SAMPLE_STATUS("shipped"),
        SAMPLE_STATUS("canceled"),
    };
    static struct od_status payment[] = {
        {.code = OD_STR_INIT("pending"), .is_default = true, .any_next = true},
        SAMPLE_STATUS("paid"),
        {.code = OD_STR_INIT("paid_twice"), .phase = OD_STR_INIT("paid")},
    };
    static struct od_status shipment[] = {
        {.code = OD_STR_INIT("pending"), .is_default = true, .any_next = true},
        SAMPLE_STATUS("shipped"),
    };
    static const struct od_status_sets sets = {.of = {{order, 3}, {payment, 3}, {shipment, 2}}};
    return &sets;
}

#endif
