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

/* What of the command's header fields and addresses is not so already; *values is a copy of them
 * that an event may keep. */
static struct od_patch header_changes(struct od_unit *u, struct od_order *values)
{
    const struct od_patch *asked = &u->c->patch;
    struct od_patch patch = {.values = values};
    if (!asked->values)
        return patch;
    *values = *od_order_clone(u->env->arena, asked->values);
    values->addresses[OD_SHIPPING].kind = OD_STR("shipping");
    values->addresses[OD_BILLING].kind = OD_STR("billing");
    patch.fields = changed_fields(u->order, asked);
    for (int i = 0; i < 2; i++)
        patch.address[i] = asked->address[i] &&
                           !od_address_same(&u->order->addresses[i], &asked->values->addresses[i]);
    return patch;
}

static bool any_change(const struct od_patch *patch)
{
    return patch->fields || patch->address[0] || patch->address[1];
}

static void add_status(const struct od_unit *u, struct od_patch *patch, struct od_order *values,
                       enum od_status_kind kind, struct od_str code)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    if (!code.ptr || od_str_eq(code, *od_unit_status(u->order, kind)))
        return;
    struct od_str *status = od_unit_status(values, kind);
    *status = code;
    for (uint32_t i = 0; i < e->field_count; i++) {
        if ((const char *)values + e->fields[i].offset == (const char *)status)
            patch->fields |= UINT64_C(1) << i;
    }
}

/* The rule sees header fields, addresses and statuses as one change. Its label and reason are put
 * into every event of the command once they are there. */
static int ask_update(struct od_unit *u, const struct od_patch *header,
                      struct od_policy_answer *answer)
{
    struct od_policy_request request = od_unit_request(u);
    struct od_patch *shown = OD_NEW(u->env->arena, struct od_patch);
    struct od_order *values = od_order_clone(u->env->arena, header->values);
    *shown = *header;
    shown->values = values;
    add_status(u, shown, values, OD_STATUS_PAYMENT, u->c->payment_status);
    add_status(u, shown, values, OD_STATUS_SHIPMENT, u->c->shipment_status);
    if (!any_change(shown))
        return 0;
    request.patch = shown;
    if (od_unit_allowed(u, OD_ASK_ORDER_UPDATE, &request, answer) != 0)
        return -1;
    u->asked = u->policy_reason = OD_STR_NONE;
    return 0;
}

static int patch_header(struct od_unit *u, const struct od_patch *patch)
{
    if (!any_change(patch))
        return 0;
    struct od_event e = od_unit_event(u, OD_EVENT_ORDER_UPDATED);
    e.patch = patch;
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

static int check_statuses(struct od_unit *u)
{
    const struct od_command *c = u->c;
    if (c->payment_status.ptr &&
        od_unit_known_status(u, OD_STATUS_PAYMENT, c->payment_status, "/paymentStatus") != 0)
        return -1;
    if (c->shipment_status.ptr &&
        od_unit_known_status(u, OD_STATUS_SHIPMENT, c->shipment_status, "/shipmentStatus") != 0)
        return -1;
    return 0;
}

/* Metadata is replaced whole; what an order needs when it is placed may be taken away later. */
static int check_metadata(struct od_unit *u, const struct od_patch *header)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    const struct od_field *metadata = od_entity_field(e, OD_STR("metadata"));
    if (!(header->fields >> (metadata - e->fields) & 1))
        return 0;
    return od_unit_check_metadata(u, header->values->metadata, false);
}

int od_decide_patch(struct od_unit *u)
{
    const struct od_command *c = u->c;
    uint32_t first = u->d->event_count;
    struct od_policy_answer answer = {0};
    if (check_statuses(u) != 0)
        return -1;
    struct od_patch *header = OD_NEW(u->env->arena, struct od_patch);
    *header = header_changes(u, OD_NEW(u->env->arena, struct od_order));
    if (check_metadata(u, header) != 0)
        return -1;
    if (od_unit_answered(u, OD_ASK_ORDER_UPDATE) && ask_update(u, header, &answer) != 0)
        return -1;
    if (patch_header(u, header) != 0 ||
        set_status(u, OD_STATUS_PAYMENT, OD_EVENT_PAYMENT_STATUS_SET, c->payment_status) != 0 ||
        set_status(u, OD_STATUS_SHIPMENT, OD_EVENT_SHIPMENT_STATUS_SET, c->shipment_status) != 0)
        return -1;
    if (answer.policy.ptr)
        od_unit_credit(u, first, answer.policy, answer.refused ? OD_STR_NONE : answer.reason);
    return 0;
}
