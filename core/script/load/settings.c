#include "script/load/settings.h"

#include <lauxlib.h>
#include <string.h>

#include "base/money.h"
#include "base/nearest.h"
#include "script/bundle/config_value.h"
#include "script/bundle/loaded.h"
#include "script/bundle/manifest.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"

/* The sections [plugin.NAME] of the configuration: checked against the keys that plugins declare,
 * and shown to them as oms.config. */

/* `*` stands for any run of bytes, also none. */
static bool matches(struct od_str pattern, struct od_str s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

    while (i < s.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            from = i;
        } else if (p < pattern.len && pattern.ptr[p] == s.ptr[i]) {
            p++;
            i++;
        } else if (star != SIZE_MAX) { /* let the last star take one byte more */
            p = star + 1;
            i = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

const struct od_config_key *od_plugin_key(const struct od_plugin *p, struct od_str name)
{
    for (uint32_t i = 0; i < p->config_count; i++)
        if (!p->config[i].keys.ptr && od_str_eq(p->config[i].name, name))
            return &p->config[i];
    for (uint32_t i = 0; i < p->config_count; i++)
        if (p->config[i].keys.ptr && matches(p->config[i].keys, name))
            return &p->config[i];
    return NULL;
}

static const struct od_plugin *plugin_named(const struct od_bundle_source *source,
                                            struct od_str name)
{
    for (uint32_t i = 0; i < source->plugin_count; i++)
        if (od_str_eq(source->plugins[i].name, name))
            return &source->plugins[i];
    return NULL;
}

static int fail_at(struct od_err *err, struct od_str origin)
{
    snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(origin));
    return -1;
}

static int unknown_key(const struct od_plugin *p, const struct od_plugin_setting *s,
                       struct od_err *err)
{
    struct od_nearest near;

    if (p->config_count == 0)
        return od_err_set(err, OD_ERR_CONFIG, "plugin '%.*s' has no settings, so no '%.*s'",
                          OD_STR_ARG(p->name), OD_STR_ARG(s->key));
    od_nearest_init(&near, s->key);
    for (uint32_t i = 0; i < p->config_count; i++)
        od_nearest_try(&near, p->config[i].keys.ptr ? p->config[i].keys : p->config[i].name);
    if (near.best.len > 0)
        return od_err_set(err, OD_ERR_CONFIG,
                          "plugin '%.*s' has no setting '%.*s'; did you mean '%.*s'?",
                          OD_STR_ARG(p->name), OD_STR_ARG(s->key), OD_STR_ARG(near.best));
    return od_err_set(err, OD_ERR_CONFIG,
                      "plugin '%.*s' has no setting '%.*s'; its plugin.ini tells those it has",
                      OD_STR_ARG(p->name), OD_STR_ARG(s->key));
}

/* err's message only. */
static int check_line(const struct od_bundle_source *source, uint32_t at, int digits,
                      struct od_err *err)
{
    const struct od_plugin_setting *s = &source->settings[at];
    const struct od_plugin *p = plugin_named(source, s->plugin);
    const struct od_config_key *key;
    int64_t value;

    if (!p)
        return od_err_set(err, OD_ERR_CONFIG,
                          "plugin '%.*s' is not loaded; add it to [plugins] load, or remove its "
                          "section",
                          OD_STR_ARG(s->plugin));
    key = od_plugin_key(p, s->key);
    if (!key)
        return unknown_key(p, s, err);
    if (od_config_value_read(key, s->value, digits, &value, err) != 0)
        return od_err_wrap(err, "%.*s", OD_STR_ARG(s->key));
    for (uint32_t i = 0; i < at; i++)
        if (od_str_eq(source->settings[i].plugin, s->plugin) &&
            od_str_eq(source->settings[i].key, s->key))
            return od_err_set(err, OD_ERR_CONFIG, "%.*s is set twice, first at %.*s",
                              OD_STR_ARG(s->key), OD_STR_ARG(source->settings[i].origin));
    return 0;
}

static bool is_set(const struct od_bundle_source *source, const struct od_plugin *p,
                   const struct od_config_key *key)
{
    for (uint32_t i = 0; i < source->setting_count; i++)
        if (od_str_eq(source->settings[i].plugin, p->name) &&
            od_plugin_key(p, source->settings[i].key) == key)
            return true;
    return false;
}

static int check_required(const struct od_bundle_source *source, const struct od_plugin *p,
                          struct od_err *err)
{
    for (uint32_t i = 0; i < p->config_count; i++) {
        const struct od_config_key *key = &p->config[i];
        if (!key->required || is_set(source, p, key))
            continue;
        od_err_set(err, OD_ERR_CONFIG,
                   "plugin '%.*s' needs the setting %.*s: add `%.*s = …` to [plugin.%.*s]",
                   OD_STR_ARG(p->name), OD_STR_ARG(key->name),
                   OD_STR_ARG(key->keys.ptr ? key->keys : key->name), OD_STR_ARG(p->name));
        return fail_at(err, key->origin);
    }
    return 0;
}

int od_settings_check(const struct od_bundle_source *source, struct od_str currency,
                      struct od_err *err)
{
    int digits = od_currency_digits(currency);

    for (uint32_t i = 0; i < source->setting_count; i++)
        if (check_line(source, i, digits, err) != 0)
            return fail_at(err, source->settings[i].origin);
    for (uint32_t i = 0; i < source->plugin_count; i++)
        if (check_required(source, &source->plugins[i], err) != 0)
            return -1;
    return 0;
}

/* The texts of a list, without the blanks around them. [-0, +1, m] */
static void l_push_words(lua_State *L, struct od_str text, const char *separators)
{
    struct od_str word;
    lua_Integer n = 0;

    lua_newtable(L);
    for (size_t from = 0, to; from < text.len; from = to + 1) {
        for (to = from; to < text.len && !strchr(separators, text.ptr[to]);)
            to++;
        word = od_str_trim(od_str_slice(text, from, to));
        if (word.len == 0)
            continue;
        l_push_str(L, word);
        lua_rawseti(L, -2, ++n);
    }
    l_as_list(L);
    l_freeze(L);
}

/* [-0, +1, m] */
static void l_push_value(lua_State *L, const struct od_config_key *key, struct od_str text,
                         int digits)
{
    int64_t value = 0;

    if (od_config_value_read(key, text, digits, &value, NULL) != 0)
        luaL_error(L, "the default of %s does not fit the currency", key->name.ptr);
    switch (key->type) {
    case OD_CONFIG_TEXT:
    case OD_CONFIG_CHOICE:
        l_push_str(L, text);
        break;
    case OD_CONFIG_LIST:
        l_push_words(L, text, ",");
        break;
    case OD_CONFIG_SECRET: /* Standard Webhooks writes a blank between two */
        l_push_words(L, text, ", \t");
        break;
    case OD_CONFIG_BOOL:
        lua_pushboolean(L, value != 0);
        break;
    case OD_CONFIG_INTEGER:
    case OD_CONFIG_DURATION:
    case OD_CONFIG_AMOUNT:
        lua_pushinteger(L, value);
        break;
    }
}

/* The lines that a pattern took, as {key, value, origin}. [-0, +1, m] */
static void l_push_matches(lua_State *L, const struct od_bundle_source *source,
                           const struct od_config_key *key, int digits)
{
    static const char *const names[] = {"key", "value", "origin", NULL};
    static const struct l_shape row = {.noun = "setting", .names = names};
    const struct od_plugin *p = od_plugin_of(L)->source;
    lua_Integer n = 0;

    lua_newtable(L);
    for (uint32_t i = 0; i < source->setting_count; i++) {
        const struct od_plugin_setting *s = &source->settings[i];
        if (!od_str_eq(s->plugin, p->name) || od_plugin_key(p, s->key) != key)
            continue;
        lua_createtable(L, 0, 3);
        l_push_str(L, s->key);
        lua_setfield(L, -2, "key");
        l_push_value(L, key, s->value, digits);
        lua_setfield(L, -2, "value");
        l_push_str(L, s->origin);
        lua_setfield(L, -2, "origin");
        l_as_record(L, &row);
        l_freeze(L);
        lua_rawseti(L, -2, ++n);
    }
    l_as_list(L);
    l_freeze(L);
}

/* The value of a plain key; nil when it has none. [-0, +1, m] */
static void l_push_setting(lua_State *L, const struct od_bundle_source *source,
                           const struct od_config_key *key, int digits)
{
    const struct od_plugin *p = od_plugin_of(L)->source;

    for (uint32_t i = 0; i < source->setting_count; i++) {
        const struct od_plugin_setting *s = &source->settings[i];
        if (od_str_eq(s->plugin, p->name) && od_plugin_key(p, s->key) == key) {
            l_push_value(L, key, s->value, digits);
            return;
        }
    }
    if (key->default_value.ptr)
        l_push_value(L, key, key->default_value, digits);
    else if (key->type == OD_CONFIG_SECRET)
        l_push_words(L, OD_STR(""), ","); /* a script may count them, and check against none */
    else
        lua_pushnil(L);
}

/* __index of the table behind oms.config: a name that is not declared is a typing mistake. */
static int l_no_setting(lua_State *L)
{
    const struct od_plugin *p = od_plugin_of(L)->source;
    struct od_str name = OD_STR_NONE;

    name.ptr = luaL_checklstring(L, 2, &name.len);
    for (uint32_t i = 0; i < p->config_count; i++)
        if (od_str_eq(p->config[i].name, name))
            return 0;
    return luaL_error(L, "%s/plugin.ini declares no setting '%s'", p->name.ptr, name.ptr);
}

void l_push_config(lua_State *L, const struct od_bundle_source *source)
{
    const struct od_plugin *p = od_plugin_of(L)->source;
    int digits = od_currency_digits(od_bundle_of(L)->currency);

    lua_newtable(L);
    for (uint32_t i = 0; i < p->config_count; i++) {
        const struct od_config_key *key = &p->config[i];
        l_push_str(L, key->name);
        if (key->keys.ptr)
            l_push_matches(L, source, key, digits);
        else
            l_push_setting(L, source, key, digits);
        lua_rawset(L, -3);
    }
    lua_newtable(L);
    lua_pushcfunction(L, l_no_setting);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    l_freeze(L);
}
