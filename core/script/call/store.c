#include "script/call/store.h"

#include <lauxlib.h>

#include "order/model/shop.h"
#include "script/bundle/loaded.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"

/* Answers scripts' questions about the stores of the shop. The answers are made once per state;
 * asking is a look into a table. */

static const char stores_key; /* registry: name -> frozen store */

static void l_push_store(lua_State *L, const struct od_store *s)
{
    static const char *const names[] = {"name", "title", "currency", "series", "prefix", NULL};
    static const struct l_shape shape = {.noun = "store", .names = names};

    lua_createtable(L, 0, 5);
    l_set_text(L, "name", s->name);
    l_set_text(L, "title", s->title.ptr ? s->title : s->name);
    l_set_text(L, "currency", s->currency);
    l_set_text(L, "series", s->series);
    l_set_text(L, "prefix", s->prefix);
    l_as_record(L, &shape);
    l_freeze(L);
}

/* oms.store(name): its settings, nil for a store that is not configured and for no name. Tests have
 * stores of their own, which no table knows. */
static int l_oms_store(lua_State *L)
{
    const struct od_bundle *b = od_bundle_of(L);
    const struct od_store *store;
    struct od_str name;

    lua_settop(L, 1);
    if (lua_isnil(L, 1))
        return 1;
    name.ptr = luaL_checklstring(L, 1, &name.len);
    if (b->testing) {
        store = od_shop_store(b->shop, name);
        if (!store)
            return 0;
        l_push_store(L, store);
        return 1;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &stores_key);
    lua_insert(L, 1);
    lua_rawget(L, 1);
    return 1;
}

void l_store_open(lua_State *L)
{
    const struct od_bundle *b = od_bundle_of(L);

    lua_newtable(L);
    for (uint32_t i = 0; b->shop && i < b->shop->store_count; i++) {
        l_push_str(L, b->shop->stores[i].name);
        l_push_store(L, &b->shop->stores[i]);
        lua_rawset(L, -3);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &stores_key);
}

const struct l_binding l_store_bindings[] = {
    {"store", l_oms_store, 0},
    {NULL, NULL, 0},
};
