#include "script/coverage/coverage.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/coverage/map.h"

#define DUMP_MAX (16 << 20)

struct od_coverage_map *od_coverage_map_new(struct od_str plugin)
{
    struct od_coverage_map *m = calloc(1, sizeof *m);

    if (!m)
        abort();
    od_arena_init(&m->arena);
    od_buf_init(&m->dump, DUMP_MAX);
    od_buf_init(&m->result, DUMP_MAX);
    m->plugin = od_arena_str(&m->arena, plugin);
    return m;
}

void od_coverage_map_free(struct od_coverage_map *m)
{
    if (!m)
        return;
    od_buf_fini(&m->dump);
    od_buf_fini(&m->result);
    od_arena_fini(&m->arena);
    free(m);
}

uint32_t od_coverage_add_function(struct od_coverage_map *m, uint32_t count)
{
    uint32_t first = m->count + 1;

    m->pending = od_arena_grow(&m->arena, m->pending, m->function_count, &m->function_cap,
                               sizeof *m->pending);
    m->pending[m->function_count] = 0;
    for (uint32_t i = 0; i < count; i++) {
        m->all = od_arena_grow(&m->arena, m->all, m->count, &m->cap, sizeof *m->all);
        m->all[m->count++] = (struct od_instruction){.function = m->function_count};
    }
    m->function_count++;
    return first;
}

static int append(lua_State *L, const void *bytes, size_t n, void *ctx)
{
    struct od_buf *to = ctx;

    (void)L;
    od_buf_append(to, bytes, n);
    return to->overflow;
}

/* "net30/rules.lua" of the plugin that is measured; not "net30/tests/rules.lua". */
static bool is_measured(const struct od_coverage_map *m, struct od_str file)
{
    struct od_str rest = file, plugin;

    od_str_cut(&rest, '/', &plugin);
    return !od_str_starts_with(rest, OD_STR("tests/")) &&
           (!m->plugin.ptr || od_str_eq(plugin, m->plugin));
}

void l_coverage_instrument(lua_State *L, struct od_coverage_map *m, struct od_str file)
{
    struct od_covered_file *f;
    struct od_err err;

    od_buf_reset(&m->dump);
    if (lua_dump(L, append, &m->dump, 0) != 0)
        luaL_error(L, "coverage: the script is too long");
    m->files = od_arena_grow(&m->arena, m->files, m->file_count, &m->file_cap, sizeof *m->files);
    f = &m->files[m->file_count++];
    *f = (struct od_covered_file){od_arena_str(&m->arena, file), m->count + 1, 0, false};
    if (od_coverage_rewrite(m, &err) != 0)
        luaL_error(L, "coverage: %s", err.message);
    f->end = m->count + 1;
    f->measured = is_measured(m, file);
    /* Bytecode of scripts is never loaded; this is of the library's own making. */
    if (luaL_loadbufferx(L, m->result.ptr, m->result.len, f->name.ptr, "b") != LUA_OK)
        lua_error(L);
    lua_remove(L, -2);
}

void od_coverage_hit(struct od_coverage_map *m, int line)
{
    uint32_t id = (uint32_t)line;
    struct od_instruction *now, *before;
    uint32_t *pending;

    if (line < 1 || id > m->count)
        return;
    now = &m->all[id - 1];
    pending = &m->pending[now->function];
    now->hit = true;
    if (*pending != 0) {
        before = &m->all[*pending - 1];
        before->skipped = before->skipped || id == before->skip;
        before->jumped = before->jumped || id == before->jump;
    }
    *pending = now->skip != 0 ? id : 0;
}

/* What one line of a source has. */
struct line {
    bool counted, hit, one_way;
};

static uint32_t last_line(const struct od_coverage_map *m, const struct od_covered_file *f)
{
    uint32_t last = 0;

    for (uint32_t id = f->first; id < f->end; id++)
        if (m->all[id - 1].line > last)
            last = m->all[id - 1].line;
    return last;
}

static void count_branches(const struct od_instruction *i, struct line *line,
                           struct od_coverage *out)
{
    uint32_t hit = (uint32_t)i->skipped + (uint32_t)i->jumped;

    out->branches += 2;
    out->branches_hit += hit;
    line->one_way = line->one_way || hit < 2;
}

static struct od_coverage report_file(const struct od_coverage_map *m,
                                      const struct od_covered_file *f, struct od_arena *a)
{
    uint32_t last = last_line(m, f);
    struct line *lines = OD_NEW_ARRAY(a, struct line, last + 1);
    struct od_coverage out = {.file = od_arena_str(a, f->name)};

    for (uint32_t id = f->first; id < f->end; id++) {
        const struct od_instruction *i = &m->all[id - 1];
        if (!i->counted)
            continue;
        lines[i->line].counted = true;
        lines[i->line].hit = lines[i->line].hit || i->hit;
        if (i->skip != 0)
            count_branches(i, &lines[i->line], &out);
    }
    out.missed_lines = OD_NEW_ARRAY(a, uint32_t, last + 1);
    out.missed_branches = OD_NEW_ARRAY(a, uint32_t, last + 1);
    for (uint32_t n = 0; n <= last; n++) {
        out.lines += lines[n].counted;
        out.lines_hit += lines[n].hit;
        if (lines[n].counted && !lines[n].hit)
            out.missed_lines[out.missed_line_count++] = n;
        else if (lines[n].one_way)
            out.missed_branches[out.missed_branch_count++] = n;
    }
    return out;
}

struct od_coverage *od_coverage_report(const struct od_coverage_map *m, struct od_arena *a,
                                       uint32_t *count)
{
    struct od_coverage *all = OD_NEW_ARRAY(a, struct od_coverage, m->file_count + 1);

    *count = 0;
    for (uint32_t i = 0; i < m->file_count; i++)
        if (m->files[i].measured)
            all[(*count)++] = report_file(m, &m->files[i], a);
    return all;
}
