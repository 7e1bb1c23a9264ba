#include <lauxlib.h>
#include <string.h>

#include "script/host.h"
#include "script/value.h"

/*
 * Intents: what a hook wants done, as data. They are checked and written as JSON while the hook
 * still runs, so that an error names the line that made them; nothing is performed here.
 */

struct intent_shape {
    const char *kind;
    const char *recipient; /* required key */
    const char *name;      /* required key, or NULL */
    const char *text;      /* key of a text in the payload, or NULL */
    bool text_required;
    size_t recipient_max;
    bool (*recipient_valid)(struct od_str);
    const char *recipient_form; /* for the error */
};

static const char intent_key;
enum { RECIPIENT = 1, NAME, PAYLOAD, USER_VALUES = PAYLOAD };

struct intent {
    const struct intent_shape *shape;
};

/* Good enough to catch a name in the address's place; whether it exists only delivery can tell. */
static bool is_address(struct od_str s)
{
    const char *at = memchr(s.ptr, '@', s.len);

    if (!at || at == s.ptr || at + 1 == s.ptr + s.len)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == ',' || s.ptr[i] == '<')
            return false;
    return true;
}

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

static const struct intent_shape mail = {"mail", "to", "template", "subject",
                                         false,  320,  is_address, "an e-mail address"};
static const struct intent_shape webhook = {
    "webhook", "url", "event", NULL, false, 2000, is_url, "an http:// or https:// URL"};
static const struct intent_shape notify = {
    "notify", "channel", NULL, "text", true, 100, is_channel, "a channel name without blanks"};

/* Raises for keys that the shape does not have: a typing error must not lose a mail. */
static void l_check_keys(lua_State *L, const struct intent_shape *shape)
{
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[…]";

        if (strcmp(key, shape->recipient) != 0 && strcmp(key, "data") != 0 &&
            !(shape->name && strcmp(key, shape->name) == 0) &&
            !(shape->text && strcmp(key, shape->text) == 0))
            luaL_error(L, "oms.%s has no field '%s'", shape->kind, key);
    }
}

/* The field's text, left on the stack. [-0, +1, v] */
static struct od_str l_field(lua_State *L, const struct intent_shape *shape, const char *key,
                             size_t max)
{
    const char *what = lua_pushfstring(L, "oms.%s: %s", shape->kind, key);
    struct od_str text;

    lua_getfield(L, 1, key);
    text = l_check_text(L, -1, what, max);
    lua_remove(L, -2);
    return text;
}

/* The payload as JSON text. [-0, +1, v] */
static void l_payload(lua_State *L, const struct intent_shape *shape)
{
    struct od_buf *scratch = &od_vm_of(L)->scratch;
    struct od_json_writer w;

    od_buf_reset(scratch);
    od_jw_init(&w, scratch);
    od_jw_object(&w);
    if (shape->text) {
        lua_getfield(L, 1, shape->text);
        if (shape->text_required || !lua_isnil(L, -1)) {
            od_jw_key(&w, shape->text);
            od_jw_str(&w, l_check_text(L, -1, shape->text, 2000));
        }
        lua_pop(L, 1);
    }
    lua_getfield(L, 1, "data");
    if (!lua_isnil(L, -1)) {
        luaL_argexpected(L, lua_istable(L, -1), 1, "table as data");
        od_jw_key(&w, "data");
        l_write_json(L, -1, &w);
    }
    lua_pop(L, 1);
    od_jw_object_end(&w);
    if (scratch->overflow)
        luaL_error(L, "oms.%s: the data is too long", shape->kind);
    lua_pushlstring(L, scratch->ptr, scratch->len);
}

static int l_intent(lua_State *L, const struct intent_shape *shape)
{
    struct intent *it;
    struct od_str recipient;

    l_require_context(L, OD_VM_HOOK, lua_pushfstring(L, "oms.%s", shape->kind));
    lua_settop(L, 1);
    luaL_checktype(L, 1, LUA_TTABLE);
    l_check_keys(L, shape);
    it = lua_newuserdatauv(L, sizeof *it, USER_VALUES);
    it->shape = shape;

    recipient = l_field(L, shape, shape->recipient, shape->recipient_max);
    if (!shape->recipient_valid(recipient))
        return luaL_error(L, "oms.%s: %s must be %s, got '%s'", shape->kind, shape->recipient,
                          shape->recipient_form, recipient.ptr);
    lua_setiuservalue(L, 2, RECIPIENT);
    if (shape->name) {
        l_field(L, shape, shape->name, 100);
        lua_setiuservalue(L, 2, NAME);
    }
    l_payload(L, shape);
    lua_setiuservalue(L, 2, PAYLOAD);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &intent_key);
    lua_setmetatable(L, 2);
    lua_settop(L, 2);
    return 1;
}

int l_oms_mail(lua_State *L)
{
    return l_intent(L, &mail);
}

int l_oms_webhook(lua_State *L)
{
    return l_intent(L, &webhook);
}

int l_oms_notify(lua_State *L)
{
    return l_intent(L, &notify);
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
    };
    return true;
}

void l_intent_open(lua_State *L)
{
    l_open_opaque(L, "intent", &intent_key);
}
