#include "base/money.h"
#include "order/amounts/account.h"
#include "order/commands/change/change.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/model/fields.h"

/*
 * order.split: "split_uuid", the other order's; "units", and "amount", what they cost there;
 * "payments": of which records how much goes along; and the patch: totals, and the lines that have
 * fewer units now.
 */

static void write_moved(const struct od_event_form *f, const struct od_moved *m)
{
    od_jw_object(f->w);
    od_event_write_key(f, "payment_id", "paymentId");
    od_jw_i64(f->w, m->payment_id);
    od_event_write_amount(f, m->amount);
    od_jw_object_end(f->w);
}

static void write(const struct od_event_form *f, const struct od_event *e)
{
    char uuid[OD_UUID_TEXT + 1];

    od_uuid_format(&e->split->uuid, uuid);
    od_event_write_key(f, "split_uuid", "splitUuid");
    od_jw_cstr(f->w, uuid);
    od_event_write_units(f, e);
    od_jw_key(f->w, "payments");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < e->split->moved_count; i++)
        write_moved(f, &e->split->moved[i]);
    od_jw_array_end(f->w);
    od_event_write_patch(f, e->patch);
}

static int read_moved(struct od_split *split, const struct od_json *list, struct od_arena *a,
                      struct od_err *err)
{
    struct od_moved *moved = OD_NEW_ARRAY(a, struct od_moved, list ? list->count : 0);

    for (const struct od_json *v = list ? list->child : NULL; v; v = v->next) {
        struct od_payment p = {0};
        if (od_entity_read(&od_entities[OD_ENTITY_PAYMENT], v, &p, a, err) < 0)
            return od_err_wrap(err, "payments[%u]", split->moved_count);
        moved[split->moved_count++] = (struct od_moved){p.payment_id, p.amount};
    }
    split->moved = moved;
    return 0;
}

static int read(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err)
{
    struct od_split *split = OD_NEW(a, struct od_split);
    const struct od_json *uuid = od_event_take(data, "split_uuid");
    const struct od_json *payments = od_event_take(data, "payments");

    if (!uuid || uuid->type != OD_JSON_STRING || !od_uuid_parse(uuid->text, &split->uuid))
        return od_err_set(err, OD_ERR_INVALID, "split_uuid is not a uuid");
    if (od_event_check_list(payments, "payments", err) < 0 ||
        read_moved(split, payments, a, err) < 0 || od_event_read_units(e, data, a, err) < 0)
        return -1;
    e->split = split;
    return od_event_read_patch(e, data, a, err);
}

static const struct od_item *line_of(const struct od_event *e, int32_t order_item_id)
{
    const struct od_order *values = e->patch->values;

    for (uint32_t i = 0; i < values->item_count; i++) {
        if (values->items[i].order_item_id == order_item_id)
            return &values->items[i];
    }
    return NULL;
}

/* Each line that is otherwise has the units less that are named, which have not left. */
static int check_units(const struct od_order *o, const struct od_event *e, struct od_err *err)
{
    if (e->unit_count == 0 || e->unit_count != e->patch->values->item_count)
        return od_err_set(err, OD_ERR_INVALID, "its lines are not those of its units");
    for (uint32_t i = 0; i < e->unit_count; i++) {
        const struct od_units *u = &e->units[i];
        const struct od_item *line = line_of(e, u->order_item_id);
        struct od_item *it;
        if (od_fold_item(o, u->order_item_id, u->qty, &it, err) < 0)
            return -1;
        if (!line || line->qty != it->qty - u->qty)
            return od_err_set(err, OD_ERR_INVALID, "item %d does not lose %d units",
                              u->order_item_id, u->qty);
        if (u->qty > od_item_open(it))
            return od_err_set(err, OD_ERR_INVALID, "%d units of item %d are more than are open",
                              u->qty, u->order_item_id);
    }
    return 0;
}

static int move_payments(struct od_order *o, const struct od_split *split, struct od_err *err)
{
    for (uint32_t i = 0; i < split->moved_count; i++) {
        const struct od_moved *m = &split->moved[i];
        struct od_payment *p = m->payment_id > 0 && (uint32_t)m->payment_id <= o->payment_count
                                   ? &o->payments[m->payment_id - 1]
                                   : NULL;
        if (!p || m->amount < 1 || m->amount > p->amount ||
            !od_money_add(p->amount_moved, m->amount, &p->amount_moved))
            return od_err_set(err, OD_ERR_INVALID, "payment %d does not have what is moved",
                              m->payment_id);
        p->amount -= m->amount;
        od_fold_touch(&p->dirty);
    }
    od_account_recount(o);
    if (o->amount_captured < o->amount_refunded && !o->historical)
        return od_err_set(err, OD_ERR_INVALID, "more is refunded than stays");
    return 0;
}

static int fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err)
{
    int64_t before = o->grand_total;

    if (o->canceled_at)
        return od_err_set(err, OD_ERR_INVALID, "the order is canceled");
    if (check_units(o, e, err) < 0 || od_change_fold_values(o, e->patch, a, err) < 0)
        return -1;
    if (before - o->grand_total != e->amount)
        return od_err_set(err, OD_ERR_INVALID, "its total does not fall by the amount");
    return move_payments(o, e->split, err);
}

static enum od_asked asked(const struct od_past *past, struct od_policy_request *request)
{
    request->units = past->e->units;
    request->unit_count = past->e->unit_count;
    request->reason = past->e->reason;
    return OD_ASKED;
}

const struct od_event_kind od_event_order_split = {
    .name = OD_STR_INIT("order.split"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_ASK_ORDER_SPLIT,
    .asked = asked,
};
