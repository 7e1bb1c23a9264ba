#include "script/task/transaction.h"

#include <lauxlib.h>
#include <string.h>

#include "base/idempotency_key.h"
#include "script/task/service.h"
#include "script/task/services.h"
#include "script/task/task.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/opaque.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"

/*
 * oms.transaction(fn, {key =}): fn gives commands to `tx`, which only collects them; then all are
 * carried out in one database transaction, or none, in one wait. fn itself cannot wait, so what a
 * transaction does never depends on what its own first half did.
 */

#define PARTS_MAX 500

/* If-Match of an order, for its first command in the transaction. */
struct requirement {
    struct requirement *next;
    struct od_order_ref ref;
    int32_t version;
};

struct od_task_parts {
    struct od_task_part *parts;
    uint32_t count;
    size_t cap;
    struct requirement *requirements;
    uint32_t requirement_count;
};

static const char transaction_key;

/* The userdata `tx`; it outlives its transaction when a script keeps it. */
struct handle {
    struct od_task_parts *parts; /* NULL: over */
};

static struct od_task_parts *l_parts(lua_State *L, const char *what)
{
    const struct handle *h = lua_touserdata(L, 1);

    if (!l_is_opaque(L, 1, &transaction_key))
        luaL_error(L, "%s is called with a colon: %s(…)", what, what);
    if (!h->parts || h->parts != od_task_of(L)->parts)
        luaL_error(L, "%s: this transaction is over", what);
    return h->parts;
}

/* tx:cancel_order(ref, …) and its like. Upvalue 1: the service. */
static int l_tx_service(lua_State *L)
{
    const struct od_service *s = lua_touserdata(L, lua_upvalueindex(1));
    struct od_task_parts *parts;
    const char *what;
    struct od_task_part part;

    lua_settop(L, 5);
    what = lua_pushfstring(L, "tx:%s", s->name);
    parts = l_parts(L, what);
    if (parts->count >= PARTS_MAX)
        return luaL_error(L, "%s: a transaction holds at most %d commands", what, PARTS_MAX);
    l_service_part(L, s, what, 2, &part);
    parts->parts =
        od_arena_grow(od_task_of(L)->arena, parts->parts, parts->count, &parts->cap, sizeof part);
    parts->parts[parts->count++] = part;
    return 0;
}

/* tx:require_version(ref, version) */
static int l_tx_require_version(lua_State *L)
{
    static const char what[] = "tx:require_version";
    struct od_task_parts *parts = l_parts(L, what);
    struct od_arena *a = od_task_of(L)->arena;
    struct requirement *r;
    lua_Integer version = lua_tointeger(L, 3);
    struct od_order_ref ref;

    if (!lua_isinteger(L, 3) || version < 1 || version > INT32_MAX)
        return luaL_error(L, "%s: the version must be a whole number from 1", what);
    if (parts->requirement_count++ >= PARTS_MAX)
        return luaL_error(L, "%s: at most %d in a transaction", what, PARTS_MAX);
    ref = l_check_ref(L, 2, what, a);
    r = OD_NEW(a, struct requirement);
    *r = (struct requirement){parts->requirements, ref, (int32_t)version};
    parts->requirements = r;
    return 0;
}

/* Also when its function raises: whoever catches that may wait again. There is no task any more
 * when nobody did. */
static int l_tx_close(lua_State *L)
{
    struct handle *h = lua_touserdata(L, 1);
    struct od_task *t = od_task_of(L);

    h->parts = NULL;
    if (t)
        t->parts = NULL;
    return 0;
}

static bool same_ref(const struct od_order_ref *x, const struct od_order_ref *y)
{
    return x->order_id == y->order_id && memcmp(&x->uuid, &y->uuid, sizeof x->uuid) == 0 &&
           od_str_eq(x->order_number, y->order_number);
}

static void l_settle_requirements(lua_State *L, const struct od_task_parts *parts)
{
    for (const struct requirement *r = parts->requirements; r; r = r->next) {
        uint32_t i = 0;

        while (i < parts->count && !same_ref(&parts->parts[i].ref, &r->ref))
            i++;
        if (i == parts->count)
            luaL_error(L, "tx:require_version names an order that the transaction does not change "
                          "(it must be given in the same way: by id, uuid or number)");
        parts->parts[i].if_match = r->version;
    }
}

/* {key =} at index 2, into the arena. [-0, +0, v] */
static struct od_str l_read_key(lua_State *L)
{
    struct od_str key = OD_STR_NONE;

    if (lua_isnil(L, 2))
        return key;
    luaL_checktype(L, 2, LUA_TTABLE);
    l_thaw(L, 2);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || !od_str_is(od_str_of(lua_tostring(L, -2)), "key"))
            luaL_error(L, "oms.transaction: its one option is key");
        key =
            od_arena_str(od_task_of(L)->arena, l_check_text(L, -1, "key", OD_IDEMPOTENCY_KEY_MAX));
    }
    lua_pop(L, 1);
    if (key.ptr && !od_idempotency_key_valid(key, 0))
        luaL_error(
            L,
            "oms.transaction: the key must be 1 to %d characters of printable ASCII without blanks",
            OD_IDEMPOTENCY_KEY_MAX);
    return key;
}

/* A list with the order after each command; false for one that is not about an order. */
static int l_carried_out(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_task_answer *a = l_task_answer(L);

    (void)status;
    (void)ctx;
    lua_createtable(L, (int)a->count, 0);
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->texts[i].ptr)
            l_push_json_as(L, a->texts[i], l_part_answer_shape(&od_task_of(L)->request.parts[i]));
        else
            lua_pushboolean(L, 0);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    l_as_list(L);
    l_freeze(L);
    od_task_forget(od_task_of(L));
    return 1;
}

/* oms.transaction(fn, options) */
int l_oms_transaction(lua_State *L)
{
    struct od_task *t;
    struct od_task_parts *parts;
    struct handle *h;
    struct od_str key;

    l_require_service(L, "oms.transaction", NULL);
    t = od_task_of(L);
    lua_settop(L, 2);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (t->parts)
        return luaL_error(L, "oms.transaction inside of oms.transaction");
    key = l_read_key(L);
    parts = OD_NEW(t->arena, struct od_task_parts);

    h = lua_newuserdatauv(L, sizeof *h, 0);
    h->parts = parts;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &transaction_key);
    lua_setmetatable(L, 3);
    lua_toclose(L, 3);
    t->parts = parts;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 3);
    lua_call(L, 1, 0);
    lua_closeslot(L, 3);

    l_settle_requirements(L, parts);
    if (parts->count == 0) {
        lua_newtable(L);
        l_as_list(L);
        l_freeze(L);
        return 1;
    }
    t->request = (struct od_task_request){
        .wait = OD_WAIT_COMMANDS,
        .parts = parts->parts,
        .part_count = parts->count,
        .key = key.ptr ? key : od_task_next_key(t),
        .cause = od_task_cause(t),
    };
    return l_task_wait(L, l_carried_out);
}

void l_transaction_open(lua_State *L)
{
    const struct od_service *s;

    l_open_opaque(L, "transaction", &transaction_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &transaction_key);
    lua_newtable(L);
    for (uint32_t i = 0; (s = od_service_at(i)); i++) {
        lua_pushlightuserdata(L, (void *)s);
        lua_pushcclosure(L, l_tx_service, 1);
        lua_setfield(L, -2, s->name);
    }
    lua_pushcfunction(L, l_tx_require_version);
    lua_setfield(L, -2, "require_version");
    l_freeze(L);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_tx_close);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
}
