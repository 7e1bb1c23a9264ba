#include "order/ledger/event.h"

#include <stddef.h>
#include <string.h>

#include "base/assert.h"
#include "order/ledger/event_kind.h"
#include "order/model/status.h"

struct od_str od_event_type_name(enum od_event_type type)
{
    return od_event_kinds[type]->name;
}

bool od_event_type_parse(struct od_str name, enum od_event_type *out)
{
    for (int i = 0; i < OD_EVENT_TYPES; i++) {
        if (od_str_eq(name, od_event_kinds[i]->name)) {
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
    if (od_event_kinds[e->type]->silent)
        return n;
    if (entered(e, sets, OD_STATUS_PAYMENT, "paid"))
        topics[n++] = OD_STR("payment.paid");
    if (e->type != OD_EVENT_ORDER_CANCELED && entered(e, sets, OD_STATUS_ORDER, "canceled"))
        topics[n++] = od_event_order_canceled.name;
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (changed(&e->status[kind]))
            topics[n++] = change_topics[kind];
    }
    return n;
}

#define KIND(KIND, type, member, name) OD_ENTITY_##KIND,
const enum od_entity_kind od_event_part_kinds[] = {OD_EVENT_PARTS(KIND)};
#undef KIND

/* Where the part of each kind is; 0: no event is about one. */
#define MEMBER(KIND, type, member, name) [OD_ENTITY_##KIND] = offsetof(struct od_event, member),
static const size_t part_members[OD_ENTITY_COUNT] = {OD_EVENT_PARTS(MEMBER)};
#undef MEMBER

const void *od_event_part(const struct od_event *e, enum od_entity_kind kind)
{
    const void *part = NULL;

    if (part_members[kind])
        memcpy(&part, (const char *)e + part_members[kind], sizeof part);
    return part;
}

void od_event_set_part(struct od_event *e, enum od_entity_kind kind, const void *part)
{
    OD_ASSERT(part_members[kind]);
    memcpy((char *)e + part_members[kind], &part, sizeof part);
}
