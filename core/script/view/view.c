#include "script/view/view.h"

#include <lauxlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/uuid.h"
#include "script/value/json.h"
#include "script/value/opaque.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/view/push.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* Registry keys of the metatables, one per entity for records and one for lists. */
static const char record_keys[OD_ENTITY_COUNT], list_keys[OD_ENTITY_COUNT];

const struct view *l_view(lua_State *L, int idx)
{
    const struct view *v = lua_touserdata(L, idx);

    if (!v || v->scope != od_vm_of(L)->scope)
        luaL_error(L, "this order or event was handed to an earlier call, or taken before a step; "
                      "keep the values you need (order.order_id), not the order");
    return v;
}

void l_push_view(lua_State *L, const void *key, const void *base, uint32_t count)
{
    struct view *v = lua_newuserdatauv(L, sizeof *v, 0);

    *v = (struct view){od_vm_of(L)->scope, base, count};
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    lua_setmetatable(L, -2);
}

void l_push_record(lua_State *L, enum od_entity_kind kind, const void *base)
{
    if (base)
        l_push_view(L, &record_keys[kind], base, 0);
    else
        lua_pushnil(L);
}

void l_push_time(lua_State *L, int64_t us)
{
    if (us != 0)
        lua_pushinteger(L, us / 1000);
    else
        lua_pushnil(L);
}

static void l_push_uuid(lua_State *L, const struct od_uuid *u)
{
    char text[OD_UUID_TEXT + 1];

    if (od_uuid_is_zero(u)) {
        lua_pushnil(L);
        return;
    }
    od_uuid_format(u, text);
    lua_pushlstring(L, text, OD_UUID_TEXT);
}

void l_push_field(lua_State *L, const struct od_field *f, const void *base)
{
    const void *at = (const char *)base + f->offset;

    switch (f->type) {
    case OD_FIELD_STR:
        l_push_str(L, *(const struct od_str *)at);
        break;
    case OD_FIELD_I32:
        lua_pushinteger(L, *(const int32_t *)at);
        break;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        lua_pushinteger(L, *(const int64_t *)at);
        break;
    case OD_FIELD_BOOL:
        lua_pushboolean(L, *(const bool *)at);
        break;
    case OD_FIELD_TIME:
        l_push_time(L, *(const int64_t *)at);
        break;
    case OD_FIELD_UUID:
        l_push_uuid(L, at);
        break;
    case OD_FIELD_JSON:
        l_push_json(L, *(const struct od_str *)at);
        break;
    }
}

void l_push_list(lua_State *L, enum od_entity_kind kind, const void *base, uint32_t count)
{
    l_push_view(L, &list_keys[kind], base, count);
}

void l_push_part_list(lua_State *L, const struct od_part_kind *p, const void *owner)
{
    uint32_t count = od_part_count(p, owner);
    lua_Integer n = 0;

    if (!(p->flags & OD_PART_SET)) {
        l_push_list(L, p->kind, od_part_at(p, owner, 0), count);
        return;
    }
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        const void *part = od_part_at(p, owner, i);
        if (!od_part_stands(p, part))
            continue;
        l_push_record(L, p->kind, part);
        lua_rawseti(L, -2, ++n);
    }
    l_as_list(L);
    l_freeze(L);
}

/* A record has three kinds of names: its fields, the lists of parts that it owns, and its extras.
 * The position of a name tells which: fields from 0 on, lists from LISTS on by the kind of their
 * parts, extras from EXTRAS on. */
enum { LISTS = 64, EXTRAS = LISTS + OD_ENTITY_COUNT };

static bool owns(enum od_entity_kind kind, const struct od_part_kind *p)
{
    return p->owner == kind && !p->slots;
}

/* The key at index 2 for a message: without addresses, which luaL_tolstring would give. [-0, +0|1,
 * m] */
static const char *l_key_name(lua_State *L)
{
    return lua_isstring(L, 2) ? luaL_tolstring(L, 2, NULL) : luaL_typename(L, 2);
}

/* Composite commands and tests may act on orders. Pushes the method of that name and returns true
 * when there is one. Upvalue 3: the function that knows them. [-0, +0|1, v] */
static bool l_push_method(lua_State *L)
{
    if (!(od_vm_of(L)->context & (OD_VM_COMMAND | OD_VM_TEST)) || lua_type(L, 2) != LUA_TSTRING)
        return false;
    lua_pushvalue(L, lua_upvalueindex(3));
    lua_pushvalue(L, 2);
    lua_call(L, 1, 1);
    return !lua_isnil(L, -1);
}

/* The key at index 2 is none of the record's. [-0, +0, v] */
static int l_unknown_field(lua_State *L, enum od_entity_kind kind)
{
    const struct od_entity *e = &od_entities[kind];
    const char *name = l_key_name(L);
    struct od_nearest near;

    od_nearest_init(&near, od_str_of(name));
    for (uint32_t i = 0; i < e->field_count; i++)
        od_nearest_try(&near, od_str_of(e->fields[i].name));
    OD_EACH_PART_KIND (p) {
        if (owns(kind, p))
            od_nearest_try(&near, od_str_of(p->name));
    }
    for (const struct od_view_extra *x = l_view_extras(kind); x->name; x++)
        od_nearest_try(&near, od_str_of(x->name));
    return luaL_error(L, "%s has no field '%s'%s", od_entities[kind].noun, name,
                      od_nearest_hint(&near));
}

/* Upvalues: name -> position; the entity kind; of an order its methods. */
static int l_record_index(lua_State *L)
{
    const struct view *v = l_view(L, 1);
    lua_Integer kind, at;

    lua_pushvalue(L, 2);
    kind = lua_tointeger(L, lua_upvalueindex(2));
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) {
        if (kind == OD_ENTITY_ORDER && l_push_method(L))
            return 1;
        return l_unknown_field(L, (enum od_entity_kind)kind);
    }
    at = lua_tointeger(L, -1);
    if (at < LISTS)
        l_push_field(L, &od_entities[kind].fields[at], v->base);
    else if (at < EXTRAS)
        l_push_part_list(L, &od_part_kinds[at - LISTS], v->base);
    else
        l_view_extras((enum od_entity_kind)kind)[at - EXTRAS].push(L, v->base);
    return 1;
}

/* Upvalue 1: the sequence of names. */
static int l_record_pairs(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    l_push_iterator(L, 1);
    return 3;
}

/* Upvalue 1: the entity kind. */
static int l_list_index(lua_State *L)
{
    const struct view *v = l_view(L, 1);
    lua_Integer kind = lua_tointeger(L, lua_upvalueindex(1)), i = lua_tointeger(L, 2);

    if (!lua_isinteger(L, 2))
        return luaL_error(L, "a list of %ss is indexed by 1, 2, 3 …, not by '%s'",
                          od_entities[kind].noun, l_key_name(L));
    if (i < 1 || i > v->count)
        return 0;
    l_push_record(L, (enum od_entity_kind)kind,
                  (const char *)v->base + (size_t)(i - 1) * od_entities[kind].size);
    return 1;
}

static int l_list_len(lua_State *L)
{
    lua_pushinteger(L, l_view(L, 1)->count);
    return 1;
}

/* Upvalue 1: the list. Scripts can call this with what they like. */
static int l_list_next(lua_State *L)
{
    const struct view *v = l_view(L, lua_upvalueindex(1));
    lua_Integer i = luaL_checkinteger(L, 2);

    if (i < 0 || i >= v->count)
        return 0;
    lua_pushinteger(L, i + 1);
    lua_pushvalue(L, -1);
    lua_gettable(L, lua_upvalueindex(1));
    return 2;
}

static int l_list_pairs(lua_State *L)
{
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, l_list_next, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int l_view_read_only(lua_State *L)
{
    return luaL_error(L, "orders and events are read-only; a rule answers, it changes nothing");
}

void l_seal_view(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, l_view_read_only);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

/* The sequence of names stands at the top, below it name -> position. [-0, +0, m] */
static void l_add_name(lua_State *L, const char *name, lua_Integer position)
{
    lua_pushinteger(L, position);
    lua_setfield(L, -3, name);
    lua_pushstring(L, name);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void l_open_record(lua_State *L, enum od_entity_kind kind, lua_CFunction method)
{
    const struct od_entity *e = &od_entities[kind];
    const struct od_view_extra *extras = l_view_extras(kind);

    lua_newtable(L); /* metatable */
    lua_newtable(L); /* name -> position */
    lua_newtable(L); /* names */
    for (uint32_t i = 0; i < e->field_count; i++)
        l_add_name(L, e->fields[i].name, i);
    OD_EACH_PART_KIND (p) {
        if (owns(kind, p))
            l_add_name(L, p->name, LISTS + p->kind);
    }
    for (lua_Integer i = 0; extras[i].name; i++)
        l_add_name(L, extras[i].name, EXTRAS + i);
    lua_pushcclosure(L, l_record_pairs, 1);
    lua_setfield(L, -3, "__pairs");
    lua_pushinteger(L, kind);
    lua_pushcfunction(L, method);
    lua_pushcclosure(L, l_record_index, 3);
    lua_setfield(L, -2, "__index");
    l_seal_view(L, od_entities[kind].noun);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &record_keys[kind]);
}

static void l_open_list(lua_State *L, enum od_entity_kind kind)
{
    lua_newtable(L);
    lua_pushinteger(L, kind);
    lua_pushcclosure(L, l_list_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_list_len);
    lua_setfield(L, -2, "__len");
    lua_pushcfunction(L, l_list_pairs);
    lua_setfield(L, -2, "__pairs");
    l_seal_view(L, "list");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &list_keys[kind]);
}

void l_view_open(lua_State *L, lua_CFunction order_method)
{
    for (int kind = 0; kind < OD_ENTITY_COUNT; kind++) {
        l_open_record(L, (enum od_entity_kind)kind, order_method);
        l_open_list(L, (enum od_entity_kind)kind);
    }
    l_open_event(L);
}

void l_push_order(lua_State *L, const struct od_order *o)
{
    l_push_record(L, OD_ENTITY_ORDER, o);
}

void l_push_shipment(lua_State *L, const struct od_shipment *s)
{
    l_push_record(L, OD_ENTITY_SHIPMENT, s);
}

const struct od_order *l_check_order(lua_State *L, int idx)
{
    luaL_argexpected(L, l_is_opaque(L, idx, &record_keys[OD_ENTITY_ORDER]), idx, "order");
    return l_view(L, idx)->base;
}
