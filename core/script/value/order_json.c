#include "script/value/order_json.h"

#include "base/json/json.h"
#include "order/amounts/rollup.h"
#include "order/model/codec.h"
#include "order/model/parts.h"

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

static void write_list(struct od_json_writer *w, const struct od_part_kind *p, const void *owner);

static void write_part(struct od_json_writer *w, const struct od_part_kind *p, const void *part)
{
    od_jw_object(w);
    write_fields(w, p->kind, part);
    if (p->kind == OD_ENTITY_ITEM) {
        od_jw_key(w, "qty_open");
        od_jw_i64(w, od_item_open(part));
    }
    OD_EACH_LIST_OF_PART (items, p)
        write_list(w, items, part);
    od_jw_object_end(w);
}

static void write_list(struct od_json_writer *w, const struct od_part_kind *p, const void *owner)
{
    od_jw_key(w, p->name);
    od_jw_array(w);
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        const void *part = od_part_at(p, owner, i);
        if (od_part_stands(p, part))
            write_part(w, p, part);
    }
    od_jw_array_end(w);
}

/* Values that follow from the rest, under the names that policies know. */
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

/* The first hold that stands. */
static void write_hold(struct od_json_writer *w, const struct od_order *o)
{
    uint32_t i = 0;

    while (i < o->hold_count && o->holds[i].dirty == OD_DIRTY_DELETED)
        i++;
    if (i == o->hold_count)
        return;
    od_jw_key(w, "hold");
    write_record(w, OD_ENTITY_HOLD, &o->holds[i]);
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
    OD_EACH_LIST_OF_ORDER (p) {
        if (!p->slots)
            write_list(&w, p, o);
    }
    write_hold(&w, o);
    write_address(&w, "shipping_address", &o->addresses[OD_SHIPPING]);
    write_address(&w, "billing_address", &o->addresses[OD_BILLING]);
    od_jw_object_end(&w);
}
