#include "order/amounts/amounts.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/model/fields.h"

/* shipment.created: the shipment with its items, whether it was handed over, and what came back to
 * the order's total with it. shipment.updated: what is otherwise. shipment.delivered, .canceled:
 * its end; with a cancelled one what is cancelled of the order. */

static void write(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_SHIPMENT, e->shipment, ~(uint64_t)0);
    if (e->handed_over) {
        od_event_write_key(f, "handed_over", "handedOver");
        od_jw_bool(f->w, true);
    }
    od_event_write_amount(f, e->amount);
}

static void write_created(const struct od_event_form *f, const struct od_event *e)
{
    write(f, e);
    od_jw_key(f->w, "items");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < e->shipment->item_count; i++)
        od_event_write_unit(f, e->shipment->items[i].order_item_id, e->shipment->items[i].qty);
    od_jw_array_end(f->w);
}

static int read_shipment(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_shipment *s = OD_NEW(a, struct od_shipment);
    const struct od_json *list = od_event_take(data, "items");
    const struct od_json *handed_over = od_event_take(data, "handed_over");

    if (handed_over && handed_over->type != OD_JSON_BOOL)
        return od_err_set(err, OD_ERR_INVALID, "handed_over is not a boolean");
    e->handed_over = handed_over && handed_over->boolean;
    if (od_event_read_amount(e, data, err) < 0 ||
        od_entity_read(&od_entities[OD_ENTITY_SHIPMENT], data, s, a, err) < 0 ||
        od_event_check_list(list, "items", err) < 0)
        return -1;
    s->items = OD_NEW_ARRAY(a, struct od_shipment_item, list ? list->count : 0);
    for (const struct od_json *v = list ? list->child : NULL; v; v = v->next) {
        struct od_shipment_item *it = &s->items[s->item_count++];
        if (od_entity_read(&od_entities[OD_ENTITY_SHIPMENT_ITEM], v, it, a, err) < 0)
            return od_err_wrap(err, "items[%u]", s->item_count - 1);
        it->shipment_id = s->shipment_id;
    }
    e->shipment = s;
    return 0;
}

/* Whether an earlier item of the shipment is the same as item i. */
static bool repeated(const struct od_shipment *s, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (s->items[k].order_item_id == s->items[i].order_item_id)
            return true;
    }
    return false;
}

/* Open units go first; cancelled ones follow where the event says that they left all the same. */
static int ship_item(struct od_order *o, const struct od_event *e, uint32_t i, struct od_err *err)
{
    const struct od_shipment *s = e->shipment;
    const struct od_shipment_item *si = &s->items[i];
    struct od_item *it;

    if (od_fold_item(o, si->order_item_id, si->qty, &it, err) < 0)
        return -1;
    if (repeated(s, i))
        return od_err_set(err, OD_ERR_INVALID, "item %d is there twice", si->order_item_id);
    int32_t open = od_item_open(it), late = si->qty > open ? si->qty - open : 0;
    if (late > (e->handed_over ? it->qty_canceled : 0))
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are open",
                          si->qty, si->order_item_id);
    it->qty_shipped += si->qty;
    it->qty_canceled -= late;
    it->qty_shipped_after_cancel += late;
    od_fold_touch(&it->dirty);
    return 0;
}

static int fold_created(struct od_order *o, const struct od_event *e, struct od_arena *a,
                        struct od_err *err)
{
    const struct od_shipment *from = e->shipment;
    struct od_shipment *s;

    if (from->shipment_id != (int32_t)o->shipment_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "shipment %d does not follow on shipment %u",
                          from->shipment_id, o->shipment_count);
    if (from->delivered_at || from->canceled_at)
        return od_err_set(err, OD_ERR_INVALID, "a new shipment is neither delivered nor canceled");
    if (e->amount < 0 || (e->amount > 0 && !e->handed_over))
        return od_err_set(err, OD_ERR_INVALID, "the amount does not fit");
    if (from->item_count == 0 && o->item_count > 0)
        return od_err_set(err, OD_ERR_INVALID, "the shipment has no items");
    o->shipments =
        od_arena_grow(a, o->shipments, o->shipment_count, &o->shipment_cap, sizeof *o->shipments);
    s = &o->shipments[o->shipment_count];
    *s = *from;
    s->dirty = OD_DIRTY_NEW;
    s->items = s->item_count ? OD_NEW_ARRAY(a, struct od_shipment_item, s->item_count) : NULL;
    for (uint32_t i = 0; i < s->item_count; i++) {
        if (ship_item(o, e, i, err) < 0)
            return -1;
        s->items[i] = from->items[i];
        s->items[i].shipment_id = s->shipment_id;
    }
    od_fold_sort_items(s->items, s->item_count, sizeof *s->items);
    o->shipment_count++;
    return od_fold_cancel_amount(o, -e->amount, err);
}

/* The item, when as many of its units are shipped and not delivered. */
static int item_on_its_way(struct od_order *o, const struct od_shipment_item *si,
                           struct od_item **it, struct od_err *err)
{
    if (od_fold_item(o, si->order_item_id, si->qty, it, err) < 0)
        return -1;
    if (si->qty > (*it)->qty_shipped - (*it)->qty_delivered)
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are on their way",
                          si->qty, si->order_item_id);
    return 0;
}

static int deliver_item(struct od_order *o, const struct od_shipment_item *si, struct od_err *err)
{
    struct od_item *it;

    if (item_on_its_way(o, si, &it, err) < 0)
        return -1;
    it->qty_delivered += si->qty;
    od_fold_touch(&it->dirty);
    return 0;
}

/* The units go back to be shipped; of a canceled order, and as many as were canceled when they
 * left, they are canceled. */
static int unship_item(struct od_order *o, const struct od_shipment_item *si, struct od_err *err)
{
    struct od_item *it;

    if (item_on_its_way(o, si, &it, err) < 0)
        return -1;
    if (si->qty > od_item_out(it))
        return od_err_set(err, OD_ERR_INVALID, "of %d units of item %d some came back already",
                          si->qty, si->order_item_id);
    it->qty_canceled += od_item_unship_canceled(o, it, si->qty);
    it->qty_shipped -= si->qty;
    it->qty_shipped_after_cancel -=
        si->qty < it->qty_shipped_after_cancel ? si->qty : it->qty_shipped_after_cancel;
    od_fold_touch(&it->dirty);
    return 0;
}

/* Events from before amounts were written have none: it is what the units come to. */
static int call_back_amount(struct od_order *o, const struct od_event *e,
                            const struct od_shipment *s, struct od_arena *a, struct od_err *err)
{
    struct od_units *units;

    if (e->amount || !o->canceled_at)
        return od_fold_cancel_amount(o, e->amount, err);
    units = OD_NEW_ARRAY(a, struct od_units, s->item_count);
    return od_fold_cancel_amount(
        o, od_called_back_amount(o, s, units, od_called_back_units(o, s, units)), err);
}

static int fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err)
{
    const struct od_entity *entity = &od_entities[OD_ENTITY_SHIPMENT];
    const struct od_shipment *from = e->shipment;
    struct od_shipment *s = od_order_shipment(o, from->shipment_id);
    bool delivers = e->type == OD_EVENT_SHIPMENT_DELIVERED;
    bool cancels = e->type == OD_EVENT_SHIPMENT_CANCELED;

    if (!s)
        return od_err_set(err, OD_ERR_INVALID, "shipment %d is unknown", from->shipment_id);
    if (delivers != (from->delivered_at != 0) || cancels != (from->canceled_at != 0))
        return od_err_set(err, OD_ERR_INVALID, "delivered_at or canceled_at does not fit");
    if ((delivers || cancels) && (s->delivered_at || s->canceled_at))
        return od_err_set(err, OD_ERR_INVALID, "shipment %d is %s already", s->shipment_id,
                          s->delivered_at ? "delivered" : "canceled");
    if (e->amount < 0 || (e->amount > 0 && !cancels))
        return od_err_set(err, OD_ERR_INVALID, "the amount does not fit");
    if (cancels && call_back_amount(o, e, s, a, err) < 0)
        return -1;
    for (uint32_t i = 0; i < s->item_count && (delivers || cancels); i++) {
        if ((delivers ? deliver_item : unship_item)(o, &s->items[i], err) < 0)
            return -1;
    }
    for (uint32_t i = 0; i < entity->field_count; i++) {
        const struct od_field *f = &entity->fields[i];
        if (f->flags & OD_FIELD_MUTABLE && !od_field_absent(f, from))
            od_field_copy(f, s, from);
    }
    od_fold_touch(&s->dirty);
    return 0;
}

static enum od_asked asked_created(const struct od_past *past, struct od_policy_request *request)
{
    request->shipment = past->e->shipment;
    return past->e->handed_over ? OD_ASKED_NOT : OD_ASKED;
}

const struct od_event_kind od_event_shipment_created = {
    .name = OD_STR_INIT("shipment.created"),
    .write = write_created,
    .read = read_shipment,
    .fold = fold_created,
    .question = OD_ASK_ORDER_SHIP,
    .asked = asked_created,
};

const struct od_event_kind od_event_shipment_updated = {
    .name = OD_STR_INIT("shipment.updated"),
    .write = write,
    .read = read_shipment,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_shipment_delivered = {
    .name = OD_STR_INIT("shipment.delivered"),
    .write = write,
    .read = read_shipment,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_shipment_canceled = {
    .name = OD_STR_INIT("shipment.canceled"),
    .write = write,
    .read = read_shipment,
    .fold = fold,
    .question = OD_QUESTIONS,
};
