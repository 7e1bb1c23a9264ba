#include "script/call/hooks.h"

#include <lauxlib.h>

#include "base/clock.h"
#include "script/bundle/bundle.h"
#include "script/bundle/failures.h"
#include "script/bundle/loaded.h"
#include "script/call/intent.h"
#include "script/view/view.h"
#include "script/vm/vm.h"

/* Hooks: functions that look at an event after its commit and return intents. */

#define INTENTS_MAX 100 /* of one hook on one event */

struct hook_call {
    const struct od_registration *hook;
    const struct od_event *event;
    const struct od_order *order;
    struct od_arena *arena;
    struct od_intent *intents;
    uint32_t count;
    size_t cap;
};

static int l_not_an_intent(lua_State *L, const struct hook_call *call)
{
    return luaL_error(L,
                      "%s (%s) must return nothing, oms.mail, oms.webhook, oms.notify or oms.run, "
                      "or a list of them; got %s",
                      call->hook->offer.name.ptr, call->hook->offer.origin.ptr,
                      luaL_typename(L, -1));
}

/* Takes the value at the top, which must be an intent. [-1, +0, v] */
static void l_take_intent(lua_State *L, struct hook_call *call)
{
    struct od_intent intent;

    if (!l_read_intent(L, -1, call->arena, &intent))
        l_not_an_intent(L, call);
    intent.hook = call->hook->offer.label;
    call->intents =
        od_arena_grow(call->arena, call->intents, call->count, &call->cap, sizeof intent);
    call->intents[call->count++] = intent;
    lua_pop(L, 1);
}

static int l_run_hook(lua_State *L)
{
    struct hook_call *call = lua_touserdata(L, 1);
    lua_Integer n;

    lua_rawgeti(L, LUA_REGISTRYINDEX, call->hook->function);
    l_push_event(L, call->event);
    l_push_order(L, call->order);
    lua_call(L, 2, 1);
    if (lua_isnil(L, -1))
        return 0;
    if (!lua_istable(L, -1)) {
        l_take_intent(L, call);
        return 0;
    }
    n = luaL_len(L, -1);
    if (n > INTENTS_MAX)
        return luaL_error(L, "%s returned more than %d intents", call->hook->offer.name.ptr,
                          INTENTS_MAX);
    lua_pushnil(L);
    if (n == 0 && lua_next(L, -2)) {
        lua_pop(L, 2);
        return l_not_an_intent(L, call);
    }
    lua_settop(L, 2);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);
        l_take_intent(L, call);
    }
    return 0;
}

bool od_bundle_has_hooks(const struct od_bundle *b, struct od_str topic)
{
    const struct od_registrations *hooks = &b->offers[OD_OFFER_HOOK];

    for (uint32_t i = 0; i < hooks->count; i++)
        if (od_str_eq(hooks->all[i]->offer.name, topic))
            return true;
    return false;
}

/* One hook: all of its intents, or none. */
static int run_hook(struct hook_call *call, struct od_err *err)
{
    struct od_script_plugin *p = call->hook->plugin;
    struct od_script_stats *stats = &p->bundle->stats.hooks;
    struct od_vm_call limits = {OD_VM_HOOK, p->hook_instructions, call->event->recorded_at,
                                call->arena};
    int64_t started = od_clock_monotonic_us();
    uint32_t before = call->count;
    int rc;

    p->order = call->order;
    rc = od_vm_run(&p->vm, &limits, l_run_hook, call, err);
    p->order = NULL;
    stats->calls++;
    stats->us += (uint64_t)(od_clock_monotonic_us() - started);
    if (rc == 0)
        return 0;
    call->count = before;
    od_error_origin(err, call->hook);
    stats->errors++;
    od_script_failed(call->hook, call->order->order_number, err);
    return -1;
}

/* only: this plugin's hooks; NULL: all. call: the event and what it is about. */
static int run_hooks(const struct od_bundle *b, const struct od_script_plugin *only,
                     struct od_str topic, struct hook_call call, struct od_intent **intents,
                     uint32_t *n, struct od_err *err)
{
    const struct od_registrations *hooks = &b->offers[OD_OFFER_HOOK];
    int rc = 0;

    for (uint32_t i = 0; i < hooks->count; i++) {
        struct od_err failure;

        call.hook = hooks->all[i];
        if (!od_str_eq(call.hook->offer.name, topic) || (only && call.hook->plugin != only))
            continue;
        if (run_hook(&call, &failure) == 0)
            continue;
        if (rc == 0 && err)
            *err = failure;
        rc = -1;
    }
    *intents = call.intents;
    *n = call.count;
    return rc;
}

int od_bundle_run_hooks(struct od_bundle *b, struct od_str topic, const struct od_event *e,
                        const struct od_order *o, struct od_arena *a, struct od_intent **intents,
                        uint32_t *n, struct od_err *err)
{
    struct hook_call call = {.event = e, .order = o, .arena = a};

    return run_hooks(b, NULL, topic, call, intents, n, err);
}

int od_plugin_run_hooks(const struct od_script_plugin *p, struct od_str topic,
                        const struct od_event *e, const struct od_order *o, struct od_arena *a,
                        struct od_intent **intents, uint32_t *n, struct od_err *err)
{
    struct hook_call call = {.event = e, .order = o, .arena = a};

    return run_hooks(p->bundle, p, topic, call, intents, n, err);
}
