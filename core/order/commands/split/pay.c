#include "order/amounts/account.h"
#include "order/amounts/rollup.h"
#include "order/commands/split/split.h"

/* Payments of an order cut in two, each record to the minor unit. */

struct payer {
    const struct od_order *o;
    struct od_cut *cut;
    int64_t *off; /* [payment_count]: what goes along of each record */
};

static bool is(const struct od_payment *p, enum od_payment_type type)
{
    return od_str_eq(p->type, od_payment_type_name(type));
}

/* The first record of a method speaks for it. */
static bool speaks(const struct od_order *o, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (od_str_eq(o->payments[k].method, o->payments[i].method))
            return false;
    }
    return true;
}

/* A capture of a method that had authorized nothing yet. */
static bool is_sale(const struct od_order *o, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (od_str_eq(o->payments[k].method, o->payments[i].method) &&
            is(&o->payments[k], OD_PAYMENT_AUTHORIZE))
            return false;
    }
    return is(&o->payments[i], OD_PAYMENT_CAPTURE);
}

/* Cuts `amount` into the method's records of the type, in proportion to theirs, of which `all` is
 * the sum. */
static void spread(struct payer *p, struct od_str method, enum od_payment_type type, int64_t amount,
                   int64_t all)
{
    int64_t before = 0;
    for (uint32_t i = 0; i < p->o->payment_count; i++) {
        const struct od_payment *it = &p->o->payments[i];
        if (!od_str_eq(it->method, method) || !is(it, type))
            continue;
        p->off[i] =
            od_split_share(amount, before + it->amount, all) - od_split_share(amount, before, all);
        before += it->amount;
    }
}

static int64_t sum_of(const struct payer *p, struct od_str method, enum od_payment_type type,
                      bool off, bool sales)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->o->payment_count; i++) {
        const struct od_payment *it = &p->o->payments[i];
        if (od_str_eq(it->method, method) && is(it, type) && (sales || !is_sale(p->o, i)))
            sum += off ? p->off[i] : it->amount;
    }
    return sum;
}

/* Moves `amount` of what was captured by the method, and the total's share of what is authorized
 * and not captured. Captures go with an authorization that covers them, or with none. */
static void cut_method(struct payer *p, struct od_str method, int64_t amount, int64_t due)
{
    struct od_account acc = od_account_of(p->o, method);
    int64_t all = sum_of(p, method, OD_PAYMENT_AUTHORIZE, false, true);
    spread(p, method, OD_PAYMENT_CAPTURE, amount, acc.captured);
    if (!acc.has_authorize)
        return;
    int64_t captured = sum_of(p, method, OD_PAYMENT_CAPTURE, true, false);
    int64_t open = acc.authorized > acc.captured ? acc.authorized - acc.captured : 0;
    int64_t authorized = captured + od_split_share(open, p->cut->made->grand_total, due);
    if (authorized > all)
        authorized = all;
    spread(p, method, OD_PAYMENT_AUTHORIZE, authorized < captured ? 0 : authorized, all);
}

/* Returns what is paid of the split-off order: the same share of its total as of the order's. */
static int64_t paid_share(const struct od_order *o, int64_t made, int64_t due)
{
    struct od_account total = od_account_total(o);
    int64_t kept = od_amount_paid(o);
    int64_t left = od_account_limit(&total, OD_PAYMENT_REFUND);
    int64_t share = od_split_share(kept < due ? kept : due, made, due);
    return share < left ? share : left;
}

static void add(struct payer *p, uint32_t i)
{
    const struct od_payment *from = &p->o->payments[i];
    struct od_order *made = p->cut->made;
    struct od_payment *to = &made->payments[made->payment_count++];
    *to = (struct od_payment){.payment_id = (int32_t)made->payment_count,
                              .type = from->type,
                              .amount = p->off[i],
                              .method = from->method,
                              .transaction_id = from->transaction_id,
                              .status = from->status,
                              .created_at = from->created_at};
}

/* In the new order sales come first, then what is authorized, then what was captured of that. */
static void fill(struct payer *p, struct od_arena *a)
{
    const struct od_order *o = p->o;
    p->cut->made->payments = OD_NEW_ARRAY(a, struct od_payment, o->payment_count);
    p->cut->moved = OD_NEW_ARRAY(a, struct od_moved, o->payment_count);
    for (int pass = 0; pass < 3; pass++) {
        for (uint32_t i = 0; i < o->payment_count; i++) {
            int mine = is_sale(o, i) ? 0 : is(&o->payments[i], OD_PAYMENT_AUTHORIZE) ? 1 : 2;
            if (mine == pass && p->off[i] > 0)
                add(p, i);
        }
    }
    for (uint32_t i = 0; i < o->payment_count; i++) {
        if (p->off[i] > 0)
            p->cut->moved[p->cut->moved_count++] =
                (struct od_moved){o->payments[i].payment_id, p->off[i]};
    }
}

void od_split_pay(const struct od_order *o, struct od_cut *cut, struct od_arena *a)
{
    struct payer p = {.o = o, .cut = cut, .off = OD_NEW_ARRAY(a, int64_t, o->payment_count)};
    int64_t due = o->grand_total - o->amount_canceled, nets = 0, before = 0;
    if (cut->made->grand_total < 0 || cut->made->grand_total > due)
        return; /* which is refused */
    for (uint32_t i = 0; i < o->payment_count; i++) {
        struct od_account acc = od_account_of(o, o->payments[i].method);
        nets += speaks(o, i) ? od_account_limit(&acc, OD_PAYMENT_REFUND) : 0;
    }
    int64_t paid = paid_share(o, cut->made->grand_total, due);
    paid = paid < nets ? paid : nets;
    for (uint32_t i = 0; i < o->payment_count; i++) {
        struct od_account acc = od_account_of(o, o->payments[i].method);
        if (!speaks(o, i))
            continue;
        int64_t net = od_account_limit(&acc, OD_PAYMENT_REFUND);
        int64_t amount =
            od_split_share(paid, before + net, nets) - od_split_share(paid, before, nets);
        before += net;
        cut_method(&p, o->payments[i].method, amount, due);
    }
    fill(&p, a);
}
