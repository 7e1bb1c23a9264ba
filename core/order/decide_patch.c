#include "order/decide_unit.h"

#include "order/fields.h"

/* PATCH: header fields, addresses, and statuses set by hand. What is already so makes no event. */

static bool same_str(const void *x, const void *y, uint16_t offset)
{
    const struct od_str *a = (const void *)((const char *)x + offset);
    const struct od_str *b = (const void *)((const char *)y + offset);
    return (a->ptr == NULL) == (b->ptr == NULL) && od_str_eq(*a, *b);
}

/* Every field that may change is text (od_entities says so): STR or JSON. */
static uint64_t changed_fields(const struct od_order *o, const struct od_patch *patch)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    uint64_t changed = 0;
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        uint64_t bit = UINT64_C(1) << i;
        bool text = f->type == OD_FIELD_STR || f->type == OD_FIELD_JSON;
        bool may = (f->flags & OD_FIELD_INPUT) && (f->flags & OD_FIELD_MUTABLE) && text;
        if (may && patch->fields & bit && !same_str(o, patch->values, f->offset))
            changed |= bit;
    }
    return changed;
}

static bool same_address(const struct od_address *x, const struct od_address *y)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ADDRESS];
    bool same = x->present == y->present;
    for (uint32_t i = 0; x->present && same && i < e->field_count; i++) {
        if (!(e->fields[i].flags & OD_FIELD_KEY))
            same = same_str(x, y, e->fields[i].offset);
    }
    return same;
}

static int patch_header(struct od_unit *u)
{
    const struct od_patch *asked = &u->c->patch;
    if (!asked->values)
        return 0;
    struct od_patch patch = {.fields = changed_fields(u->order, asked)};
    bool any = patch.fields != 0;
    for (int i = 0; i < 2; i++) {
        patch.address[i] = asked->address[i] &&
                           !same_address(&u->order->addresses[i], &asked->values->addresses[i]);
        any = any || patch.address[i];
    }
    if (!any)
        return 0;

    struct od_order *values = od_order_clone(u->env->arena, asked->values);
    values->addresses[OD_SHIPPING].kind = OD_STR("shipping");
    values->addresses[OD_BILLING].kind = OD_STR("billing");
    patch.values = values;
    struct od_patch *kept = OD_NEW(u->env->arena, struct od_patch);
    *kept = patch;
    struct od_event e = od_unit_event(u, OD_EVENT_ORDER_UPDATED);
    e.patch = kept;
    return od_unit_emit(u, &e, OD_SETTLE_ORDER);
}

static int set_status(struct od_unit *u, enum od_status_kind kind, enum od_event_type type,
                      struct od_str code)
{
    struct od_str now = *od_unit_status(u->order, kind);
    if (!code.ptr || od_str_eq(code, now))
        return 0;
    if (od_unit_check_move(u, kind, now, code) != 0)
        return -1;
    struct od_event e = od_unit_event(u, type);
    e.status[kind].to = code;
    return od_unit_emit(u, &e, OD_SETTLE_ORDER);
}

int od_decide_patch(struct od_unit *u)
{
    const struct od_command *c = u->c;
    if (c->payment_status.ptr &&
        od_unit_known_status(u, OD_STATUS_PAYMENT, c->payment_status, "/paymentStatus") != 0)
        return -1;
    if (c->shipment_status.ptr &&
        od_unit_known_status(u, OD_STATUS_SHIPMENT, c->shipment_status, "/shipmentStatus") != 0)
        return -1;
    if (patch_header(u) != 0)
        return -1;
    if (set_status(u, OD_STATUS_PAYMENT, OD_EVENT_PAYMENT_STATUS_SET, c->payment_status) != 0)
        return -1;
    return set_status(u, OD_STATUS_SHIPMENT, OD_EVENT_SHIPMENT_STATUS_SET, c->shipment_status);
}
