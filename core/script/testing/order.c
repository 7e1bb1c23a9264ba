#include "script/testing/order.h"

#include "base/money.h"
#include "base/nearest.h"
#include "order/amounts/amounts.h"
#include "order/amounts/totals.h"
#include "script/bundle/loaded.h"
#include "script/testing/test.h"

/*
 * t:order{…}: a snapshot made by hand, whatever state it is in. The tables of order/model/fields.h
 * say what a field is called and what it holds; what is left out is what a plain order would have.
 */

int od_test_in_list(struct od_err *err, const char *list, uint32_t i)
{
    return od_err_wrap(err, "%s[%u]", list, i + 1);
}

int od_test_list(const struct od_json *o, const char *name, const struct od_json **first,
                 uint32_t *n, struct od_err *err)
{
    const struct od_json *v = od_json_get(o, name);

    *first = NULL;
    *n = 0;
    if (!v || (v->type == OD_JSON_OBJECT && v->count == 0))
        return 0;
    if (v->type != OD_JSON_ARRAY)
        return od_err_set(err, OD_ERR_INVALID, "%s must be a list", name);
    *first = v->child;
    *n = v->count;
    return 0;
}

static int build_item(struct od_arena *a, const struct od_json *v, uint32_t i, struct od_item *it,
                      struct od_err *err)
{
    *it = (struct od_item){
        .order_item_id = (int32_t)i + 1,
        .sku = od_arena_printf(a, "SKU-%u", i + 1),
        .name = od_arena_printf(a, "Item %u", i + 1),
        .qty = 1,
        .price = 1000,
    };
    od_totals_unset_item(it);
    if (v && od_test_fields_set(OD_ENTITY_ITEM, NULL, v, it, err) != 0)
        return od_test_in_list(err, "items", i);
    return 0;
}

static int build_items(struct od_arena *a, const struct od_json *state, struct od_order *o,
                       struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "items", &v, &o->item_count, err) != 0)
        return -1;
    if (!od_json_get(state, "items"))
        o->item_count = 1;
    o->items = OD_NEW_ARRAY(a, struct od_item, o->item_count);
    for (uint32_t i = 0; i < o->item_count; i++, v = v ? v->next : NULL)
        if (build_item(a, v, i, &o->items[i], err) != 0)
            return -1;
    return 0;
}

static bool has_unset_amount(const struct od_order *o)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (f->type == OD_FIELD_MONEY &&
            *(const int64_t *)((const char *)o + f->offset) == OD_AMOUNT_UNSET)
            return true;
    }
    return false;
}

/* Totals that are left out follow from the rest. Given ones stand, even if they do not add up,
 * because rules meet such orders. */
static int settle_totals(struct od_test *t, const struct od_json *state, struct od_order *o,
                         struct od_err *err)
{
    struct od_problem_list problems = {.arena = &t->arena};
    struct od_order given = *o;

    od_totals_settle(o, &problems);
    if (problems.count > 0 &&
        (od_str_starts_with(problems.items[0].pointer, OD_STR("/items/")) || has_unset_amount(o)))
        return od_err_set(err, OD_ERR_INVALID, "%.*s %.*s", OD_STR_ARG(problems.items[0].pointer),
                          OD_STR_ARG(problems.items[0].detail));
    for (const struct od_json *m = state->child; m; m = m->next) {
        const struct od_field *f = od_entity_field(&od_entities[OD_ENTITY_ORDER], m->key);
        if (f)
            od_field_copy(f, o, &given);
    }
    return 0;
}

static int build_addresses(const struct od_json *state, struct od_order *o, struct od_err *err)
{
    static const char *const names[2] = {"shipping_address", "billing_address"};

    for (int i = 0; i < 2; i++) {
        const struct od_json *v = od_json_get(state, names[i]);
        o->addresses[i].kind = i == OD_SHIPPING ? OD_STR("shipping") : OD_STR("billing");
        if (!v)
            continue;
        o->addresses[i].present = true;
        if (od_test_fields_set(OD_ENTITY_ADDRESS, NULL, v, &o->addresses[i], err) != 0)
            return od_err_wrap(err, "%s", names[i]);
    }
    return 0;
}

/* Whether the test's table gives the field. */
static bool given(const struct od_json *state, const char *field)
{
    return od_json_get(state, field) != NULL;
}

/* A cancelled order has no open units. */
static void cancel_open(const struct od_json *state, struct od_order *o)
{
    const struct od_json *items = od_json_get(state, "items");
    const struct od_json *v = items ? items->child : NULL;

    for (uint32_t i = 0; o->canceled_at && i < o->item_count; i++, v = v ? v->next : NULL)
        if (!v || !given(v, "qty_canceled"))
            o->items[i].qty_canceled = o->items[i].qty - o->items[i].qty_shipped;
}

/* The amount that the cancelled units took off, by the rule of cancelling. */
static void sum_canceled(struct od_test *t, const struct od_json *state, struct od_order *o)
{
    struct od_units *units = OD_NEW_ARRAY(&t->arena, struct od_units, o->item_count);
    uint32_t n = 0;

    if (given(state, "amount_canceled"))
        return;
    for (uint32_t i = 0; i < o->item_count; i++) {
        struct od_item *it = &o->items[i];
        if (it->qty_canceled < 1 || it->qty_canceled > it->qty)
            continue;
        units[n++] = (struct od_units){it->order_item_id, it->qty_canceled};
        it->qty_canceled = 0;
    }
    if (n > 0 || o->canceled_at)
        o->amount_canceled = od_canceled_amount(o, units, n);
    for (uint32_t i = 0; i < n; i++)
        od_order_item(o, units[i].order_item_id)->qty_canceled = units[i].qty;
}

/* The amounts that payments and refunds add up to, unless they are given. */
static int sum_payments(const struct od_json *state, struct od_order *o, struct od_err *err)
{
    struct {
        const char *type, *field;
        int64_t *to, sum;
    } sums[] = {{"authorize", "amount_authorized", &o->amount_authorized, 0},
                {"capture", "amount_captured", &o->amount_captured, 0},
                {"chargeback", "amount_charged_back", &o->amount_charged_back, 0},
                {"refund", "amount_refunded", &o->amount_refunded, 0}};
    const size_t n = sizeof sums / sizeof sums[0];
    int64_t refunded = 0;
    bool fits = true;

    for (uint32_t i = 0; i < o->payment_count; i++)
        for (size_t k = 0; k < n; k++)
            if (od_str_is(o->payments[i].type, sums[k].type))
                fits = fits && od_money_add(sums[k].sum, o->payments[i].amount, &sums[k].sum);
    for (uint32_t i = 0; i < o->refund_count; i++)
        fits = fits && od_money_add(refunded, o->refunds[i].amount, &refunded);
    if (!fits)
        return od_err_set(err, OD_ERR_INVALID, "payments: the amounts are too big");
    if (refunded > sums[3].sum) /* refunds need no records of payment here */
        sums[3].sum = refunded;
    for (size_t k = 0; k < n; k++)
        if (!given(state, sums[k].field))
            *sums[k].to = sums[k].sum;
    return 0;
}

/* A typing mistake in a status would test nothing; old orders may have one on purpose. */
static int check_statuses(const struct od_test *t, const struct od_order *o, struct od_err *err)
{
    const struct {
        const char *field;
        struct od_str code;
    } given[OD_STATUS_KINDS] = {
        [OD_STATUS_ORDER] = {"status", o->status},
        [OD_STATUS_PAYMENT] = {"payment_status", o->payment_status},
        [OD_STATUS_SHIPMENT] = {"shipment_status", o->shipment_status},
    };

    for (int k = 0; k < OD_STATUS_KINDS; k++) {
        const struct od_status_set *set = &t->bundle->statuses->of[k];
        struct od_nearest near;

        if (od_status_find(set, given[k].code))
            continue;
        od_nearest_init(&near, given[k].code);
        for (uint32_t i = 0; i < set->count; i++)
            od_nearest_try(&near, set->statuses[i].code);
        return od_err_set(
            err, OD_ERR_INVALID,
            "%s: '%.*s' is not configured%s; say unconfigured = true if it is meant to "
            "be so",
            given[k].field, OD_STR_ARG(given[k].code), od_nearest_hint(&near));
    }
    return 0;
}

static void set_defaults(struct od_test *t, struct od_order *o)
{
    const struct od_status_sets *sets = t->bundle->statuses;

    *o = (struct od_order){
        .order_id = t->order_count + 1,
        .uuid = od_uuid_v7(t->task.now),
        .order_number = od_arena_printf(&t->arena, "TEST-%u", t->order_count + 1),
        .version = 1,
        .currency = t->options->currency,
        .created_at = t->task.now,
        .updated_at = t->task.now,
        .status = od_status_default(&sets->of[OD_STATUS_ORDER])->code,
        .payment_status = od_status_default(&sets->of[OD_STATUS_PAYMENT])->code,
        .shipment_status = od_status_default(&sets->of[OD_STATUS_SHIPMENT])->code,
    };
    od_totals_unset_order(o);
}

int od_test_order_build(struct od_test *t, const struct od_json *state, struct od_order **out,
                        struct od_err *err)
{
    static const char *const more[] = {"shipping_address", "billing_address", "unconfigured", NULL};
    static const struct od_json nothing = {.type = OD_JSON_OBJECT};
    struct od_order *o = OD_NEW(&t->arena, struct od_order);
    const struct od_json *unconfigured;

    state = state ? state : &nothing;
    unconfigured = od_json_get(state, "unconfigured");
    set_defaults(t, o);
    if (od_test_fields_set(OD_ENTITY_ORDER, more, state, o, err) != 0 ||
        (!(unconfigured && unconfigured->boolean) && check_statuses(t, o, err) != 0) ||
        build_items(&t->arena, state, o, err) != 0 || settle_totals(t, state, o, err) != 0 ||
        od_test_parts_build(t, state, o, err) != 0 || build_addresses(state, o, err) != 0 ||
        sum_payments(state, o, err) != 0)
        return -1;
    for (uint32_t i = 0; i < o->item_count; i++)
        od_test_stock(t, o->items[i].sku);
    cancel_open(state, o);
    sum_canceled(t, state, o);
    *out = o;
    return 0;
}
