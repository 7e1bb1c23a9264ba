#include "base/nearest.h"
#include "order/totals.h"
#include "script/test_parts.h"

/*
 * t:order{…}: a snapshot made by hand, whatever state it is in. The tables of order/fields.h say
 * what a field is called and what it holds; what is left out is what a plain order would have.
 */

/* Puts "items[2]: " before the message. */
static int in_list(struct od_err *err, const char *list, uint32_t i)
{
    return od_err_wrap(err, "%s[%u]", list, i + 1);
}

/* The list of that name: *n elements, *first the first; an empty table is an empty list. */
static int get_list(const struct od_json *o, const char *name, const struct od_json **first,
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
        return in_list(err, "items", i);
    if (it->qty < 1)
        return od_err_set(err, OD_ERR_INVALID, "items[%u]: qty must be at least 1", i + 1);
    return 0;
}

static int build_items(struct od_arena *a, const struct od_json *state, struct od_order *o,
                       struct od_err *err)
{
    const struct od_json *v;

    if (get_list(state, "items", &v, &o->item_count, err) != 0)
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

/* What is left out of the totals follows from the rest; what is given of the order stands, even if
 * it does not add up, for rules meet such orders. */
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

static int build_payments(struct od_test *t, const struct od_json *state, struct od_order *o,
                          struct od_err *err)
{
    const struct od_json *v;

    if (get_list(state, "payments", &v, &o->payment_count, err) != 0)
        return -1;
    o->payments = OD_NEW_ARRAY(&t->arena, struct od_payment, o->payment_count);
    o->payment_cap = o->payment_count;
    for (uint32_t i = 0; i < o->payment_count; i++, v = v->next) {
        struct od_payment *p = &o->payments[i];
        *p = (struct od_payment){.payment_id = (int32_t)i + 1,
                                 .type = OD_STR("capture"),
                                 .status = OD_STR("succeeded"),
                                 .amount = o->grand_total,
                                 .created_at = t->task.now};
        if (od_test_fields_set(OD_ENTITY_PAYMENT, NULL, v, p, err) != 0)
            return in_list(err, "payments", i);
    }
    return 0;
}

/* All that was shipped of the order, or is still open when nothing says that anything was. */
static void all_items(struct od_test *t, const struct od_order *o, struct od_shipment *s)
{
    s->items = OD_NEW_ARRAY(&t->arena, struct od_shipment_item, o->item_count);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t qty = it->qty_shipped > 0 ? it->qty_shipped : od_item_open(it);
        if (qty > 0)
            s->items[s->item_count++] =
                (struct od_shipment_item){s->shipment_id, it->order_item_id, qty};
    }
}

int od_test_shipment_build(struct od_test *t, const struct od_json *state, struct od_order *o,
                           struct od_shipment *s, struct od_err *err)
{
    static const char *const more[] = {"items", NULL};
    const struct od_json *v;
    uint32_t n;

    if (od_test_fields_set(OD_ENTITY_SHIPMENT, more, state, s, err) != 0 ||
        get_list(state, "items", &v, &n, err) != 0)
        return -1;
    if (!od_json_get(state, "items")) {
        all_items(t, o, s);
        return 0;
    }
    s->items = OD_NEW_ARRAY(&t->arena, struct od_shipment_item, n);
    for (; s->item_count < n; s->item_count++, v = v->next) {
        struct od_shipment_item *it = &s->items[s->item_count];
        *it = (struct od_shipment_item){s->shipment_id, 1, 1};
        if (od_test_fields_set(OD_ENTITY_SHIPMENT_ITEM, NULL, v, it, err) != 0)
            return in_list(err, "items", s->item_count);
        if (!od_order_item(o, it->order_item_id))
            return od_err_set(err, OD_ERR_INVALID, "items[%u]: the order has no item %d",
                              s->item_count + 1, it->order_item_id);
    }
    return 0;
}

static int build_shipments(struct od_test *t, const struct od_json *state, struct od_order *o,
                           struct od_err *err)
{
    const struct od_json *v;

    if (get_list(state, "shipments", &v, &o->shipment_count, err) != 0)
        return -1;
    o->shipments = OD_NEW_ARRAY(&t->arena, struct od_shipment, o->shipment_count);
    o->shipment_cap = o->shipment_count;
    for (uint32_t i = 0; i < o->shipment_count; i++, v = v->next) {
        struct od_shipment *s = &o->shipments[i];
        *s = (struct od_shipment){
            .shipment_id = (int32_t)i + 1,
            .shipment_number =
                od_arena_printf(&t->arena, "%.*s-%u", OD_STR_ARG(o->order_number), i + 1),
            .status = o->shipment_status,
            .shipped_at = t->task.now,
        };
        if (od_test_shipment_build(t, v, o, s, err) != 0)
            return in_list(err, "shipments", i);
    }
    return 0;
}

static int build_holds(struct od_test *t, const struct od_json *state, struct od_order *o,
                       struct od_err *err)
{
    const struct od_json *v;

    if (get_list(state, "holds", &v, &o->hold_count, err) != 0)
        return -1;
    o->holds = OD_NEW_ARRAY(&t->arena, struct od_hold, o->hold_count);
    o->hold_cap = o->hold_count;
    for (uint32_t i = 0; i < o->hold_count; i++, v = v->next) {
        struct od_hold *h = &o->holds[i];
        *h = (struct od_hold){.handle = od_arena_printf(&t->arena, "hold%u", i + 1),
                              .reason = OD_STR("test"),
                              .by = OD_STR("test"),
                              .at = t->task.now};
        if (od_test_fields_set(OD_ENTITY_HOLD, NULL, v, h, err) != 0)
            return in_list(err, "holds", i);
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

/* The amounts that payments add up to, unless they are given. */
static int sum_payments(const struct od_json *state, struct od_order *o, struct od_err *err)
{
    int64_t authorized = 0, captured = 0;

    for (uint32_t i = 0; i < o->payment_count; i++) {
        const struct od_payment *p = &o->payments[i];
        int64_t ignored = 0;
        int64_t *sum = od_str_is(p->type, "authorize") ? &authorized
                       : od_str_is(p->type, "capture") ? &captured
                                                       : &ignored;
        if (__builtin_add_overflow(*sum, p->amount, sum))
            return od_err_set(err, OD_ERR_INVALID, "payments: the amounts are too big");
    }
    if (!od_json_get(state, "amount_authorized"))
        o->amount_authorized = authorized;
    if (!od_json_get(state, "amount_captured"))
        o->amount_captured = captured;
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
        return od_err_set(err, OD_ERR_INVALID,
                          "%s: '%.*s' is not configured%s%.*s%s; say unconfigured = true if it is "
                          "meant to be so",
                          given[k].field, OD_STR_ARG(given[k].code),
                          near.best.len ? " (did you mean '" : "", OD_STR_ARG(near.best),
                          near.best.len ? "'?)" : "");
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
    static const char *const more[] = {
        "items",           "payments",     "shipments", "holds", "shipping_address",
        "billing_address", "unconfigured", NULL};
    static const struct od_json nothing = {.type = OD_JSON_OBJECT};
    struct od_order *o = OD_NEW(&t->arena, struct od_order);
    const struct od_json *unconfigured;

    state = state ? state : &nothing;
    unconfigured = od_json_get(state, "unconfigured");
    set_defaults(t, o);
    if (od_test_fields_set(OD_ENTITY_ORDER, more, state, o, err) != 0 ||
        (!(unconfigured && unconfigured->boolean) && check_statuses(t, o, err) != 0) ||
        build_items(&t->arena, state, o, err) != 0 || settle_totals(t, state, o, err) != 0 ||
        build_payments(t, state, o, err) != 0 || build_shipments(t, state, o, err) != 0 ||
        build_holds(t, state, o, err) != 0 || build_addresses(state, o, err) != 0 ||
        sum_payments(state, o, err) != 0)
        return -1;
    for (uint32_t i = 0; i < o->item_count; i++)
        od_test_stock(t, o->items[i].sku);
    *out = o;
    return 0;
}
