#include <stddef.h>

#include "order/machine/action.h"
#include "order/machine/command_kind.h"
#include "order/machine/moves.h"
#include "order/machine/read.h"
#include "order/machine/step.h"

/*
 * COMPOSITE: a plugin's command. Its script takes steps, each an ordinary command decided on the
 * same clone; the first that is refused ends it, and od_decide undoes them all.
 */

struct composite {
    struct od_step *step;
    const struct od_command *outer;
    bool refused; /* by a step, whose refusal the decision holds */
};

/* Who gives the step and when it happens is the composite's affair, not the script's. */
static int decide_step(void *ctx, const struct od_command *c)
{
    struct composite *it = ctx;
    struct od_step *step = it->step;
    struct od_command given = *c;
    if (it->refused)
        return -1;
    given.next = NULL;
    given.actor = it->outer->actor;
    given.at = it->outer->at;
    given.historical = it->outer->historical;
    od_step_forget(step);
    step->c = &given;
    int rc = od_command_kinds[c->type]->is_step
                 ? od_step_decide(step)
                 : od_step_refuse(step, OD_VERDICT_INVALID, "not_a_step",
                                  "%s cannot be a step of a command", od_command_name(c->type));
    step->c = it->outer;
    it->refused = rc != 0;
    return rc;
}

static struct od_str label(const struct od_step *step, const struct od_policy_answer *answer)
{
    if (answer->policy.ptr)
        return answer->policy;
    return od_arena_printf(step->env->arena, "command.%.*s", OD_STR_ARG(step->c->name));
}

static int refuse(struct od_step *step, const struct od_policy_answer *answer)
{
    step->d->verdict = OD_VERDICT_POLICY;
    step->d->refusal = (struct od_refusal){
        .code = answer->code.len > 0 ? answer->code : OD_STR("refused"),
        .detail = answer->reason,
        .policy = label(step, answer),
    };
    if (answer->reason.len == 0)
        step->d->refusal.detail = od_arena_printf(step->env->arena, "The command \"%.*s\" refuses",
                                                  OD_STR_ARG(step->c->name));
    return -1;
}

static int decide(struct od_step *step)
{
    const struct od_policies *p = step->env->policies;
    struct composite it = {.step = step, .outer = step->c};
    struct od_steps steps = {&it, decide_step};
    struct od_policy_request request = od_step_request(step);
    struct od_policy_answer answer = {0};
    struct od_err err;
    uint32_t first = step->d->event_count;
    od_err_clear(&err);

    enum od_run run = p->run ? p->run(p->ctx, step->c->name, step->c->args, step->order, &request,
                                      step->env->arena, &steps, &answer, &err)
                             : OD_RUN_UNKNOWN;
    /* Whatever the script made of it. */
    if (it.refused)
        return -1;
    switch (run) {
    case OD_RUN_DONE:
        od_step_credit(step, first, label(step, &answer), OD_STR_NONE);
        return 0;
    case OD_RUN_REFUSED:
        return refuse(step, &answer);
    case OD_RUN_UNKNOWN:
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "command_not_found",
                              "There is no command \"%.*s\"", OD_STR_ARG(step->c->name));
    case OD_RUN_STEP_REFUSED: /* none was: the script's side is mistaken */
    case OD_RUN_FAILED:
        break;
    }
    struct od_str policy = label(step, &answer);
    return od_step_policy_failed(step, policy, "Command %.*s failed: %s%s%s", OD_STR_ARG(policy),
                                 err.origin, err.origin[0] ? ": " : "",
                                 err.message[0] ? err.message : "it ended without a reason");
}

/* The script alone knows what its arguments mean. */
static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    if (v->type != OD_JSON_OBJECT)
        od_read_problem(r, root, "must be an object");
    out->args = v->raw;
}

/* It may do anything that a step may. */
static void want(const struct od_command *c, struct od_wants *w)
{
    (void)c;
    w->stock_of_order = w->stock_of_changes = true;
}

static const struct od_command_member name_member = {
    .name = "name",
    .field = "name",
    .offset = offsetof(struct od_command, name),
};

/* Without the arguments it may need, so that failing says nothing about the script. */
static void try_one(struct od_action_list *l, struct od_str name)
{
    struct od_command c = {.type = OD_COMMAND_COMPOSITE, .name = name};
    od_action_try(l, &c, (struct od_action){0});
    struct od_action *a = &l->actions[l->count - 1];
    if (!a->allowed &&
        (od_str_is(a->code, "policy_failed") || od_str_is(a->code, "bad_arguments")) &&
        od_str_starts_with(a->policy, OD_STR("command.")))
        a->code = OD_STR("needs_arguments");
}

static void actions(struct od_action_list *l)
{
    const struct od_decide_env *env = l->env;
    struct od_decide_env trial = *env;
    trial.trial = true;
    l->env = &trial;
    for (uint32_t i = 0; i < l->composite_count; i++)
        try_one(l, l->composites[i]);
    l->env = env;
}

/* Each goes by its own name, behind those of all rows. */
static const struct od_move_name move_names[] = {{0}};

static void moves(struct od_moves *m)
{
    for (uint32_t i = 0; i < m->composite_count; i++)
        od_moves_add(m, i, m->composites[i])->name = m->composites[i];
}

static const struct od_service services[] = {
    {"command_order", NULL, OD_COMMAND_COMPOSITE, OD_LEAD_MEMBER, "the command's name",
     OD_TABLE_OPTIONAL},
    {0},
};

const struct od_command_kind od_composite = {
    .name = "composite",
    .permission = "commands.run",
    .route = {"POST", "/api/orders/:id/commands/:name"},
    .member = &name_member,
    .body_optional = true,
    .summary = "Run a plugin's command on an order",
    .description =
        "Its steps take effect together or not at all: the refusal of one is the answer, and "
        "nothing is left of those before it. 404 command_not_found: no plugin that serves "
        "has such a command.",
    .body = body,
    .decide = decide,
    .emits = OD_EMITS_ANY,
    .want = want,
    .question = OD_QUESTIONS,
    .services = services,
    .actions = actions,
    .moves = moves,
    .move_names = move_names,
};
