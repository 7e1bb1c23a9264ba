#include "script/bundle.h"

#include <assert.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/host.h"
#include "script/libs.h"
#include "script/view.h"

#define PLUGIN_NAME_MAX 32

const struct od_bundle_limits od_bundle_default_limits = {
    .load_instructions = 10000000,
    .policy_instructions = 1000000,
    .hook_instructions = 1000000,
    .pattern_steps = 2000000,
    .cpu_us = 250000,
    .memory = 8 << 20,
};

static bool is_plugin_name(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return s.len > 0 && s.len <= PLUGIN_NAME_MAX;
}

static int check_plugins(const struct od_bundle_source *source, struct od_err *err)
{
    for (uint32_t i = 0; i < source->plugin_count; i++) {
        const struct od_plugin *p = &source->plugins[i];

        if (!is_plugin_name(p->name))
            return od_err_set(err, OD_ERR_SCRIPT,
                              "plugin name '%.*s': a-z, 0-9, _ and - only, at most %d characters",
                              OD_STR_ARG(p->name), PLUGIN_NAME_MAX);
        for (uint32_t j = 0; j < i; j++)
            if (od_str_eq(source->plugins[j].name, p->name))
                return od_err_set(err, OD_ERR_SCRIPT, "plugin '%.*s' is listed twice",
                                  OD_STR_ARG(p->name));
        /* Lua cuts chunk names, and a cut name would be a wrong file in an error. */
        for (uint32_t j = 0; j < p->file_count; j++)
            if (p->name.len + 1 + p->files[j].name.len >= LUA_IDSIZE)
                return od_err_set(
                    err, OD_ERR_SCRIPT, "%.*s/%.*s: the name has more than %d characters",
                    OD_STR_ARG(p->name), OD_STR_ARG(p->files[j].name), LUA_IDSIZE - 1);
    }
    return 0;
}

static void hash_part(struct od_sha256 *d, struct od_str s)
{
    uint64_t len = s.len; /* before the bytes, so that no two lists of parts read alike */

    od_sha256_update(d, od_str_n((const char *)&len, sizeof len));
    od_sha256_update(d, s);
}

static void hash_source(struct od_bundle *b, const struct od_bundle_source *source)
{
    struct od_sha256 *d = od_sha256_new();
    uint8_t digest[OD_SHA256];

    for (uint32_t i = 0; i < b->file_count; i++) {
        hash_part(d, b->files[i].name);
        hash_part(d, b->files[i].text);
    }
    for (uint32_t i = 0; i < source->choice_count; i++) {
        hash_part(d, source->choices[i].question);
        hash_part(d, source->choices[i].plugin);
    }
    od_sha256_free(d, digest);
    od_hex(digest, sizeof digest, b->hash);
}

static void copy_files(struct od_bundle *b, const struct od_bundle_source *source)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < source->plugin_count; i++)
        b->file_count += source->plugins[i].file_count;
    b->files = OD_NEW_ARRAY(&b->arena, struct od_bundle_file, b->file_count);
    for (uint32_t i = 0; i < source->plugin_count; i++) {
        const struct od_plugin *p = &source->plugins[i];
        for (uint32_t j = 0; j < p->file_count; j++) {
            struct od_bundle_file *f = &b->files[n++];
            uint8_t digest[OD_SHA256];

            f->name = od_arena_printf(&b->arena, "%.*s/%.*s", OD_STR_ARG(p->name),
                                      OD_STR_ARG(p->files[j].name));
            f->text = od_arena_str(&b->arena, p->files[j].text);
            od_sha256_of(f->text, digest);
            od_hex(digest, sizeof digest, f->hash);
        }
    }
}

static bool is_lua(struct od_str name)
{
    return name.len > 4 && memcmp(name.ptr + name.len - 4, ".lua", 4) == 0;
}

/* Runs one file in the environment at the top. Source text only: bytecode can crash the
 * interpreter (Lua manual, lua_load). [-0, +0, v] */
static void l_run_file(lua_State *L, struct od_str name, struct od_str text)
{
    char chunk[LUA_IDSIZE + 1] = "=";

    memcpy(chunk + 1, name.ptr, name.len + 1);
    if (luaL_loadbufferx(L, text.ptr, text.len, chunk, "t") != LUA_OK)
        lua_error(L);
    lua_pushvalue(L, -2);
    if (!lua_setupvalue(L, -2, 1)) /* _ENV; every main chunk has it */
        lua_pop(L, 1);
    lua_call(L, 0, 0);
}

struct load {
    struct od_bundle *bundle;
    const struct od_bundle_source *source;
};

static int l_load(lua_State *L)
{
    const struct load *load = lua_touserdata(L, 1);
    const struct od_bundle_file *file = load->bundle->files;

    l_libs_open(L);
    l_view_open(L);
    l_oms_prepare(L);
    for (uint32_t i = 0; i < load->source->plugin_count; i++) {
        const struct od_plugin *p = &load->source->plugins[i];
        struct od_str *name = OD_NEW(&load->bundle->arena, struct od_str);

        *name = od_arena_str(&load->bundle->arena, p->name);
        l_libs_environment(L);
        l_oms_open(L, name);
        for (uint32_t j = 0; j < p->file_count; j++, file++)
            if (is_lua(p->files[j].name))
                l_run_file(L, file->name, file->text);
        l_libs_seal(L);
        lua_pop(L, 1);
    }
    return 0;
}

int od_bundle_load(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   struct od_bundle **out, struct od_err *err)
{
    struct od_bundle *b;
    struct load load;

    if (check_plugins(source, err) != 0)
        return -1;
    b = calloc(1, sizeof *b);
    if (!b)
        abort();
    b->refs = 1;
    b->limits = *limits;
    b->statuses = source->statuses;
    od_arena_init(&b->arena);
    od_vm_init(&b->vm,
               &(struct od_vm_limits){limits->memory, limits->cpu_us, limits->pattern_steps});
    copy_files(b, source);
    hash_source(b, source);

    load = (struct load){b, source};
    if (od_vm_run(&b->vm, &(struct od_vm_call){OD_VM_LOAD, limits->load_instructions, 0, &b->arena},
                  l_load, &load, err) != 0 ||
        od_bundle_link(b, source, err) != 0) {
        od_bundle_unref(b);
        return -1;
    }
    lua_gc(b->vm.L, LUA_GCCOLLECT);
    *out = b;
    return 0;
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
    assert(b->refs > 0);
    if (--b->refs > 0)
        return;
    od_vm_fini(&b->vm);
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

struct od_str od_bundle_provider(const struct od_bundle *b, enum od_question q)
{
    return b->providers[q]->plugin;
}

struct od_str od_bundle_provider_origin(const struct od_bundle *b, enum od_question q)
{
    return b->providers[q]->origin;
}

struct od_bundle_stats od_bundle_stats(const struct od_bundle *b)
{
    struct od_bundle_stats stats = b->stats;

    stats.memory = b->vm.memory;
    return stats;
}
