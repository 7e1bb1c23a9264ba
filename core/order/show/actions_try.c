#include "order/show/actions_try.h"

#include "base/json.h"
#include "order/machine/kind.h"

/* The label of a question's answer among the policies an event names. */
static struct od_str find_label(struct od_str policies, struct od_str question)
{
    struct od_str label;
    while (od_str_cut(&policies, ' ', &label)) {
        if (od_str_starts_with(label, question) &&
            (label.len == question.len || label.ptr[question.len] == '@'))
            return label;
    }
    return OD_STR_NONE;
}

/* Who decides whether a command may be given, apart from orderd itself. */
static struct od_str deciding_question(const struct od_action_list *l, const struct od_command *c)
{
    switch (c->type) {
    case OD_COMMAND_CANCEL:
        return od_question_name(OD_ASK_ORDER_CANCEL);
    case OD_COMMAND_CREATE_SHIPMENT:
        return od_question_name(OD_ASK_ORDER_SHIP);
    case OD_COMMAND_PATCH:
        return od_question_name(OD_ASK_ORDER_UPDATE);
    case OD_COMMAND_REFUND:
        return od_question_name(OD_ASK_ORDER_REFUND);
    case OD_COMMAND_CREATE_RETURN:
        return od_question_name(OD_ASK_ORDER_RETURN);
    case OD_COMMAND_PROPOSE_CHANGE:
    case OD_COMMAND_CONFIRM_CHANGE:
        return od_question_name(OD_ASK_ORDER_CHANGE);
    case OD_COMMAND_TRACK: /* may send what is left */
        return od_question_name(OD_ASK_ORDER_SHIP);
    case OD_COMMAND_COMPOSITE:
        return od_arena_printf(l->env->arena, "command.%.*s", OD_STR_ARG(c->name));
    case OD_COMMAND_PLACE:
    case OD_COMMAND_PAYMENT:
    case OD_COMMAND_UPDATE_SHIPMENT:
    case OD_COMMAND_HOLD:
    case OD_COMMAND_RELEASE:
    case OD_COMMAND_ADD_ACTIVITY:
    case OD_COMMAND_SET_INVENTORY:
    case OD_COMMAND_MIGRATE_STATUS:
    case OD_COMMAND_UPDATE_RETURN:
    case OD_COMMAND_EXCHANGE:
    case OD_COMMAND_ISSUE_INVOICE:
    case OD_COMMAND_CREDIT_INVOICE:
    case OD_COMMAND_DISCARD_CHANGE:
    case OD_COMMAND_TYPES:
        break;
    }
    return OD_STR_NONE;
}

static void note_allowed(const struct od_action_list *l, const struct od_command *c,
                         const struct od_decision *d, struct od_action *a)
{
    struct od_str question = deciding_question(l, c);
    a->allowed = true;
    a->status = d->order->status;
    a->payment_status = d->order->payment_status;
    a->shipment_status = d->order->shipment_status;
    if (!question.ptr || d->event_count == 0)
        return;
    a->policy = find_label(d->events[0].policy, question);
    if (a->policy.ptr)
        a->reason = d->events[0].reason;
}

/* As oms.run names them (README of scripts/). */
static const char *name_of(enum od_command_type type)
{
    return type == OD_COMMAND_ADD_ACTIVITY ? "activity" : od_command_name(type);
}

void od_action_try(struct od_action_list *l, struct od_command *c, struct od_action a)
{
    struct od_decision d = {.env = l->env, .order = od_order_clone(l->env->arena, l->order)};
    c->actor = l->actor;
    a.is_composite = c->type == OD_COMMAND_COMPOSITE;
    a.command = a.is_composite ? c->name : od_str_of(name_of(c->type));
    od_decide_trial(&d, c);
    if (d.verdict == OD_VERDICT_DONE) {
        note_allowed(l, c, &d, &a);
    } else {
        a.code = d.refusal.code;
        a.reason = d.refusal.detail;
        a.policy = d.refusal.policy;
    }
    l->actions =
        od_arena_grow(l->env->arena, l->actions, l->count, &l->cap, sizeof(struct od_action));
    l->actions[l->count++] = a;
}

static void write_member(struct od_json_writer *w, const char *key, struct od_str value)
{
    od_jw_key(w, key);
    od_jw_str(w, value);
}

/* The number of a part; 0: it is not about one. */
static void write_part(struct od_json_writer *w, const char *key, int32_t id)
{
    od_jw_key(w, key);
    if (id)
        od_jw_i64(w, id);
    else
        od_jw_null(w);
}

void od_action_write(struct od_json_writer *w, const struct od_action *a)
{
    od_jw_object(w);
    write_member(w, "command", a->command);
    od_jw_key(w, "composite");
    od_jw_bool(w, a->is_composite);
    write_member(w, "type", a->type);
    write_part(w, "shipmentId", a->shipment_id);
    write_part(w, "returnId", a->return_id);
    write_part(w, "changeId", a->change_id);
    write_member(w, "to", a->to);
    write_member(w, "handle", a->handle);
    write_member(w, "field", a->field);
    od_jw_key(w, "allowed");
    od_jw_bool(w, a->allowed);
    write_member(w, "code", a->code);
    write_member(w, "reason", a->reason);
    write_member(w, "policy", a->policy);
    write_member(w, "status", a->status);
    write_member(w, "paymentStatus", a->payment_status);
    write_member(w, "shipmentStatus", a->shipment_status);
    od_jw_object_end(w);
}
