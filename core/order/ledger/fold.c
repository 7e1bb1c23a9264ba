#include "order/ledger/fold.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/money.h"
#include "order/ledger/event.h"
#include "order/model/fields.h"
#include "order/model/status.h"

void od_fold_fields(enum od_entity_kind kind, unsigned flags, void *to, const void *from)
{
    const struct od_entity *e = &od_entities[kind];

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->fields[i].flags & flags)
            od_field_copy(&e->fields[i], to, from);
    }
}

void od_fold_address(struct od_order *o, int i, const struct od_address *from)
{
    static const struct od_str kinds[2] = {OD_STR_INIT("shipping"), OD_STR_INIT("billing")};
    struct od_address *to = &o->addresses[i];
    bool has_row = to->dirty == OD_DIRTY_DELETED || (to->present && to->dirty != OD_DIRTY_NEW);

    *to = *from;
    to->kind = kinds[i];
    if (from->present)
        to->dirty = has_row ? OD_DIRTY_CHANGED : OD_DIRTY_NEW;
    else
        to->dirty = has_row ? OD_DIRTY_DELETED : OD_CLEAN;
}

int od_fold_item(const struct od_order *o, int32_t order_item_id, int32_t qty, struct od_item **out,
                 struct od_err *err)
{
    *out = od_order_item(o, order_item_id);
    if (!*out)
        return od_err_set(err, OD_ERR_INVALID, "item %d is unknown", order_item_id);
    if (qty < 1)
        return od_err_set(err, OD_ERR_INVALID, "item %d has %d units", order_item_id, qty);
    return 0;
}

/* All three have their parent's id first, then the item's. */
static int32_t item_of(const void *part)
{
    int32_t id;
    memcpy(&id, (const char *)part + offsetof(struct od_shipment_item, order_item_id), sizeof id);
    return id;
}

static int by_item(const void *x, const void *y)
{
    int32_t a = item_of(x), b = item_of(y);
    return a < b ? -1 : a > b;
}

void od_fold_sort_items(void *items, uint32_t count, size_t size)
{
    _Static_assert(offsetof(struct od_refund_item, order_item_id) ==
                           offsetof(struct od_shipment_item, order_item_id) &&
                       offsetof(struct od_return_item, order_item_id) ==
                           offsetof(struct od_shipment_item, order_item_id),
                   "items of parts begin alike");
    if (count > 1)
        qsort(items, count, size, by_item);
}

int od_fold_cancel_amount(struct od_order *o, int64_t amount, struct od_err *err)
{
    int64_t sum;

    if (amount == 0)
        return 0;
    if (!od_money_add(o->amount_canceled, amount, &sum) || sum < 0 || sum > o->grand_total)
        return od_err_set(err, OD_ERR_INVALID,
                          "what is cancelled would not be a part of the order");
    o->amount_canceled = sum;
    return 0;
}

int od_fold_nothing(struct od_order *o, const struct od_event *e, struct od_arena *a,
                    struct od_err *err)
{
    (void)o, (void)e, (void)a, (void)err;
    return 0;
}

static struct od_str *status_of(struct od_order *o, int kind)
{
    struct od_str *statuses[OD_STATUS_KINDS] = {
        [OD_STATUS_ORDER] = &o->status,
        [OD_STATUS_PAYMENT] = &o->payment_status,
        [OD_STATUS_SHIPMENT] = &o->shipment_status,
    };
    return statuses[kind];
}

static int check_head(struct od_order *o, const struct od_event *e, struct od_err *err)
{
    bool placed = e->type == OD_EVENT_ORDER_PLACED;

    if (e->seq != o->version + 1 || placed != (e->seq == 1))
        return od_err_set(err, OD_ERR_INVALID, "it does not follow on version %d", o->version);
    if (e->order_id < 1 || (!placed && e->order_id != o->order_id))
        return od_err_set(err, OD_ERR_INVALID, "it is not of order %lld", (long long)o->order_id);
    if (e->at <= 0)
        return od_err_set(err, OD_ERR_INVALID, "it has no time");
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        const struct od_status_change *c = &e->status[kind];
        if (c->to.ptr && !od_str_eq(c->from, *status_of(o, kind)))
            return od_err_set(err, OD_ERR_INVALID, "its %s is from %.*s, the order's is %.*s",
                              od_status_kind_name((enum od_status_kind)kind), OD_STR_ARG(c->from),
                              OD_STR_ARG(*status_of(o, kind)));
    }
    return 0;
}

/* Checks what must hold after any event. The checks before imply it, so a failure is a bug here. */
static void assert_items(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        OD_ASSERT(it->qty_delivered >= 0 && it->qty_delivered <= it->qty_shipped);
        OD_ASSERT(it->qty_canceled >= 0 && it->qty_shipped + it->qty_canceled <= it->qty);
        OD_ASSERT(it->qty_restocked >= 0 && it->qty_restocked <= it->qty_returned);
        OD_ASSERT(it->qty_returned <= it->qty_shipped);
        OD_ASSERT(it->qty_refunded >= 0 && it->qty_refunded <= it->qty);
        OD_ASSERT(it->qty_shipped_after_cancel >= 0 &&
                  it->qty_shipped_after_cancel <= it->qty_shipped);
        OD_ASSERT(!it->stock_tracked || it->location.len > 0);
    }
    OD_ASSERT(o->amount_canceled >= 0);
}

int od_fold(struct od_order *o, const struct od_event *e, struct od_arena *a, struct od_err *err)
{
    if (check_head(o, e, err) < 0 || od_event_kinds[e->type]->fold(o, e, a, err) < 0)
        return od_err_wrap(err, "order %lld event %d %s", (long long)e->order_id, e->seq,
                           od_event_type_name(e->type).ptr);
    assert_items(o);
    o->version = e->seq;
    /* History may arrive out of order: the last change is the latest one. */
    if (e->at > o->updated_at)
        o->updated_at = e->at;
    od_fold_touch(&o->dirty);
    od_fold_statuses(o, e);
    return 0;
}

void od_fold_statuses(struct od_order *o, const struct od_event *e)
{
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (e->status[kind].to.ptr)
            *status_of(o, kind) = e->status[kind].to;
    }
}
