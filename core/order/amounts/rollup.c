#include "order/amounts/rollup.h"

#include "order/amounts/account.h"

struct od_str od_rollup_name(enum od_rollup r)
{
    static const struct od_str names[OD_ROLLUPS] = {
        [OD_ROLLUP_PENDING] = OD_STR_INIT("pending"),
        [OD_ROLLUP_FAILED] = OD_STR_INIT("failed"),
        [OD_ROLLUP_AUTHORIZED] = OD_STR_INIT("authorized"),
        [OD_ROLLUP_PARTIALLY_PAID] = OD_STR_INIT("partially_paid"),
        [OD_ROLLUP_PAID] = OD_STR_INIT("paid"),
        [OD_ROLLUP_PARTIALLY_REFUNDED] = OD_STR_INIT("partially_refunded"),
        [OD_ROLLUP_REFUNDED] = OD_STR_INIT("refunded"),
        [OD_ROLLUP_CHARGED_BACK] = OD_STR_INIT("charged_back"),
        [OD_ROLLUP_CANCELED] = OD_STR_INIT("canceled"),
        [OD_ROLLUP_PARTIALLY_CANCELED] = OD_STR_INIT("partially_canceled"),
        [OD_ROLLUP_PARTIALLY_SHIPPED] = OD_STR_INIT("partially_shipped"),
        [OD_ROLLUP_SHIPPED] = OD_STR_INIT("shipped"),
        [OD_ROLLUP_PARTIALLY_DELIVERED] = OD_STR_INIT("partially_delivered"),
        [OD_ROLLUP_DELIVERED] = OD_STR_INIT("delivered"),
        [OD_ROLLUP_PARTIALLY_RETURNED] = OD_STR_INIT("partially_returned"),
        [OD_ROLLUP_RETURNED] = OD_STR_INIT("returned"),
    };
    return names[r];
}

/* The next coarser one, for sets that do not tell them apart. Whatever is left of the way ends at
 * pending, which claims nothing. */
static enum od_rollup coarser(enum od_rollup r)
{
    switch (r) {
    case OD_ROLLUP_PARTIALLY_REFUNDED:
        return OD_ROLLUP_PAID;
    case OD_ROLLUP_REFUNDED:
        return OD_ROLLUP_CANCELED;
    case OD_ROLLUP_CHARGED_BACK:
        return OD_ROLLUP_FAILED;
    case OD_ROLLUP_PARTIALLY_RETURNED:
    case OD_ROLLUP_RETURNED:
        return OD_ROLLUP_DELIVERED;
    case OD_ROLLUP_PARTIALLY_DELIVERED:
    case OD_ROLLUP_DELIVERED:
        return OD_ROLLUP_SHIPPED;
    case OD_ROLLUP_PENDING:
    case OD_ROLLUP_FAILED:
    case OD_ROLLUP_AUTHORIZED:
    case OD_ROLLUP_PARTIALLY_PAID:
    case OD_ROLLUP_PAID:
    case OD_ROLLUP_CANCELED:
    case OD_ROLLUP_PARTIALLY_CANCELED:
    case OD_ROLLUP_PARTIALLY_SHIPPED:
    case OD_ROLLUP_SHIPPED:
    case OD_ROLLUPS:
        break;
    }
    return OD_ROLLUP_PENDING;
}

/* History may have lost more than it had; sums of what is not below zero stay in range. */
static int64_t above_zero(int64_t amount)
{
    return amount > 0 ? amount : 0;
}

static int64_t due(const struct od_order *o)
{
    return above_zero(o->grand_total - o->amount_canceled);
}

static int64_t held(const struct od_order *o)
{
    return above_zero(o->amount_captured - o->amount_charged_back);
}

/* The money that pays for what is due: without what went back for units that are due no more. */
static int64_t paid(const struct od_order *o)
{
    return above_zero(held(o) - od_order_credited(o));
}

static enum od_rollup nothing_captured(const struct od_order *o)
{
    if (o->canceled_at)
        return OD_ROLLUP_CANCELED;
    if (o->amount_authorized > 0)
        return OD_ROLLUP_AUTHORIZED;
    if (o->grand_total == 0)
        return OD_ROLLUP_PAID;
    if (o->payment_count > 0 && od_str_is(o->payments[o->payment_count - 1].type, "fail"))
        return OD_ROLLUP_FAILED;
    return OD_ROLLUP_PENDING;
}

enum od_rollup od_rollup_payment(const struct od_order *o)
{
    if (o->amount_captured <= 0)
        return nothing_captured(o);
    if (o->amount_refunded >= held(o))
        return o->amount_charged_back > 0 ? OD_ROLLUP_CHARGED_BACK : OD_ROLLUP_REFUNDED;
    if (paid(o) < due(o))
        return OD_ROLLUP_PARTIALLY_PAID;
    if (od_order_credited(o) > 0 ||
        (o->amount_refunded > 0 && held(o) - o->amount_refunded < due(o)))
        return OD_ROLLUP_PARTIALLY_REFUNDED;
    return OD_ROLLUP_PAID;
}

struct units {
    int64_t wanted; /* not cancelled */
    int64_t canceled, shipped, delivered, returned;
};

static struct units count_items(const struct od_order *o)
{
    struct units n = {0};
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        n.wanted += it->qty - it->qty_canceled;
        n.canceled += it->qty_canceled;
        n.shipped += it->qty_shipped;
        n.delivered += it->qty_delivered;
        n.returned += it->qty_returned;
    }
    return n;
}

static struct units count_parcels(const struct od_order *o)
{
    struct units n = {0};
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        const struct od_shipment *s = &o->shipments[i];
        n.wanted += !s->canceled_at;
        n.delivered += !s->canceled_at && s->delivered_at;
    }
    n.shipped = n.wanted;
    return n;
}

static enum od_rollup nothing_shipped(const struct od_order *o, const struct units *n)
{
    if (o->canceled_at || (n->wanted == 0 && n->canceled > 0))
        return OD_ROLLUP_CANCELED;
    return n->canceled > 0 ? OD_ROLLUP_PARTIALLY_CANCELED : OD_ROLLUP_PENDING;
}

enum od_rollup od_rollup_shipment(const struct od_order *o)
{
    struct units n = o->item_count > 0 ? count_items(o) : count_parcels(o);
    bool all_shipped = n.shipped >= n.wanted;
    if (n.shipped == 0)
        return nothing_shipped(o, &n);
    if (all_shipped && n.returned >= n.shipped)
        return OD_ROLLUP_RETURNED;
    if (n.delivered >= n.wanted)
        return n.returned > 0 ? OD_ROLLUP_PARTIALLY_RETURNED : OD_ROLLUP_DELIVERED;
    if (n.delivered > 0)
        return OD_ROLLUP_PARTIALLY_DELIVERED;
    return all_shipped ? OD_ROLLUP_SHIPPED : OD_ROLLUP_PARTIALLY_SHIPPED;
}

/* A set may have several statuses in a phase; the one that is called like it stands for it. */
static const struct od_status *find(const struct od_status_set *set, struct od_str name)
{
    const struct od_status *by_code = od_status_find(set, name);
    if (by_code && od_str_eq(by_code->phase, name))
        return by_code;
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_eq(set->statuses[i].phase, name))
            return &set->statuses[i];
    }
    return by_code;
}

struct od_str od_rollup_status(const struct od_status_set *set, enum od_rollup r)
{
    const struct od_status *s = find(set, od_rollup_name(r));
    while (!s && r != OD_ROLLUP_PENDING) {
        r = coarser(r);
        s = find(set, od_rollup_name(r));
    }
    return s ? s->code : od_status_default(set)->code;
}

int64_t od_amount_outstanding(const struct od_order *o)
{
    return above_zero(due(o) - paid(o));
}

int64_t od_amount_paid(const struct od_order *o)
{
    return paid(o);
}

int64_t od_amount_overpaid(const struct od_order *o)
{
    return above_zero(above_zero(held(o) - o->amount_refunded) - due(o));
}

int64_t od_amount_refundable(const struct od_order *o)
{
    struct od_account total = od_account_total(o);
    return od_account_limit(&total, OD_PAYMENT_REFUND);
}

int64_t od_amount_refundable_by(const struct od_order *o, struct od_str method)
{
    struct od_account acc = od_account_of(o, method);
    return od_account_limit(&acc, OD_PAYMENT_REFUND);
}
