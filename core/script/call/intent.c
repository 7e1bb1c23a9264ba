#include "script/call/intent.h"

#include <lauxlib.h>
#include <string.h>

#include "base/mail/address.h"
#include "script/bundle/capabilities.h"
#include "script/bundle/commands.h"
#include "script/bundle/loaded.h"
#include "script/task/service_body.h"
#include "script/template/template.h"
#include "script/value/json.h"
#include "script/value/opaque.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

/*
 * Intents: what a hook wants done, as data. They are checked and written as JSON while the hook
 * still runs, so that an error names the line that made them; nothing is performed here.
 */

struct intent_shape {
    const char *function;  /* of oms */
    const char *kind;      /* of the intent */
    const char *recipient; /* key, required unless there is a target */
    const char *name;      /* required key, or NULL */
    const char *text;      /* key of a text in the payload, or NULL */
    const char *data;      /* key of a table */
    bool text_required;
    size_t recipient_max;
    bool (*recipient_valid)(struct od_str);
    const char *recipient_form;          /* for the error */
    const struct intent_option *options; /* further keys of the payload; key NULL at the end */
};

/* A key that may be left out, and what its value must be. */
struct intent_option {
    const char *key;
    bool (*valid)(lua_State *L, int idx); /* looks at plain values alone: nothing is called */
    const char *form;                     /* for the error */
};

static const char intent_key;
enum { RECIPIENT = 1, NAME, PAYLOAD, TARGET, USER_VALUES = TARGET };

struct intent {
    const struct intent_shape *shape;
};

static bool is_url(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ')
            return false;
    return od_str_starts_with(s, OD_STR("https://")) || od_str_starts_with(s, OD_STR("http://"));
}

static bool is_channel(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ')
            return false;
    return true;
}

static bool is_language(lua_State *L, int idx)
{
    return lua_type(L, idx) == LUA_TSTRING && lua_rawlen(L, idx) > 0 && lua_rawlen(L, idx) <= 40;
}

static bool is_once(lua_State *L, int idx)
{
    if (lua_type(L, idx) == LUA_TBOOLEAN)
        return !lua_toboolean(L, idx);
    return lua_type(L, idx) == LUA_TSTRING && lua_rawlen(L, idx) > 0 && lua_rawlen(L, idx) <= 200;
}

static bool is_document_list(lua_State *L, int idx)
{
    lua_Integer n;

    if (lua_type(L, idx) != LUA_TTABLE)
        return false;
    n = (lua_Integer)lua_rawlen(L, idx);
    for (lua_Integer i = 1; i <= n; i++) {
        bool known = false;

        if (lua_rawgeti(L, idx, i) == LUA_TSTRING)
            for (enum od_print kind = 0; kind < OD_PRINTS; kind++)
                known = known || strcmp(lua_tostring(L, -1), od_print_name(kind)) == 0;
        lua_pop(L, 1);
        if (!known)
            return false;
    }
    return n > 0;
}

static const struct intent_option mail_options[] = {
    {"language", is_language, "the name of a language, like 'de-AT'"},
    {"once", is_once, "false, or a text of at most 200 bytes"},
    {"attach", is_document_list, "a list of 'invoice', 'packing_slip' and 'credit_memo'"},
    {NULL, NULL, NULL},
};

static const struct intent_shape mail = {
    .function = "mail",
    .kind = "mail",
    .recipient = "to",
    .name = "template",
    .text = "subject",
    .data = "data",
    .recipient_max = 320,
    .recipient_valid = od_mail_address_valid,
    .recipient_form = "an e-mail address",
    .options = mail_options,
};
static const struct intent_shape webhook = {
    .function = "webhook",
    .kind = "webhook",
    .recipient = "url",
    .name = "event",
    .data = "data",
    .recipient_max = 2000,
    .recipient_valid = is_url,
    .recipient_form = "an http:// or https:// URL",
};
static const struct intent_shape notify = {
    .function = "notify",
    .kind = "notify",
    .recipient = "channel",
    .text = "text",
    .text_required = true,
    .data = "data",
    .recipient_max = 100,
    .recipient_valid = is_channel,
    .recipient_form = "a channel name without blanks",
};
static const struct intent_shape run = {
    .function = "run",
    .kind = "command",
    .recipient = "order",
    .name = "command",
    .data = "args",
};

static bool is_option(const struct intent_shape *shape, const char *key)
{
    for (const struct intent_option *o = shape->options; o && o->key; o++)
        if (strcmp(o->key, key) == 0)
            return true;
    return false;
}

/* Raises for keys that the shape does not have: a typing error must not lose a mail. */
static void l_check_keys(lua_State *L, const struct intent_shape *shape)
{
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[…]";

        if (strcmp(key, shape->recipient) != 0 && !(shape != &run && strcmp(key, "target") == 0) &&
            strcmp(key, shape->data) != 0 && !is_option(shape, key) &&
            !(shape->name && strcmp(key, shape->name) == 0) &&
            !(shape->text && strcmp(key, shape->text) == 0))
            luaL_error(L, "oms.%s has no field '%s'", shape->function, key);
    }
}

/* The field's text, left on the stack. [-0, +1, v] */
static struct od_str l_field(lua_State *L, const struct intent_shape *shape, const char *key,
                             size_t max)
{
    const char *what = lua_pushfstring(L, "oms.%s: %s", shape->function, key);
    struct od_str text;

    lua_getfield(L, 1, key);
    text = l_check_text(L, -1, what, max);
    lua_remove(L, -2);
    return text;
}

/* Pushes the table with the data, or nil; says whether there is one. [-0, +1, v] */
static bool l_get_table(lua_State *L, const struct intent_shape *shape)
{
    int type = lua_getfield(L, 1, shape->data);

    if (type != LUA_TTABLE && type != LUA_TNIL)
        luaL_error(L, "oms.%s: %s must be a table, got %s", shape->function, shape->data,
                   luaL_typename(L, -1));
    return type == LUA_TTABLE;
}

/* Pushes the values of all options, checked; nil for those that are left out. [-0, +n, v] */
static int l_push_options(lua_State *L, const struct intent_shape *shape)
{
    int n = 0;

    for (const struct intent_option *o = shape->options; o && o->key; o++, n++)
        if (lua_getfield(L, 1, o->key) != LUA_TNIL && !o->valid(L, lua_gettop(L)))
            luaL_error(L, "oms.%s: %s must be %s", shape->function, o->key, o->form);
    return n;
}

/* The payload as JSON text. All is fetched before the first byte is written: fetching may run the
 * script, which may make another intent. [-0, +1, v] */
static void l_payload(lua_State *L, const struct intent_shape *shape)
{
    struct od_buf *scratch = &od_vm_of(L)->scratch;
    struct od_str text = OD_STR_NONE;
    struct od_json_writer w;
    int options, first;
    bool data;

    options = l_push_options(L, shape);
    first = lua_gettop(L) - options + 1;
    if (shape->text && (lua_getfield(L, 1, shape->text) != LUA_TNIL || shape->text_required))
        text = l_check_text(L, -1, shape->text, 2000);
    data = l_get_table(L, shape);
    od_buf_reset(scratch);
    od_jw_init(&w, scratch);
    od_jw_object(&w);
    if (text.ptr) {
        od_jw_key(&w, shape->text);
        od_jw_str(&w, text);
    }
    if (data) {
        od_jw_key(&w, "data");
        l_write_json(L, -1, &w);
    }
    for (int i = 0; i < options; i++) {
        if (lua_isnil(L, first + i))
            continue;
        od_jw_key(&w, shape->options[i].key);
        l_write_json(L, first + i, &w);
    }
    od_jw_object_end(&w);
    if (scratch->overflow)
        luaL_error(L, "oms.%s: the data is too long", shape->function);
    lua_pushlstring(L, scratch->ptr, scratch->len);
}

/* Begins every intent: makes the checks, and puts the userdata at index 2, still without its
 * metatable. [-?, +2, v] */
static void l_begin(lua_State *L, const struct intent_shape *shape)
{
    struct intent *it;

    l_require_context(L, OD_VM_HOOK, lua_pushfstring(L, "oms.%s", shape->function));
    lua_settop(L, 1);
    luaL_checktype(L, 1, LUA_TTABLE);
    l_check_keys(L, shape);
    it = lua_newuserdatauv(L, sizeof *it, USER_VALUES);
    it->shape = shape;
}

static int l_end(lua_State *L)
{
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &intent_key);
    lua_setmetatable(L, 2);
    return 1;
}

/* Name and payload. [-0, +0, v] */
static void l_fill_rest(lua_State *L, const struct intent_shape *shape)
{
    if (shape->name) {
        l_field(L, shape, shape->name, 100);
        lua_setiuservalue(L, 2, NAME);
    }
    l_payload(L, shape);
    lua_setiuservalue(L, 2, PAYLOAD);
}

/* Fills the userdata at index 2 as the shape says. [-0, +0, v] */
static void l_fill(lua_State *L, const struct intent_shape *shape)
{
    bool targeted = lua_getfield(L, 1, "target") != LUA_TNIL;

    lua_pop(L, 1);
    if (targeted) {
        struct od_str target = l_field(L, shape, "target", 40);
        if (!is_channel(target))
            luaL_error(L, "oms.%s: target must be the name of a target", shape->function);
        lua_setiuservalue(L, 2, TARGET);
    }
    if (targeted && lua_getfield(L, 1, shape->recipient) == LUA_TNIL) {
        lua_getfield(L, 1, "target"); /* it knows where to */
        lua_setiuservalue(L, 2, RECIPIENT);
        lua_pop(L, 1);
        l_fill_rest(L, shape);
        return;
    }
    if (targeted)
        lua_pop(L, 1);
    struct od_str recipient = l_field(L, shape, shape->recipient, shape->recipient_max);

    if (!shape->recipient_valid(recipient))
        luaL_error(L, "oms.%s: %s must be %s, got '%s'", shape->function, shape->recipient,
                   shape->recipient_form, recipient.ptr);
    lua_setiuservalue(L, 2, RECIPIENT);
    l_fill_rest(L, shape);
}

static int l_oms_mail(lua_State *L)
{
    l_begin(L, &mail);
    l_fill(L, &mail);
    return l_end(L);
}

static int l_oms_notify(lua_State *L)
{
    l_begin(L, &notify);
    l_fill(L, &notify);
    return l_end(L);
}

static int l_oms_webhook(lua_State *L)
{
    struct od_script_plugin *p = od_plugin_of(L);
    struct od_str url = OD_STR_NONE, host;

    l_begin(L, &webhook);
    l_fill(L, &webhook);
    if (lua_getiuservalue(L, 2, TARGET) != LUA_TNIL)
        return l_end(L); /* the operator says where it is */
    lua_getiuservalue(L, 2, RECIPIENT);
    url.ptr = lua_tolstring(L, -1, &url.len);
    if (od_capability_reaches(p, url, &host))
        return l_end(L);
    if (!host.ptr)
        return luaL_error(L, "oms.webhook: no plain host name in '%s'", url.ptr);
    lua_pushlstring(L, host.ptr, host.len);
    return luaL_error(L, "oms.webhook: %s/plugin.ini does not declare the capability http:%s",
                      p->name.ptr, lua_tostring(L, -1));
}

/* `args` as JSON text, "{}" when there are none. [-0, +1, v] */
static struct od_str l_args(lua_State *L)
{
    struct od_buf *scratch = &od_vm_of(L)->scratch;
    struct od_json_writer w;
    struct od_str text;

    bool given = l_get_table(L, &run); /* before anything is written, as in l_payload */

    od_buf_reset(scratch);
    od_jw_init(&w, scratch);
    if (given)
        l_write_json(L, -1, &w);
    else
        od_buf_str(scratch, OD_STR("{}"));
    lua_pop(L, 1);
    text.ptr = lua_pushlstring(L, scratch->ptr, scratch->len);
    text.len = scratch->len;
    return text;
}

/* The body of a command of orderd's, as the HTTP API takes it. [-0, +1, v] */
static void l_body(lua_State *L)
{
    struct od_str args = l_args(L);
    struct od_buf *scratch = &od_vm_of(L)->scratch;
    struct od_err err;

    od_buf_reset(scratch);
    if (od_service_body(args, od_plugin_of(L)->order->currency, scratch, &err) != 0)
        luaL_error(L, "oms.run: %s", err.message);
    lua_pushlstring(L, scratch->ptr, scratch->len);
}

/* oms.run { command =, order =, args = } */
static int l_oms_run(lua_State *L)
{
    struct od_str name;

    l_begin(L, &run);
    if (lua_getfield(L, 1, run.recipient) == LUA_TNIL)
        lua_pushinteger(L, od_plugin_of(L)->order->order_id);
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) <= 0)
        return luaL_error(L, "oms.run: order must be an order_id");
    lua_pushfstring(L, "%I", lua_tointeger(L, -1));
    lua_setiuservalue(L, 2, RECIPIENT);
    name = l_field(L, &run, run.name, 40);
    if (od_is_own_command(name)) {
        lua_setiuservalue(L, 2, NAME);
        l_body(L);
    } else if (!od_bundle_command(od_bundle_of(L), name)) {
        return l_unknown_command(L, "oms.run", name, true);
    } else {
        lua_pushfstring(L, "commands/%s", name.ptr);
        lua_setiuservalue(L, 2, NAME);
        l_args(L);
    }
    lua_setiuservalue(L, 2, PAYLOAD);
    return l_end(L);
}

bool l_read_intent(lua_State *L, int idx, struct od_arena *a, struct od_intent *out)
{
    const struct intent *it = lua_touserdata(L, idx);

    if (!l_is_opaque(L, idx, &intent_key))
        return false;
    *out = (struct od_intent){
        .kind = od_str_of(it->shape->kind),
        .recipient = l_opaque_text(L, idx, RECIPIENT, a),
        .name = l_opaque_text(L, idx, NAME, a),
        .payload = l_opaque_text(L, idx, PAYLOAD, a),
        .target = l_opaque_text(L, idx, TARGET, a),
    };
    return true;
}

void l_intent_open(lua_State *L)
{
    l_open_opaque(L, "intent", &intent_key);
}

const struct l_binding l_intent_bindings[] = {
    {"mail", l_oms_mail, OD_CAP_MAIL},
    {"notify", l_oms_notify, OD_CAP_NOTIFY},
    {"webhook", l_oms_webhook, OD_CAP_HTTP},
    {"run", l_oms_run, OD_CAP_COMMANDS},
    {NULL, NULL, 0},
};
