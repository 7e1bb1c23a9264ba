#include "script/task/query_builder.h"

#include <lauxlib.h>
#include <string.h>

#include "script/bundle/capabilities.h"
#include "script/bundle/loaded.h"
#include "script/task/query_check.h"
#include "script/task/task.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/opaque.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/*
 * oms.orders(): a question about many orders, put together call by call. Each call checks what it
 * is given against the tables of fields, so that an error stands at its line. Nothing a script
 * writes becomes SQL text: columns are named by the tables, values are parameters.
 */

#define WHERE_MAX     32
#define DEFAULT_LIMIT 100
#define WAITING       (OD_VM_ROUTE | OD_VM_JOB | OD_VM_RECEIVER)

/* Values are Lua strings, kept alive by the table in its user value. */
struct builder {
    struct od_query query; /* .where points to `where` */
    struct od_query_where where[WHERE_MAX];
    struct od_str single[WHERE_MAX]; /* the value of a condition that has one */
    lua_Integer anchors;
};

static const char builder_key;

static struct builder *l_builder(lua_State *L, const char *method)
{
    if (!l_is_opaque(L, 1, &builder_key))
        luaL_error(L, "oms.orders(): %s is called with a colon, :%s(…)", method, method);
    return lua_touserdata(L, 1);
}

/* Keeps the value at the top as long as the builder. [-1, +0, m] */
static void l_anchor(lua_State *L, struct builder *b)
{
    lua_getiuservalue(L, 1, 1);
    lua_insert(L, -2);
    lua_rawseti(L, -2, ++b->anchors);
    lua_pop(L, 1);
}

/* The list of IN at idx into the condition. [-0, +0, v] */
static void l_read_list(lua_State *L, int idx, struct builder *b, struct od_query_where *w)
{
    lua_Unsigned n;

    if (!lua_istable(L, idx))
        l_query_wrong_value(L, idx, &w->column, "a list of values by in");
    l_thaw(L, idx);
    idx = lua_gettop(L);
    n = lua_rawlen(L, idx);
    lua_pushnil(L);
    if (n == 0 && lua_next(L, idx))
        luaL_error(L, "%s is compared with a list of values by in", w->column.name);
    lua_settop(L, idx);
    if (n > OD_QUERY_ROWS_MAX)
        luaL_error(L, "in: a list of more than %d values", OD_QUERY_ROWS_MAX);
    w->values = lua_newuserdatauv(L, (n + 1) * sizeof *w->values, 0);
    l_anchor(L, b);
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        w->values[i] = l_query_push_value(L, lua_gettop(L), &w->column);
        l_anchor(L, b);
        lua_pop(L, 1);
    }
    w->value_count = (uint32_t)n;
    lua_settop(L, idx - 1);
}

/* where(column, comparison, value) */
static int l_add_where(lua_State *L, const char *method, bool or_)
{
    struct builder *b = l_builder(L, method);
    struct od_query_where w = {.or_ = or_};

    lua_settop(L, 4);
    if (b->query.where_count == WHERE_MAX)
        return luaL_error(L, "a query has at most %d conditions", WHERE_MAX);
    w.column = l_query_check_column(L, 2);
    w.compare = l_query_check_compare(L, 3);
    if (w.compare == OD_QUERY_LIKE && w.column.type != OD_FIELD_STR)
        return luaL_error(L, "like compares texts, and %s is none", w.column.name);
    if (w.compare == OD_QUERY_NULL || w.compare == OD_QUERY_NOT_NULL) {
        if (!lua_isnil(L, 4))
            return luaL_error(L, "is_null and not_null take no value");
    } else if (w.compare == OD_QUERY_IN) {
        l_read_list(L, 4, b, &w);
    } else {
        w.values = &b->single[b->query.where_count];
        *w.values = l_query_push_value(L, 4, &w.column);
        w.value_count = 1;
        l_anchor(L, b);
    }
    b->where[b->query.where_count++] = w;
    lua_settop(L, 1);
    return 1;
}

static int l_where(lua_State *L)
{
    return l_add_where(L, "where", false);
}

static int l_and_where(lua_State *L)
{
    return l_add_where(L, "and_where", false);
}

static int l_or_where(lua_State *L)
{
    return l_add_where(L, "or_where", true);
}

static int l_add_join(lua_State *L, const char *method, bool left)
{
    struct builder *b = l_builder(L, method);
    struct od_query *q = &b->query;
    enum od_query_source source;
    struct od_str name = l_check_text(L, 2, "what is joined", 40);

    if (!od_query_source_parse(name, &source) || source == OD_QUERY_ORDER)
        return luaL_error(L, "there is no '%s' to join; known: %s", name.ptr,
                          od_query_known_sources(od_vm_of(L)->arena));
    for (uint32_t i = 0; i < q->join_count; i++)
        if (q->joins[i].source == source)
            return luaL_error(L, "%s are joined already", name.ptr);
    q->joins[q->join_count].source = source;
    q->joins[q->join_count++].left = left;
    lua_settop(L, 1);
    return 1;
}

static int l_join(lua_State *L)
{
    return l_add_join(L, "join", false);
}

static int l_left_join(lua_State *L)
{
    return l_add_join(L, "left_join", true);
}

/* order_by(column, "asc" | "desc") */
static int l_order_by(lua_State *L)
{
    struct builder *b = l_builder(L, "order_by");
    struct od_query *q = &b->query;
    struct od_query_column column = l_query_check_column(L, 2);
    const char *direction = luaL_optstring(L, 3, "asc");
    bool descending = strcmp(direction, "desc") == 0;

    if (!descending && strcmp(direction, "asc") != 0)
        return luaL_error(L, "order_by: '%s' is neither \"asc\" nor \"desc\"", direction);
    if (column.type == OD_FIELD_JSON)
        return luaL_error(L, "order_by: %s is JSON, which has no order", column.name);
    if (q->order_count == OD_QUERY_ORDER_MAX)
        return luaL_error(L, "order_by: at most %d columns", OD_QUERY_ORDER_MAX);
    q->order_by[q->order_count].column = column;
    q->order_by[q->order_count++].descending = descending;
    lua_settop(L, 1);
    return 1;
}

/* limit(offset, count) */
static int l_limit(lua_State *L)
{
    struct builder *b = l_builder(L, "limit");
    lua_Integer offset = lua_tointeger(L, 2), count = lua_tointeger(L, 3);

    if (!lua_isinteger(L, 2) || !lua_isinteger(L, 3) || offset < 0 || offset > INT32_MAX ||
        count < 1 || count > OD_QUERY_ROWS_MAX)
        return luaL_error(L, "limit(offset, count): the offset from 0, the count from 1 to %d",
                          OD_QUERY_ROWS_MAX);
    b->query.offset = (uint32_t)offset;
    b->query.limit = (uint32_t)count;
    lua_settop(L, 1);
    return 1;
}

/* Raises when the column is of something that is not joined. [-0, +0, v] */
static void l_check_joined(lua_State *L, const struct od_query *q, const struct od_query_column *c)
{
    uint32_t i = 0;
    const char *source = od_query_source_name(c->source);

    while (i < q->join_count && q->joins[i].source != c->source)
        i++;
    if (c->source != OD_QUERY_ORDER && i == q->join_count)
        luaL_error(L, "%s.%s is asked for, but %s are not joined: add :join(\"%s\")", source,
                   c->name, source, source);
}

/* A copy in the task's arena: the script may go on with its builder. Nothing is copied of a query
 * that is refused, and what is copied is charged: a list may be named in each condition. [-0, +0,
 * v] */
static struct od_query *l_finish(lua_State *L, const char *method)
{
    const struct builder *b = l_builder(L, method);
    struct od_arena *a = od_vm_of(L)->arena;
    struct od_query *q;

    if (!(od_vm_of(L)->context & WAITING))
        luaL_error(L, "oms.orders():%s may wait: routes, jobs and receivers only", method);
    for (uint32_t i = 0; i < b->query.where_count; i++)
        l_check_joined(L, &b->query, &b->where[i].column);
    for (uint32_t i = 0; i < b->query.order_count; i++)
        l_check_joined(L, &b->query, &b->query.order_by[i].column);
    q = OD_NEW(a, struct od_query);
    *q = b->query;
    q->limit = q->limit ? q->limit : DEFAULT_LIMIT;
    q->where = OD_NEW_ARRAY(a, struct od_query_where, q->where_count);
    for (uint32_t i = 0; i < q->where_count; i++) {
        struct od_query_where *w = &q->where[i];

        *w = b->where[i];
        w->values = OD_NEW_ARRAY(a, struct od_str, w->value_count);
        for (uint32_t j = 0; j < w->value_count; j++) {
            l_charge(L, 1 + (double)b->where[i].values[j].len / 16);
            w->values[j] = od_arena_str(a, b->where[i].values[j]);
        }
    }
    return q;
}

static int l_ask(lua_State *L, const struct od_query *q, lua_KFunction resumed)
{
    od_task_of(L)->request = (struct od_task_request){.wait = OD_WAIT_QUERY, .query = q};
    return l_task_wait(L, resumed);
}

static int l_rows(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_task_answer *a = l_task_answer(L);

    (void)status;
    (void)ctx;
    lua_createtable(L, (int)a->count, 0);
    for (uint32_t i = 0; i < a->count; i++) {
        l_push_json_as(L, a->texts[i], &l_row_shape);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    l_as_list(L);
    l_freeze(L);
    od_task_forget(od_task_of(L));
    return 1;
}

/* [-0, +1, v] */
static int l_one_row(lua_State *L, const struct l_shape *shape)
{
    const struct od_task_answer *a = l_task_answer(L);

    l_push_json_as(L, a->count > 0 ? a->texts[0] : OD_STR_NONE, shape);
    od_task_forget(od_task_of(L));
    return 1;
}

static int l_first_row(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return l_one_row(L, &l_row_shape);
}

static int l_counted(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    l_one_row(L, NULL);
    lua_getfield(L, -1, "count");
    return 1;
}

static int l_execute(lua_State *L)
{
    return l_ask(L, l_finish(L, "execute"), l_rows);
}

static int l_first(lua_State *L)
{
    struct od_query *q = l_finish(L, "first");

    q->limit = 1;
    return l_ask(L, q, l_first_row);
}

static int l_count(lua_State *L)
{
    struct od_query *q = l_finish(L, "count");

    q->count = true;
    return l_ask(L, q, l_counted);
}

static const luaL_Reg methods[] = {
    {"where", l_where},
    {"and_where", l_and_where},
    {"or_where", l_or_where},
    {"join", l_join},
    {"left_join", l_left_join},
    {"order_by", l_order_by},
    {"limit", l_limit},
    {"execute", l_execute},
    {"first", l_first},
    {"count", l_count},
    {NULL, NULL},
};

/* oms.orders() */
static int l_oms_orders(lua_State *L)
{
    struct builder *b;

    if (!(od_vm_of(L)->context & WAITING))
        return luaL_error(L, "oms.orders may wait: routes, jobs and receivers only");
    l_require_capability(L, OD_CAP_SQL_READ, "oms.orders");
    b = lua_newuserdatauv(L, sizeof *b, 1);
    *b = (struct builder){0};
    b->query.where = b->where;
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &builder_key);
    lua_setmetatable(L, -2);
    return 1;
}

void l_query_open(lua_State *L)
{
    l_open_opaque(L, "query", &builder_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &builder_key);
    luaL_newlib(L, methods);
    l_freeze(L);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

const struct l_binding l_query_bindings[] = {
    {"orders", l_oms_orders, OD_CAP_SQL_READ},
    {NULL, NULL, 0},
};
