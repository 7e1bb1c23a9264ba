#include "script/value/record.h"

#include <lauxlib.h>

#include "base/nearest.h"
#include "script/vm/frozen.h"

static const char list_key; /* registry: the metatable of lists */

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
    for (const struct l_part *p = s->parts; p && p->key; p++)
        if (od_str_is(name, p->key))
            return true;
    return f && has_flags(s, f);
}

static struct od_nearest nearest(const struct l_shape *s, struct od_str name)
{
    struct od_nearest near;

    od_nearest_init(&near, name);
    for (size_t i = 0; s->names && s->names[i]; i++)
        od_nearest_try(&near, od_str_of(s->names[i]));
    for (const struct l_part *p = s->parts; p && p->key; p++)
        od_nearest_try(&near, od_str_of(p->key));
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
        return luaL_error(L, "%s has named fields only", s->noun);
    name.ptr = lua_tolstring(L, 2, &name.len);
    if (is_known(s, name))
        return 0;
    near = nearest(s, name);
    return luaL_error(L, "%s has no field '%s'%s", s->noun, name.ptr, od_nearest_hint(&near));
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

const struct l_shape *l_part_shape(const struct l_shape *shape, struct od_str key)
{
    for (const struct l_part *p = shape ? shape->parts : NULL; p && p->key; p++)
        if (od_str_is(key, p->key))
            return p->shape;
    return NULL;
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

#define ENTITY(kind) .entity = &od_entities[OD_ENTITY_##kind]

static const char *const item_names[] = {"qty_open", NULL};
static const struct l_shape item = {.noun = "item", .names = item_names, ENTITY(ITEM)};
static const struct l_shape address = {.noun = "address", ENTITY(ADDRESS)};
static const struct l_shape payment = {.noun = "payment", ENTITY(PAYMENT)};
static const struct l_shape hold = {.noun = "hold", ENTITY(HOLD)};
static const struct l_shape shipment_item = {.noun = "shipment item", ENTITY(SHIPMENT_ITEM)};
static const struct l_part shipment_parts[] = {{"items", &shipment_item}, {NULL, NULL}};
static const struct l_shape shipment = {
    .noun = "shipment", ENTITY(SHIPMENT), .parts = shipment_parts};
static const struct l_shape refund_item = {.noun = "refund item", ENTITY(REFUND_ITEM)};
static const struct l_part refund_parts[] = {{"items", &refund_item}, {NULL, NULL}};
static const struct l_shape refund = {.noun = "refund", ENTITY(REFUND), .parts = refund_parts};
static const struct l_shape return_item = {.noun = "return item", ENTITY(RETURN_ITEM)};
static const struct l_part return_parts[] = {{"items", &return_item}, {NULL, NULL}};
static const struct l_shape return_ = {.noun = "return", ENTITY(RETURN), .parts = return_parts};
static const struct l_shape invoice = {.noun = "invoice", ENTITY(INVOICE)};
static const struct l_shape change = {.noun = "change", ENTITY(CHANGE)};
static const char *const activity_names[] = {"activity_id", "created_at",        "username",
                                             "comment",     "customer_notified", NULL};
static const struct l_shape activity = {.noun = "activity", .names = activity_names};

static const char *const order_names[] = {"canceled",
                                          "payment_rollup",
                                          "shipment_rollup",
                                          "amount_outstanding",
                                          "amount_overpaid",
                                          "amount_refundable",
                                          NULL};
static const struct l_part order_parts[] = {
    {"items", &item},
    {"payments", &payment},
    {"shipments", &shipment},
    {"refunds", &refund},
    {"returns", &return_},
    {"invoices", &invoice},
    {"changes", &change},
    {"holds", &hold},
    {"hold", &hold},
    {"shipping_address", &address},
    {"billing_address", &address},
    {NULL, NULL},
};
const struct l_shape l_order_shape = {
    .noun = "order", .names = order_names, ENTITY(ORDER), .parts = order_parts};

static const struct l_part row_parts[] = {
    {"items", &item},       {"addresses", &address},   {"shipments", &shipment},
    {"payments", &payment}, {"refunds", &refund},      {"returns", &return_},
    {"invoices", &invoice}, {"activities", &activity}, {NULL, NULL},
};
const struct l_shape l_row_shape = {.noun = "row", ENTITY(ORDER), .parts = row_parts};

const struct l_binding l_list_bindings[] = {
    {"list", l_oms_list, 0},
    {NULL, NULL, 0},
};
