#include "order/show/render.h"

#include "base/money.h"
#include "order/amounts/rollup.h"
#include "order/ledger/event.h"
#include "order/model/codec.h"
#include "order/model/shop.h"
#include "order/show/sight.h"

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

void od_amounts_write(struct od_json_writer *w, const struct od_order *o, struct od_sight *sight)
{
    const struct {
        const char *key;
        int64_t amount;
    } amounts[] = {
        {"amountAuthorized", o->amount_authorized}, {"amountCaptured", o->amount_captured},
        {"amountRefunded", o->amount_refunded},     {"amountChargedBack", o->amount_charged_back},
        {"amountCanceled", o->amount_canceled},     {"amountOutstanding", od_amount_outstanding(o)},
        {"amountOverpaid", od_amount_overpaid(o)},  {"amountRefundable", od_amount_refundable(o)},
    };
    bool seen = od_sight_shows(sight, OD_SIGHT_AMOUNTS, OD_CLASS_BIT(OD_CLASS_MONEY));
    int digits = od_order_digits(o);

    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        od_jw_key(w, amounts[i].key);
        if (seen)
            od_jw_decimal(w, amounts[i].amount, digits);
        else
            od_jw_null(w);
    }
}

/* A field that this file writes by itself; false: it is hidden, and null was written. */
static bool shows(struct od_json_writer *w, const struct od_order *o, const char *name,
                  struct od_sight *sight)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    const struct od_field *f;

    if (!sight)
        return true;
    f = od_entity_field(e, od_str_of(name));
    if (od_sight_sees(sight, OD_CLASS_BIT(od_field_class(f))))
        return true;
    if (!od_field_none(f, o))
        sight->hidden[OD_ENTITY_ORDER] |= UINT64_C(1) << (f - e->fields);
    od_jw_null(w);
    return false;
}

static void write_customer(struct od_json_writer *w, const struct od_order *o,
                           struct od_sight *sight)
{
    od_jw_key(w, "customer");
    od_jw_object(w);
    od_jw_key(w, "id");
    if (shows(w, o, "customer_id", sight))
        od_jw_str(w, o->customer_id);
    od_jw_key(w, "email");
    if (shows(w, o, "customer_email", sight))
        od_jw_str(w, o->customer_email);
    od_jw_key(w, "fullName");
    if (shows(w, o, "customer_full_name", sight))
        od_jw_str(w, o->customer_full_name);
    od_jw_object_end(w);
}

static void write_address(struct od_json_writer *w, const char *key, const struct od_order *o,
                          int i, struct od_sight *sight)
{
    od_jw_key(w, key);
    if (o->addresses[i].present)
        od_part_write(w, o, OD_ENTITY_ADDRESS, &o->addresses[i], sight);
    else
        od_jw_null(w);
    if (sight) {
        sight->addresses[i] = sight->hidden[OD_ENTITY_ADDRESS];
        sight->hidden[OD_ENTITY_ADDRESS] = 0;
    }
}

static void write_json(struct od_json_writer *w, const struct od_order *o, const char *name,
                       struct od_str json, const char *otherwise, struct od_sight *sight)
{
    od_jw_key(w, name);
    if (shows(w, o, name, sight))
        od_jw_raw(w, json.ptr ? json : od_str_of(otherwise));
}

static void write_activities(struct od_json_writer *w, struct od_str activities,
                             struct od_sight *sight)
{
    od_jw_key(w, "activities");
    if (!od_sight_sees(sight, OD_CLASS_BIT(OD_CLASS_INTERNAL)) && activities.len > 2)
        (void)od_sight_shows(sight, OD_SIGHT_ACTIVITIES, OD_CLASS_BIT(OD_CLASS_INTERNAL));
    if (od_sight_sees(sight, OD_CLASS_BIT(OD_CLASS_INTERNAL)))
        od_jw_raw(w, activities.ptr ? activities : OD_STR("[]"));
    else
        od_jw_null(w);
}

/* sight NULL: everything is shown. */
static void write_order(struct od_json_writer *w, const struct od_order *o,
                        const struct od_status_sets *sets, const struct od_shop *shop,
                        struct od_str activities, struct od_sight *sight)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    int digits = od_order_digits(o);

    od_jw_object(w);
    if (sight)
        sight->hidden[OD_ENTITY_ORDER] =
            od_entity_write_seen(w, e, o, digits, plain_mask(), sight->classes);
    else
        od_entity_write(w, e, o, OD_JSON_API, digits, plain_mask());
    od_statuses_write(w, o, sets, shop);
    od_amounts_write(w, o, sight);
    write_customer(w, o, sight);
    write_address(w, "shippingAddress", o, OD_SHIPPING, sight);
    write_address(w, "billingAddress", o, OD_BILLING, sight);
    OD_EACH_LIST_OF_ORDER (p) {
        if (!p->slots)
            od_part_write_list(w, o, p, o, sight);
    }
    write_activities(w, activities, sight);
    write_json(w, o, "tags", o->tags, "[]", sight);
    write_json(w, o, "metadata", o->metadata, "{}", sight);
    od_sight_write_masked(w, sight);
    od_jw_object_end(w);
}

void od_order_write(struct od_json_writer *w, const struct od_order *o,
                    const struct od_status_sets *sets, const struct od_shop *shop,
                    struct od_str activities)
{
    write_order(w, o, sets, shop, activities, NULL);
}

void od_order_write_seen(struct od_json_writer *w, const struct od_order *o,
                         const struct od_status_sets *sets, const struct od_shop *shop,
                         struct od_str activities, unsigned classes)
{
    struct od_sight sight = {.classes = classes};

    write_order(w, o, sets, shop, activities,
                od_sight_sees(&sight, OD_CLASSES_ALL) ? NULL : &sight);
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
