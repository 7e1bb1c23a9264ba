#include "base/clock.h"
#include "base/nearest.h"
#include "conf/value.h"
#include "script/bundle/commands.h"
#include "script/bundle/loaded.h"
#include "script/task/service.h"
#include "script/task/thread.h"
#include "script/testing/order.h"
#include "script/testing/test.h"
#include "script/value/json.h"
#include "script/value/opaque.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* `t`: what a test is handed. Its methods find the test that runs, so one handle serves all. */

/* Instructions; so that a loop that makes orders ends before memory does. */
#define ORDER_COST 1000
#define MS_MAX     INT64_C(253402300799000) /* the end of the year 9999 */

static const char handle_key, handle_object_key;

struct od_test *l_test_of(lua_State *L)
{
    struct od_task *task = od_task_of(L);

    if (!task || task->context != OD_VM_TEST)
        luaL_error(L, "t is good only inside of the test it was handed to");
    if (!l_is_opaque(L, 1, &handle_key))
        luaL_error(L, "call it with a colon: t:order { … }");
    return OD_LIST_ENTRY(task, struct od_test, task);
}

int l_test_wait(lua_State *L, struct od_test *t, void (*work)(struct od_test *t),
                lua_KFunction resumed)
{
    l_task_may_wait(L); /* before it is left there for another wait to find */
    t->work = work;
    t->failed = false;
    return l_task_wait(L, resumed);
}

struct od_test_order *l_check_test_order(lua_State *L, int idx)
{
    struct od_test *t = OD_LIST_ENTRY(od_task_of(L), struct od_test, task);
    const struct od_order *o = od_task_root_order(L, idx);

    for (uint32_t i = 0; i < t->order_count; i++)
        if (o && t->orders[i]->order == o)
            return t->orders[i];
    luaL_error(L, "argument %d must be an order of this test (t:order, t:place), got %s", idx - 1,
               luaL_typename(L, idx));
    return NULL;
}

struct od_str l_test_text(lua_State *L, struct od_test *t, int idx)
{
    struct od_str s;

    s.ptr = luaL_checklstring(L, idx, &s.len);
    return od_arena_str(&t->arena, s);
}

const struct od_json *l_test_json(lua_State *L, struct od_test *t, int idx)
{
    struct od_json_writer w;
    struct od_json *root;
    struct od_err err;

    if (lua_isnoneornil(L, idx))
        return NULL;
    luaL_checktype(L, idx, LUA_TTABLE);
    od_buf_reset(&t->task.text);
    od_jw_init(&w, &t->task.text);
    l_write_json(L, idx, &w);
    l_charge(L, (double)t->task.text.len / 4);
    if (od_json_parse(&t->arena, od_arena_str(&t->arena, od_buf_view(&t->task.text)), 64, &root,
                      &err) != 0)
        luaL_error(L, "%s", err.message);
    return root;
}

/* t:order{…} */
static int l_order(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    const struct od_json *state = l_test_json(L, t, 2);
    struct od_order *o;

    l_charge(L, ORDER_COST);
    if (od_test_order_build(t, state, &o, &t->err) != 0)
        return luaL_error(L, "t:order: %s", t->err.message);
    od_test_add_order(t, o);
    l_task_root(L, o);
    return 1;
}

/* Pushes a refusal behind `first`, which is false or nil. [-0, +2, m] */
static int l_push_refused(lua_State *L, const struct od_test *t, bool nil)
{
    if (nil)
        lua_pushnil(L);
    else
        lua_pushboolean(L, 0);
    l_push_refusal(L, t->refusal.code, t->refusal.detail, t->refusal.policy);
    return 2;
}

/* "invalid_request: /metadata/channel is required" */
static struct od_str refusal_text(struct od_test *t)
{
    const struct od_refusal *r = &t->refusal;

    return od_arena_printf(&t->arena, "%.*s: %.*s%s%.*s", OD_STR_ARG(r->code),
                           OD_STR_ARG(r->pointer), r->pointer.len ? " " : "",
                           OD_STR_ARG(r->detail));
}

static int l_placed(lua_State *L, int status, lua_KContext ctx)
{
    struct od_test *t = l_test_of(L);

    (void)status;
    (void)ctx;
    t->not_placed = OD_STR_NONE;
    if (t->refusal.code.ptr) {
        t->not_placed = refusal_text(t);
        return l_push_refused(L, t, true);
    }
    l_task_root(L, t->subject->order);
    return 1;
}

/* Pushes a table with the members of the one at idx, nothing when it is nil. [-0, +1, v] */
static void l_copy(lua_State *L, int idx)
{
    lua_newtable(L);
    if (lua_isnil(L, idx))
        return;
    luaL_checktype(L, idx, LUA_TTABLE);
    l_thaw(L, idx);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -6);
    }
    lua_pop(L, 1);
}

/* Sets the value at the top unless the table below it has that member. [-1, +0, v] */
static void l_default(lua_State *L, const char *key)
{
    if (lua_getfield(L, -2, key) == LUA_TNIL) {
        lua_pushvalue(L, -2);
        lua_setfield(L, -4, key);
    }
    lua_pop(L, 2);
}

/* Replaces the fields at index 2 by a copy in which each item has what a draft needs; without items
 * it gets one. [-0, +0, v] */
static void l_default_items(lua_State *L)
{
    lua_Integer n;

    lua_settop(L, 2);
    l_copy(L, 2);
    lua_replace(L, 2);
    n = lua_getfield(L, 2, "items") == LUA_TNIL ? 1 : luaL_len(L, 3);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_isnil(L, 3))
            lua_pushnil(L);
        else
            lua_geti(L, 3, i);
        l_copy(L, 5);
        lua_pushfstring(L, "SKU-%I", (LUAI_UACINT)i);
        l_default(L, "sku");
        lua_pushfstring(L, "Item %I", (LUAI_UACINT)i);
        l_default(L, "name");
        lua_pushinteger(L, 1);
        l_default(L, "qty");
        lua_pushinteger(L, 1000);
        l_default(L, "price");
        lua_rawseti(L, 4, i);
        lua_settop(L, 4);
    }
    lua_setfield(L, 2, "items");
    lua_settop(L, 2);
}

/* t:place{…}: order, or nil and the refusal */
static int l_place(lua_State *L)
{
    struct od_test *t = l_test_of(L);

    l_default_items(L);
    t->command = l_service_command(L, od_service_named("place_order"), "t:place", 2, OD_STR_NONE,
                                   &t->arena, NULL);
    return l_test_wait(L, t, od_test_decide, l_placed);
}

static int l_decided(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_test *t = l_test_of(L);

    (void)status;
    (void)ctx;
    if (t->refusal.code.ptr)
        return l_push_refused(L, t, false);
    lua_pushboolean(L, 1);
    return 1;
}

/* t:run(name, order, args?): true, or false and the refusal */
static int l_run(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_command *c = OD_NEW(&t->arena, struct od_command);
    const struct od_json *args = l_test_json(L, t, 4);

    if (!od_bundle_command(t->bundle, l_test_text(L, t, 2)))
        return l_unknown_command(L, "t:run", l_test_text(L, t, 2), false);
    *c = (struct od_command){
        .type = OD_COMMAND_COMPOSITE,
        .actor = t->task.actor,
        .name = l_test_text(L, t, 2),
        .args = args ? args->raw : OD_STR_NONE,
    };
    t->command = c;
    t->subject = l_check_test_order(L, 3);
    return l_test_wait(L, t, od_test_decide, l_decided);
}

static void set_clock(lua_State *L, struct od_test *t, int64_t now)
{
    t->task.now = now;
    od_vm_of(L)->now_us = now;
}

/* t:at(time): text or milliseconds */
static int l_at(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_str text;
    int64_t us;

    if (lua_isinteger(L, 2)) {
        lua_Integer ms = lua_tointeger(L, 2);
        if (ms > MS_MAX)
            return luaL_error(L, "t:at: not a time in milliseconds");
        us = ms < 0 ? 0 : ms * 1000;
    } else {
        text.ptr = luaL_checklstring(L, 2, &text.len);
        if (!od_time_parse(text, &us))
            return luaL_error(L, "t:at: '%s' is not a time like 2026-03-01T09:00:00Z", text.ptr);
    }
    if (us <= 0)
        return luaL_error(L, "t:at: the time must be after 1970");
    set_clock(L, t, us);
    return 0;
}

/* t:after(duration): "48h" */
static int l_after(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_str text;
    int64_t ms;

    text.ptr = luaL_checklstring(L, 2, &text.len);
    if (!od_conf_duration(text, &ms) || ms > INT64_C(3155760000000)) /* a century */
        return luaL_error(L, "t:after: '%s' is not a duration like 90s, 30m, 48h or 7d", text.ptr);
    if (t->task.now / 1000 + ms > MS_MAX)
        return luaL_error(L, "t:after: '%s' leads beyond the year 9999", text.ptr);
    set_clock(L, t, t->task.now + ms * 1000);
    return 0;
}

static const luaL_Reg methods[] = {
    {"order", l_order},
    {"place", l_place},
    {"ask", l_test_ask},
    {"emit", l_test_emit},
    {"run", l_run},
    {"at", l_at},
    {"events", l_test_events},
    {"after", l_after},
    {"stock", l_test_stock},
    {"request", l_test_request},
    {"job", l_test_job},
    {"receive", l_test_receive},
    {"store", l_test_store},
    {"print", l_test_print},
    {"mail", l_test_mail},
    {NULL, NULL},
};

/* Upvalue 1: the methods. */
static int l_handle_index(lua_State *L)
{
    const luaL_Reg *const lists[] = {methods, od_test_checks};
    struct od_nearest nearest;

    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "t has methods only");
    od_nearest_init(&nearest, od_str_of(lua_tostring(L, 2)));
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const luaL_Reg *m = lists[i]; m->name; m++)
            od_nearest_try(&nearest, od_str_of(m->name));
    return luaL_error(L, "t has no method '%s'%s", lua_tostring(L, 2), od_nearest_hint(&nearest));
}

/* Makes the handle of this state, and leaves it at the top. [-0, +1, v] */
static void l_make_handle(lua_State *L)
{
    l_open_opaque(L, "test", &handle_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &handle_key);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    luaL_setfuncs(L, od_test_checks, 0);
    lua_pushcclosure(L, l_handle_index, 1);
    lua_setfield(L, -2, "__index");
    lua_newuserdatauv(L, 0, 0);
    lua_insert(L, -2);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &handle_object_key);
}

void l_push_test_handle(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &handle_object_key) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    l_make_handle(L);
}
