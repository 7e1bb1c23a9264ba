#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto/sign.h"
#include "script/message/message.h"
#include "script/task/receiver.h"
#include "script/task/thread.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/*
 * Whether a message is its sender's own. A signature that does not fit ends the receiver: nothing
 * that follows in the script sees a forged message. Each candidate is compared in constant time,
 * and all of them are, so that the answer's time says nothing.
 */

#define TEXTS_MAX       16
#define TOLERANCE_MS    (INT64_C(5) * 60 * 1000)
#define INSTRUCTION_FOR 64 /* bytes hashed */

/* Texts of the table `options`, which stays on the stack and keeps them alive. */
struct texts {
    struct od_str all[TEXTS_MAX];
    size_t count;
};

struct check {
    struct texts secrets, text, given;
    const char *algorithm, *encoding;
    struct od_str prefix; /* before each of the given signatures */
    int64_t sent_at;      /* milliseconds; INT64_MIN: nobody says */
    int64_t tolerance;
};

static int l_forged(lua_State *L, const char *why)
{
    return l_refuse(L, "bad_signature", 401, why);
}

static struct od_str l_string(lua_State *L, int idx)
{
    struct od_str s = OD_STR_NONE;

    if (lua_type(L, idx) == LUA_TSTRING)
        s.ptr = lua_tolstring(L, idx, &s.len);
    return s;
}

/* The value at the top is nil, a text or a list of texts. [-1, +1, v] */
static void l_texts(lua_State *L, const char *option, struct texts *out)
{
    int type = lua_type(L, -1);

    out->count = 0;
    if (type == LUA_TNIL)
        return;
    if (type == LUA_TSTRING) {
        out->all[out->count++] = l_string(L, -1);
        return;
    }
    if (type != LUA_TTABLE)
        luaL_error(L, "oms.check_signature: %s must be a text or a list of texts; got %s", option,
                   luaL_typename(L, -1));
    l_thaw(L, lua_gettop(L));
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
        if (lua_type(L, -1) != LUA_TSTRING || out->count == TEXTS_MAX)
            luaL_error(L, "oms.check_signature: %s must be a list of at most %d texts", option,
                       TEXTS_MAX);
        out->all[out->count++] = l_string(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

static bool same_digest(const char *encoding, struct od_str given, const uint8_t *wanted, size_t n)
{
    uint8_t bytes[OD_HMAC_MAX] = {0};
    size_t len = n;
    bool decoded = strcmp(encoding, "hex") == 0
                       ? od_unhex(given, bytes, n)
                       : od_base64_decode(given, bytes, sizeof bytes, &len);

    return (decoded && len == n) & od_equal_ct(bytes, wanted, n);
}

/* Raises unless one of the secrets made one of the signatures, and not too long ago.
 * [-0, +0, v] */
static void l_check(lua_State *L, const struct check *c)
{
    uint8_t wanted[OD_HMAC_MAX];
    bool fits = false, configured = false;
    int64_t came = od_task_of(L)->received_at / 1000;

    for (size_t i = 0; i < c->text.count; i++)
        l_charge(L, (double)c->text.all[i].len / INSTRUCTION_FOR);
    for (size_t i = 0; i < c->secrets.count; i++) {
        if (c->secrets.all[i].len == 0)
            continue; /* with an empty key anybody could sign */
        size_t n = od_hmac(c->algorithm, c->secrets.all[i], c->text.all, c->text.count, wanted);
        configured = true;
        for (size_t j = 0; j < c->given.count; j++) {
            struct od_str given = c->given.all[j];
            bool named = od_str_starts_with(given, c->prefix);
            if (named)
                given = od_str_slice(given, c->prefix.len, given.len);
            fits |= named & same_digest(c->encoding, given, wanted, n);
        }
    }
    if (!configured)
        l_forged(L, "No secret is configured, so no message can be its sender's");
    if (c->given.count == 0)
        l_forged(L, "The message has no signature");
    if (!fits)
        l_forged(L, "The signature does not fit the message");
    if (c->sent_at != INT64_MIN &&
        (c->sent_at < came - c->tolerance || c->sent_at > came + c->tolerance))
        l_forged(L, "The message was signed too long ago, or in the future");
    od_task_of(L)->authentic = true;
}

static int64_t l_moment(lua_State *L, const char *option, int64_t absent)
{
    if (lua_isnil(L, -1))
        return absent;
    if (!lua_isinteger(L, -1))
        luaL_error(L, "oms.check_signature: %s must be milliseconds; got %s", option,
                   luaL_typename(L, -1));
    return lua_tointeger(L, -1);
}

static const char *l_one_of(lua_State *L, const char *option, const char *const names[])
{
    const char *text = lua_isnil(L, -1) ? names[0] : luaL_checkstring(L, -1);

    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return names[i];
    luaL_error(L, "oms.check_signature: %s cannot be '%s'", option, text);
    return NULL;
}

/* {secret =, text =, signature =, algorithm =, encoding =, prefix =, sent_at =, tolerance =} */
static int l_oms_check_signature(lua_State *L)
{
    static const char *const algorithms[] = {"sha256", "sha512", "sha1", NULL};
    static const char *const encodings[] = {"hex", "base64", NULL};
    static const char *const options[] = {"secret", "text",    "signature", "algorithm", "encoding",
                                          "prefix", "sent_at", "tolerance", NULL};
    struct check c = {.sent_at = INT64_MIN};

    l_require_context(L, OD_VM_RECEIVER, "oms.check_signature");
    luaL_checktype(L, 1, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        int i = 0;
        while (options[i] && !od_str_is(l_string(L, -2), options[i]))
            i++;
        if (!options[i])
            luaL_error(L,
                       "oms.check_signature has the options secret, text, signature, "
                       "algorithm, encoding, prefix, sent_at and tolerance, but no '%s'",
                       lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[…]");
    }
    lua_settop(L, 1);
    lua_getfield(L, 1, "secret");
    l_texts(L, "secret", &c.secrets);
    lua_getfield(L, 1, "text");
    l_texts(L, "text", &c.text);
    lua_getfield(L, 1, "signature");
    l_texts(L, "signature", &c.given);
    lua_getfield(L, 1, "prefix");
    c.prefix = lua_isnil(L, -1) ? OD_STR("") : l_string(L, -1);
    lua_getfield(L, 1, "algorithm");
    c.algorithm = l_one_of(L, "algorithm", algorithms);
    lua_getfield(L, 1, "encoding");
    c.encoding = l_one_of(L, "encoding", encodings);
    lua_getfield(L, 1, "sent_at");
    c.sent_at = l_moment(L, "sent_at", INT64_MIN);
    lua_getfield(L, 1, "tolerance");
    c.tolerance = l_moment(L, "tolerance", TOLERANCE_MS);
    if (c.text.count == 0)
        luaL_error(L, "oms.check_signature: text is what was signed");
    l_check(L, &c);
    return 0;
}

/* ---- Standard Webhooks 1.0.0 */

/* "v1,BASE64 v1,BASE64 v1a,…": those of symmetric keys. */
static void read_versions(struct od_str header, struct texts *out)
{
    struct od_str word;

    while (out->count < TEXTS_MAX && od_str_cut(&header, ' ', &word))
        if (od_str_starts_with(word, OD_STR("v1,")))
            out->all[out->count++] = od_str_slice(word, 3, word.len);
}

/* The keys behind "whsec_BASE64 whsec_BASE64", in memory of Lua's. [-0, +1, v] */
static void l_read_secrets(lua_State *L, struct od_str text, struct texts *out)
{
    struct od_str word;
    uint8_t *to = lua_newuserdatauv(L, text.len + 1, 0);
    size_t len;

    while (out->count < TEXTS_MAX && od_str_cut(&text, ' ', &word)) {
        if (od_str_starts_with(word, OD_STR("whsec_")))
            word = od_str_slice(word, 6, word.len);
        if (word.len == 0)
            continue;
        if (!od_base64_decode(word, to, word.len, &len))
            luaL_error(L, "oms.check_webhook: a secret must be whsec_ and base64");
        out->all[out->count++] = od_str_n((const char *)to, len);
        to += len;
    }
}

/* A text, or a list of texts as oms.config has secrets; their keys stay on the stack. [-0, +n, v]
 */
static void l_read_all_secrets(lua_State *L, int idx, struct texts *out)
{
    struct texts given;

    lua_pushvalue(L, idx);
    l_texts(L, "secret", &given);
    luaL_checkstack(L, TEXTS_MAX, NULL);
    for (size_t i = 0; i < given.count; i++)
        l_read_secrets(L, given.all[i], out);
}

/* [-0, +1, v] */
static struct od_str l_header(lua_State *L, int headers, const char *name)
{
    lua_getfield(L, headers, name);
    return l_string(L, -1);
}

/* oms.check_webhook(message, secrets, tolerance?): also takes the sender's id */
static int l_oms_check_webhook(lua_State *L)
{
    struct check c = {.algorithm = "sha256", .encoding = "base64", .prefix = OD_STR("")};
    int64_t seconds;

    l_require_context(L, OD_VM_RECEIVER, "oms.check_webhook");
    lua_settop(L, 3);
    luaL_checktype(L, 1, LUA_TTABLE);
    c.tolerance = l_moment(L, "tolerance", TOLERANCE_MS);
    lua_getfield(L, 1, "headers"); /* 4 */
    lua_getfield(L, 1, "body");
    struct od_str body = l_string(L, -1), id = l_header(L, 4, "webhook-id"),
                  at = l_header(L, 4, "webhook-timestamp"),
                  versions = l_header(L, 4, "webhook-signature");
    l_read_all_secrets(L, 2, &c.secrets);
    read_versions(versions.ptr ? versions : OD_STR(""), &c.given);
    if (!od_str_to_i64(at, 0, INT64_MAX / 1000, &seconds))
        return l_forged(L, "The message has no webhook-timestamp");
    c.sent_at = seconds * 1000;
    c.text = (struct texts){{id.ptr ? id : OD_STR(""), OD_STR("."), at, OD_STR("."), body}, 5};
    l_check(L, &c);
    l_set_message_id(L, id, "webhook-id");
    return 0;
}

const struct l_binding l_signature_bindings[] = {
    {"check_signature", l_oms_check_signature, 0},
    {"check_webhook", l_oms_check_webhook, 0},
    {NULL, NULL, 0},
};
