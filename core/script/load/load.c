#include "script/load/load.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/bundle/bundle.h"
#include "script/bundle/capabilities.h"
#include "script/bundle/loaded.h"
#include "script/bundle/manifest.h"
#include "script/coverage/coverage.h"
#include "script/load/link.h"
#include "script/load/names.h"
#include "script/load/oms.h"
#include "script/load/settings.h"
#include "script/template/link.h"
#include "script/vm/libs.h"
#include "script/vm/vm.h"

/* From sources to a bundle that serves: what surrounds the code is checked before any of it runs.
 */

#define PLUGIN_NAME_MAX 32

static const char chunks_key; /* registry: the compiled files, until they have run */

static bool is_plugin_name(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return s.len > 0 && s.len <= PLUGIN_NAME_MAX;
}

/* Lua cuts chunk names, and a cut name would be a wrong file in an error. */
static int check_file_names(const struct od_plugin *p, const struct od_script_file *files,
                            uint32_t count, struct od_err *err)
{
    for (uint32_t i = 0; i < count; i++)
        if (p->name.len + 1 + files[i].name.len >= LUA_IDSIZE)
            return od_err_set(err, OD_ERR_SCRIPT, "%.*s/%.*s: the name has more than %d characters",
                              OD_STR_ARG(p->name), OD_STR_ARG(files[i].name), LUA_IDSIZE - 1);
    return 0;
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
        if (p->api != 0 && p->api != OD_PLUGIN_API)
            return od_err_set(err, OD_ERR_CONFIG,
                              "plugin '%.*s' is written for api %d; this orderd has api %d",
                              OD_STR_ARG(p->name), p->api, OD_PLUGIN_API);
        if (check_file_names(p, p->files, p->file_count, err) != 0 ||
            check_file_names(p, p->tests, p->test_count, err) != 0)
            return -1;
    }
    return 0;
}

static bool is_lua(struct od_str name)
{
    return name.len > 4 && memcmp(name.ptr + name.len - 4, ".lua", 4) == 0;
}

struct load {
    struct od_script_plugin *plugin;
    const struct od_bundle_source *source;
};

/* Compiles one file into the list at the top. Source text only: bytecode can crash the interpreter
 * (Lua manual, lua_load). [-0, +0, v] */
static void l_compile_file(lua_State *L, const struct od_script_file *file,
                           struct od_coverage_map *coverage)
{
    struct od_str name = od_plugin_of(L)->name;
    char chunk[LUA_IDSIZE + 1];

    snprintf(chunk, sizeof chunk, "=%.*s/%.*s", OD_STR_ARG(name), OD_STR_ARG(file->name));
    if (luaL_loadbufferx(L, file->text.ptr ? file->text.ptr : "", file->text.len, chunk, "t") !=
        LUA_OK)
        lua_error(L);
    if (coverage) {
        lua_pop(L, 1);
        l_coverage_load(L, coverage, od_str_of(chunk + 1), file->text);
    }
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* [-0, +0, v] */
static void l_check_template(lua_State *L, const struct od_script_file *file)
{
    const struct od_script_plugin *p = od_plugin_of(L);
    char name[LUA_IDSIZE + 1];
    struct od_str lua;
    struct od_err err;

    snprintf(name, sizeof name, "%.*s/%.*s", OD_STR_ARG(p->name), OD_STR_ARG(file->name));
    lua = l_template_check(L, name, file->text);
    if (od_names_check(od_str_of(name), lua, p->capabilities, &err) != 0)
        luaL_error(L, "%s: %s", err.origin, err.message);
}

/* The plugin's files, and its tests when they are wanted, as a list of functions in the registry;
 * templates are only checked. */
static int l_compile(lua_State *L)
{
    const struct load *load = lua_touserdata(L, 1);
    const struct od_plugin *p = load->plugin->source;
    struct od_str template;

    lua_newtable(L);
    for (uint32_t i = 0; i < p->file_count; i++) {
        if (is_lua(p->files[i].name))
            l_compile_file(L, &p->files[i], load->source->coverage);
        else if (od_template_name(p->files[i].name, &template))
            l_check_template(L, &p->files[i]);
    }
    for (uint32_t i = 0; load->source->with_tests && i < p->test_count; i++)
        l_compile_file(L, &p->tests[i], load->source->coverage);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &chunks_key);
    return 0;
}

/* Runs the functions from `first` to `last` of the list at 2 in the environment at 3. [-0, +0, v]
 */
static void l_run_chunks(lua_State *L, const struct load *load, lua_Integer first, lua_Integer last)
{
    for (lua_Integer i = first; i <= last; i++) {
        lua_rawgeti(L, 2, i);
        lua_pushvalue(L, 3);
        if (!lua_setupvalue(L, -2, 1)) /* _ENV; every main chunk has it */
            lua_pop(L, 1);
        if (load->source->coverage)
            l_push_coverage(L, load->source->coverage);
        lua_call(L, load->source->coverage ? 1 : 0, 0);
    }
}

static int l_run(lua_State *L)
{
    const struct load *load = lua_touserdata(L, 1);
    lua_Integer count, scripts;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &chunks_key);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &chunks_key);
    count = (lua_Integer)lua_rawlen(L, 2);
    scripts = count - (load->source->with_tests ? load->plugin->source->test_count : 0);
    l_libs_open(L);
    l_oms_prepare(L);
    l_libs_environment(L);
    l_oms_open(L, load->source);
    l_run_chunks(L, load, 1, scripts);
    l_libs_seal(L);
    l_template_keep_environment(L);
    l_run_chunks(L, load, scripts + 1, count);
    return 0;
}

static int check_names(const struct od_script_plugin *p, const struct od_script_file *files,
                       uint32_t count, struct od_err *err)
{
    char name[LUA_IDSIZE];

    for (uint32_t i = 0; i < count; i++) {
        if (!is_lua(files[i].name))
            continue;
        snprintf(name, sizeof name, "%.*s/%.*s", OD_STR_ARG(p->name), OD_STR_ARG(files[i].name));
        if (od_names_check(od_str_of(name), files[i].text, p->capabilities, err) != 0)
            return -1;
    }
    return 0;
}

/* For every plugin, before any of their code runs. */
static int check_sources(struct od_bundle *b, const struct od_bundle_source *source,
                         struct od_err *err)
{
    for (uint32_t i = 0; i < b->plugin_count; i++)
        if (od_capabilities_check(b->plugins[i], source, &b->arena, err) != 0)
            return -1;
    for (uint32_t i = 0; i < b->plugin_count; i++) {
        struct od_script_plugin *p = b->plugins[i];
        struct load load = {p, source};
        struct od_vm_call call = {OD_VM_LOAD, b->limits.load_instructions, 0, &b->arena};

        if (od_vm_run(&p->vm, &call, l_compile, &load, err) != 0 ||
            check_names(p, p->source->files, p->source->file_count, err) != 0 ||
            (source->with_tests &&
             check_names(p, p->source->tests, p->source->test_count, err) != 0))
            return -1;
    }
    return 0;
}

static int run_scripts(struct od_bundle *b, const struct od_bundle_source *source,
                       struct od_err *err)
{
    for (uint32_t i = 0; i < b->plugin_count; i++) {
        struct od_script_plugin *p = b->plugins[i];
        struct load load = {p, source};
        struct od_vm_call call = {OD_VM_LOAD, b->limits.load_instructions, 0, &b->arena};

        if (source->coverage) {
            p->vm.on_line = od_coverage_line;
            p->vm.on_line_ctx = source->coverage;
        }
        if (od_vm_run(&p->vm, &call, l_run, &load, err) != 0)
            return -1;
        lua_gc(p->vm.L, LUA_GCCOLLECT);
    }
    return 0;
}

int od_bundle_load(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   struct od_bundle **out, struct od_err *err)
{
    struct od_bundle *b;

    if (check_plugins(source, err) != 0)
        return -1;
    b = od_bundle_new(source, limits);
    if (od_settings_check(source, b->currency, err) != 0 || check_sources(b, source, err) != 0 ||
        run_scripts(b, source, err) != 0 || od_bundle_link(b, source, err) != 0) {
        od_bundle_unref(b);
        return -1;
    }
    *out = b;
    return 0;
}
