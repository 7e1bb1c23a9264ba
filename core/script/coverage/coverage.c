#include "script/coverage/coverage.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/coverage/source.h"

#define TEXT_MAX (16 << 20)

struct line {
    bool counted, hit;
};

struct file {
    struct od_str name;
    struct line *lines; /* [line_count], from 1; lines[0] stays empty */
    bool *says;         /* [line_count]: see od_source_read */
    uint32_t line_count;
    uint32_t branch, end;   /* its branches are [branch, end) of the map's */
    struct od_str measured; /* the text that tells its branches */
};

struct od_coverage_map {
    struct od_arena arena;
    struct od_str plugin;
    struct od_source source; /* of all files */
    struct file *files;
    uint32_t file_count;
    size_t file_cap;
    bool branches;      /* this is the run that measures them */
    struct od_buf text; /* lives here because loading may raise */
};

struct od_coverage_map *od_coverage_map_new(struct od_str plugin)
{
    struct od_coverage_map *m = calloc(1, sizeof *m);

    if (!m)
        abort();
    od_arena_init(&m->arena);
    od_buf_init(&m->text, TEXT_MAX);
    m->plugin = od_arena_str(&m->arena, plugin);
    return m;
}

void od_coverage_map_free(struct od_coverage_map *m)
{
    if (!m)
        return;
    od_buf_fini(&m->text);
    od_arena_fini(&m->arena);
    free(m);
}

/* "net30/rules.lua" of the plugin that is measured; not "net30/tests/rules.lua". */
static bool is_measured(const struct od_coverage_map *m, struct od_str file)
{
    struct od_str rest = file, plugin;

    od_str_cut(&rest, '/', &plugin);
    return !od_str_starts_with(rest, OD_STR("tests/")) &&
           (!m->plugin.ptr || od_str_eq(plugin, m->plugin));
}

static uint32_t count_of_lines(struct od_str text)
{
    uint32_t n = 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

static struct file *add_file(struct od_coverage_map *m, struct od_str name, struct od_str text)
{
    uint32_t lines = count_of_lines(text) + 1;

    m->files = od_arena_grow(&m->arena, m->files, m->file_count, &m->file_cap, sizeof *m->files);
    m->files[m->file_count] = (struct file){
        .name = od_arena_str(&m->arena, name),
        .lines = OD_NEW_ARRAY(&m->arena, struct line, lines),
        .says = OD_NEW_ARRAY(&m->arena, bool, lines),
        .line_count = lines,
        .branch = m->source.branch_count,
    };
    return &m->files[m->file_count++];
}

static struct file *file_of(const struct od_coverage_map *m, struct od_str name)
{
    for (uint32_t i = 0; i < m->file_count; i++)
        if (od_str_eq(m->files[i].name, name))
            return &m->files[i];
    return NULL;
}

/* Counts the lines of the function at the top, not those of functions within it. [-1, +0, m] */
static void l_count_lines(lua_State *L, struct file *f)
{
    lua_Debug ar;

    lua_getinfo(L, ">L", &ar);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_Integer line = lua_tointeger(L, -2);
        if (line >= 1 && line < f->line_count)
            f->lines[line].counted = f->says[line];
    }
    lua_pop(L, 1);
}

/* Makes a function by itself, under the line numbers that it has in the script: a script makes it
 * only when it runs so far. Pushes it, or a message and returns false. [-0, +1, m] */
static bool l_make_function(lua_State *L, const struct od_source_function *fn, struct od_buf *text)
{
    od_buf_reset(text);
    for (int line = 1; line < fn->line; line++)
        od_buf_char(text, '\n');
    od_buf_str(text, OD_STR("return function"));
    od_buf_str(text, fn->text);
    return luaL_loadbufferx(L, text->ptr, text->len, "=function", "t") == LUA_OK &&
           lua_pcall(L, 0, 1, 0) == LUA_OK;
}

/* arg 1: a struct counting. */
struct counting {
    struct od_coverage_map *map;
    struct file *file;
    struct od_str text;
    uint32_t first_function;
};

static int l_count_file(lua_State *L)
{
    const struct counting *c = lua_touserdata(L, 1);
    const struct od_source *s = &c->map->source;

    if (luaL_loadbufferx(L, c->text.ptr, c->text.len, "=script", "t") != LUA_OK)
        lua_error(L);
    l_count_lines(L, c->file);
    for (uint32_t i = c->first_function; i < s->function_count; i++) {
        if (!l_make_function(L, &s->functions[i], &c->map->text))
            lua_error(L);
        l_count_lines(L, c->file);
    }
    return 0;
}

/* In a state of its own: it is no work of the plugin's. */
static int count_file(struct counting *c, struct od_err *err)
{
    lua_State *L = luaL_newstate();
    int rc = 0;

    if (!L)
        abort();
    lua_pushcfunction(L, l_count_file);
    lua_pushlightuserdata(L, c);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        rc = od_err_set(err, OD_ERR_SCRIPT, "coverage of %.*s: %s", OD_STR_ARG(c->file->name),
                        lua_tostring(L, -1));
    lua_close(L);
    return rc;
}

/* Reads a script that is new to the map. [-0, +0, v] */
static void l_read_file(lua_State *L, struct od_coverage_map *m, struct od_str name,
                        struct od_str text)
{
    struct counting counting = {m, add_file(m, name, text), text, m->source.function_count};
    struct od_err err;

    od_source_read(&m->source, &m->arena, text, counting.file->says, &m->text);
    counting.file->end = m->source.branch_count;
    counting.file->measured = od_arena_str(&m->arena, od_buf_view(&m->text));
    if (count_file(&counting, &err) != 0)
        luaL_error(L, "%s", err.message);
}

void od_coverage_branches(struct od_coverage_map *m)
{
    m->branches = true;
}

void l_coverage_load(lua_State *L, struct od_coverage_map *m, struct od_str file,
                     struct od_str text)
{
    char chunk[LUA_IDSIZE + 1];

    snprintf(chunk, sizeof chunk, "=%.*s", OD_STR_ARG(file));
    if (is_measured(m, file)) {
        if (!file_of(m, file))
            l_read_file(L, m, file, text);
        if (m->branches)
            text = file_of(m, file)->measured;
    }
    if (luaL_loadbufferx(L, text.ptr ? text.ptr : "", text.len, chunk, "t") != LUA_OK)
        lua_error(L);
}

/* od__(n, value): the branch n was reached with that value, which is returned. Upvalue 1: the map.
 */
static int l_report(lua_State *L)
{
    const struct od_coverage_map *m = lua_touserdata(L, lua_upvalueindex(1));
    lua_Integer n = lua_tointeger(L, 1);

    lua_settop(L, 2);
    if (n >= 0 && n < m->source.branch_count)
        m->source.branches[n].taken[lua_toboolean(L, 2)] = true;
    return 1;
}

void l_push_coverage(lua_State *L, struct od_coverage_map *m)
{
    lua_pushlightuserdata(L, m);
    lua_pushcclosure(L, l_report, 1);
}

void od_coverage_line(void *ctx, lua_State *L, lua_Debug *ar)
{
    const struct od_coverage_map *m = ctx;
    struct file *f;

    if (m->branches)
        return;
    lua_getinfo(L, "S", ar);
    f = file_of(m, od_str_of(ar->short_src));
    if (f && ar->currentline >= 1 && (uint32_t)ar->currentline < f->line_count)
        f->lines[ar->currentline].hit = true;
}

static void count_branches(const struct od_coverage_map *m, const struct file *f, bool *partly,
                           struct od_coverage *out)
{
    for (uint32_t i = f->branch; i < f->end; i++) {
        const struct od_source_branch *b = &m->source.branches[i];
        uint32_t ways = b->one_way ? 1 : 2;
        uint32_t taken =
            b->one_way ? b->taken[0] || b->taken[1] : (uint32_t)b->taken[0] + (uint32_t)b->taken[1];

        out->branches += ways;
        out->branches_hit += taken;
        partly[b->line] = partly[b->line] || taken < ways;
    }
}

static struct od_coverage report_file(const struct od_coverage_map *m, const struct file *f,
                                      struct od_arena *a)
{
    struct od_coverage out = {.file = od_arena_str(a, f->name)};
    bool *partly = OD_NEW_ARRAY(a, bool, f->line_count);

    count_branches(m, f, partly, &out);
    out.missed_lines = OD_NEW_ARRAY(a, uint32_t, f->line_count);
    out.missed_branches = OD_NEW_ARRAY(a, uint32_t, f->line_count);
    for (uint32_t n = 1; n < f->line_count; n++) {
        bool missed = f->lines[n].counted && !f->lines[n].hit;

        out.lines += f->lines[n].counted;
        out.lines_hit += f->lines[n].counted && f->lines[n].hit;
        if (missed)
            out.missed_lines[out.missed_line_count++] = n;
        else if (partly[n])
            out.missed_branches[out.missed_branch_count++] = n;
    }
    return out;
}

struct od_coverage *od_coverage_report(const struct od_coverage_map *m, struct od_arena *a,
                                       uint32_t *count)
{
    struct od_coverage *all = OD_NEW_ARRAY(a, struct od_coverage, m->file_count + 1);

    for (uint32_t i = 0; i < m->file_count; i++)
        all[i] = report_file(m, &m->files[i], a);
    *count = m->file_count;
    return all;
}
