#ifndef OD_SCRIPT_COVERAGE_COVERAGE_H
#define OD_SCRIPT_COVERAGE_COVERAGE_H

#include <lua.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Which lines and branches of the scripts their tests reach.
 *
 * A line counts when Lua's compiler puts code on it: its debug information says so (activelines in
 * the manual's lua_getinfo), for the script and for every function in it, called or not. Lines that
 * only close something (`end`,
 * `})`, `else`) do not count: no code, or code that does not always run, belongs to them. A line is
 * hit when Lua's line hook is called for it.
 *
 * Lua has no hook for branches, and two of them may share a line. So they are measured in a second
 * run, in which scripts are compiled from a text with calls in it that tell what it decides
 * (source.h). The condition of an `if`,
 * `elseif` or `while` has two branches; the right side of an `and` or `or` is one, which is
 * reached or not. The end of a `repeat` loop is not measured. The calls cost instructions, so the
 * second run proves nothing else.
 *
 * Both runs use the public interface of Lua alone.
 */

/* Lines and branches of one script that the tests reached. */
struct od_coverage {
    struct od_str file; /* "net30/rules.lua" */
    uint32_t lines, lines_hit;
    uint32_t branches, branches_hit;
    uint32_t *missed_lines; /* ascending */
    uint32_t missed_line_count;
    uint32_t *missed_branches; /* lines that ran, with a branch that was not reached */
    uint32_t missed_branch_count;
};

struct od_coverage_map;

/* plugin: only scripts of this one are measured; absent: those of all. Tests never are. */
struct od_coverage_map *od_coverage_map_new(struct od_str plugin);
void od_coverage_map_free(struct od_coverage_map *m); /* NULL is accepted */

/* The lines have been measured: bundles that are loaded from here on have their branches measured.
 */
void od_coverage_branches(struct od_coverage_map *m);

/* Compiles the script `file` ("net30/rules.lua") from `text`, which has been compiled before, for
 * being measured if it is to be. [-0, +1, v] */
void l_coverage_load(lua_State *L, struct od_coverage_map *m, struct od_str file,
                     struct od_str text);
/* Pushes the argument of the functions that l_coverage_load makes. [-0, +1, m] */
void l_push_coverage(lua_State *L, struct od_coverage_map *m);

/* For the line hook; ctx: the map. */
void od_coverage_line(void *ctx, lua_State *L, lua_Debug *ar);

/* Returns what was reached so far, one element per file in the order they were loaded, in the
 * arena. */
struct od_coverage *od_coverage_report(const struct od_coverage_map *m, struct od_arena *a,
                                       uint32_t *count);

#endif
