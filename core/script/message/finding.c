#include <lauxlib.h>
#include <string.h>

#include "order/show/query.h"
#include "script/bundle/capabilities.h"
#include "script/message/message.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* oms.find_orders: a message names a parcel or a payment, and not the order. */

#define WAITING   (OD_VM_ROUTE | OD_VM_JOB | OD_VM_RECEIVER)
#define ORDERS    20 /* that share it, at most; a parcel may hold several orders, not hundreds */
#define VALUE_MAX 100

static const struct {
    const char *option, *column;
    enum od_query_source source;
    const char *absent;
} ways[] = {
    {"tracking_number", "shipments.tracking_number", OD_QUERY_SHIPMENT,
     "No order has a parcel with this tracking number yet"},
    {"transaction_id", "payments.transaction_id", OD_QUERY_PAYMENT,
     "No order has a payment with this transaction id yet"},
};

/* Rows are ordered by the order; several parts of one order are several rows. */
static int l_found(lua_State *L, int status, lua_KContext way)
{
    const struct od_task_answer *a = l_task_answer(L);
    lua_Integer n = 0, last = 0;

    (void)status;
    lua_newtable(L);
    for (uint32_t i = 0; i < a->count; i++) {
        l_push_json_as(L, a->texts[i], &l_row_shape);
        lua_getfield(L, -1, "order_id");
        lua_Integer id = lua_tointeger(L, -1);
        if (id != last)
            lua_rawseti(L, -3, ++n);
        else
            lua_pop(L, 1);
        last = id;
        lua_pop(L, 1);
    }
    od_task_forget(od_task_of(L));
    if (n == 0)
        return l_refuse(L, "order_not_found", 404, ways[way].absent);
    l_as_list(L);
    l_freeze(L);
    return 1;
}

static struct od_query *make_query(struct od_arena *a, size_t way, struct od_str value)
{
    struct od_query *q = OD_NEW(a, struct od_query);
    struct od_query_where *w = OD_NEW(a, struct od_query_where);
    struct od_query_column id;

    (void)od_query_column(od_str_of(ways[way].column), &w->column);
    (void)od_query_column(OD_STR("order_id"), &id);
    w->values = OD_NEW(a, struct od_str);
    w->values[0] = od_arena_str(a, value);
    w->value_count = 1;
    q->joins[q->join_count++].source = ways[way].source;
    q->where = w;
    q->where_count = 1;
    q->order_by[q->order_count++].column = id;
    q->limit = ORDERS;
    return q;
}

/* oms.find_orders { tracking_number = } or { transaction_id = } */
static int l_oms_find_orders(lua_State *L)
{
    size_t way = 0, n = sizeof ways / sizeof *ways;

    if (!(od_vm_of(L)->context & WAITING))
        return luaL_error(L, "oms.find_orders may wait: routes, jobs and receivers only");
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    while (way < n && lua_getfield(L, 1, ways[way].option) == LUA_TNIL)
        way++;
    if (way == n)
        return luaL_error(L, "oms.find_orders takes tracking_number or transaction_id");
    struct od_str value = l_check_text(L, -1, "oms.find_orders: the value", VALUE_MAX);
    od_task_of(L)->request = (struct od_task_request){
        .wait = OD_WAIT_QUERY, .query = make_query(od_task_of(L)->arena, way, value)};
    l_task_may_wait(L);
    return lua_yieldk(L, 0, (lua_KContext)way, l_found);
}

const struct l_binding l_finding_bindings[] = {
    {"find_orders", l_oms_find_orders, OD_CAP_SQL_READ},
    {NULL, NULL, 0},
};
