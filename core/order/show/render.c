#include "order/show/render.h"

#include "base/money.h"
#include "order/amounts/rollup.h"
#include "order/ledger/event.h"
#include "order/model/codec.h"
#include "order/model/shop.h"

int od_order_digits(const struct od_order *o)
{
    int digits = od_currency_digits(o->currency);

    return digits < 0 ? 2 : digits; /* unknown only in a dry run that refuses it */
}

/* s: NULL when the configuration has it no more. */
static void write_status(struct od_json_writer *w, const struct od_status *s, struct od_str code,
                         struct od_str name)
{
    od_jw_object(w);
    od_jw_key(w, "code");
    od_jw_str(w, code);
    od_jw_key(w, "name");
    od_jw_str(w, name);
    od_jw_key(w, "badge");
    od_jw_str(w, s ? s->badge : OD_STR_NONE);
    od_jw_key(w, "progress");
    od_jw_str(w, s ? s->progress : OD_STR_NONE);
    od_jw_object_end(w);
}

void od_statuses_write(struct od_json_writer *w, const struct od_order *o,
                       const struct od_status_sets *sets, const struct od_shop *shop)
{
    static const char *const keys[] = {"status", "paymentStatus", "shipmentStatus"};
    const struct od_str codes[] = {o->status, o->payment_status, o->shipment_status};

    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        const struct od_status *s = od_status_find(&sets->of[kind], codes[kind]);
        od_jw_key(w, keys[kind]);
        if (codes[kind].ptr)
            write_status(
                w, s, codes[kind],
                od_shop_status_name(shop, o->store, sets, (enum od_status_kind)kind, codes[kind]));
        else
            od_jw_null(w);
    }
}

/* The header fields but those that are written by functions of their own. */
static uint64_t plain_mask(void)
{
    static const char *const shaped[] = {
        "status",          "payment_status",      "shipment_status", "tags",
        "metadata",        "amount_authorized",   "amount_captured", "amount_refunded",
        "amount_canceled", "amount_charged_back",
    };
    static uint64_t mask; /* never zero once it is made */
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    if (mask)
        return mask;
    mask = ~(uint64_t)0;
    for (size_t i = 0; i < sizeof shaped / sizeof shaped[0]; i++)
        mask &= ~((uint64_t)1 << (od_entity_field(e, od_str_of(shaped[i])) - e->fields));
    return mask;
}

static void write_amount(struct od_json_writer *w, const char *key, int64_t amount, int digits)
{
    od_jw_key(w, key);
    od_jw_decimal(w, amount, digits);
}

void od_amounts_write(struct od_json_writer *w, const struct od_order *o)
{
    int digits = od_order_digits(o);

    write_amount(w, "amountAuthorized", o->amount_authorized, digits);
    write_amount(w, "amountCaptured", o->amount_captured, digits);
    write_amount(w, "amountRefunded", o->amount_refunded, digits);
    write_amount(w, "amountChargedBack", o->amount_charged_back, digits);
    write_amount(w, "amountCanceled", o->amount_canceled, digits);
    write_amount(w, "amountOutstanding", od_amount_outstanding(o), digits);
    write_amount(w, "amountOverpaid", od_amount_overpaid(o), digits);
    write_amount(w, "amountRefundable", od_amount_refundable(o), digits);
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

static void write_address(struct od_json_writer *w, const char *key, const struct od_order *o,
                          int i)
{
    od_jw_key(w, key);
    if (o->addresses[i].present)
        od_part_write(w, o, OD_ENTITY_ADDRESS, &o->addresses[i]);
    else
        od_jw_null(w);
}

static void write_json(struct od_json_writer *w, const char *key, struct od_str json,
                       struct od_str otherwise)
{
    od_jw_key(w, key);
    od_jw_raw(w, json.ptr ? json : otherwise);
}

void od_order_write(struct od_json_writer *w, const struct od_order *o,
                    const struct od_status_sets *sets, const struct od_shop *shop,
                    struct od_str activities)
{
    const struct od_str none = OD_STR("[]");

    od_jw_object(w);
    od_entity_write(w, &od_entities[OD_ENTITY_ORDER], o, OD_JSON_API, od_order_digits(o),
                    plain_mask());
    od_statuses_write(w, o, sets, shop);
    od_amounts_write(w, o);
    write_customer(w, o);
    write_address(w, "shippingAddress", o, OD_SHIPPING);
    write_address(w, "billingAddress", o, OD_BILLING);
    OD_EACH_LIST_OF_ORDER (p) {
        if (!p->slots)
            od_part_write_list(w, o, p, o);
    }
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

void od_event_write_members(struct od_json_writer *w, const struct od_event *e,
                            struct od_str bundle, int digits)
{
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
}

void od_event_write(struct od_json_writer *w, const struct od_event *e, struct od_str bundle,
                    int digits)
{
    od_jw_object(w);
    od_event_write_members(w, e, bundle, digits);
    od_jw_object_end(w);
}
