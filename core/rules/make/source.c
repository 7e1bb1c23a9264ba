#include "rules/make/rules.h"

#include <stdlib.h>

#include "rules/make/ini.h"
#include "rules/make/secrets.h"
#include "rules/make/shop.h"
#include "rules/make/statuses.h"
#include "conf/conf.h"
#include "script/bundle/bundle.h"
#include "script/bundle/plugin.h"

enum { RULES_INI_MAX = 1 << 20 };

/* ---- what both ways of gathering share */

static struct od_plugin *add_plugin(struct od_rules_source *s, size_t *cap)
{
    struct od_bundle_source *b = &s->bundle;
    struct od_plugin *all =
        od_arena_grow(&s->arena, (void *)b->plugins, b->plugin_count, cap, sizeof *b->plugins);
    b->plugins = all;
    all[b->plugin_count] = (struct od_plugin){0};
    return &all[b->plugin_count++];
}

static void take_choices(struct od_rules_source *s)
{
    const struct od_conf *c = s->conf;
    struct od_provider_choice *all =
        OD_NEW_ARRAY(&s->arena, struct od_provider_choice, c->entry_count + 1);
    uint32_t n = 0;
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct od_conf_entry *e = &c->entries[i];
        if (od_str_is(e->section, "policy"))
            all[n++] = (struct od_provider_choice){e->key, e->value, e->origin};
    }
    s->bundle.choices = all;
    s->bundle.choice_count = n;
}

static void take_settings(struct od_rules_source *s)
{
    const struct od_conf *c = s->conf;
    struct od_str plugin = OD_STR("plugin.");
    struct od_plugin_setting *settings, *grants;
    uint32_t n = 0, g = 0;
    settings = OD_NEW_ARRAY(&s->arena, struct od_plugin_setting, c->entry_count + 1);
    grants = OD_NEW_ARRAY(&s->arena, struct od_plugin_setting, c->entry_count + 1);
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct od_conf_entry *e = &c->entries[i];
        struct od_str name = od_str_slice(e->section, plugin.len, e->section.len);
        if (od_str_starts_with(e->section, plugin))
            settings[n++] = (struct od_plugin_setting){name, e->key, e->value, e->origin};
        else if (od_str_is(e->section, "grant"))
            grants[g++] = (struct od_plugin_setting){e->key, OD_STR_NONE, e->value, e->origin};
    }
    s->bundle.settings = settings;
    s->bundle.setting_count = n;
    s->bundle.grants = grants;
    s->bundle.grant_count = g;
}

static void take_limits(struct od_rules_source *s)
{
    const struct od_conf *c = s->conf;
    s->limits = od_bundle_default_limits;
    s->limits.load_instructions = c->script.load_instructions;
    s->limits.policy_instructions = s->limits.hook_instructions = c->script.instructions;
    s->limits.task_instructions = c->script.task_instructions;
    s->limits.pattern_steps = c->script.pattern_steps;
    s->limits.cpu_us = c->script.cpu_ms * 1000;
    s->limits.memory = (size_t)c->script.memory;
}

/* Everything but the plugins, from s->conf. The plugins are there: they say which settings are
 * secrets. */
static int take_conf(struct od_rules_source *s, struct od_err *err)
{
    struct od_shop *shop;
    if (od_statuses_build(s->conf, &s->arena, &s->statuses, err) ||
        od_rules_shop_build(s->conf, &s->statuses, &s->arena, &shop, err))
        return -1;
    s->bundle.statuses = &s->statuses;
    s->bundle.shop = shop;
    take_choices(s);
    take_settings(s);
    take_limits(s);
    return 0;
}

static int take_ini(struct od_rules_source *s, struct od_err *err)
{
    struct od_buf ini;
    od_buf_init(&ini, RULES_INI_MAX);
    int failed = od_rules_ini_print(s->conf, &ini, err);
    s->bundle.rules_ini = od_arena_str(&s->arena, od_buf_view(&ini));
    od_buf_fini(&ini);
    return failed;
}

static void begin(struct od_rules_source *s, struct od_conf *conf)
{
    *s = (struct od_rules_source){.conf = conf};
    od_arena_init(&s->arena);
}

/* ---- from disk */

static int read_plugins(struct od_rules_source *s, struct od_err *err)
{
    const struct od_conf *c = s->conf;
    struct od_str rest = c->plugins.load, name;
    size_t cap = 0;
    if (od_plugin_read(c->plugins.scripts.ptr, OD_STR("default"), &s->arena, add_plugin(s, &cap),
                       err))
        return -1;
    while (od_rules_next_plugin(&rest, &name)) {
        if (od_plugin_read_in(c->plugins.dir.ptr, name, &s->arena, add_plugin(s, &cap), err))
            return -1;
    }
    return 0;
}

int od_rules_source_read(struct od_conf *conf, struct od_rules_source *out, struct od_err *err)
{
    begin(out, od_conf_ref(conf));
    if (read_plugins(out, err) == 0) {
        od_rules_secrets_mark(conf, &out->bundle);
        if (take_ini(out, err) == 0 && take_conf(out, err) == 0)
            return 0;
    }
    od_rules_source_fini(out);
    return -1;
}

/* ---- from the database */

static struct od_str rules_ini_of(const struct od_stored_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!sources[i].plugin.len && od_str_is(sources[i].file, "rules.ini"))
            return sources[i].text;
    }
    return OD_STR_NONE;
}

/* The files of one plugin, in the order in which od_plugin_read finds them. */
static int stored_plugin(struct od_rules_source *s, struct od_str name,
                         const struct od_stored_source *sources, size_t count, struct od_plugin *p,
                         struct od_err *err)
{
    p->name = od_arena_str(&s->arena, name);
    p->files = OD_NEW_ARRAY(&s->arena, struct od_script_file, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (od_str_eq(sources[i].plugin, name))
            p->files[p->file_count++] = (struct od_script_file){
                od_arena_str(&s->arena, sources[i].file), od_arena_str(&s->arena, sources[i].text)};
    }
    if (!p->file_count)
        return od_err_set(err, OD_ERR_INVALID, "the bundle was stored without plugin \"%.*s\"",
                          OD_STR_ARG(name));
    qsort(p->files, p->file_count, sizeof *p->files, od_script_file_cmp);
    if (!od_str_is(p->files[0].name, "plugin.ini"))
        return 0;
    return od_manifest_parse(p->files[0].text, &s->arena, p, err);
}

static int stored_plugins(struct od_rules_source *s, const struct od_stored_source *sources,
                          size_t count, struct od_err *err)
{
    struct od_str rest = s->conf->plugins.load, name = OD_STR("default");
    size_t cap = 0;
    do {
        if (stored_plugin(s, name, sources, count, add_plugin(s, &cap), err))
            return -1;
    } while (od_rules_next_plugin(&rest, &name));
    return 0;
}

int od_rules_source_stored(const struct od_conf *base, const struct od_stored_source *sources,
                           size_t count, struct od_rules_source *out, struct od_err *err)
{
    struct od_str ini = rules_ini_of(sources, count);
    struct od_conf *conf;
    if (!ini.ptr)
        return od_err_set(err, OD_ERR_INVALID,
                          "the bundle was stored without rules.ini, by an earlier version");
    if (od_rules_ini_parse(base, ini, &conf, err))
        return -1;
    begin(out, conf);
    if (stored_plugins(out, sources, count, err) == 0 && take_ini(out, err) == 0) {
        od_rules_secrets_mark(conf, &out->bundle);
        od_rules_secrets_fill(conf, base);
        if (take_conf(out, err) == 0)
            return 0;
    }
    od_rules_source_fini(out);
    return -1;
}

void od_rules_source_fini(struct od_rules_source *s)
{
    od_conf_unref(s->conf);
    od_arena_fini(&s->arena);
    s->conf = NULL;
}
