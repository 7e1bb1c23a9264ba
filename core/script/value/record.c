#include "script/value/record.h"

#include <lauxlib.h>

#include "base/nearest.h"
#include "order/model/parts.h"
#include "script/vm/frozen.h"

static const char list_key; /* registry: the metatable of lists */

/* A part of an order, which has a shape of its own for the sake of what it owns. */
static const char *const item_names[] = {"qty_open", NULL};
#define PART_SHAPE(KIND)                                                                           \
    [OD_ENTITY_##KIND] = {.entity = &od_entities[OD_ENTITY_##KIND],                                \
                          .names = OD_ENTITY_##KIND == OD_ENTITY_ITEM ? item_names : NULL,         \
                          .lists = true},
static const struct l_shape part_shapes[OD_ENTITY_COUNT] = {OD_ENTITIES(PART_SHAPE)};
#undef PART_SHAPE

static const char *const order_names[] = {"canceled",
                                          "payment_rollup",
                                          "shipment_rollup",
                                          "amount_outstanding",
                                          "amount_overpaid",
                                          "amount_refundable",
                                          NULL};
static const struct l_part order_parts[] = {
    {"hold", &part_shapes[OD_ENTITY_HOLD]},
    {"shipping_address", &part_shapes[OD_ENTITY_ADDRESS]},
    {"billing_address", &part_shapes[OD_ENTITY_ADDRESS]},
    {NULL, NULL},
};
const struct l_shape l_order_shape = {.entity = &od_entities[OD_ENTITY_ORDER],
                                      .names = order_names,
                                      .parts = order_parts,
                                      .lists = true};

static const char *const activity_names[] = {"activity_id", "created_at",        "username",
                                             "comment",     "customer_notified", NULL};
static const struct l_shape activity = {.noun = "activity", .names = activity_names};
static const struct l_part row_parts[] = {
    {"addresses", &part_shapes[OD_ENTITY_ADDRESS]},
    {"activities", &activity},
    {NULL, NULL},
};
const struct l_shape l_row_shape = {
    .noun = "row", .entity = &od_entities[OD_ENTITY_ORDER], .parts = row_parts, .lists = true};

static const char *noun_of(const struct l_shape *s)
{
    return s->noun ? s->noun : s->entity->noun;
}

/* Whether the shape's entity owns a list of these parts. */
static bool owns(const struct l_shape *s, const struct od_part_kind *p)
{
    return s->lists && s->entity == &od_entities[p->owner] && !p->slots;
}

const struct l_shape *l_part_shape(const struct l_shape *shape, struct od_str key)
{
    for (const struct l_part *p = shape ? shape->parts : NULL; p && p->key; p++)
        if (od_str_is(key, p->key))
            return p->shape;
    OD_EACH_PART_KIND (p)
        if (shape && owns(shape, p) && od_str_is(key, p->name))
            return &part_shapes[p->kind];
    return NULL;
}

static bool has_flags(const struct l_shape *s, const struct od_field *f)
{
    return (f->flags & s->flags) == s->flags;
}

static bool is_known(const struct l_shape *s, struct od_str name)
{
    const struct od_field *f = s->entity ? od_entity_field(s->entity, name) : NULL;

    for (size_t i = 0; s->names && s->names[i]; i++)
        if (od_str_is(name, s->names[i]))
            return true;
    return l_part_shape(s, name) || (f && has_flags(s, f));
}

static struct od_nearest nearest(const struct l_shape *s, struct od_str name)
{
    struct od_nearest near;

    od_nearest_init(&near, name);
    for (size_t i = 0; s->names && s->names[i]; i++)
        od_nearest_try(&near, od_str_of(s->names[i]));
    for (const struct l_part *p = s->parts; p && p->key; p++)
        od_nearest_try(&near, od_str_of(p->key));
    OD_EACH_PART_KIND (p)
        if (owns(s, p))
            od_nearest_try(&near, od_str_of(p->name));
    for (uint32_t i = 0; s->entity && i < s->entity->field_count; i++)
        if (has_flags(s, &s->entity->fields[i]))
            od_nearest_try(&near, od_str_of(s->entity->fields[i].name));
    return near;
}

/* __index of records: only names that are not there come here. Upvalue 1: the shape. */
static int l_record_index(lua_State *L)
{
    const struct l_shape *s = lua_touserdata(L, lua_upvalueindex(1));
    struct od_nearest near;
    struct od_str name;

    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "%s has named fields only", noun_of(s));
    name.ptr = lua_tolstring(L, 2, &name.len);
    if (is_known(s, name))
        return 0;
    near = nearest(s, name);
    return luaL_error(L, "%s has no field '%s'%s", noun_of(s), name.ptr, od_nearest_hint(&near));
}

void l_push_record_index(lua_State *L, const struct l_shape *shape)
{
    lua_pushlightuserdata(L, (void *)shape);
    lua_pushcclosure(L, l_record_index, 1);
}

void l_as_record(lua_State *L, const struct l_shape *shape)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, shape) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 1);
        l_push_record_index(L, shape);
        lua_setfield(L, -2, "__index");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, shape);
    }
    lua_setmetatable(L, -2);
}

void l_as_list(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &list_key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 1);
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "__list");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &list_key);
    }
    lua_setmetatable(L, -2);
}

/* Scripts cannot give a table this field of a metatable: see l_setmetatable. */
bool l_is_list(lua_State *L, int idx)
{
    if (luaL_getmetafield(L, idx, "__list") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

/* oms.list(table): the table itself. One that is frozen is what it is already. */
static int l_oms_list(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (l_is_protected(L, 1))
        return 1;
    if (lua_getmetatable(L, 1)) { /* its own copy, or a mark of C's */
        if (!l_is_list(L, 1))
            return luaL_error(L, "oms.list: a table with a metatable is no list");
        lua_pop(L, 1);
    } else {
        l_as_list(L);
    }
    return 1;
}

const struct l_binding l_list_bindings[] = {
    {"list", l_oms_list, 0},
    {NULL, NULL, 0},
};
