#include "script/task/service.h"

#include <lauxlib.h>
#include <string.h>

#include "base/json/json.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/limits.h"
#include "order/model/shop.h"
#include "script/bundle/loaded.h"
#include "script/task/service_body.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* Arguments of services to commands. Bodies go through the parser of the HTTP API. */

#define CODE_MAX       40  /* bytes of a store or a currency */
#define MEMBER_MAX     100 /* bytes of a SKU, or of a command's name */
#define PROBLEMS_SHOWN 3   /* of a body, in one message */
#define JSON_DEPTH     32

/* One call as it is read. */
struct call {
    const struct od_service *service;
    const char *what; /* "oms.create_shipment", for messages */
    struct od_str currency;
    struct od_arena *arena;
    struct od_command *command;
    struct od_str body; /* the table as JSON */
};

/* Puts the fields of the table at idx into the one at the top: what is added and taken out on the
 * way must not change the script's. [-0, +0, v] */
static void l_copy_table(lua_State *L, const struct call *c, int idx)
{
    if (c->service->table == OD_TABLE_OPTIONAL && lua_isnoneornil(L, idx))
        return;
    if (!lua_istable(L, idx))
        luaL_error(L, "%s: its last argument must be a table, got %s", c->what,
                   luaL_typename(L, idx));
    l_thaw(L, idx);
    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
}

/* The number at idx of one of the order's parts. [-0, +0, v] */
static int32_t l_check_part(lua_State *L, int idx, const char *what, const char *part)
{
    lua_Integer n = lua_tointeger(L, idx);

    if (!lua_isinteger(L, idx) || n < 1 || n > INT32_MAX)
        luaL_error(L, "%s must be the number of one of the order's %ss", what, part);
    return (int32_t)n;
}

/* Puts the value that stands beside the body into the command. [-0, +0, v] */
static void l_read_member(lua_State *L, const struct call *c, int idx, const char *what)
{
    const struct od_command_member *m = od_command_kinds[c->service->type]->member;

    if (!m->part)
        od_command_set_text(c->command, m,
                            od_arena_str(c->arena, l_check_text(L, idx, what, MEMBER_MAX)));
    else if (!m->optional || !lua_isnoneornil(L, idx))
        od_command_set_id(c->command, m, l_check_part(L, idx, what, m->part));
}

/* Puts the argument before the body into the command, or into the table at the top. [-0, +0, v] */
static void l_read_lead(lua_State *L, const struct call *c, int idx)
{
    const struct od_service *s = c->service;
    const char *name = s->lead ? s->lead : od_command_kinds[s->type]->member->field;
    const char *what = lua_pushfstring(L, "%s: %s", c->what, name);

    switch (s->lead_kind) {
    case OD_LEAD_OPTIONAL:
        if (lua_isnoneornil(L, idx))
            break;
        /* fall through */
    case OD_LEAD_TEXT:
        l_check_text(L, idx, what, OD_COMMENT_MAX);
        lua_pushvalue(L, idx);
        lua_setfield(L, -3, s->lead);
        break;
    case OD_LEAD_MEMBER:
        l_read_member(L, c, idx, what);
        break;
    case OD_LEAD_NONE:
        break;
    }
    lua_pop(L, 1);
}

static int64_t *units_of(const struct call *c, const struct od_command_amount *a)
{
    return (void *)((char *)c->command + a->units);
}

static struct od_str *literal_of(const struct call *c, const struct od_command_amount *a)
{
    return (void *)((char *)c->command + a->literal);
}

/* Minor units go into the command as they are, a text is left to the parser. Zero there means "not
 * given", so it is given as text. Takes the fields out of the table at the top. [-0, +0, v] */
static void l_take_amounts(lua_State *L, const struct call *c)
{
    const struct od_command_amount *a = od_command_kinds[c->service->type]->amounts;

    for (; a && a->field; a++) {
        if (lua_getfield(L, -1, a->field) == LUA_TNUMBER) {
            if (!lua_isinteger(L, -1))
                luaL_error(L,
                           "%s: %s must be a whole number of minor units (cents); divide with //",
                           c->what, a->field);
            *units_of(c, a) = lua_tointeger(L, -1);
            if (*units_of(c, a) == 0)
                *literal_of(c, a) = OD_STR("0");
            lua_pushnil(L);
            lua_setfield(L, -3, a->field);
        }
        lua_pop(L, 1);
    }
}

/* Returns the table at the top as JSON text in the arena. Work on it is charged. [-1, +0, v] */
static void l_take_json(lua_State *L, struct call *c)
{
    struct od_buf *text = &od_task_of(L)->text;
    struct od_json_writer w;

    od_buf_reset(text);
    od_jw_init(&w, text);
    l_write_json(L, -1, &w);
    lua_pop(L, 1);
    l_charge(L, (double)text->len);
    c->body = od_arena_str(c->arena, od_buf_view(text));
}

/* The table at the top is a composite command's arguments: an object, as HTTP takes it. [-1, +0, v]
 */
static void l_read_args(lua_State *L, struct call *c)
{
    l_take_json(L, c);
    c->command->args = c->body;
    if (c->command->args.ptr[0] != '{')
        luaL_error(L, "%s: the command's arguments must have names, and not be a list", c->what);
}

/* "/items/0/order_item_id: must be …"; pointers as scripts write names. */
static void write_problem(struct od_buf *out, const struct od_problem_item *p)
{
    for (size_t i = 0; i < p->pointer.len; i++) {
        char ch = p->pointer.ptr[i];
        if (ch >= 'A' && ch <= 'Z') {
            od_buf_char(out, '_');
            ch = (char)(ch - 'A' + 'a');
        }
        od_buf_char(out, ch);
    }
    if (p->pointer.len > 0)
        od_buf_str(out, OD_STR(": "));
    od_buf_str(out, p->detail);
}

/* What a receiver hands on comes from its message, which is to blame; elsewhere the script is. */
static int l_wrong(lua_State *L, const char *message)
{
    if (od_vm_of(L)->context & OD_VM_RECEIVER)
        return l_refuse(L, "bad_message", 422, message);
    return luaL_error(L, "%s", message);
}

static int l_raise_problems(lua_State *L, const struct call *c, const struct od_problem_list *list)
{
    struct od_buf *text = &od_task_of(L)->text;
    size_t shown = list->count < PROBLEMS_SHOWN ? list->count : PROBLEMS_SHOWN;

    od_buf_reset(text);
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            od_buf_str(text, OD_STR("; "));
        write_problem(text, &list->items[i]);
    }
    if (shown < list->count)
        od_buf_printf(text, "; and %zu more", list->count - shown);
    od_buf_char(text, '\0');
    return l_wrong(L, lua_pushfstring(L, "%s: %s", c->what, text->ptr));
}

static void keep(struct od_command *to, const struct od_command *from, size_t offset, size_t size)
{
    memcpy((char *)to + offset, (const char *)from + offset, size);
}

/* Keeps what was read beside the body: the parser starts a command anew. */
static int parse(const struct call *c, const struct od_json *body, struct od_problem_list *problems)
{
    const struct od_command_kind *kind = od_command_kinds[c->service->type];
    const struct od_command_member *m = kind->member;
    const struct od_command beside = *c->command;

    if (od_command_parse(c->service->type, body, c->arena, c->currency, c->command, problems) != 0)
        return -1;
    if (c->service->lead_kind == OD_LEAD_MEMBER)
        keep(c->command, &beside, m->offset, m->part ? sizeof(int32_t) : sizeof(struct od_str));
    for (const struct od_command_amount *a = kind->amounts; a && a->field; a++) {
        const int64_t *units = (const void *)((const char *)&beside + a->units);
        const struct od_str *literal = (const void *)((const char *)&beside + a->literal);
        if (*units != 0)
            keep(c->command, &beside, a->units, sizeof *units);
        if (literal->ptr)
            keep(c->command, &beside, a->literal, sizeof *literal);
    }
    return 0;
}

/* The table at the top is the body. [-1, +0, v] */
static void l_read_body(lua_State *L, struct call *c)
{
    struct od_problem_list problems = {.arena = c->arena};
    struct od_str text;
    struct od_json *body;
    struct od_buf camel;
    struct od_err err;
    int rc;

    l_take_json(L, c);
    od_buf_init(&camel, od_task_of(L)->text.max * 2);
    rc = od_service_body(c->body, c->currency, &camel, &err);
    text = od_arena_str(c->arena, od_buf_view(&camel));
    od_buf_fini(&camel); /* before anything raises */
    if (rc != 0)
        luaL_error(L, "%s: %s: %s", c->what, err.origin, err.message);
    if (od_json_parse(c->arena, text, JSON_DEPTH, &body, &err) != 0)
        luaL_error(L, "%s: %s", c->what, err.message);
    if (parse(c, body, &problems) != 0)
        l_raise_problems(L, c, &problems);
}

/* The currency that the table at the top names. [-0, +0, v] */
static void l_read_currency(lua_State *L, struct call *c)
{
    if (lua_getfield(L, -1, "currency") == LUA_TSTRING)
        c->currency = od_arena_str(c->arena, l_check_text(L, -1, "currency", CODE_MAX));
    lua_pop(L, 1);
}

/* The currency of the store that the table at the top names. [-0, +0, v] */
static void l_read_store_currency(lua_State *L, struct call *c)
{
    const struct od_store *store = NULL;

    if (lua_getfield(L, -1, "store") == LUA_TSTRING)
        store = od_shop_store(od_bundle_of(L)->shop, l_check_text(L, -1, "store", CODE_MAX));
    if (store && store->currency.ptr)
        c->currency = store->currency;
    lua_pop(L, 1);
}

/* A placed order names its currency, or is in its store's, the caller's or the shop's. A change
 * names the order's where nobody else knows it: for the integers in the table alone. [-0, +0, v] */
static void l_own_currency(lua_State *L, struct call *c)
{
    switch (od_command_kinds[c->service->type]->units_of) {
    case OD_UNITS_OF_BODY:
        l_read_store_currency(L, c);
        l_read_currency(L, c);
        if (!c->currency.ptr)
            c->currency = od_bundle_of(L)->currency;
        break;
    case OD_UNITS_SAID:
        if (!c->currency.ptr)
            l_read_currency(L, c);
        lua_pushnil(L);
        lua_setfield(L, -2, "currency");
        break;
    case OD_UNITS_OF_ORDER:
        break;
    }
}

struct od_command *l_service_command(lua_State *L, const struct od_service *s, const char *what,
                                     int first, struct od_str currency, struct od_arena *a,
                                     struct od_str *body)
{
    struct call c = {s, what, currency, a, OD_NEW(a, struct od_command), OD_STR_NONE};
    int top = lua_gettop(L), lead = lua_absindex(L, first);

    c.command->type = s->type;
    lua_newtable(L);
    if (s->lead_kind != OD_LEAD_NONE && !(s->lead_kind == OD_LEAD_OPTIONAL && lua_istable(L, lead)))
        l_read_lead(L, &c, lead++);
    if (s->table != OD_TABLE_NONE)
        l_copy_table(L, &c, lead);
    l_own_currency(L, &c);
    l_take_amounts(L, &c);
    if (s->type == OD_COMMAND_COMPOSITE)
        l_read_args(L, &c);
    else
        l_read_body(L, &c);
    c.command->actor = od_task_of(L)->actor;
    if (body)
        *body = c.body;
    lua_settop(L, top);
    return c.command;
}

struct od_order_ref l_check_ref(lua_State *L, int idx, const char *what, struct od_arena *a)
{
    struct od_order_ref ref = {0};
    struct od_str text = OD_STR_NONE;
    int top = lua_gettop(L);

    if (lua_istable(L, idx) || lua_isuserdata(L, idx))
        lua_getfield(L, idx, "order_id");
    else
        lua_pushvalue(L, idx);
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0) {
        ref.order_id = lua_tointeger(L, -1);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        text.ptr = lua_tolstring(L, -1, &text.len);
        if (!od_is_storable(text) || !od_order_ref_parse(od_arena_str(a, text), &ref))
            l_wrong(L, lua_pushfstring(L, "%s: '%s' is not an order's number, uuid or id:42", what,
                                       text.ptr));
    } else {
        luaL_error(L,
                   "%s: the order must be given as its order_id, uuid or order_number, or as a "
                   "table with order_id; got %s",
                   what, luaL_typename(L, idx));
    }
    lua_settop(L, top);
    return ref;
}
