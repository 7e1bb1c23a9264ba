#include "script/bundle/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "order/model/shop.h"
#include "script/bundle/config_value.h"
#include "script/bundle/loaded.h"
#include "script/bundle/manifest.h"
#include "script/vm/vm.h"

/* Makes bundles of their sources, and answers questions about them. */

const struct od_bundle_limits od_bundle_default_limits = {
    .load_instructions = 10000000,
    .policy_instructions = 1000000,
    .hook_instructions = 1000000,
    .task_instructions = 20000000,
    .pattern_steps = 2000000,
    .cpu_us = 2000000,
    .memory = 8 << 20,
};

static void hash_part(struct od_sha256 *d, struct od_str s)
{
    uint64_t len = s.len; /* before the bytes, so that no two lists of parts read alike */

    od_sha256_update(d, od_str_n((const char *)&len, sizeof len));
    od_sha256_update(d, s);
}

static void hash_files(struct od_bundle *b)
{
    struct od_sha256 *d = od_sha256_new();
    uint8_t digest[OD_SHA256];

    for (uint32_t i = 0; i < b->file_count; i++) {
        hash_part(d, b->files[i].plugin);
        hash_part(d, b->files[i].file);
        hash_part(d, b->files[i].text);
    }
    od_sha256_free(d, digest);
    od_hex(digest, sizeof digest, b->hash);
}

static struct od_script_file *copy_files(struct od_arena *a, const struct od_script_file *files,
                                         uint32_t count)
{
    struct od_script_file *copy = OD_NEW_ARRAY(a, struct od_script_file, count);

    for (uint32_t i = 0; i < count; i++) {
        copy[i].name = od_arena_str(a, files[i].name);
        copy[i].text = od_arena_str(a, files[i].text);
    }
    return copy;
}

static struct od_config_key *copy_config(struct od_arena *a, const struct od_config_key *config,
                                         uint32_t count)
{
    struct od_config_key *copy = OD_NEW_ARRAY(a, struct od_config_key, count);

    for (uint32_t i = 0; i < count; i++) {
        copy[i] = config[i];
        copy[i].name = od_arena_str(a, config[i].name);
        copy[i].keys = od_arena_str(a, config[i].keys);
        copy[i].default_value = od_arena_str(a, config[i].default_value);
        copy[i].choices = od_arena_str(a, config[i].choices);
        copy[i].description = od_arena_str(a, config[i].description);
        copy[i].origin = od_arena_str(a, config[i].origin);
    }
    return copy;
}

static struct od_plugin copy_plugin(struct od_arena *a, const struct od_plugin *p)
{
    struct od_plugin copy = *p;

    copy.name = od_arena_str(a, p->name);
    copy.version = od_arena_str(a, p->version);
    copy.description = od_arena_str(a, p->description);
    copy.provides = od_arena_str(a, p->provides);
    copy.capabilities = od_arena_str(a, p->capabilities);
    copy.path = od_arena_str(a, p->path);
    copy.config = copy_config(a, p->config, p->config_count);
    copy.files = copy_files(a, p->files, p->file_count);
    copy.tests = copy_files(a, p->tests, p->test_count);
    return copy;
}

static void add_file(struct od_bundle *b, struct od_str plugin, const struct od_script_file *file)
{
    struct od_bundle_file *f = &b->files[b->file_count++];
    uint8_t digest[OD_SHA256];

    f->plugin = plugin;
    f->file = file->name;
    f->text = file->text;
    f->name = plugin.len == 0 ? file->name
                              : od_arena_printf(&b->arena, "%.*s/%.*s", OD_STR_ARG(plugin),
                                                OD_STR_ARG(file->name));
    od_sha256_of(f->text, digest);
    od_hex(digest, sizeof digest, f->hash);
}

/* The archive of sources: rules.ini, then the plugins' files. */
static void list_files(struct od_bundle *b, struct od_str rules_ini)
{
    size_t n = 1;

    for (uint32_t i = 0; i < b->plugin_count; i++)
        n += b->sources[i].file_count;
    b->files = OD_NEW_ARRAY(&b->arena, struct od_bundle_file, n);
    if (rules_ini.ptr)
        add_file(b, OD_STR(""),
                 &(struct od_script_file){OD_STR("rules.ini"), od_arena_str(&b->arena, rules_ini)});
    for (uint32_t i = 0; i < b->plugin_count; i++)
        for (uint32_t j = 0; j < b->sources[i].file_count; j++)
            add_file(b, b->sources[i].name, &b->sources[i].files[j]);
}

static int64_t at_most(int64_t limit, int64_t wanted)
{
    return wanted > 0 && wanted < limit ? wanted : limit;
}

/* The plugin with an empty state. */
static struct od_script_plugin *new_plugin(struct od_bundle *b, const struct od_plugin *source)
{
    struct od_script_plugin *p = OD_NEW(&b->arena, struct od_script_plugin);
    const struct od_bundle_limits *limits = &b->limits;

    p->bundle = b;
    p->source = source;
    p->name = source->name;
    p->policy_instructions = at_most(limits->policy_instructions, source->instructions);
    p->hook_instructions = at_most(limits->hook_instructions, source->instructions);
    p->task_instructions = limits->task_instructions;
    od_vm_init(&p->vm,
               &(struct od_vm_limits){(size_t)at_most((int64_t)limits->memory, source->memory),
                                      limits->cpu_us, limits->pattern_steps});
    return p;
}

struct od_bundle *od_bundle_new(const struct od_bundle_source *source,
                                const struct od_bundle_limits *limits)
{
    struct od_bundle *b = calloc(1, sizeof *b);

    if (!b)
        abort();
    b->refs = 1;
    b->limits = *limits;
    od_arena_init(&b->arena);
    b->statuses = od_status_sets_copy(&b->arena, source->statuses);
    b->shop = od_shop_copy(&b->arena, source->shop);
    b->currency = od_rules_currency(source->rules_ini, &b->arena);
    b->sources = OD_NEW_ARRAY(&b->arena, struct od_plugin, source->plugin_count);
    b->plugins = OD_NEW_ARRAY(&b->arena, struct od_script_plugin *, source->plugin_count);
    for (uint32_t i = 0; i < source->plugin_count; i++) {
        b->sources[i] = copy_plugin(&b->arena, &source->plugins[i]);
        b->plugins[b->plugin_count++] = new_plugin(b, &b->sources[i]);
    }
    list_files(b, source->rules_ini);
    hash_files(b);
    return b;
}

struct od_bundle *od_bundle_ref(struct od_bundle *b)
{
    b->refs++;
    return b;
}

void od_bundle_unref(struct od_bundle *b)
{
    if (!b)
        return;
    OD_ASSERT(b->refs > 0);
    if (--b->refs > 0)
        return;
    for (uint32_t i = 0; i < b->plugin_count; i++)
        od_vm_fini(&b->plugins[i]->vm);
    od_arena_fini(&b->arena);
    free(b);
}

const char *od_bundle_hash(const struct od_bundle *b)
{
    return b->hash;
}

const struct od_bundle_file *od_bundle_files(const struct od_bundle *b, uint32_t *count)
{
    *count = b->file_count;
    return b->files;
}

const struct od_offer *od_bundle_offers(const struct od_bundle *b, enum od_offer_kind kind,
                                        uint32_t *count)
{
    *count = b->offers[kind].count;
    return b->offer_lists[kind];
}

const struct od_plugin *od_bundle_plugins(const struct od_bundle *b, uint32_t *count)
{
    *count = b->plugin_count;
    return b->sources;
}

const struct od_script_finding *od_bundle_findings(const struct od_bundle *b, uint32_t *count)
{
    *count = b->finding_count;
    return b->findings;
}

struct od_str od_bundle_provider(const struct od_bundle *b, enum od_question q)
{
    return b->providers[q] ? b->providers[q]->offer.plugin : OD_STR_NONE;
}

struct od_str od_bundle_provider_origin(const struct od_bundle *b, enum od_question q)
{
    return b->providers[q] ? b->providers[q]->offer.origin : OD_STR_NONE;
}

struct od_bundle_stats od_bundle_stats(const struct od_bundle *b)
{
    struct od_bundle_stats stats = b->stats;

    for (uint32_t i = 0; i < b->plugin_count; i++)
        stats.memory += b->plugins[i]->vm.memory;
    return stats;
}

static struct od_str label_of(struct od_arena *a, enum od_offer_kind kind, struct od_str name,
                              struct od_str plugin)
{
    static const char *const prefixes[OD_OFFER_KINDS] = {
        [OD_OFFER_POLICY] = "",          [OD_OFFER_HOOK] = "",
        [OD_OFFER_COMMAND] = "command.", [OD_OFFER_ROUTE] = "route.",
        [OD_OFFER_JOB] = "job.",         [OD_OFFER_RECEIVER] = "receiver.",
        [OD_OFFER_TEST] = "test.",       [OD_OFFER_TEMPLATE] = "template.",
    };

    return od_arena_printf(a, "%s%.*s@%.*s", prefixes[kind], OD_STR_ARG(name), OD_STR_ARG(plugin));
}

struct od_registration *od_registration_add(struct od_script_plugin *p, enum od_offer_kind kind,
                                            struct od_str name, struct od_str origin)
{
    struct od_arena *a = &p->bundle->arena;
    struct od_registrations *to = &p->bundle->offers[kind];
    struct od_registration *r = OD_NEW(a, struct od_registration);

    r->plugin = p;
    r->failures = OD_NEW(a, struct od_failures);
    r->offer = (struct od_offer){
        .name = od_arena_str(a, name),
        .plugin = p->name,
        .origin = origin,
        .label = label_of(a, kind, name, p->name),
    };
    to->all = od_arena_grow(a, to->all, to->count, &to->cap, sizeof(void *));
    to->all[to->count++] = r;
    return r;
}
