#include "script/bundle/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/ini.h"
#include "conf/value.h"
#include "script/bundle/config_value.h"
#include "script/bundle/loaded.h"

#define CONFIG      "config."
#define MEMORY_MIN  (1 << 20) /* a state with its libraries takes a tenth of it */
#define NAMES_MAX   100       /* bytes of a key's name */
#define CONFIGS_MAX 100

struct manifest {
    struct od_plugin *plugin;
    struct od_arena *arena;
    size_t config_cap;
};

static const char *const plugin_keys[] = {"name",     "version",      "description", "api",
                                          "provides", "capabilities", NULL};
static const char *const limit_keys[] = {"instructions", "memory", NULL};
static const char *const config_keys[] = {"type", "keys",    "default",     "required", "min",
                                          "max",  "choices", "description", NULL};
static const char *const types[] = {
    [OD_CONFIG_TEXT] = "text",         [OD_CONFIG_INTEGER] = "integer", [OD_CONFIG_BOOL] = "bool",
    [OD_CONFIG_DURATION] = "duration", [OD_CONFIG_AMOUNT] = "amount",   [OD_CONFIG_LIST] = "list",
    [OD_CONFIG_CHOICE] = "choice",     [OD_CONFIG_SECRET] = "secret",   NULL,
};

static int unknown(const char *what, struct od_str name, const char *const *known,
                   struct od_err *err)
{
    struct od_str near = od_nearest_of(name, known);
    char list[160] = "";

    if (near.len > 0)
        return od_err_set(err, OD_ERR_CONFIG, "unknown %s '%.*s'; did you mean '%.*s'?", what,
                          OD_STR_ARG(name), OD_STR_ARG(near));
    for (size_t i = 0, n = 0; known[i] && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i > 0 ? ", " : "", known[i]);
    return od_err_set(err, OD_ERR_CONFIG, "unknown %s '%.*s'; known: %s", what, OD_STR_ARG(name),
                      list);
}

static int read_api(struct od_plugin *p, struct od_str value, struct od_err *err)
{
    int64_t api;

    if (!od_str_to_i64(value, 1, INT32_MAX, &api))
        return od_err_set(err, OD_ERR_CONFIG, "api must be a number, not '%.*s'",
                          OD_STR_ARG(value));
    if (api != OD_PLUGIN_API)
        return od_err_set(err, OD_ERR_CONFIG,
                          "the plugin is written for api %lld; this orderd has api %d",
                          (long long)api, OD_PLUGIN_API);
    p->api = (int)api;
    return 0;
}

static int read_plugin_key(struct manifest *m, struct od_str key, struct od_str value,
                           struct od_err *err)
{
    struct od_plugin *p = m->plugin;
    const struct {
        const char *key;
        struct od_str *target;
    } texts[] = {
        {"version", &p->version},
        {"description", &p->description},
        {"provides", &p->provides},
        {"capabilities", &p->capabilities},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (od_str_is(key, texts[i].key)) {
            *texts[i].target = od_arena_str(m->arena, value);
            return 0;
        }
    }
    if (od_str_is(key, "api"))
        return read_api(p, value, err);
    if (!od_str_is(key, "name"))
        return unknown("key", key, plugin_keys, err);
    if (!od_str_eq(value, p->name))
        return od_err_set(err, OD_ERR_CONFIG, "names the plugin '%.*s' in a folder '%.*s'",
                          OD_STR_ARG(value), OD_STR_ARG(p->name));
    return 0;
}

static int read_limit(struct manifest *m, struct od_str key, struct od_str value,
                      struct od_err *err)
{
    if (od_str_is(key, "instructions")) {
        if (od_str_to_i64(value, 1000, INT64_C(1000000000), &m->plugin->instructions))
            return 0;
        return od_err_set(err, OD_ERR_CONFIG, "instructions must be 1000 to 1000000000");
    }
    if (!od_str_is(key, "memory"))
        return unknown("key", key, limit_keys, err);
    if (!od_conf_size(value, &m->plugin->memory) || m->plugin->memory < MEMORY_MIN)
        return od_err_set(err, OD_ERR_CONFIG, "memory must be a size of at least 1m, not '%.*s'",
                          OD_STR_ARG(value));
    return 0;
}

static bool is_config_name(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (i > 0 && ((c >= '0' && c <= '9') || c == '_'))))
            return false;
    }
    return s.len > 0 && s.len <= NAMES_MAX;
}

/* The key that [config.NAME] declares: there already, or new. */
static struct od_config_key *config_key(struct manifest *m, struct od_str name, int line,
                                        struct od_err *err)
{
    struct od_plugin *p = m->plugin;
    struct od_config_key *k;

    for (uint32_t i = 0; i < p->config_count; i++)
        if (od_str_eq(p->config[i].name, name))
            return &p->config[i];
    if (!is_config_name(name)) {
        od_err_set(err, OD_ERR_CONFIG, "[config.%.*s]: a name is a-z, then a-z, 0-9 and _",
                   OD_STR_ARG(name));
        return NULL;
    }
    if (p->config_count >= CONFIGS_MAX) {
        od_err_set(err, OD_ERR_CONFIG, "more than %d settings", CONFIGS_MAX);
        return NULL;
    }
    p->config = od_arena_grow(m->arena, p->config, p->config_count, &m->config_cap, sizeof *k);
    k = &p->config[p->config_count++];
    *k = (struct od_config_key){
        .name = od_arena_str(m->arena, name),
        .min = INT64_MIN,
        .max = INT64_MAX,
        .origin = od_arena_printf(m->arena, "%.*s/plugin.ini:%d", OD_STR_ARG(p->name), line),
    };
    return k;
}

static int read_type(struct od_config_key *k, struct od_str value, struct od_err *err)
{
    for (int i = 0; types[i]; i++) {
        if (od_str_is(value, types[i])) {
            k->type = (enum od_config_type)i;
            return 0;
        }
    }
    return unknown("type", value, types, err);
}

static int read_config_key(struct manifest *m, struct od_config_key *k, struct od_str key,
                           struct od_str value, struct od_err *err)
{
    const struct {
        const char *key;
        struct od_str *target;
    } texts[] = {
        {"keys", &k->keys},
        {"default", &k->default_value},
        {"choices", &k->choices},
        {"description", &k->description},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (od_str_is(key, texts[i].key)) {
            *texts[i].target = od_arena_str(m->arena, value);
            return 0;
        }
    }
    if (od_str_is(key, "type"))
        return read_type(k, value, err);
    if (od_str_is(key, "required")) {
        if (od_conf_bool(value, &k->required))
            return 0;
        return od_err_set(err, OD_ERR_CONFIG, "required must be yes or no");
    }
    if (!od_str_is(key, "min") && !od_str_is(key, "max"))
        return unknown("key", key, config_keys, err);
    if (!od_str_to_i64(value, INT64_MIN, INT64_MAX, od_str_is(key, "min") ? &k->min : &k->max))
        return od_err_set(err, OD_ERR_CONFIG, "%.*s must be an integer, not '%.*s'",
                          OD_STR_ARG(key), OD_STR_ARG(value));
    return 0;
}

static int on_key(void *ctx, struct od_str section, struct od_str key, struct od_str value,
                  int line, struct od_err *err)
{
    static const char *const sections[] = {"limits", "config.NAME", NULL};
    struct manifest *m = ctx;
    struct od_config_key *k;

    if (section.len == 0)
        return read_plugin_key(m, key, value, err);
    if (od_str_is(section, "limits"))
        return read_limit(m, key, value, err);
    if (!od_str_starts_with(section, OD_STR(CONFIG)))
        return unknown("section", section, sections, err);
    k = config_key(m, od_str_slice(section, strlen(CONFIG), section.len), line, err);
    return k ? read_config_key(m, k, key, value, err) : -1;
}

int od_manifest_parse(struct od_str text, struct od_arena *a, struct od_plugin *out,
                      struct od_err *err)
{
    struct manifest m = {.plugin = out, .arena = a};
    struct od_ini_handler handler = {&m, on_key};
    const char *file = od_arena_printf(a, "%.*s/plugin.ini", OD_STR_ARG(out->name)).ptr;

    if (od_ini_read(file, text, &handler, err) != 0)
        return -1;
    for (uint32_t i = 0; i < out->config_count; i++) {
        struct od_config_key *k = &out->config[i];
        if (k->keys.ptr && !memchr(k->keys.ptr, '*', k->keys.len))
            return od_err_set_at(err, OD_ERR_CONFIG, k->origin.ptr,
                                 "keys is a pattern with `*`; a single key needs none");
        if (od_config_key_check(k, err) != 0) {
            if (err)
                snprintf(err->origin, sizeof err->origin, "%s", k->origin.ptr);
            return -1;
        }
    }
    return 0;
}
