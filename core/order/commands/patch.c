#include "order/machine/step.h"

#include "order/model/fields.h"

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
static struct od_patch header_changes(struct od_step *step, struct od_order *values)
{
    const struct od_patch *asked = &step->c->patch;
    struct od_patch patch = {.values = values};
    if (!asked->values)
        return patch;
    *values = *od_order_clone(step->env->arena, asked->values);
    values->addresses[OD_SHIPPING].kind = OD_STR("shipping");
    values->addresses[OD_BILLING].kind = OD_STR("billing");
    patch.fields = changed_fields(step->order, asked);
    for (int i = 0; i < 2; i++)
        patch.address[i] = asked->address[i] && !od_address_same(&step->order->addresses[i],
                                                                 &asked->values->addresses[i]);
    return patch;
}

static bool any_change(const struct od_patch *patch)
{
    return patch->fields || patch->address[0] || patch->address[1];
}

static void add_status(const struct od_step *step, struct od_patch *patch, struct od_order *values,
                       enum od_status_kind kind, struct od_str code)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    if (!code.ptr || od_str_eq(code, *od_step_status(step->order, kind)))
        return;
    struct od_str *status = od_step_status(values, kind);
    *status = code;
    for (uint32_t i = 0; i < e->field_count; i++) {
        if ((const char *)values + e->fields[i].offset == (const char *)status)
            patch->fields |= UINT64_C(1) << i;
    }
}

/* The rule sees header fields, addresses and statuses as one change. Its label and reason are put
 * into every event of the command once they are there. */
static int ask_update(struct od_step *step, const struct od_patch *header,
                      struct od_policy_answer *answer)
{
    struct od_policy_request request = od_step_request(step);
    struct od_patch *shown = OD_NEW(step->env->arena, struct od_patch);
    struct od_order *values = od_order_clone(step->env->arena, header->values);
    *shown = *header;
    shown->values = values;
    add_status(step, shown, values, OD_STATUS_PAYMENT, step->c->payment_status);
    add_status(step, shown, values, OD_STATUS_SHIPMENT, step->c->shipment_status);
    if (!any_change(shown))
        return 0;
    request.patch = shown;
    if (od_step_allowed(step, OD_ASK_ORDER_UPDATE, &request, answer) != 0)
        return -1;
    step->asked = step->policy_reason = OD_STR_NONE;
    return 0;
}

static int patch_header(struct od_step *step, const struct od_patch *patch)
{
    if (!any_change(patch))
        return 0;
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_UPDATED);
    e.patch = patch;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

static int set_status(struct od_step *step, enum od_status_kind kind, enum od_event_type type,
                      struct od_str code)
{
    struct od_str now = *od_step_status(step->order, kind);
    if (!code.ptr || od_str_eq(code, now))
        return 0;
    if (od_step_check_move(step, kind, now, code) != 0)
        return -1;
    struct od_event e = od_step_event(step, type);
    e.status[kind].to = code;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

static int check_statuses(struct od_step *step)
{
    const struct od_command *c = step->c;
    if (c->payment_status.ptr &&
        od_step_known_status(step, OD_STATUS_PAYMENT, c->payment_status, "/paymentStatus") != 0)
        return -1;
    if (c->shipment_status.ptr &&
        od_step_known_status(step, OD_STATUS_SHIPMENT, c->shipment_status, "/shipmentStatus") != 0)
        return -1;
    return 0;
}

/* Metadata is replaced whole; what an order needs when it is placed may be taken away later. */
static int check_metadata(struct od_step *step, const struct od_patch *header)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    const struct od_field *metadata = od_entity_field(e, OD_STR("metadata"));
    if (!(header->fields >> (metadata - e->fields) & 1))
        return 0;
    return od_step_check_metadata(step, header->values->metadata, false);
}

int od_decide_patch(struct od_step *step)
{
    const struct od_command *c = step->c;
    uint32_t first = step->d->event_count;
    struct od_policy_answer answer = {0};
    if (check_statuses(step) != 0)
        return -1;
    struct od_patch *header = OD_NEW(step->env->arena, struct od_patch);
    *header = header_changes(step, OD_NEW(step->env->arena, struct od_order));
    if (check_metadata(step, header) != 0)
        return -1;
    if (od_step_answered(step, OD_ASK_ORDER_UPDATE) && ask_update(step, header, &answer) != 0)
        return -1;
    if (patch_header(step, header) != 0 ||
        set_status(step, OD_STATUS_PAYMENT, OD_EVENT_PAYMENT_STATUS_SET, c->payment_status) != 0 ||
        set_status(step, OD_STATUS_SHIPMENT, OD_EVENT_SHIPMENT_STATUS_SET, c->shipment_status) != 0)
        return -1;
    if (answer.policy.ptr)
        od_step_credit(step, first, answer.policy, answer.refused ? OD_STR_NONE : answer.reason);
    return 0;
}
