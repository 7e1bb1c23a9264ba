#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/money.h"
#include "order/amounts/totals.h"
#include "order/machine/body.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/* PLACE: a draft becomes an order: ids, number, reserved stock, first statuses. */

static int check_items(struct od_step *step, const struct od_order *draft)
{
    if (draft->item_count == 0 && !step->c->historical)
        return od_step_invalid(step, "no_items", "/items", "An order needs at least one item");
    if (draft->item_count > OD_ITEMS_MAX)
        return od_step_invalid(step, "too_many_items", "/items", "An order holds at most %d items",
                               OD_ITEMS_MAX);
    for (uint32_t i = 0; i < draft->item_count; i++) {
        char pointer[40];
        if (draft->items[i].qty < 1 || draft->items[i].qty > OD_QTY_MAX) {
            snprintf(pointer, sizeof pointer, "/items/%u/qty", i);
            return od_step_invalid(step, "bad_quantity", pointer, "Must be from 1 to %d",
                                   OD_QTY_MAX);
        }
        if (draft->items[i].sku.len == 0 || draft->items[i].sku.len > OD_SKU_MAX) {
            snprintf(pointer, sizeof pointer, "/items/%u/sku", i);
            return od_step_invalid(step, "bad_sku", pointer, "Must be 1 to %d bytes", OD_SKU_MAX);
        }
    }
    return 0;
}

/* Made by a split: what an order must be was asked of the one it was a part of. */
static bool is_split(const struct od_order *draft)
{
    return !od_uuid_is_zero(&draft->split_of);
}

static int check_draft(struct od_step *step, const struct od_order *draft)
{
    if (is_split(draft))
        return 0;
    if (od_currency_digits(draft->currency) < 0)
        return od_step_invalid(step, "unknown_currency", "/currency", "Unknown currency \"%.*s\"",
                               OD_STR_ARG(draft->currency));
    if (draft->payment_status.ptr &&
        od_step_known_status(step, OD_STATUS_PAYMENT, draft->payment_status, "/paymentStatus") != 0)
        return -1;
    if (od_step_check_store(step, draft) != 0 ||
        od_step_check_metadata(step, draft->metadata, true) != 0)
        return -1;
    return check_items(step, draft);
}

/* The command's draft stays as it is: a batch that the database refuses is decided again. */
static struct od_order *make_order(struct od_step *step)
{
    struct od_order *o = od_order_clone(step->env->arena, step->c->draft);
    OD_ASSERT(step->d->new_order_id > 0);
    o->hold_count = 0; /* each by an event of its own */
    o->order_id = step->d->new_order_id;
    o->created_at = o->updated_at = step->at;
    o->historical = step->c->historical || (is_split(o) && o->historical);
    o->status = o->payment_status = o->shipment_status = OD_STR_NONE;
    if (od_uuid_is_zero(&o->uuid))
        o->uuid = od_uuid_v7(step->env->now);
    o->addresses[OD_SHIPPING].kind = OD_STR("shipping");
    o->addresses[OD_BILLING].kind = OD_STR("billing");

    int64_t total_qty = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        o->items[i].order_item_id = (int32_t)i + 1;
        o->items[i].stock_tracked = o->items[i].stock_tracked && is_split(o);
        total_qty += o->items[i].qty;
    }
    o->total_qty = (int32_t)total_qty;
    return o;
}

int od_decide_series(const struct od_decide_env *env, const struct od_command *place,
                     struct od_str *series)
{
    const struct od_policies *p = env->policies;
    struct od_policy_request request = {.actor = place->actor,
                                        .now = place->at ? place->at : env->now};
    struct od_policy_answer answer = {0};
    struct od_err err;
    *series = OD_STR_NONE;
    /* A draft that has its number takes none. */
    if (place->draft->order_number.ptr || !p->answers || !p->answers(p->ctx, OD_ASK_ORDER_SERIES))
        return 0;
    struct od_order *draft = od_order_clone(env->arena, place->draft);
    draft->created_at = request.now;
    if (p->ask(p->ctx, OD_ASK_ORDER_SERIES, draft, &request, env->arena, &answer, &err) != 0 ||
        answer.refused || !od_step_is_series(answer.value))
        return -1;
    *series = answer.value;
    return 0;
}

/* The order that a split makes is known only now, so its number may be from another series. */
static int check_series(struct od_step *step, struct od_str series)
{
    if (od_str_eq(series, step->d->new_series))
        return 0;
    step->d->wants_series = true;
    step->d->wanted_series = series;
    return od_step_refuse(step, OD_VERDICT_UNNUMBERED, "unnumbered",
                          "No number of the series was taken");
}

/* The series was asked for before LOAD and, policies being pure, says the same of the same draft:
 * now it is on record, or says why it failed. */
static int ask_series(struct od_step *step)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (!od_step_answered(step, OD_ASK_ORDER_SERIES))
        return 0;
    struct od_order *clone = step->order;
    step->order = od_order_clone(step->env->arena, step->c->draft);
    step->order->created_at = step->at;
    int rc = od_step_ask(step, OD_ASK_ORDER_SERIES, &request, &answer);
    step->order = clone;
    if (rc != 0)
        return -1;
    if (answer.refused)
        return od_step_refused(step, OD_ASK_ORDER_SERIES, &answer);
    if (!od_step_is_series(answer.value))
        return od_step_policy_failed(step, answer.policy,
                                     "Policy %.*s answered no usable series: 1 to %d bytes, or nil",
                                     OD_STR_ARG(answer.policy), OD_SERIES_MAX);
    return is_split(step->c->draft) ? check_series(step, answer.value) : 0;
}

static int take_number(struct od_step *step, struct od_order *o)
{
    if (o->order_number.ptr) {
        if (od_step_is_number(o->order_number))
            return 0;
        return od_step_invalid(step, "bad_order_number", "/orderNumber",
                               "Must be 1 to %d bytes without control characters",
                               OD_ORDER_NUMBER_MAX);
    }
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    if (ask_series(step) != 0)
        return -1;
    request.seq_value = step->d->new_number_value;
    request.seq_year = od_time_year(step->at);
    request.series = step->d->new_series;
    step->order = o;
    if (od_step_ask(step, OD_ASK_ORDER_NUMBER, &request, &answer) != 0)
        return -1;
    if (answer.refused)
        return od_step_refused(step, OD_ASK_ORDER_NUMBER, &answer);
    if (!od_step_is_number(answer.value))
        return od_step_policy_failed(step, answer.policy,
                                     "Policy %.*s answered no usable order number",
                                     OD_STR_ARG(answer.policy));
    o->order_number = answer.value;
    return 0;
}

static int reserve(struct od_step *step, const struct od_order *o)
{
    char pointer[24];
    for (uint32_t i = 0; i < o->item_count && !is_split(o); i++) {
        struct od_item *it = &o->items[i];
        snprintf(pointer, sizeof pointer, "/items/%u", i);
        if (od_step_reserve(step, o, it, it->qty, pointer) != 0)
            return -1;
    }
    return 0;
}

/* The order as it is about to be placed. *hold: the one it begins with, or NULL. */
static int ask_place(struct od_step *step, struct od_order *placed, struct od_hold **hold)
{
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer;
    struct od_str before = step->policy_reason;
    *hold = NULL;
    if (is_split(placed) || !od_step_answered(step, OD_ASK_ORDER_PLACE))
        return 0;
    step->order = placed;
    if (od_step_allowed(step, OD_ASK_ORDER_PLACE, &request, &answer) != 0)
        return -1;
    if (answer.refused || !answer.hold.ptr)
        return 0;
    if (!od_step_is_handle(answer.hold) || answer.reason.len > OD_REASON_MAX)
        return od_step_policy_failed(step, answer.policy,
                                     "Policy %.*s answered no usable hold: its handle must be 1 to "
                                     "%d of a-z, 0-9, _ and -, its reason at most %d bytes",
                                     OD_STR_ARG(answer.policy), OD_HOLD_HANDLE_MAX, OD_REASON_MAX);
    step->reason = OD_STR_NONE; /* it is the hold's */
    step->policy_reason = before;
    if (step->c->historical) {
        od_step_overrule(step, "order.place: hold %.*s: %.*s", OD_STR_ARG(answer.hold),
                         OD_STR_ARG(answer.reason));
        return 0;
    }
    *hold = OD_NEW(step->env->arena, struct od_hold);
    **hold = (struct od_hold){.handle = answer.hold, .reason = answer.reason, .by = answer.policy};
    return 0;
}

/* The statuses an order begins with, until the policies have looked at it. */
static unsigned first_statuses(struct od_step *step, struct od_order *placed)
{
    struct od_str payment = step->c->draft->payment_status;
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++)
        *od_step_status(placed, (enum od_status_kind)kind) =
            od_status_default(&step->env->statuses->of[kind])->code;
    if (!payment.ptr)
        return OD_SETTLE_ORDER | OD_SETTLE_SHIPMENT | OD_SETTLE_PAYMENT;
    placed->payment_status = payment;
    return OD_SETTLE_ORDER | OD_SETTLE_SHIPMENT;
}

static int emit_placed(struct od_step *step, struct od_order *placed, unsigned settle)
{
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_PLACED);
    e.order_id = placed->order_id;
    e.order = placed;
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++)
        e.status[kind].to = *od_step_status(placed, (enum od_status_kind)kind);
    return od_step_emit(step, &e, settle);
}

/* The holds that the order begins with, as they were. */
static int hold_again(struct od_step *step, const struct od_order *draft)
{
    for (uint32_t i = 0; i < draft->hold_count; i++) {
        struct od_hold *hold = OD_NEW(step->env->arena, struct od_hold);
        *hold = draft->holds[i];
        if (od_step_hold(step, hold) != 0)
            return -1;
    }
    return 0;
}

static int decide(struct od_step *step)
{
    struct od_hold *hold;
    if (check_draft(step, step->c->draft) != 0)
        return -1;
    struct od_order *placed = make_order(step);
    struct od_order *clone = step->order;
    if (take_number(step, placed) != 0 || reserve(step, placed) != 0)
        return -1;
    unsigned settle = first_statuses(step, placed);
    if (ask_place(step, placed, &hold) != 0)
        return -1;

    step->order = clone ? clone : OD_NEW(step->env->arena, struct od_order);
    if (emit_placed(step, placed, settle) != 0)
        return -1;
    if (hold_again(step, step->c->draft) != 0)
        return -1;
    if (!hold)
        return 0;
    uint32_t held = step->d->event_count;
    if (od_step_hold(step, hold) != 0)
        return -1;
    od_step_credit(step, held, hold->by, hold->reason);
    return 0;
}

/* ---- the body */

static void place_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    od_body_customer(r, v, path, c->draft);
}

static void place_shipping_address(struct od_reader *r, const struct od_json *v,
                                   const struct od_path *path, struct od_command *c)
{
    od_body_address(r, v, path, &c->draft->addresses[OD_SHIPPING]);
}

static void place_billing_address(struct od_reader *r, const struct od_json *v,
                                  const struct od_path *path, struct od_command *c)
{
    od_body_address(r, v, path, &c->draft->addresses[OD_BILLING]);
}

static void place_payment_status(struct od_reader *r, const struct od_json *v,
                                 const struct od_path *path, struct od_command *c)
{
    c->draft->payment_status = od_read_str(r, v, path, 40);
}

static void place_number(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    c->draft->order_number = od_read_str(r, v, path, OD_ORDER_NUMBER_MAX);
}

static void place_uuid(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    if (v->type != OD_JSON_STRING || !od_uuid_parse(v->text, &c->draft->uuid) ||
        od_uuid_is_zero(&c->draft->uuid))
        od_read_problem(r, path, "must be a UUID");
}

static void place_time(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    if (v->type != OD_JSON_STRING || !od_time_parse(v->text, &c->at))
        od_read_problem(r, path, "must be a time like 2024-05-31T08:00:00Z");
}

static void place_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    od_body_items(r, v, path, &c->draft->items, &c->draft->item_count);
}

/* Amounts cannot be read without the currency, so it comes first. */
static struct od_str read_currency(struct od_reader *r, const struct od_json *body,
                                   const struct od_path *root)
{
    const struct od_json *v = od_json_get(body, "currency");
    struct od_str code =
        v && v->type == OD_JSON_STRING ? v->text : od_arena_str(r->arena, r->default_currency);
    r->digits = od_currency_digits(code);
    if (r->digits < 0) {
        od_read_problem(r, &(struct od_path){root, OD_STR("currency"), 0},
                        "is not an ISO 4217 currency code");
        r->digits = OD_DECIMAL_DIGITS;
    }
    return code;
}

static const struct od_member body_members[] = {
    {"items", place_items, false, OD_TAKES_OBJECTS, &od_shape_item},
    {"customer", place_customer, false, OD_TAKES_OBJECT, &od_shape_customer},
    {"shippingAddress", place_shipping_address, false, OD_TAKES_OBJECT, &od_shape_address},
    {"billingAddress", place_billing_address, false, OD_TAKES_OBJECT, &od_shape_address},
    {"paymentStatus", place_payment_status, false, OD_TAKES_TEXT, NULL},
    {"placedAt", place_time, false, OD_TAKES_TIME, NULL},
    {"orderNumber", place_number, false, OD_TAKES_TEXT, NULL},
    {"uuid", place_uuid, false, OD_TAKES_TEXT, NULL},
    {0}};
static const struct od_shape body_shape = {&od_entities[OD_ENTITY_ORDER], OD_FIELD_INPUT,
                                           body_members, NULL, NULL};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    struct od_order *draft = OD_NEW(r->arena, struct od_order);
    out->draft = draft;
    draft->currency = read_currency(r, v, root);
    od_totals_unset_order(draft);
    od_read_shape(r, &body_shape, v, root, draft, out);
    /* Sums of misread lines would only repeat what was said. */
    if (r->found == 0)
        od_totals_settle(draft, r->problems);
}

static void want(const struct od_command *c, struct od_wants *w)
{
    for (uint32_t i = 0; !c->historical && i < c->draft->item_count; i++)
        w->sku(w->ctx, c->draft->items[i].sku);
}

static const struct od_service services[] = {
    {"place_order", NULL, OD_COMMAND_PLACE, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_place = {
    .name = "place",
    .permission = "orders.place",
    .alias = "orders",
    .route = {"POST", "/api/orders"},
    .creates = true,
    .summary = "Place an order",
    .description =
        "Reserves stock, asks the order.number policy for a number and the status policies "
        "for the first statuses.",
    .subject = OD_SUBJECT_NEW_ORDER,
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .emits = OD_EMITS(ORDER_PLACED) | OD_EMITS(ORDER_HELD),
    .want = want,
    .question = OD_ASK_ORDER_PLACE,
    .services = services,
    .units_of = OD_UNITS_OF_BODY,
};
