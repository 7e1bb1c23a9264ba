#include "order/amounts/account.h"
#include "order/amounts/rollup.h"
#include "rules/trial/walk/walk.h"

/* Which states are one. */

static void put(struct od_model_key *k, int64_t v)
{
    if (k->len < sizeof k->bytes)
        k->bytes[k->len++] = v < 0 || v > 254 ? 255 : (uint8_t)v;
}

static void put_status(struct od_model_key *k, const struct od_status_set *set, struct od_str code)
{
    const struct od_status *s = od_status_find(set, code);
    put(k, s ? s - set->statuses : 255);
}

/* none, part, all, more */
static void put_amount(struct od_model_key *k, int64_t amount, int64_t total)
{
    put(k, (amount > 0) + (amount >= total) + (amount > total));
}

/* The open parcels, as a set: how many are in each status. */
static void put_parcels(struct od_model_key *k, const struct od_order *o,
                        const struct od_status_set *set)
{
    uint32_t counts[256] = {0};
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];
        const struct od_status *status = od_status_find(set, s->status);
        if (!s->delivered_at && !s->canceled_at)
            counts[status ? (size_t)(status - set->statuses) & 255 : 255]++;
    }
    for (int i = 0; i < 256; i++) {
        if (!counts[i])
            continue;
        put(k, i);
        put(k, counts[i]);
    }
}

struct sums {
    int32_t qty, shipped, delivered, canceled, returned, after_cancel;
};

static struct sums add_up(const struct od_order *o)
{
    struct sums n = {0};
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        n.qty += it->qty;
        n.shipped += it->qty_shipped;
        n.delivered += it->qty_delivered;
        n.canceled += it->qty_canceled;
        n.returned += it->qty_returned;
        n.after_cancel += it->qty_shipped_after_cancel;
    }
    return n;
}

static void put_units(struct od_model_key *k, const struct od_order *o)
{
    struct sums n = add_up(o);
    put_amount(k, n.canceled, n.qty);
    put_amount(k, n.shipped, n.qty - n.canceled);
    put_amount(k, n.delivered, n.shipped);
    put_amount(k, n.returned, n.shipped);
    put(k, n.after_cancel > 0);
}

static void put_amounts(struct od_model_key *k, const struct od_order *o)
{
    int64_t due = o->grand_total - o->amount_canceled;
    put(k, o->payment_count > 0);
    put_amount(k, o->amount_authorized - o->amount_captured, due);
    put_amount(k, od_amount_paid(o), due);
    put(k, od_order_credited(o) > 0);
    put_amount(k, o->amount_refunded, o->amount_captured);
    put_amount(k, o->amount_charged_back, o->amount_captured);
    put_amount(k, od_order_invoiced(o), due);
}

/* Puts the statuses that returns have. Rejected and cancelled returns leave nothing. */
static void put_returns(struct od_model_key *k, const struct od_order *o)
{
    static const char *const statuses[] = {"requested", "approved", "received", "refunded",
                                           "exchanged"};
    int64_t bits = 0;
    for (uint32_t i = 0; i < o->return_count; i++) {
        for (int s = 0; s < (int)(sizeof statuses / sizeof *statuses); s++)
            bits |= od_str_is(o->returns[i].status, statuses[s]) << s;
    }
    put(k, bits);
}

/* Puts the direction in which the proposed change moves the total, and in which the made ones
 * did. */
static void put_changes(struct od_model_key *k, const struct od_order *o)
{
    int64_t proposed = 0, done = 0;
    for (uint32_t i = 0; i < o->change_count; i++) {
        const struct od_change *c = &o->changes[i];
        if (od_str_is(c->status, "proposed"))
            proposed = c->difference > 0 ? 1 : 2;
        if (od_str_is(c->status, "confirmed"))
            done |= c->difference > 0 ? 1 : 2;
    }
    put(k, proposed);
    put(k, done);
}

struct od_str od_model_key(const struct od_model *m, const struct od_order *o, unsigned odd,
                           struct od_model_key *k)
{
    const struct od_status_set *sets = m->statuses->of;
    k->len = 0;
    put_status(k, &sets[OD_STATUS_ORDER], o->status);
    put_status(k, &sets[OD_STATUS_PAYMENT], o->payment_status);
    put_status(k, &sets[OD_STATUS_SHIPMENT], o->shipment_status);
    put(k, odd & 0xff);
    put(k, odd >> 8);
    put(k, od_model_holds(o));
    put(k, o->canceled_at != 0);
    put_amounts(k, o);
    put_units(k, o);
    put_returns(k, o);
    put_changes(k, o);
    put_parcels(k, o, &sets[OD_STATUS_SHIPMENT]);
    return od_str_n((const char *)k->bytes, k->len);
}
