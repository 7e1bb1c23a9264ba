#include "app/rules.h"

#include <stdlib.h>

#include "app/statuses.h"
#include "conf/conf.h"
#include "script/bundle.h"
#include "script/plugin.h"

/* What od_bundle_load is given: gathered in an arena that is gone when the bundle stands. */
struct gathered {
    struct od_arena *arena;
    struct od_plugin *plugins;
    size_t count, cap;
};

static int add_plugin(struct gathered *g, const char *directory, struct od_str name,
                      struct od_err *err)
{
    g->plugins = od_arena_grow(g->arena, g->plugins, g->count, &g->cap, sizeof *g->plugins);
    return od_plugin_read(directory, name, g->arena, &g->plugins[g->count++], err);
}

static int add_named(struct gathered *g, const struct od_conf *conf, struct od_err *err)
{
    struct od_str name, rest = conf->plugins.load;
    char list[1024];
    if (rest.len >= sizeof list)
        return od_err_set(err, OD_ERR_CONFIG, "plugins.load is longer than %zu bytes",
                          sizeof list - 1);
    for (size_t i = 0; i < rest.len; i++)
        list[i] = rest.ptr[i] == ',' ? ' ' : rest.ptr[i];
    rest = od_str_n(list, rest.len);
    while (od_str_cut(&rest, ' ', &name)) {
        name = od_str_trim(name);
        if (!name.len)
            continue;
        name = od_arena_str(g->arena, name);
        struct od_str dir = od_arena_printf(g->arena, "%s/%s", conf->plugins.dir.ptr, name.ptr);
        if (add_plugin(g, dir.ptr, name, err))
            return -1;
    }
    return 0;
}

static struct od_provider_choice *choices(const struct od_conf *conf, struct od_arena *a,
                                          uint32_t *count)
{
    struct od_provider_choice *all =
        OD_NEW_ARRAY(a, struct od_provider_choice, conf->entry_count + 1);
    *count = 0;
    for (size_t i = 0; i < conf->entry_count; i++) {
        const struct od_conf_entry *e = &conf->entries[i];
        if (od_str_is(e->section, "policy"))
            all[(*count)++] = (struct od_provider_choice){e->key, e->value, e->origin};
    }
    return all;
}

static int load_bundle(struct od_rules *r, const struct od_conf *conf, struct od_err *err)
{
    struct od_arena arena;
    od_arena_init(&arena);
    struct gathered g = {.arena = &arena};
    struct od_bundle_limits limits = od_bundle_default_limits;
    limits.load_instructions = conf->script.load_instructions;
    limits.policy_instructions = limits.hook_instructions = conf->script.instructions;
    limits.pattern_steps = conf->script.pattern_steps;
    limits.cpu_us = conf->script.cpu_ms * 1000;
    limits.memory = (size_t)conf->script.memory;
    struct od_bundle_source source = {.statuses = &r->statuses};
    int failed = add_plugin(&g, conf->plugins.scripts.ptr, OD_STR("default"), err) ||
                 add_named(&g, conf, err);
    if (!failed) {
        source.plugins = g.plugins;
        source.plugin_count = (uint32_t)g.count;
        source.choices = choices(conf, &arena, &source.choice_count);
        failed = od_bundle_load(&source, &limits, &r->bundle, err);
    }
    od_arena_fini(&arena);
    return failed ? -1 : 0;
}

int od_rules_build(struct od_conf *conf, struct od_rules **out, struct od_err *err)
{
    struct od_rules *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->refs = 1;
    r->conf = od_conf_ref(conf);
    od_arena_init(&r->arena);
    if (od_statuses_build(conf, &r->arena, &r->statuses, err) || load_bundle(r, conf, err)) {
        od_rules_unref(r);
        return -1;
    }
    r->policies = od_bundle_policies(r->bundle, 0);
    memcpy(r->hash, od_bundle_hash(r->bundle), sizeof r->hash);
    r->track = (enum od_stock_track)conf->stock.track;
    r->default_currency = conf->order.default_currency;
    *out = r;
    return 0;
}

struct od_stored_source *od_rules_sources(const struct od_rules *r, struct od_arena *a,
                                          size_t *count)
{
    uint32_t n;
    const struct od_bundle_file *files = od_bundle_files(r->bundle, &n);
    struct od_stored_source *sources = OD_NEW_ARRAY(a, struct od_stored_source, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        struct od_str rest = files[i].name;
        od_str_cut(&rest, '/', &sources[i].plugin);
        sources[i].file = rest;
        sources[i].text = files[i].text;
    }
    *count = n;
    return sources;
}
