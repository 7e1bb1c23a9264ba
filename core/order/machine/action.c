#include "order/machine/action.h"

#include "order/machine/command_kind.h"
#include "order/machine/command_kind.h"

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
    if (c->type == OD_COMMAND_COMPOSITE)
        return od_arena_printf(l->env->arena, "command.%.*s", OD_STR_ARG(c->name));
    return od_question_name(od_command_kinds[c->type]->question);
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

void od_action_try(struct od_action_list *l, struct od_command *c, struct od_action a)
{
    struct od_decision d = {.env = l->env, .order = od_order_clone(l->env->arena, l->order)};
    const struct od_command_kind *kind = od_command_kinds[c->type];
    c->actor = l->actor;
    a.is_composite = c->type == OD_COMMAND_COMPOSITE;
    a.command = a.is_composite ? c->name : od_str_of(kind->call ? kind->call : kind->name);
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

struct od_str od_action_other(struct od_str now)
{
    return od_str_is(now, "-") ? OD_STR("--") : OD_STR("-");
}
