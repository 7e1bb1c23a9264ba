#include <lauxlib.h>

#include "base/clock.h"
#include "script/host.h"
#include "script/value.h"
#include "script/view.h"

/* Policies: od_policies answered by the bundle's providers. */

#define NUMBER_MAX 64
#define STATUS_MAX 40
#define REASON_MAX 500

struct ask {
    struct od_bundle *bundle;
    enum od_question question;
    const struct od_order *order;
    const struct od_policy_request *request;
    struct od_arena *arena;
    struct od_policy_answer *answer;
};

static void l_set_text(lua_State *L, const char *key, struct od_str text)
{
    l_push_str(L, text);
    lua_setfield(L, -2, key);
}

/* Pushes the function's arguments and returns how many. [-0, +n, m] */
static int l_push_arguments(lua_State *L, const struct ask *ask)
{
    switch (ask->question) {
    case OD_ASK_ORDER_NUMBER:
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, ask->request->seq_value);
        lua_setfield(L, -2, "value");
        lua_pushinteger(L, ask->request->seq_year);
        lua_setfield(L, -2, "year");
        l_push_order(L, ask->order);
        return 2;
    case OD_ASK_ORDER_CANCEL:
        l_push_order(L, ask->order);
        lua_createtable(L, 0, 2);
        l_set_text(L, "actor", ask->request->actor);
        l_set_text(L, "reason", ask->request->reason);
        return 2;
    case OD_ASK_ORDER_STATUS:
    case OD_ASK_PAYMENT_STATUS:
    case OD_ASK_SHIPMENT_STATUS:
    case OD_QUESTIONS:
        break;
    }
    l_push_order(L, ask->order);
    return 1;
}

/* "order.status (default/order_status.lua:3) must return a status code (string), got table" */
static int l_wrong_answer(lua_State *L, const struct od_registration *r, const char *expected)
{
    return luaL_error(L, "%s (%s) must return %s, got %s", r->name.ptr, r->origin.ptr, expected,
                      lua_type(L, -2) == LUA_TSTRING ? "an unusable string" : luaL_typename(L, -2));
}

/* The answer stands at -2, its reason at -1. [-0, +0, v] */
static void l_read_answer(lua_State *L, const struct ask *ask, const struct od_registration *r)
{
    struct od_policy_answer *out = ask->answer;
    bool number = ask->question == OD_ASK_ORDER_NUMBER;
    struct od_str s;

    if (ask->question == OD_ASK_ORDER_CANCEL) {
        if (!l_read_verdict(L, -2, ask->arena, out))
            l_wrong_answer(L, r, "oms.allow() or oms.refuse(code, reason)");
        return;
    }
    if (lua_type(L, -2) != LUA_TSTRING)
        l_wrong_answer(L, r, number ? "an order number (string)" : "a status code (string)");
    s = l_check_text(L, -2, number ? "the order number" : "the status code",
                     number ? NUMBER_MAX : STATUS_MAX);
    out->value = od_arena_str(ask->arena, s);
    if (!lua_isnil(L, -1))
        out->reason = od_arena_str(ask->arena, l_check_text(L, -1, "the reason", REASON_MAX));
}

static int l_ask(lua_State *L)
{
    const struct ask *ask = lua_touserdata(L, 1);
    const struct od_registration *r = ask->bundle->providers[ask->question];

    lua_rawgeti(L, LUA_REGISTRYINDEX, r->function);
    lua_call(L, l_push_arguments(L, ask), 2);
    l_read_answer(L, ask, r);
    return 0;
}

static int answer(void *ctx, enum od_question q, const struct od_order *o,
                  const struct od_policy_request *request, struct od_arena *a,
                  struct od_policy_answer *out, struct od_err *err)
{
    struct od_bundle *b = ctx;
    struct od_script_stats *stats = &b->stats.policy[q];
    struct ask ask = {b, q, o, request, a, out};
    int64_t started = od_clock_monotonic_us();
    int rc;

    *out = (struct od_policy_answer){.policy = b->providers[q]->label};
    rc = od_vm_run(
        &b->vm, &(struct od_vm_call){OD_VM_POLICY, b->limits.policy_instructions, request->now, a},
        l_ask, &ask, err);
    stats->calls++;
    stats->us += (uint64_t)(od_clock_monotonic_us() - started);
    if (rc != 0) {
        stats->errors++;
        od_error_origin(err, b->providers[q]);
    }
    return rc;
}

struct od_policies od_bundle_policies(struct od_bundle *b, int32_t bundle_id)
{
    return (struct od_policies){.ctx = b, .bundle_id = bundle_id, .ask = answer};
}
