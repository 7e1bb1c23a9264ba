#include "script/value/secrets.h"

#include <lauxlib.h>

#include "base/crypto/sign.h"
#include "base/digest.h"
#include "script/vm/vm.h"

/* Text here is bytes: bodies come as they were sent, and digests are no UTF-8. */

#define BYTES_MAX (4 << 20)

static struct od_str l_bytes(lua_State *L, int idx)
{
    struct od_str s;

    luaL_checktype(L, idx, LUA_TSTRING); /* a number would be another text than the one meant */
    s.ptr = lua_tolstring(L, idx, &s.len);
    if (s.len > BYTES_MAX)
        luaL_error(L, "the text has more than %d bytes", BYTES_MAX);
    return s;
}

static int l_push_hex(lua_State *L, const uint8_t *bytes, size_t n)
{
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, 2 * n + 1);

    od_hex(bytes, n, to);
    luaL_pushresultsize(&b, 2 * n);
    return 1;
}

/* oms.hmac_sha256(key, text): the digest's 32 bytes */
static int l_oms_hmac_sha256(lua_State *L)
{
    struct od_str key = l_bytes(L, 1), text = l_bytes(L, 2);
    uint8_t digest[OD_SHA256];

    od_hmac_sha256(key, text, digest);
    lua_pushlstring(L, (const char *)digest, sizeof digest);
    return 1;
}

/* oms.same(a, b): whether two secrets are alike, in a time that does not tell where they differ */
static int l_oms_same(lua_State *L)
{
    struct od_str a = l_bytes(L, 1), b = l_bytes(L, 2);

    lua_pushboolean(L, a.len == b.len && od_equal_ct(a.ptr, b.ptr, a.len));
    return 1;
}

static int l_oms_hex(lua_State *L)
{
    struct od_str s = l_bytes(L, 1);

    return l_push_hex(L, (const uint8_t *)s.ptr, s.len);
}

/* nil when it is none */
static int l_oms_from_hex(lua_State *L)
{
    struct od_str s = l_bytes(L, 1);
    luaL_Buffer b;
    uint8_t *to = (uint8_t *)luaL_buffinitsize(L, &b, s.len / 2 + 1);
    bool is = od_unhex(s, to, s.len / 2);

    luaL_pushresultsize(&b, is ? s.len / 2 : 0);
    if (!is)
        lua_pushnil(L);
    return 1;
}

static int l_oms_base64(lua_State *L)
{
    struct od_str s = l_bytes(L, 1);
    struct od_buf *b = &od_vm_of(L)->scratch;

    od_buf_reset(b);
    od_base64(b, s);
    if (b->overflow)
        return luaL_error(L, "oms.base64: the text is too long");
    lua_pushlstring(L, b->ptr ? b->ptr : "", b->len);
    return 1;
}

/* nil when it is none */
static int l_oms_from_base64(lua_State *L)
{
    struct od_str s = l_bytes(L, 1);
    luaL_Buffer b;
    size_t len = 0, max = s.len / 4 * 3 + 3;
    uint8_t *to = (uint8_t *)luaL_buffinitsize(L, &b, max);
    bool is = od_base64_decode(s, to, max, &len);

    luaL_pushresultsize(&b, is ? len : 0);
    if (!is)
        lua_pushnil(L);
    return 1;
}

const struct l_binding l_secret_bindings[] = {
    {"hmac_sha256", l_oms_hmac_sha256, 0},
    {"same", l_oms_same, 0},
    {"hex", l_oms_hex, 0},
    {"from_hex", l_oms_from_hex, 0},
    {"base64", l_oms_base64, 0},
    {"from_base64", l_oms_from_base64, 0},
    {NULL, NULL, 0},
};
