#include <lauxlib.h>
#include <string.h>

#include "order/rollup.h"
#include "order/trade.h"
#include "script/host.h"
#include "script/record.h"
#include "script/value.h"

/* What scripts ask about the shop: its stores, and which status stands for a rollup. The answers
 * are made once per state; asking is a look into a table. */

static const char stores_key;                   /* registry: name -> frozen store */
static const char rollup_keys[OD_STATUS_KINDS]; /* registry: rollup -> code */

static struct od_str copy_or_none(struct od_arena *a, struct od_str s)
{
    return s.ptr ? od_arena_str(a, s) : OD_STR_NONE;
}

static struct od_store copy_store(struct od_arena *a, const struct od_store *from)
{
    struct od_store to = *from;

    to.name = copy_or_none(a, from->name);
    to.title = copy_or_none(a, from->title);
    to.currency = copy_or_none(a, from->currency);
    to.series = copy_or_none(a, from->series);
    to.prefix = copy_or_none(a, from->prefix);
    to.currencies = OD_NEW_ARRAY(a, struct od_str, from->currency_count);
    for (uint32_t i = 0; i < from->currency_count; i++)
        to.currencies[i] = copy_or_none(a, from->currencies[i]);
    to.statuses = OD_NEW_ARRAY(a, struct od_store_status, from->status_count);
    for (uint32_t i = 0; i < from->status_count; i++)
        to.statuses[i] = (struct od_store_status){from->statuses[i].kind,
                                                  copy_or_none(a, from->statuses[i].code),
                                                  copy_or_none(a, from->statuses[i].name)};
    return to;
}

static struct od_metadata_type copy_metadata(struct od_arena *a,
                                             const struct od_metadata_type *from)
{
    struct od_metadata_type to = *from;

    to.key = copy_or_none(a, from->key);
    to.choices = OD_NEW_ARRAY(a, struct od_str, from->choice_count);
    for (uint32_t i = 0; i < from->choice_count; i++)
        to.choices[i] = copy_or_none(a, from->choices[i]);
    return to;
}

const struct od_trade *od_bundle_trade_copy(struct od_arena *a, const struct od_trade *from)
{
    struct od_trade *to;

    if (!from)
        return NULL;
    to = OD_NEW(a, struct od_trade);
    *to = *from;
    to->stores = OD_NEW_ARRAY(a, struct od_store, from->store_count);
    for (uint32_t i = 0; i < from->store_count; i++)
        to->stores[i] = copy_store(a, &from->stores[i]);
    to->locations = OD_NEW_ARRAY(a, struct od_str, from->location_count);
    for (uint32_t i = 0; i < from->location_count; i++)
        to->locations[i] = copy_or_none(a, from->locations[i]);
    to->metadata = OD_NEW_ARRAY(a, struct od_metadata_type, from->metadata_count);
    for (uint32_t i = 0; i < from->metadata_count; i++)
        to->metadata[i] = copy_metadata(a, &from->metadata[i]);
    return to;
}

/* oms.status_name(kind, code, store?): what the store's customers read. */
int l_oms_status_name(lua_State *L)
{
    enum od_status_kind kind = l_check_status_kind(L);
    const struct od_bundle *b = od_bundle_of(L);
    struct od_str code, store = OD_STR_NONE;

    code.ptr = luaL_checklstring(L, 2, &code.len);
    store.ptr = luaL_optlstring(L, 3, NULL, &store.len);
    l_push_str(L, od_trade_status_name(b->trade, store, b->statuses, kind, code));
    return 1;
}

/* oms.rollup_status(kind, rollup) */
int l_oms_rollup_status(lua_State *L)
{
    enum od_status_kind kind = l_check_status_kind(L);

    if (kind == OD_STATUS_ORDER)
        return luaL_error(L, "oms.rollup_status: payments and shipments have rollups, orders none");
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &rollup_keys[kind]);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) == LUA_TNIL)
        return luaL_error(L, "oms.rollup_status: there is no rollup '%s'", lua_tostring(L, 2));
    return 1;
}

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
int l_oms_store(lua_State *L)
{
    const struct od_bundle *b = od_bundle_of(L);
    const struct od_store *store;
    struct od_str name;

    lua_settop(L, 1);
    if (lua_isnil(L, 1))
        return 1;
    name.ptr = luaL_checklstring(L, 1, &name.len);
    if (b->testing) {
        store = od_trade_store(b->trade, name);
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

void l_trade_prepare(lua_State *L)
{
    const struct od_bundle *b = od_bundle_of(L);

    lua_newtable(L);
    for (uint32_t i = 0; b->trade && i < b->trade->store_count; i++) {
        l_push_str(L, b->trade->stores[i].name);
        l_push_store(L, &b->trade->stores[i]);
        lua_rawset(L, -3);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &stores_key);
    for (int kind = OD_STATUS_PAYMENT; kind <= OD_STATUS_SHIPMENT; kind++) {
        lua_createtable(L, 0, OD_ROLLUPS);
        for (int r = 0; r < OD_ROLLUPS; r++) {
            l_push_str(L, od_rollup_name((enum od_rollup)r));
            l_push_str(L, od_rollup_status(&b->statuses->of[kind], (enum od_rollup)r));
            lua_rawset(L, -3);
        }
        lua_rawsetp(L, LUA_REGISTRYINDEX, &rollup_keys[kind]);
    }
}
