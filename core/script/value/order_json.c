#include "script/value/order_json.h"

#include "base/json/json.h"
#include "order/amounts/rollup.h"
#include "order/model/codec.h"
#include "order/model/fields.h"

/* An order as JSON under the names, and with the units, that scripts know from policies. */

static void write_fields(struct od_json_writer *w, enum od_entity_kind kind, const void *entity)
{
    od_entity_write(w, &od_entities[kind], entity, OD_JSON_SCRIPT, 0, ~UINT64_C(0));
}

static void write_record(struct od_json_writer *w, enum od_entity_kind kind, const void *entity)
{
    od_jw_object(w);
    write_fields(w, kind, entity);
    od_jw_object_end(w);
}

static void write_list(struct od_json_writer *w, const char *key, enum od_entity_kind kind,
                       const void *first, uint32_t count)
{
    od_jw_key(w, key);
    od_jw_array(w);
    for (uint32_t i = 0; i < count; i++)
        write_record(w, kind, (const char *)first + (size_t)i * od_entities[kind].size);
    od_jw_array_end(w);
}

static void write_items(struct od_json_writer *w, const struct od_order *o)
{
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->item_count; i++) {
        od_jw_object(w);
        write_fields(w, OD_ENTITY_ITEM, &o->items[i]);
        od_jw_key(w, "qty_open");
        od_jw_i64(w, od_item_open(&o->items[i]));
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_shipments(struct od_json_writer *w, const struct od_order *o)
{
    od_jw_key(w, "shipments");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];

        od_jw_object(w);
        write_fields(w, OD_ENTITY_SHIPMENT, s);
        write_list(w, "items", OD_ENTITY_SHIPMENT_ITEM, s->items, s->item_count);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_refunds(struct od_json_writer *w, const struct od_order *o)
{
    od_jw_key(w, "refunds");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->refund_count; i++) {
        const struct od_refund *r = &o->refunds[i];

        od_jw_object(w);
        write_fields(w, OD_ENTITY_REFUND, r);
        write_list(w, "items", OD_ENTITY_REFUND_ITEM, r->items, r->item_count);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_returns(struct od_json_writer *w, const struct od_order *o)
{
    od_jw_key(w, "returns");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->return_count; i++) {
        const struct od_return *r = &o->returns[i];

        od_jw_object(w);
        write_fields(w, OD_ENTITY_RETURN, r);
        write_list(w, "items", OD_ENTITY_RETURN_ITEM, r->items, r->item_count);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

/* What follows from the rest, under the names that policies know. */
static void write_computed(struct od_json_writer *w, const struct od_order *o)
{
    const struct {
        const char *key;
        int64_t amount;
    } amounts[] = {{"amount_outstanding", od_amount_outstanding(o)},
                   {"amount_overpaid", od_amount_overpaid(o)},
                   {"amount_refundable", od_amount_refundable(o)}};

    od_jw_key(w, "canceled");
    od_jw_bool(w, o->canceled_at != 0);
    od_jw_key(w, "payment_rollup");
    od_jw_str(w, od_rollup_name(od_rollup_payment(o)));
    od_jw_key(w, "shipment_rollup");
    od_jw_str(w, od_rollup_name(od_rollup_shipment(o)));
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        od_jw_key(w, amounts[i].key);
        od_jw_i64(w, amounts[i].amount);
    }
}

/* `hold` is the first that stands, as policies see it. */
static void write_holds(struct od_json_writer *w, const struct od_order *o)
{
    const struct od_hold *first = NULL;

    od_jw_key(w, "holds");
    od_jw_array(w);
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (o->holds[i].dirty == OD_DIRTY_DELETED)
            continue;
        first = first ? first : &o->holds[i];
        write_record(w, OD_ENTITY_HOLD, &o->holds[i]);
    }
    od_jw_array_end(w);
    if (first) {
        od_jw_key(w, "hold");
        write_record(w, OD_ENTITY_HOLD, first);
    }
}

static void write_address(struct od_json_writer *w, const char *key, const struct od_address *a)
{
    if (!a->present)
        return;
    od_jw_key(w, key);
    write_record(w, OD_ENTITY_ADDRESS, a);
}

void od_order_script_json(const struct od_order *o, struct od_buf *out)
{
    struct od_json_writer w;

    od_jw_init(&w, out);
    od_jw_object(&w);
    write_fields(&w, OD_ENTITY_ORDER, o);
    write_computed(&w, o);
    write_items(&w, o);
    write_list(&w, "payments", OD_ENTITY_PAYMENT, o->payments, o->payment_count);
    write_shipments(&w, o);
    write_refunds(&w, o);
    write_returns(&w, o);
    write_list(&w, "invoices", OD_ENTITY_INVOICE, o->invoices, o->invoice_count);
    write_list(&w, "changes", OD_ENTITY_CHANGE, o->changes, o->change_count);
    write_holds(&w, o);
    write_address(&w, "shipping_address", &o->addresses[OD_SHIPPING]);
    write_address(&w, "billing_address", &o->addresses[OD_BILLING]);
    od_jw_object_end(&w);
}
