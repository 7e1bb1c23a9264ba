#include "script/task/receiver.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/idempotency_key.h"
#include "script/bundle/loaded.h"
#include "script/task/thread.h"
#include "script/value/json.h"
#include "script/value/opaque.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

#define ID_MAX     200 /* bytes; a number of a command follows it in the key */
#define CODE_MAX   40
#define REASON_MAX 500
#define THANKS_MAX 500

char *od_receiver_own_id(const struct od_message *m)
{
    uint8_t digest[OD_SHA256];
    bool given = m->id.ptr && m->id.len <= ID_MAX;
    char *id = given ? strndup(m->id.ptr, m->id.len) : malloc(OD_SHA256_HEX + 1);

    if (!id)
        abort();
    if (given)
        return id;
    od_sha256_of(m->id.ptr ? m->id : m->body, digest);
    od_hex(digest, sizeof digest, id);
    return id;
}

void l_set_message_id(lua_State *L, struct od_str id, const char *what)
{
    struct od_task *t = od_task_of(L);
    char *copy;

    if (!id.ptr || id.len > ID_MAX || !od_idempotency_key_valid(id, 0)) {
        l_refuse(L, "bad_message", 422,
                 lua_pushfstring(L, "%s must be 1 to %d printable ASCII characters without blanks",
                                 what, ID_MAX));
        return;
    }
    if (t->keys > 0)
        luaL_error(L, "oms.message_id must be called before the first command: the id is what "
                      "tells a repeated message");
    copy = strndup(id.ptr, id.len);
    if (!copy)
        abort();
    free(t->message_id);
    t->message_id = copy;
}

/* oms.message_id(id) */
static int l_oms_message_id(lua_State *L)
{
    struct od_str id = OD_STR_NONE;

    l_require_context(L, OD_VM_RECEIVER, "oms.message_id");
    if (lua_type(L, 1) == LUA_TSTRING)
        id.ptr = lua_tolstring(L, 1, &id.len);
    l_set_message_id(L, id, "the message's id");
    return 0;
}

/* oms.acknowledge(text) */
static int l_oms_acknowledge(lua_State *L)
{
    struct od_task *t = od_task_of(L);
    struct od_str text;
    char *copy;

    l_require_context(L, OD_VM_RECEIVER, "oms.acknowledge");
    text = l_check_text(L, 1, "oms.acknowledge: the text", THANKS_MAX);
    copy = strndup(text.ptr, text.len);
    if (!copy)
        abort();
    free(t->thanks);
    t->thanks = copy;
    return 0;
}

static const char receipt_key;

/* Makes a receipt of the two values at the top: code, reason. [-2, +1, m] */
static int l_receipt(lua_State *L, enum od_receipt receipt)
{
    static const char *const names[] = {"receipt", "code", "reason", NULL};
    static const struct l_shape shape = {.noun = "receipt", .names = names};

    lua_createtable(L, 0, 3);
    lua_insert(L, -3);
    lua_setfield(L, -3, "reason");
    lua_setfield(L, -2, "code");
    lua_pushinteger(L, receipt);
    lua_setfield(L, -2, "receipt");
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &receipt_key);
    l_as_record(L, &shape);
    l_freeze(L);
    return 1;
}

static int l_reasoned(lua_State *L, const char *binding, enum od_receipt receipt)
{
    l_require_context(L, OD_VM_RECEIVER, binding);
    lua_settop(L, 1);
    l_check_text(L, 1, lua_pushfstring(L, "%s: the reason", binding), REASON_MAX);
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_insert(L, 1);
    return l_receipt(L, receipt);
}

/* oms.park(reason) */
static int l_oms_park(lua_State *L)
{
    return l_reasoned(L, "oms.park", OD_RECEIPT_PARKED);
}

/* oms.ignore(reason) */
static int l_oms_ignore(lua_State *L)
{
    return l_reasoned(L, "oms.ignore", OD_RECEIPT_IGNORED);
}

/* oms.reject(code, reason) */
static int l_oms_reject(lua_State *L)
{
    struct od_str code;

    l_require_context(L, OD_VM_RECEIVER, "oms.reject");
    lua_settop(L, 2);
    code = l_check_text(L, 1, "oms.reject: the code", CODE_MAX);
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return luaL_error(L, "oms.reject: the code '%s' may have a-z, 0-9 and _ only",
                              code.ptr);
    }
    l_check_text(L, 2, "oms.reject: the reason", REASON_MAX);
    return l_receipt(L, OD_RECEIPT_REJECTED);
}

static const char *const message_names[] = {"source", "headers",   "body",   "json", "received_at",
                                            "topic",  "partition", "offset", "key",  NULL};
static const struct l_shape message_shape = {.noun = "message", .names = message_names};
static const char message_key; /* registry: the metatable of messages */

/* __index of messages: their body as JSON, read when the script first asks for it. A script that
 * looks at the signature first spends nothing on reading what somebody forged. Upvalue 1: the
 * __index of other fields. */
static int l_message_index(lua_State *L)
{
    struct od_task *t = od_task_of(L); /* NULL: it was kept for longer than its receiver ran */
    struct od_str body;

    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "json") != 0) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, 2, 1);
        return 1;
    }
    lua_getfield(L, 1, "body");
    body.ptr = lua_tolstring(L, -1, &body.len);
    if (t)
        t->reading = true;
    bool is_json = l_push_json_if(L, body);
    if (t)
        t->reading = false;
    if (!is_json)
        return 1;
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

/* Marks the plain table at the top as a message. [-0, +0, m] */
static void l_as_message(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &message_key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 1);
        l_push_record_index(L, &message_shape);
        lua_pushcclosure(L, l_message_index, 1);
        lua_setfield(L, -2, "__index");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &message_key);
    }
    lua_setmetatable(L, -2);
}

static void l_push_message(lua_State *L, const struct od_message *m)
{
    l_check_body(L, m->body);
    lua_createtable(L, 0, 9);
    l_set_text(L, "source", m->source);
    l_set_text(L, "body", m->body);
    l_push_json(L, m->headers.ptr ? m->headers : OD_STR("{}"));
    lua_setfield(L, -2, "headers");
    lua_pushinteger(L, m->received_at / 1000);
    lua_setfield(L, -2, "received_at");
    if (m->topic.ptr) {
        l_set_text(L, "topic", m->topic);
        l_set_integer(L, "partition", m->partition);
        l_set_integer(L, "offset", m->offset);
        l_set_text(L, "key", m->key);
    }
    l_as_message(L);
    l_freeze(L);
}

static struct od_str l_text_field(lua_State *L, const char *name, struct od_arena *a)
{
    struct od_str s = OD_STR_NONE;

    if (lua_getfield(L, -1, name) == LUA_TSTRING) {
        s.ptr = lua_tolstring(L, -1, &s.len);
        s = od_arena_str(a, s);
    }
    lua_pop(L, 1);
    return s;
}

/* What the receiver returned is at index 3. */
static int l_receiver_returned(lua_State *L, int status, lua_KContext ctx)
{
    struct od_receiver_call *c = lua_touserdata(L, 1);

    (void)status;
    (void)ctx;
    *c->reply = (struct od_route_reply){.status = 200};
    if (lua_isnil(L, 3))
        return 0;
    bool receipt = lua_istable(L, 3);
    if (receipt) {
        l_thaw(L, 3);
        receipt = lua_rawgetp(L, -1, &receipt_key) == LUA_TBOOLEAN;
        lua_pop(L, 1);
    }
    if (!receipt)
        return luaL_error(L,
                          "%s must return nothing, or oms.park, oms.ignore or oms.reject; got %s",
                          c->receiver->offer.label.ptr, luaL_typename(L, 3));
    lua_getfield(L, -1, "receipt");
    c->reply->receipt = (enum od_receipt)lua_tointeger(L, -1);
    lua_pop(L, 1);
    c->reply->receipt_code = l_text_field(L, "code", c->arena);
    c->reply->receipt_reason = l_text_field(L, "reason", c->arena);
    return 0;
}

int l_run_receiver(lua_State *L)
{
    const struct od_receiver_call *c = lua_touserdata(L, 1);
    struct od_task *t = od_task_of(L);

    lua_pushnil(L); /* so that what comes back stands at index 3 in any case */
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->receiver->function);
    t->reading = true;
    l_push_message(L, c->message);
    t->reading = false;
    lua_callk(L, 1, 1, 0, l_receiver_returned);
    return l_receiver_returned(L, LUA_OK, 0);
}

const struct l_binding l_receiver_bindings[] = {
    {"message_id", l_oms_message_id, 0},
    {"acknowledge", l_oms_acknowledge, 0},
    {"park", l_oms_park, 0},
    {"ignore", l_oms_ignore, 0},
    {"reject", l_oms_reject, 0},
    {NULL, NULL, 0},
};
