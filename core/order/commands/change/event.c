#include "base/money.h"
#include "order/commands/change/change.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/model/fields.h"

/*
 * change.proposed: the change. change.discarded: change_id, status, closed_at. order.changed: those
 * as "change": {…}, for the data's members are the order's, and the patch: totals, addresses, and
 * the lines that are new or otherwise.
 */

static uint64_t fields_of(const struct od_change *c, bool proposed)
{
    uint64_t difference = od_event_field(OD_ENTITY_CHANGE, "difference");
    return od_event_present(OD_ENTITY_CHANGE, c) & ~(proposed ? 0 : difference);
}

static void write_proposed(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_CHANGE, e->change, fields_of(e->change, true));
}

static void write_discarded(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_CHANGE, e->change, fields_of(e->change, false));
}

static void write_changed(const struct od_event_form *f, const struct od_event *e)
{
    od_jw_key(f->w, "change");
    od_jw_object(f->w);
    write_discarded(f, e);
    od_jw_object_end(f->w);
    od_event_write_patch(f, e->patch);
}

static int read_change(struct od_event *e, struct od_json *data, struct od_arena *a,
                       struct od_err *err)
{
    struct od_change *c = OD_NEW(a, struct od_change);

    e->change = c;
    return od_entity_read(&od_entities[OD_ENTITY_CHANGE], data, c, a, err);
}

static int read_changed(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err)
{
    struct od_json *change = od_event_take(data, "change");

    if (!change)
        return od_err_set(err, OD_ERR_INVALID, "change is missing");
    if (read_change(e, change, a, err) < 0)
        return -1;
    return od_event_read_patch(e, data, a, err);
}

static int fold_proposed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                         struct od_err *err)
{
    const struct od_change *from = e->change;

    if (from->change_id != (int32_t)o->change_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "change %d does not follow on change %u",
                          from->change_id, o->change_count);
    if (!od_str_is(from->status, "proposed") || !from->request.ptr || from->closed_at)
        return od_err_set(err, OD_ERR_INVALID, "change %d is not a proposal", from->change_id);
    if (od_order_proposed(o))
        return od_err_set(err, OD_ERR_INVALID, "another change is proposed");
    o->changes = od_arena_grow(a, o->changes, o->change_count, &o->change_cap, sizeof *o->changes);
    o->changes[o->change_count] = *from;
    o->changes[o->change_count++].dirty = OD_DIRTY_NEW;
    return 0;
}

static int close_change(struct od_order *o, const struct od_change *from, const char *status,
                        struct od_err *err)
{
    struct od_change *c = od_order_change(o, from->change_id);

    if (!c || !od_str_is(c->status, "proposed"))
        return od_err_set(err, OD_ERR_INVALID, "change %d is not proposed", from->change_id);
    if (!od_str_is(from->status, status) || !from->closed_at)
        return od_err_set(err, OD_ERR_INVALID, "change %d is not %s", from->change_id, status);
    c->status = from->status;
    c->closed_at = from->closed_at;
    od_fold_touch(&c->dirty);
    return 0;
}

static int fold_discarded(struct od_order *o, const struct od_event *e, struct od_arena *a,
                          struct od_err *err)
{
    (void)a;
    return close_change(o, e->change, "discarded", err);
}

static int fold_header(struct od_order *o, const struct od_patch *p, struct od_err *err)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (!(p->fields >> i & 1))
            continue;
        if (!(f->flags & OD_FIELD_CHANGED))
            return od_err_set(err, OD_ERR_INVALID, "%s cannot be changed", f->name);
        od_field_copy(f, o, p->values);
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            od_fold_address(o, i, &p->values->addresses[i]);
    }
    return 0;
}

static int add_line(struct od_order *o, const struct od_item *from, struct od_arena *a,
                    struct od_err *err)
{
    if (from->order_item_id != (int32_t)o->item_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "item %d does not follow on item %u",
                          from->order_item_id, o->item_count);
    if (from->qty < 1)
        return od_err_set(err, OD_ERR_INVALID, "item %d has %d units", from->order_item_id,
                          from->qty);
    if (from->stock_tracked && !from->location.len)
        return od_err_set(err, OD_ERR_INVALID, "item %d has its units nowhere",
                          from->order_item_id);
    o->items = od_arena_grow(a, o->items, o->item_count, &o->item_cap, sizeof *o->items);
    struct od_item *it = &o->items[o->item_count++];
    *it = (struct od_item){.dirty = OD_DIRTY_NEW};
    od_fold_fields(OD_ENTITY_ITEM, OD_FIELD_INPUT | OD_FIELD_PLACED, it, from);
    return 0;
}

static int fold_line(struct od_order *o, const struct od_item *from, struct od_arena *a,
                     struct od_err *err)
{
    struct od_item *it = od_order_item(o, from->order_item_id);

    if (!it)
        return add_line(o, from, a, err);
    if (from->qty < it->qty_canceled || from->qty < it->qty_refunded)
        return od_err_set(err, OD_ERR_INVALID, "item %d has %d units, %d cancelled and %d refunded",
                          from->order_item_id, from->qty, it->qty_canceled, it->qty_refunded);
    od_fold_fields(OD_ENTITY_ITEM, OD_FIELD_CHANGED, it, from);
    od_fold_touch(&it->dirty);
    return 0;
}

/* Placing has seen that the totals add up, so they must do so after any change. Orders without
 * lines have a sub_total of their own. */
static int check_totals(const struct od_order *o, struct od_err *err)
{
    int64_t sub_total = 0, tax = 0, qty = 0, total = 0;
    bool fits = true;

    for (uint32_t i = 0; fits && i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        fits = od_money_sub(it->sub_total, it->discount_amount, &total) &&
               od_money_add(total, it->tax_amount, &total) && total == it->total && total >= 0 &&
               od_money_add(sub_total, it->sub_total, &sub_total) &&
               od_money_add(tax, it->tax_amount, &tax);
        qty += it->qty;
    }
    fits = fits && od_money_sub(o->sub_total, o->discount_amount, &total) &&
           od_money_add(total, tax, &total) &&
           od_money_add(total, o->shipping_fee_incl_tax, &total);
    if (!fits || total != o->grand_total || total < 0 || qty != o->total_qty ||
        (o->item_count > 0 && sub_total != o->sub_total))
        return od_err_set(err, OD_ERR_INVALID, "the totals do not add up");
    if (o->amount_canceled > total)
        return od_err_set(err, OD_ERR_INVALID, "more is cancelled than the order costs");
    return 0;
}

int od_change_fold_values(struct od_order *o, const struct od_patch *p, struct od_arena *a,
                          struct od_err *err)
{
    if (fold_header(o, p, err) < 0)
        return -1;
    for (uint32_t i = 0; i < p->values->item_count; i++) {
        if (fold_line(o, &p->values->items[i], a, err) < 0)
            return -1;
    }
    return check_totals(o, err);
}

static int fold_changed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                        struct od_err *err)
{
    if (o->canceled_at)
        return od_err_set(err, OD_ERR_INVALID, "the order is canceled");
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (o->items[i].qty_shipped > 0)
            return od_err_set(err, OD_ERR_INVALID, "units of item %d are shipped", (int)i + 1);
    }
    if (close_change(o, e->change, "confirmed", err) < 0)
        return -1;
    return od_change_fold_values(o, e->patch, a, err);
}

static enum od_asked asked(const struct od_change *change, const struct od_patch *patch,
                           struct od_policy_request *request)
{
    if (!change || !patch)
        return OD_ASKED_NOT;
    request->patch = patch;
    request->difference = change->difference;
    request->reason = change->reason;
    return OD_ASKED;
}

/* Returns what the stored terms came to when they were proposed. NULL: they cannot be read, or no
 * longer add up. */
static const struct od_patch *proposed_patch(const struct od_past *past)
{
    struct od_change_terms terms;
    struct od_problem_list problems = {.arena = past->arena};
    struct od_err err;
    if (od_change_decode(past->e->change->request, past->arena, &terms, &err) != 0)
        return NULL;
    const struct od_order *after = od_change_apply(past->order, &terms, past->arena, &problems);
    return after ? od_change_patch(past->order, after, past->arena) : NULL;
}

static enum od_asked asked_proposed(const struct od_past *past, struct od_policy_request *request)
{
    return asked(past->e->change, proposed_patch(past), request);
}

static enum od_asked asked_changed(const struct od_past *past, struct od_policy_request *request)
{
    return asked(od_order_change(past->order, past->e->change->change_id), past->e->patch, request);
}

const struct od_event_kind od_event_change_proposed = {
    .name = OD_STR_INIT("change.proposed"),
    .write = write_proposed,
    .read = read_change,
    .fold = fold_proposed,
    .question = OD_ASK_ORDER_CHANGE,
    .asked = asked_proposed,
};

const struct od_event_kind od_event_change_discarded = {
    .name = OD_STR_INIT("change.discarded"),
    .write = write_discarded,
    .read = read_change,
    .fold = fold_discarded,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_order_changed = {
    .name = OD_STR_INIT("order.changed"),
    .write = write_changed,
    .read = read_changed,
    .fold = fold_changed,
    .question = OD_ASK_ORDER_CHANGE,
    .asked = asked_changed,
};
