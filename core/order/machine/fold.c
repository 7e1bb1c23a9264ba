#include "base/assert.h"
#include "order/model/event.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "order/machine/fold.h"
#include "order/model/fields.h"
#include "order/model/status.h"
#include "order/model/trade.h"

/* Copies the fields of an entity that have one of the flags. */
static void copy_fields(enum od_entity_kind kind, unsigned flags, void *to, const void *from)
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

static int fold_placed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                       struct od_err *err)
{
    const unsigned placed = OD_FIELD_INPUT | OD_FIELD_PLACED;
    const struct od_order *from = e->order;

    OD_ASSERT(from != o);
    *o = (struct od_order){.order_id = e->order_id, .created_at = e->at, .dirty = OD_DIRTY_NEW};
    copy_fields(OD_ENTITY_ORDER, placed, o, from);
    if (od_currency_digits(o->currency) < 0)
        return od_err_set(err, OD_ERR_INVALID, "the currency %.*s is unknown",
                          OD_STR_ARG(o->currency));
    if (from->item_count == 0 && !o->historical)
        return od_err_set(err, OD_ERR_INVALID, "it has no items");
    for (int i = 0; i < 2; i++) {
        if (from->addresses[i].present)
            od_fold_address(o, i, &from->addresses[i]);
    }
    o->items = from->item_count ? OD_NEW_ARRAY(a, struct od_item, from->item_count) : NULL;
    o->item_cap = from->item_count;
    for (; o->item_count < from->item_count; o->item_count++) {
        struct od_item *it = &o->items[o->item_count];
        copy_fields(OD_ENTITY_ITEM, placed, it, &from->items[o->item_count]);
        it->dirty = OD_DIRTY_NEW;
        if (it->order_item_id != (int32_t)o->item_count + 1)
            return od_err_set(err, OD_ERR_INVALID, "item %d does not follow on item %u",
                              it->order_item_id, o->item_count);
        if (it->qty < 1)
            return od_err_set(err, OD_ERR_INVALID, "item %d has %d units", it->order_item_id,
                              it->qty);
        if (it->stock_tracked && !it->location.len) /* placed before there were several */
            it->location = OD_STR(OD_LOCATION_DEFAULT);
    }
    return 0;
}

static int fold_updated(struct od_order *o, const struct od_patch *p, struct od_err *err)
{
    const unsigned patchable = OD_FIELD_INPUT | OD_FIELD_MUTABLE;
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (!(p->fields >> i & 1))
            continue;
        if ((f->flags & patchable) != patchable)
            return od_err_set(err, OD_ERR_INVALID, "%s cannot be updated", f->name);
        od_field_copy(f, o, p->values);
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            od_fold_address(o, i, &p->values->addresses[i]);
    }
    return 0;
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

static int fold_held(struct od_order *o, const struct od_hold *h, struct od_arena *a,
                     struct od_err *err)
{
    if (!h->handle.ptr || od_order_hold(o, h->handle))
        return od_err_set(err, OD_ERR_INVALID, "the hold %.*s is there already",
                          OD_STR_ARG(h->handle));
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (od_str_eq(o->holds[i].handle, h->handle)) { /* released, its row not yet deleted */
            o->holds[i] = *h;
            o->holds[i].dirty = OD_DIRTY_CHANGED;
            return 0;
        }
    }
    o->holds = od_arena_grow(a, o->holds, o->hold_count, &o->hold_cap, sizeof *o->holds);
    /* In order of handles, as their rows are read: rules look at the first. */
    uint32_t at = o->hold_count++;
    for (; at > 0 && od_str_cmp(o->holds[at - 1].handle, h->handle) > 0; at--)
        o->holds[at] = o->holds[at - 1];
    o->holds[at] = *h;
    o->holds[at].dirty = OD_DIRTY_NEW;
    return 0;
}

/* A hold that has a row stays until the row is deleted; one that has none goes at once. */
static int fold_released(struct od_order *o, const struct od_hold *h, struct od_err *err)
{
    struct od_hold *held = od_order_hold(o, h->handle);

    if (!held)
        return od_err_set(err, OD_ERR_INVALID, "the hold %.*s is unknown", OD_STR_ARG(h->handle));
    if (held->dirty != OD_DIRTY_NEW) {
        held->dirty = OD_DIRTY_DELETED;
        return 0;
    }
    o->hold_count--;
    for (uint32_t i = (uint32_t)(held - o->holds); i < o->hold_count; i++)
        o->holds[i] = o->holds[i + 1];
    return 0;
}

static int fold_data(struct od_order *o, const struct od_event *e, struct od_arena *a,
                     struct od_err *err)
{
    switch (e->type) {
    case OD_EVENT_ORDER_PLACED:
        return fold_placed(o, e, a, err);
    case OD_EVENT_ORDER_UPDATED:
        return fold_updated(o, e->patch, err);
    case OD_EVENT_ORDER_CANCELED:
        return od_fold_canceled(o, e, err);
    case OD_EVENT_ORDER_HELD:
        return fold_held(o, e->hold, a, err);
    case OD_EVENT_ORDER_RELEASED:
        return fold_released(o, e->hold, err);
    case OD_EVENT_PAYMENT_AUTHORIZED:
    case OD_EVENT_PAYMENT_CAPTURED:
    case OD_EVENT_PAYMENT_VOIDED:
    case OD_EVENT_PAYMENT_FAILED:
    case OD_EVENT_PAYMENT_CHARGED_BACK:
        return od_fold_payment(o, e, a, err);
    case OD_EVENT_PAYMENT_REFUNDED:
        return od_fold_refunded(o, e, a, err);
    case OD_EVENT_REFUND_CONFIRMED:
        return od_fold_refund_confirmed(o, e, err);
    case OD_EVENT_INVOICE_ISSUED:
    case OD_EVENT_INVOICE_CREDITED:
        return od_fold_invoice(o, e, a, err);
    case OD_EVENT_ITEMS_CANCELED:
        return od_fold_items_canceled(o, e, err);
    case OD_EVENT_RETURN_REQUESTED:
        return od_fold_return_requested(o, e, a, err);
    case OD_EVENT_RETURN_APPROVED:
    case OD_EVENT_RETURN_REJECTED:
    case OD_EVENT_RETURN_CANCELED:
    case OD_EVENT_RETURN_RECEIVED:
    case OD_EVENT_RETURN_REFUNDED:
    case OD_EVENT_RETURN_EXCHANGED:
        return od_fold_return(o, e, err);
    case OD_EVENT_CHANGE_PROPOSED:
        return od_fold_change_proposed(o, e, a, err);
    case OD_EVENT_CHANGE_DISCARDED:
        return od_fold_change_discarded(o, e, err);
    case OD_EVENT_ORDER_CHANGED:
        return od_fold_changed(o, e, a, err);
    case OD_EVENT_SHIPMENT_CREATED:
        return od_fold_shipment_created(o, e, a, err);
    case OD_EVENT_SHIPMENT_UPDATED:
    case OD_EVENT_SHIPMENT_DELIVERED:
    case OD_EVENT_SHIPMENT_CANCELED:
        return od_fold_shipment(o, e, a, err);
    case OD_EVENT_STATUS_MIGRATED:
        od_fold_shipments_migrated(o, &e->shipments);
        return 0;
    case OD_EVENT_PAYMENT_STATUS_SET:
    case OD_EVENT_SHIPMENT_STATUS_SET:
    case OD_EVENT_ACTIVITY_ADDED:
        return 0;
    case OD_EVENT_TYPES:
        break;
    }
    abort();
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

/* What must hold after any event. The checks on the way in imply it, so a failure is a bug here. */
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
    if (check_head(o, e, err) < 0 || fold_data(o, e, a, err) < 0)
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
