#include <stdio.h>

#include "order/amounts/account.h"
#include "order/amounts/amounts.h"
#include "order/amounts/rollup.h"
#include "order/commands/refund/refund.h"
#include "order/machine/money.h"

/* Which units a refund is for, what they cost, which of them come back with it, and which of them
 * never leave. */

static struct od_refund_item *line_of(struct od_refund *r, int32_t order_item_id)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (r->items[i].order_item_id == order_item_id)
            return &r->items[i];
    }
    r->items[r->item_count] =
        (struct od_refund_item){.refund_id = r->refund_id, .order_item_id = order_item_id};
    return &r->items[r->item_count++];
}

static int check_units(struct od_step *step, const struct od_item *it,
                       const struct od_refund_item *line, const struct od_refund_item *so_far,
                       uint32_t i)
{
    char qty[48], restock[48];
    snprintf(qty, sizeof qty, "/items/%u/qty", i);
    snprintf(restock, sizeof restock, "/items/%u/restock", i);
    if (line->qty < 1)
        return od_step_invalid(step, "bad_quantity", qty, "Must be at least 1");
    int32_t refundable = od_item_refundable(step->order, it);
    if (line->qty > refundable - so_far->qty)
        return od_step_invalid(step, "units_exceeded", qty,
                               "Only %d of item %d can be refunded: the others are refunded or "
                               "exchanged",
                               refundable, it->order_item_id);
    if (line->qty_restocked < 0 || line->qty_restocked > line->qty)
        return od_step_invalid(step, "bad_quantity", restock, "Must be from 0 to %d", line->qty);
    if (line->qty_restocked > 0 && step->c->refund.return_id)
        return od_step_invalid(step, "restock_of_return", restock,
                               "Units of a return are put back when they are received");
    if (line->qty_restocked > od_item_out(it) - so_far->qty_restocked)
        return od_step_invalid(step, "restock_exceeds_shipped", restock,
                               "%d of item %d are shipped and not returned; units that are not "
                               "shipped leave the order without it",
                               od_item_out(it), it->order_item_id);
    return 0;
}

/* Returns how many units of a line leave the order, of those that did not come back with it. While
 * more is paid than the order comes to, cancelled units are meant first, whose price has yet to go
 * back: they leave nothing that they have not left already. */
static int32_t leaving(const struct od_step *step, const struct od_item *it,
                       const struct od_refund_item *line, const struct od_refund_item *so_far)
{
    enum od_keep keep = line->keep ? line->keep : step->c->refund_keep;
    int32_t qty = line->qty - line->qty_restocked;
    int32_t open = od_item_open(it) - so_far->qty_canceled;
    if (keep == OD_KEEP_YES || step->c->refund.return_id)
        return 0;
    if (keep == OD_KEEP_UNSAID && od_amount_overpaid(step->order) > 0) {
        int32_t meant = so_far->qty - so_far->qty_restocked - so_far->qty_canceled;
        int32_t gone = it->qty_canceled > meant ? it->qty_canceled - meant : 0;
        qty -= qty < gone ? qty : gone;
    }
    return qty < open ? qty : open;
}

/* One line of the request; an item named twice is summed. */
static int add_line(struct od_step *step, struct od_refund *r, uint32_t i)
{
    const struct od_refund_item *line = &step->c->refund.items[i];
    const struct od_item *it = od_order_item(step->order, line->order_item_id);
    if (!it) {
        char pointer[48];
        snprintf(pointer, sizeof pointer, "/items/%u/orderItemId", i);
        return od_step_invalid(step, "unknown_item", pointer, "The order has no item %d",
                               line->order_item_id);
    }
    struct od_refund_item *to = line_of(r, line->order_item_id);
    if (check_units(step, it, line, to, i) != 0)
        return -1;
    int32_t out = leaving(step, it, line, to);
    to->qty += line->qty;
    to->qty_restocked += line->qty_restocked;
    to->qty_canceled += out;
    return 0;
}

/* Takes the units of the return that arrived and are not refunded yet. */
static void add_return(const struct od_order *o, const struct od_return *ret, struct od_refund *r)
{
    for (uint32_t i = 0; i < ret->item_count; i++) {
        const struct od_return_item *ri = &ret->items[i];
        const struct od_item *it = od_order_item(o, ri->order_item_id);
        int32_t left = it ? od_item_refundable(o, it) : 0;
        int32_t qty = ri->qty_received < left ? ri->qty_received : left;
        if (qty > 0)
            line_of(r, ri->order_item_id)->qty = qty;
    }
}

static int find_return(struct od_step *step, const struct od_return **out)
{
    int32_t return_id = step->c->refund.return_id;
    *out = od_order_return(step->order, return_id);
    if (!return_id)
        return 0;
    if (!*out)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "return_not_found",
                              "The order has no return %d", return_id);
    if (!od_str_is((*out)->status, "received"))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "return_not_received",
                              "Return %.*s is %.*s; only one that is received is refunded",
                              OD_STR_ARG((*out)->return_number), OD_STR_ARG((*out)->status));
    return 0;
}

/* Says what the units of each item cost. */
static void price(const struct od_order *o, struct od_refund *r)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        struct od_refund_item *ri = &r->items[i];
        const struct od_item *it = od_order_item(o, ri->order_item_id);
        ri->amount = od_units_amount(o, it, it->qty_refunded, it->qty_refunded + ri->qty);
    }
}

int od_step_refund_items(struct od_step *step, struct od_refund *r)
{
    const struct od_order *o = step->order;
    const struct od_return *ret;
    if (find_return(step, &ret) != 0)
        return -1;
    r->items = OD_NEW_ARRAY(step->env->arena, struct od_refund_item, o->item_count);
    for (uint32_t i = 0; i < step->c->refund.item_count; i++) {
        if (add_line(step, r, i) != 0)
            return -1;
    }
    if (ret && r->item_count == 0)
        add_return(o, ret, r);
    price(o, r);
    return 0;
}

/* The shipping fee of an order of which nothing has left, as far as the amount covers it. */
static int64_t shipping_of_unsent(const struct od_order *o, const struct od_refund *r)
{
    int64_t fee = od_order_shipping_left(o), left = r->amount;
    for (uint32_t i = 0; i < o->item_count; i++)
        fee = o->items[i].qty_shipped > 0 ? 0 : fee;
    for (uint32_t i = 0; i < r->item_count && left > 0; i++)
        left -= r->items[i].amount;
    return fee < left ? fee : left > 0 ? left : 0;
}

void od_step_refund_unsent(const struct od_step *step, struct od_refund *r)
{
    const struct od_order *o = step->order;
    r->items = OD_NEW_ARRAY(step->env->arena, struct od_refund_item, o->item_count);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t open = od_item_open(it), left = od_item_refundable(o, it);
        int32_t qty = open < left ? open : left;
        if (qty > 0) {
            struct od_refund_item *line = line_of(r, it->order_item_id);
            line->qty = line->qty_canceled = qty;
        }
    }
    price(o, r);
    if (r->item_count > 0)
        r->shipping_amount = shipping_of_unsent(o, r);
}

void od_step_refund_cancels(const struct od_step *step, struct od_refund *r)
{
    struct od_units *units = OD_NEW_ARRAY(step->env->arena, struct od_units, r->item_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (r->items[i].qty_canceled > 0)
            units[count++] = (struct od_units){r->items[i].order_item_id, r->items[i].qty_canceled};
    }
    r->amount_canceled = count > 0 ? od_canceled_amount(step->order, units, count) : 0;
}

/* Units that come back go on the shelf, and those that leave the order are reserved no more. */
int od_step_refund_stock(struct od_step *step, const struct od_refund *r)
{
    for (uint32_t i = 0; i < r->item_count; i++) {
        const struct od_refund_item *ri = &r->items[i];
        const struct od_item *it = od_order_item(step->order, ri->order_item_id);
        if (od_step_move_stock(step, it, ri->qty_restocked, -ri->qty_canceled) != 0)
            return -1;
    }
    return 0;
}
