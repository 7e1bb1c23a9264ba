#include "script/call/ask.h"

#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "script/bundle/failures.h"
#include "script/bundle/loaded.h"
#include "script/bundle/questions.h"
#include "script/call/request.h"
#include "script/value/scalar.h"
#include "script/value/verdict.h"
#include "script/view/push.h"
#include "script/view/view.h"
#include "script/vm/vm.h"

/* The answer of a rule to a question. */

#define NUMBER_MAX   64
#define STATUS_MAX   40
#define SERIES_MAX   40
#define REASON_MAX   500
#define TIMED_CALLS  16  /* one call of so many is timed: reading the clock twice costs a tenth */
#define DEFAULT_COST 200 /* instructions charged for calling another plugin */

static const struct od_question_kind *kind_of(enum od_question q)
{
    return od_question_kinds[q];
}

/* The text that tells a rule what it has to answer. */
static const char *expected(const struct od_question_kind *kind)
{
    switch (kind->answer) {
    case OD_ANSWERS_STATUS:
        return "a status code (string)";
    case OD_ANSWERS_NUMBER:
        return "a number (string)";
    case OD_ANSWERS_SERIES:
        return "the name of a series (string), or nil";
    case OD_ANSWERS_VERDICT:
        break;
    }
    return kind->may_hold ? "oms.allow(), oms.refuse(code, reason) or oms.hold(handle, reason)"
                          : "oms.allow() or oms.refuse(code, reason)";
}

bool od_question_gives_verdict(enum od_question q)
{
    return kind_of(q)->answer == OD_ANSWERS_VERDICT;
}

struct ask {
    const struct od_registration *registration;
    enum od_question question;
    const struct od_order *order;
    const struct od_policy_request *request;
    struct od_arena *arena;
    struct od_policy_answer *answer;
};

/* Pushes the function's arguments and returns how many. [-0, +n, m] */
static int l_push_arguments(lua_State *L, const struct ask *ask)
{
    switch (kind_of(ask->question)->gets) {
    case OD_GETS_ORDER:
        l_push_order(L, ask->order);
        return 1;
    case OD_GETS_SEQ_ORDER:
        l_push_seq(L, ask->request);
        l_push_order(L, ask->order);
        return 2;
    case OD_GETS_REQUEST_ORDER:
        l_push_request(L, ask->question, ask->request);
        l_push_order(L, ask->order);
        return 2;
    case OD_GETS_ORDER_REQUEST:
        break;
    }
    l_push_order(L, ask->order);
    l_push_request(L, ask->question, ask->request);
    return 2;
}

/* "order.status (default/order_status.lua:3) must return a status code (string), got table" */
static int l_wrong_answer(lua_State *L, const struct ask *ask, const char *got)
{
    const struct od_offer *offer = &ask->registration->offer;

    return luaL_error(L, "%s (%s) must return %s, got %s", offer->name.ptr, offer->origin.ptr,
                      expected(kind_of(ask->question)), got);
}

/* The verdict stands at -2. [-0, +0, v] */
static void l_take_verdict(lua_State *L, const struct ask *ask)
{
    if (!l_read_verdict(L, -2, ask->arena, ask->answer))
        l_wrong_answer(L, ask, luaL_typename(L, -2));
    if (ask->answer->hold.ptr && !kind_of(ask->question)->may_hold)
        l_wrong_answer(L, ask, "oms.hold");
}

/* The answer stands at -2, its reason at -1. [-0, +0, v] */
static void l_take_answer(lua_State *L, const struct ask *ask)
{
    static const struct {
        const char *what;
        size_t max;
    } texts[] = {
        [OD_ANSWERS_STATUS] = {"the status code", STATUS_MAX},
        [OD_ANSWERS_NUMBER] = {"the number", NUMBER_MAX},
        [OD_ANSWERS_SERIES] = {"the name of the series", SERIES_MAX},
        [OD_ANSWERS_VERDICT] = {"", 0},
    };
    enum od_question_answer kind = kind_of(ask->question)->answer;

    if (kind == OD_ANSWERS_VERDICT) {
        l_take_verdict(L, ask);
        return;
    }
    if (kind == OD_ANSWERS_SERIES && lua_isnil(L, -2))
        return;
    if (lua_type(L, -2) != LUA_TSTRING)
        l_wrong_answer(L, ask, luaL_typename(L, -2));
    ask->answer->value =
        od_arena_str(ask->arena, l_check_text(L, -2, texts[kind].what, texts[kind].max));
    if (!lua_isnil(L, -1))
        ask->answer->reason =
            od_arena_str(ask->arena, l_check_text(L, -1, "the reason", REASON_MAX));
}

static int l_ask(lua_State *L)
{
    const struct ask *ask = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, ask->registration->function);
    lua_call(L, l_push_arguments(L, ask), 2);
    l_take_answer(L, ask);
    return 0;
}

/* With at most so many instructions. */
static int ask_within(const struct ask *ask, int64_t instructions, struct od_err *err)
{
    struct od_script_plugin *p = ask->registration->plugin;
    struct od_vm_call call = {OD_VM_POLICY, instructions, ask->request->now, ask->arena};
    int rc;

    *ask->answer = (struct od_policy_answer){.policy = ask->registration->offer.label};
    p->question = ask->question;
    p->request = ask->request;
    rc = od_vm_run(&p->vm, &call, l_ask, (void *)ask, err);
    p->request = NULL;
    if (rc != 0)
        od_error_origin(err, ask->registration);
    return rc;
}

int od_ask_registration(const struct od_registration *r, enum od_question q,
                        const struct od_order *o, const struct od_policy_request *request,
                        struct od_arena *a, struct od_policy_answer *out, struct od_err *err)
{
    struct ask ask = {r, q, o, request, a, out};
    struct od_script_stats *stats = &r->plugin->bundle->stats.policy[q];
    bool timed = stats->calls % TIMED_CALLS == 0;
    int64_t started = timed ? od_clock_monotonic_us() : 0;
    int rc = ask_within(&ask, r->plugin->policy_instructions, err);

    stats->calls++;
    if (timed)
        stats->us += TIMED_CALLS * (uint64_t)(od_clock_monotonic_us() - started);
    if (rc != 0) {
        stats->errors++;
        od_script_failed(r, o->order_number, err);
    }
    return rc;
}

/* How a rule sees what plugin "default" answered. [-0, +n, m] */
static int l_push_answer(lua_State *L, enum od_question q, const struct od_policy_answer *answer)
{
    if (od_question_gives_verdict(q)) {
        l_push_verdict(L, answer);
        return 1;
    }
    l_push_str(L, answer->value);
    l_push_str(L, answer->reason);
    return 2;
}

/* oms.default(question, order): what plugin "default" answers, with the request of this call. Runs
 * in that plugin's state, on this call's budget. */
static int l_oms_default(lua_State *L)
{
    struct od_script_plugin *p = od_plugin_of(L);
    struct od_policy_answer answer;
    struct od_str name;
    enum od_question q;
    struct od_err err;

    l_require_context(L, OD_VM_POLICY, "oms.default");
    name.ptr = luaL_checklstring(L, 1, &name.len);
    if (!od_question_parse(name, &q))
        return luaL_error(L, "oms.default: there is no policy '%s'", name.ptr);
    struct ask ask = {
        p->bundle->defaults[q], q, l_check_order(L, 2), p->request, p->vm.arena, &answer};
    if (od_str_is(p->name, "default"))
        return luaL_error(L, "oms.default: this is plugin \"default\"");
    if (q != p->question && kind_of(q)->own_request)
        return luaL_error(L, "oms.default: %s can only be asked by a plugin's own %s", name.ptr,
                          name.ptr);
    if (!ask.registration)
        return 0;

    l_charge(L, DEFAULT_COST);
    struct od_vm *other = &ask.registration->plugin->vm;
    int64_t budget = ask.registration->plugin->policy_instructions;
    if (budget > p->vm.left)
        budget = p->vm.left;
    int rc = ask_within(&ask, budget, &err);
    l_charge(L, (double)(budget - (other->left > 0 ? other->left : 0)));
    if (rc != 0)
        return luaL_error(L, "oms.default: %s: %s", err.origin, err.message);
    return l_push_answer(L, q, &answer);
}

const struct l_binding l_default_bindings[] = {
    {"default", l_oms_default, 0},
    {NULL, NULL, 0},
};
