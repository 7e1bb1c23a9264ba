#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/model/fields.h"

/*
 * return.requested: the return with its items, whatever status it begins with. return.approved,
 * .rejected, .canceled, .refunded: return_id, status, note. return.received: those, received_at,
 * and of each item its condition and the units received and restocked now. return.exchanged:
 * return_id, status, exchange_uuid.
 */

/* The return is said by the event; of what is announced nothing has arrived. */
static uint64_t announced_fields(void)
{
    return od_event_mask(OD_ENTITY_RETURN_ITEM, OD_FIELD_INPUT) &
           ~od_event_field(OD_ENTITY_RETURN_ITEM, "condition");
}

static uint64_t received_fields(void)
{
    return od_event_mask(OD_ENTITY_RETURN_ITEM, OD_FIELD_MUTABLE) |
           od_event_field(OD_ENTITY_RETURN_ITEM, "order_item_id");
}

static void write_items(const struct od_event_form *f, const struct od_return *r, uint64_t fields)
{
    od_event_write_fields(f, OD_ENTITY_RETURN, r, od_event_present(OD_ENTITY_RETURN, r));
    if (r->item_count)
        od_event_write_list(f, "items", OD_ENTITY_RETURN_ITEM, r->items, r->item_count, fields);
}

static void write_requested(const struct od_event_form *f, const struct od_event *e)
{
    write_items(f, e->ret, announced_fields());
}

static void write(const struct od_event_form *f, const struct od_event *e)
{
    write_items(f, e->ret, received_fields());
}

static int read(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err)
{
    struct od_return *r = OD_NEW(a, struct od_return);
    void *items;

    if (od_event_read_list(data, "items", OD_ENTITY_RETURN_ITEM, &items, &r->item_count, a, err) <
        0)
        return -1;
    r->items = items;
    e->ret = r;
    return od_entity_read(&od_entities[OD_ENTITY_RETURN], data, r, a, err);
}

/* Whether an earlier item of the list is the same as item i. */
static bool repeated(const struct od_return *r, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (r->items[k].order_item_id == r->items[i].order_item_id)
            return true;
    }
    return false;
}

static int announce_item(struct od_order *o, const struct od_return *from, uint32_t i,
                         struct od_return_item *to, struct od_err *err)
{
    const struct od_return_item *ri = &from->items[i];
    struct od_item *it;

    if (od_fold_item(o, ri->order_item_id, ri->qty, &it, err) < 0)
        return -1;
    if (repeated(from, i))
        return od_err_set(err, OD_ERR_INVALID, "item %d is there twice", ri->order_item_id);
    *to = *ri;
    to->return_id = from->return_id;
    to->qty_received = to->qty_restocked = 0;
    to->dirty = OD_DIRTY_NEW;
    return 0;
}

static int fold_requested(struct od_order *o, const struct od_event *e, struct od_arena *a,
                          struct od_err *err)
{
    const struct od_return *from = e->ret;
    struct od_return *r;

    if (from->return_id != (int32_t)o->return_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "return %d does not follow on return %u",
                          from->return_id, o->return_count);
    if (from->item_count == 0)
        return od_err_set(err, OD_ERR_INVALID, "the return has no items");
    if (!od_return_is_open(from))
        return od_err_set(err, OD_ERR_INVALID, "a new return is not %.*s",
                          OD_STR_ARG(from->status));
    o->returns = od_arena_grow(a, o->returns, o->return_count, &o->return_cap, sizeof *o->returns);
    r = &o->returns[o->return_count];
    *r = *from;
    r->dirty = OD_DIRTY_NEW;
    r->items = OD_NEW_ARRAY(a, struct od_return_item, r->item_count);
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (announce_item(o, from, i, &r->items[i], err) < 0)
            return -1;
    }
    od_fold_sort_items(r->items, r->item_count, sizeof *r->items);
    o->return_count++;
    return 0;
}

static struct od_return_item *announced(const struct od_return *r, int32_t order_item_id)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (r->items[i].order_item_id == order_item_id)
            return &r->items[i];
    }
    return NULL;
}

static int receive_item(struct od_order *o, struct od_return *r, const struct od_return_item *now,
                        struct od_err *err)
{
    struct od_return_item *ri = announced(r, now->order_item_id);
    struct od_item *it;

    if (od_fold_item(o, now->order_item_id, now->qty_received, &it, err) < 0)
        return -1;
    if (!ri || now->qty_received > ri->qty - ri->qty_received)
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than were announced",
                          now->qty_received, now->order_item_id);
    if (now->qty_received > od_item_out(it))
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are out",
                          now->qty_received, now->order_item_id);
    if (now->qty_restocked < 0 || now->qty_restocked > now->qty_received)
        return od_err_set(err, OD_ERR_INVALID, "%d units of item %d cannot be restocked",
                          now->qty_restocked, now->order_item_id);
    ri->qty_received += now->qty_received;
    ri->qty_restocked += now->qty_restocked;
    if (now->condition.ptr)
        ri->condition = now->condition;
    it->qty_returned += now->qty_received;
    it->qty_restocked += now->qty_restocked;
    od_fold_touch(&ri->dirty);
    od_fold_touch(&it->dirty);
    return 0;
}

static int receive(struct od_order *o, struct od_return *r, const struct od_return *now,
                   struct od_err *err)
{
    if (now->item_count == 0)
        return od_err_set(err, OD_ERR_INVALID, "nothing is received");
    for (uint32_t i = 0; i < now->item_count; i++) {
        if (receive_item(o, r, &now->items[i], err) < 0)
            return -1;
    }
    return 0;
}

/* The statuses that a return may get, and by which event. */
static const struct {
    enum od_event_type type;
    const char *to;
    const char *from[3];
} moves[] = {
    {OD_EVENT_RETURN_APPROVED, "approved", {"requested"}},
    {OD_EVENT_RETURN_REJECTED, "rejected", {"requested", "approved"}},
    {OD_EVENT_RETURN_CANCELED, "canceled", {"requested", "approved"}},
    {OD_EVENT_RETURN_RECEIVED, "received", {"requested", "approved", "received"}},
    {OD_EVENT_RETURN_REFUNDED, "refunded", {"received"}},
    {OD_EVENT_RETURN_EXCHANGED, "exchanged", {"approved", "received"}},
};

static bool can_move(const struct od_return *r, enum od_event_type type, struct od_str to)
{
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (moves[i].type != type || !od_str_is(to, moves[i].to))
            continue;
        for (size_t k = 0; k < 3 && moves[i].from[k]; k++) {
            if (od_str_is(r->status, moves[i].from[k]))
                return true;
        }
    }
    return false;
}

static int fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err)
{
    const struct od_entity *entity = &od_entities[OD_ENTITY_RETURN];
    const struct od_return *from = e->ret;
    struct od_return *r = od_order_return(o, from->return_id);

    (void)a;
    if (!r)
        return od_err_set(err, OD_ERR_INVALID, "return %d is unknown", from->return_id);
    if (!can_move(r, e->type, from->status))
        return od_err_set(err, OD_ERR_INVALID, "return %d is %.*s and cannot be %.*s", r->return_id,
                          OD_STR_ARG(r->status), OD_STR_ARG(from->status));
    if ((e->type == OD_EVENT_RETURN_EXCHANGED) == od_uuid_is_zero(&from->exchange_uuid))
        return od_err_set(err, OD_ERR_INVALID, "exchange_uuid does not fit");
    if (e->type == OD_EVENT_RETURN_RECEIVED && receive(o, r, from, err) < 0)
        return -1;
    for (uint32_t i = 0; i < entity->field_count; i++) {
        const struct od_field *f = &entity->fields[i];
        if (f->flags & OD_FIELD_MUTABLE && !od_field_absent(f, from))
            od_field_copy(f, r, from);
    }
    od_fold_touch(&r->dirty);
    return 0;
}

static enum od_asked asked_requested(const struct od_past *past, struct od_policy_request *request)
{
    request->ret = past->e->ret;
    request->reason = past->e->ret->reason;
    return OD_ASKED;
}

const struct od_event_kind od_event_return_requested = {
    .name = OD_STR_INIT("return.requested"),
    .write = write_requested,
    .read = read,
    .fold = fold_requested,
    .question = OD_ASK_ORDER_RETURN,
    .asked = asked_requested,
};

const struct od_event_kind od_event_return_approved = {
    .name = OD_STR_INIT("return.approved"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_return_rejected = {
    .name = OD_STR_INIT("return.rejected"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_return_canceled = {
    .name = OD_STR_INIT("return.canceled"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_return_received = {
    .name = OD_STR_INIT("return.received"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_return_refunded = {
    .name = OD_STR_INIT("return.refunded"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_return_exchanged = {
    .name = OD_STR_INIT("return.exchanged"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};
