#include "order/model/event.h"

#include "order/model/status.h"

static const struct od_str type_names[OD_EVENT_TYPES] = {
    [OD_EVENT_ORDER_PLACED] = OD_STR_INIT("order.placed"),
    [OD_EVENT_ORDER_UPDATED] = OD_STR_INIT("order.updated"),
    [OD_EVENT_ORDER_CANCELED] = OD_STR_INIT("order.canceled"),
    [OD_EVENT_ORDER_HELD] = OD_STR_INIT("order.held"),
    [OD_EVENT_ORDER_RELEASED] = OD_STR_INIT("order.released"),
    [OD_EVENT_PAYMENT_AUTHORIZED] = OD_STR_INIT("payment.authorized"),
    [OD_EVENT_PAYMENT_CAPTURED] = OD_STR_INIT("payment.captured"),
    [OD_EVENT_PAYMENT_VOIDED] = OD_STR_INIT("payment.voided"),
    [OD_EVENT_PAYMENT_FAILED] = OD_STR_INIT("payment.failed"),
    [OD_EVENT_PAYMENT_STATUS_SET] = OD_STR_INIT("payment.status_set"),
    [OD_EVENT_SHIPMENT_CREATED] = OD_STR_INIT("shipment.created"),
    [OD_EVENT_SHIPMENT_UPDATED] = OD_STR_INIT("shipment.updated"),
    [OD_EVENT_SHIPMENT_DELIVERED] = OD_STR_INIT("shipment.delivered"),
    [OD_EVENT_SHIPMENT_CANCELED] = OD_STR_INIT("shipment.canceled"),
    [OD_EVENT_SHIPMENT_STATUS_SET] = OD_STR_INIT("shipment.status_set"),
    [OD_EVENT_ACTIVITY_ADDED] = OD_STR_INIT("activity.added"),
    [OD_EVENT_STATUS_MIGRATED] = OD_STR_INIT("order.status_migrated"),
    [OD_EVENT_ITEMS_CANCELED] = OD_STR_INIT("items.canceled"),
    [OD_EVENT_PAYMENT_REFUNDED] = OD_STR_INIT("payment.refunded"),
    [OD_EVENT_PAYMENT_CHARGED_BACK] = OD_STR_INIT("payment.charged_back"),
    [OD_EVENT_REFUND_CONFIRMED] = OD_STR_INIT("refund.confirmed"),
    [OD_EVENT_RETURN_REQUESTED] = OD_STR_INIT("return.requested"),
    [OD_EVENT_RETURN_APPROVED] = OD_STR_INIT("return.approved"),
    [OD_EVENT_RETURN_REJECTED] = OD_STR_INIT("return.rejected"),
    [OD_EVENT_RETURN_CANCELED] = OD_STR_INIT("return.canceled"),
    [OD_EVENT_RETURN_RECEIVED] = OD_STR_INIT("return.received"),
    [OD_EVENT_RETURN_REFUNDED] = OD_STR_INIT("return.refunded"),
    [OD_EVENT_RETURN_EXCHANGED] = OD_STR_INIT("return.exchanged"),
    [OD_EVENT_INVOICE_ISSUED] = OD_STR_INIT("invoice.issued"),
    [OD_EVENT_INVOICE_CREDITED] = OD_STR_INIT("invoice.credited"),
    [OD_EVENT_CHANGE_PROPOSED] = OD_STR_INIT("change.proposed"),
    [OD_EVENT_CHANGE_DISCARDED] = OD_STR_INIT("change.discarded"),
    [OD_EVENT_ORDER_CHANGED] = OD_STR_INIT("order.changed"),
};

struct od_str od_event_type_name(enum od_event_type type)
{
    return type_names[type];
}

bool od_event_type_parse(struct od_str name, enum od_event_type *out)
{
    for (int i = 0; i < OD_EVENT_TYPES; i++) {
        if (od_str_eq(name, type_names[i])) {
            *out = (enum od_event_type)i;
            return true;
        }
    }
    return false;
}

/* A first status is no change: the order was placed with it. */
static bool changed(const struct od_status_change *c)
{
    return c->from.ptr && c->to.ptr && !od_str_eq(c->from, c->to);
}

static bool entered(const struct od_event *e, const struct od_status_sets *sets,
                    enum od_status_kind kind, const char *phase)
{
    const struct od_status_change *c = &e->status[kind];

    return c->to.ptr && od_status_in_phase(&sets->of[kind], c->to, phase) &&
           !od_status_in_phase(&sets->of[kind], c->from, phase);
}

uint32_t od_event_topics(const struct od_event *e, const struct od_status_sets *sets,
                         struct od_str topics[OD_EVENT_TOPICS])
{
    static const struct od_str change_topics[OD_STATUS_KINDS] = {
        [OD_STATUS_ORDER] = OD_STR_INIT("order.status_changed"),
        [OD_STATUS_PAYMENT] = OD_STR_INIT("payment.status_changed"),
        [OD_STATUS_SHIPMENT] = OD_STR_INIT("shipment.status_changed"),
    };
    uint32_t n = 0;

    topics[n++] = od_event_type_name(e->type);
    /* Nothing happened to the order: a shop that renames "paid" must not thank for payments again.
     */
    if (e->type == OD_EVENT_STATUS_MIGRATED)
        return n;
    if (entered(e, sets, OD_STATUS_PAYMENT, "paid"))
        topics[n++] = OD_STR("payment.paid");
    if (e->type != OD_EVENT_ORDER_CANCELED && entered(e, sets, OD_STATUS_ORDER, "canceled"))
        topics[n++] = type_names[OD_EVENT_ORDER_CANCELED];
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (changed(&e->status[kind]))
            topics[n++] = change_topics[kind];
    }
    return n;
}
