#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/moves.h"
#include "order/machine/step.h"
#include "order/model/fields.h"

/* PATCH: header fields, addresses, and statuses set by hand. A value that the order has already
 * makes no event. */

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

/* Finds the command's header fields and addresses that differ from the order's. *values is a copy
 * of them that an event may keep. */
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

static int decide(struct od_step *step)
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

/* ---- the body */

static void patch_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    if (v->type != OD_JSON_NULL) {
        c->patch.fields |= od_body_customer(r, v, path, c->draft);
        return;
    }
    c->patch.fields |= od_body_customer_fields();
}

static void patch_address(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c, int which)
{
    c->patch.address[which] = true;
    if (v->type != OD_JSON_NULL)
        od_body_address(r, v, path, &c->draft->addresses[which]);
}

static void patch_shipping_address(struct od_reader *r, const struct od_json *v,
                                   const struct od_path *path, struct od_command *c)
{
    patch_address(r, v, path, c, OD_SHIPPING);
}

static void patch_billing_address(struct od_reader *r, const struct od_json *v,
                                  const struct od_path *path, struct od_command *c)
{
    patch_address(r, v, path, c, OD_BILLING);
}

static void patch_payment_status(struct od_reader *r, const struct od_json *v,
                                 const struct od_path *path, struct od_command *c)
{
    c->payment_status = od_read_str(r, v, path, 40);
}

static void patch_shipment_status(struct od_reader *r, const struct od_json *v,
                                  const struct od_path *path, struct od_command *c)
{
    c->shipment_status = od_read_str(r, v, path, 40);
}

static const struct od_member body_members[] = {
    {"paymentStatus", patch_payment_status, false, OD_TAKES_TEXT, NULL},
    {"shipmentStatus", patch_shipment_status, false, OD_TAKES_TEXT, NULL},
    {"customer", patch_customer, true, OD_TAKES_OBJECT, &od_shape_customer},
    {"shippingAddress", patch_shipping_address, true, OD_TAKES_OBJECT, &od_shape_address},
    {"billingAddress", patch_billing_address, true, OD_TAKES_OBJECT, &od_shape_address},
    {0}};
static const struct od_shape body_shape = {
    &od_entities[OD_ENTITY_ORDER], OD_FIELD_INPUT | OD_FIELD_MUTABLE, body_members, NULL, NULL};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    out->draft = OD_NEW(r->arena, struct od_order);
    struct od_read_mask mask = od_read_shape(r, &body_shape, v, root, out->draft, out);
    out->patch.fields |= mask.given | mask.nulls;
    out->patch.values = out->draft;
    out->draft = NULL; /* lent to the readers above */
}

static void actions(struct od_action_list *l)
{
    static const struct od_str addresses[] = {OD_STR_INIT("shippingAddress"),
                                              OD_STR_INIT("billingAddress")};
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    struct od_order *values = od_order_clone(l->env->arena, l->order);
    struct od_command note = {.type = OD_COMMAND_PATCH, .patch = {.values = values}};
    const struct od_field *field = od_entity_field(e, OD_STR("shipping_note"));
    values->shipping_note = od_action_other(values->shipping_note);
    note.patch.fields = UINT64_C(1) << (field - e->fields);
    od_action_try(l, &note, (struct od_action){.field = od_str_of(field->json)});
    for (int i = 0; i < 2; i++) {
        struct od_command move = {.type = OD_COMMAND_PATCH, .patch = {.values = values}};
        values->addresses[i].present = true;
        values->addresses[i].address2 = od_action_other(values->addresses[i].address2);
        move.patch.address[i] = true;
        od_action_try(l, &move, (struct od_action){.field = addresses[i]});
    }
}

/* ---- moves */

enum { SET_PAYMENT = 0, SET_SHIPMENT };
static const struct od_move_name move_names[] = {{'p', "set payment"}, {'t', "set shipment"}, {0}};

/* Only moves of the graph: that others are refused is what it is for. */
static void add_set(struct od_moves *m, enum od_status_kind kind)
{
    bool pays = kind == OD_STATUS_PAYMENT;
    const struct od_status_set *set = &m->statuses->of[kind];
    struct od_str now = pays ? m->o->payment_status : m->o->shipment_status;
    for (uint32_t i = 0; i < set->count; i++) {
        struct od_str code = set->statuses[i].code;
        if (od_str_eq(code, now) || !od_status_can_move(set, now, code))
            continue;
        struct od_str label = od_arena_printf(m->arena, "set %s %.*s",
                                              pays ? "payment" : "shipment", OD_STR_ARG(code));
        struct od_command *c = od_moves_add(m, pays ? SET_PAYMENT : SET_SHIPMENT, label);
        *(pays ? &c->payment_status : &c->shipment_status) = code;
        m->list[m->count - 1].by_hand = pays ? OD_ODD_PAYMENT_SET : OD_ODD_SHIPMENT_SET;
    }
}

static bool paid_or_unpaid(const struct od_order *o)
{
    return o->payment_count == 0 || o->amount_captured >= o->grand_total;
}

static bool shipped_or_not(const struct od_order *o)
{
    return od_moves_parcels(o) == 0 || od_units_sum(o, od_units_open) == 0;
}

static void moves(struct od_moves *m)
{
    if ((m->whole || paid_or_unpaid(m->o)) && od_moves_may(m, OD_ODD_PAYMENT_SET))
        add_set(m, OD_STATUS_PAYMENT);
    if ((m->whole || shipped_or_not(m->o)) && od_moves_may(m, OD_ODD_SHIPMENT_SET))
        add_set(m, OD_STATUS_SHIPMENT);
}

static const struct od_service services[] = {
    {"update_payment_status", "update_payment_status", OD_COMMAND_PATCH, OD_LEAD_TEXT,
     "payment_status", OD_TABLE_NONE},
    {"update_shipment_status", "update_shipment_status", OD_COMMAND_PATCH, OD_LEAD_TEXT,
     "shipment_status", OD_TABLE_NONE},
    {"update_order", "update", OD_COMMAND_PATCH, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_patch = {
    .name = "patch",
    .permission = "orders.edit",
    .route = {"PATCH", "/api/orders/:id"},
    .summary = "Change an order",
    .description = "A status moves along its configured graph; no units and no money move with it.",
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .emits = OD_EMITS(ORDER_UPDATED) | OD_EMITS(PAYMENT_STATUS_SET) | OD_EMITS(SHIPMENT_STATUS_SET),
    .is_step = true,
    .question = OD_ASK_ORDER_UPDATE,
    .services = services,
    .actions = actions,
    .moves = moves,
    .move_names = move_names,
};

/* ---- order.updated: a patch. payment.status_set and shipment.status_set: the status change alone
 */

static void write_updated(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_patch(f, e->patch);
}

static int fold_updated(struct od_order *o, const struct od_event *event, struct od_arena *a,
                        struct od_err *err)
{
    const unsigned patchable = OD_FIELD_INPUT | OD_FIELD_MUTABLE;
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    const struct od_patch *p = event->patch;

    (void)a;
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (!(p->fields >> i & 1))
            continue;
        if ((f->flags & patchable) != patchable)
            return od_err_set(err, OD_ERR_INVALID, "%s cannot be updated", f->name);
        od_field_copy(f, o, p->values);
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            od_fold_address(o, i, &p->values->addresses[i]);
    }
    return 0;
}

/* Whether y is a further event of the PATCH that made x: header first, then payment, then shipment.
 */
static bool same_patch(const struct od_event *x, const struct od_event *y)
{
    bool follows =
        y->type == OD_EVENT_SHIPMENT_STATUS_SET
            ? x->type == OD_EVENT_PAYMENT_STATUS_SET || x->type == OD_EVENT_ORDER_UPDATED
            : x->type == OD_EVENT_ORDER_UPDATED && y->type == OD_EVENT_PAYMENT_STATUS_SET;
    return follows && y->at == x->at && od_str_eq(x->actor, y->actor);
}

static void note_status(struct od_patch *patch, struct od_order *values, const struct od_event *e)
{
    const struct od_entity *order = &od_entities[OD_ENTITY_ORDER];
    bool payment = e->type == OD_EVENT_PAYMENT_STATUS_SET;
    const struct od_field *f =
        od_entity_field(order, payment ? OD_STR("payment_status") : OD_STR("shipment_status"));
    *(payment ? &values->payment_status : &values->shipment_status) =
        e->status[payment ? OD_STATUS_PAYMENT : OD_STATUS_SHIPMENT].to;
    patch->fields |= UINT64_C(1) << (f - order->fields);
}

/* Makes the request that order.update was shown: all that the command changed, statuses as well. */
static enum od_asked asked_update(const struct od_past *past, struct od_policy_request *request)
{
    const struct od_event *e = past->e;
    struct od_patch *patch = OD_NEW(past->arena, struct od_patch);
    struct od_order *values = OD_NEW(past->arena, struct od_order);
    if (e > past->first && same_patch(e - 1, e))
        return OD_ASKED_NOT;
    if (e->patch) {
        *patch = *e->patch;
        *values = *e->patch->values;
    }
    patch->values = values;
    if (e->type != OD_EVENT_ORDER_UPDATED)
        note_status(patch, values, e);
    for (; e + 1 < past->end && same_patch(e, e + 1); e++)
        note_status(patch, values, e + 1);
    request->patch = patch;
    return OD_ASKED;
}

const struct od_event_kind od_event_order_updated = {
    .name = OD_STR_INIT("order.updated"),
    .write = write_updated,
    .read = od_event_read_patch,
    .fold = fold_updated,
    .question = OD_ASK_ORDER_UPDATE,
    .asked = asked_update,
};

const struct od_event_kind od_event_payment_status_set = {
    .name = OD_STR_INIT("payment.status_set"),
    .write = od_event_write_nothing,
    .read = od_event_read_nothing,
    .fold = od_fold_nothing,
    .question = OD_ASK_ORDER_UPDATE,
    .asked = asked_update,
};

const struct od_event_kind od_event_shipment_status_set = {
    .name = OD_STR_INIT("shipment.status_set"),
    .write = od_event_write_nothing,
    .read = od_event_read_nothing,
    .fold = od_fold_nothing,
    .question = OD_ASK_ORDER_UPDATE,
    .asked = asked_update,
};
