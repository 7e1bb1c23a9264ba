#include "script/task/composite.h"

#include <lauxlib.h>

#include "base/clock.h"
#include "script/bundle/commands.h"
#include "script/bundle/failures.h"
#include "script/bundle/loaded.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/verdict.h"
#include "script/vm/vm.h"

/*
 * Composite commands: a function on an order that acts by steps. Each step is decided at once, in
 * memory, while the function waits in its coroutine; so the function sees what came of it, and the
 * whole remains one unit of decide. It is as replayable as any policy.
 */

/* Steps of one command: each is a decision under the order's lock, in a batch others wait for. */
#define STEPS_MAX 100

struct command_call {
    const struct od_registration *command;
    const struct od_order *order;
    struct od_str args;
    struct od_arena *arena;
    struct od_policy_answer *answer;
    bool trial;
};

/* The function's result is at index 3: oms.refuse refuses the whole command. [-0, +0, v] */
static int l_command_returned(lua_State *L, int status, lua_KContext ctx)
{
    const struct command_call *c = lua_touserdata(L, 1);
    struct od_policy_answer verdict = {0};

    (void)status;
    (void)ctx;
    if (lua_isnil(L, 3))
        return 0;
    if (!l_read_verdict(L, 3, c->arena, &verdict))
        return luaL_error(L, "%s (%s) must return nothing or oms.refuse(code, reason), got %s",
                          c->command->offer.label.ptr, c->command->offer.origin.ptr,
                          luaL_typename(L, 3));
    if (verdict.refused) {
        c->answer->refused = true;
        c->answer->code = verdict.code;
        c->answer->reason = verdict.reason;
    }
    return 0;
}

static int l_run_command(lua_State *L)
{
    const struct command_call *c = lua_touserdata(L, 1);

    lua_pushnil(L); /* so that what comes back stands at index 3 in any case */
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->command->function);
    l_task_root(L, c->order);
    l_push_json(L, c->args.ptr ? c->args : OD_STR("{}"));
    lua_callk(L, 2, 1, 0, l_command_returned);
    return l_command_returned(L, LUA_OK, 0);
}

static enum od_run fail(struct od_task *t, const struct command_call *c, struct od_err *err)
{
    od_error_origin(err, c->command);
    if (!c->trial)
        od_task_log(t, err);
    return OD_RUN_FAILED;
}

static enum od_run run(struct od_task *t, const struct command_call *c,
                       const struct od_steps *steps, struct od_err *err)
{
    for (int n = 0;; n++) {
        switch (od_task_resume(t, err)) {
        case OD_TASK_RETURNED:
            return c->answer->refused ? OD_RUN_REFUSED : OD_RUN_DONE;
        case OD_TASK_RAISED:
            if (!t->refused.code.ptr)
                return fail(t, c, err);
            c->answer->refused = true; /* its arguments are not what it takes (oms.read) */
            c->answer->code = t->refused.code;
            c->answer->reason = t->refused.message;
            return OD_RUN_REFUSED;
        case OD_TASK_WAITS:
            break;
        }
        if (n == STEPS_MAX) {
            od_err_set(err, OD_ERR_SCRIPT, "took more than %d steps (an endless loop?)", STEPS_MAX);
            return fail(t, c, err);
        }
        if (steps->decide(steps->ctx, t->step.command) != 0)
            return OD_RUN_STEP_REFUSED;
        od_task_renew(t);
    }
}

enum od_run od_bundle_run_command(void *ctx, struct od_str name, struct od_str args,
                                  struct od_order *o, const struct od_policy_request *request,
                                  struct od_arena *a, const struct od_steps *steps,
                                  struct od_policy_answer *out, struct od_err *err)
{
    struct od_bundle *b = ctx;
    struct command_call c = {od_bundle_command(b, name), o, args, a, out, request->trial};
    int64_t started = od_clock_monotonic_us();
    struct od_err unread;
    enum od_run result;
    struct od_task t;

    if (!c.command)
        return OD_RUN_UNKNOWN;
    err = err ? err : &unread;
    *out = (struct od_policy_answer){.policy = c.command->offer.label};
    t = (struct od_task){
        .plugin = c.command->plugin,
        .label = c.command->offer.label,
        .order = o->order_number,
        .context = OD_VM_COMMAND,
        .now = request->now,
        .actor = request->actor,
        .arena = a,
        .body = l_run_command,
        .arg = &c,
    };
    if (od_task_begin(&t, err) != 0) {
        result = fail(&t, &c, err);
    } else {
        result = run(&t, &c, steps, err);
        od_task_stop(&t);
    }
    b->stats.commands.calls++;
    b->stats.commands.us += (uint64_t)(od_clock_monotonic_us() - started);
    b->stats.commands.errors += result == OD_RUN_FAILED && !c.trial;
    return result;
}
