#ifndef OD_SCRIPT_COVERAGE_COVERAGE_H
#define OD_SCRIPT_COVERAGE_COVERAGE_H

#include <lua.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Which instructions of the scripts ran, exactly. Lua's line hook tells lines, and two ways may
 * share one; so a chunk is dumped, given a line of its own for each instruction, and loaded again:
 * each line event is then one instruction, and where a conditional went on says which way it took.
 * The lines of errors are not those of the source any more, so that a run that is measured proves
 * nothing else.
 */

/* Lines and branches of one script that the tests reached. */
struct od_coverage {
    struct od_str file; /* "net30/rules.lua" */
    uint32_t lines, lines_hit;
    uint32_t branches, branches_hit; /* each conditional jump has two */
    uint32_t *missed_lines;          /* ascending */
    uint32_t missed_line_count;
    uint32_t *missed_branches; /* lines with a conditional that went one way only */
    uint32_t missed_branch_count;
};

struct od_coverage_map;

/* plugin: only scripts of this one are reported; absent: of all. Tests never are. */
struct od_coverage_map *od_coverage_map_new(struct od_str plugin);
void od_coverage_map_free(struct od_coverage_map *m); /* NULL is accepted */

/* For every file of a state, tests too, so that no line of one is taken for an instruction of
 * another. Replaces the function at the top, just loaded from the source `file`
 * ("net30/rules.lua"), by one that is measured. Raises when the Lua library writes its functions in
 * a form unknown here. [-1, +1, v] */
void l_coverage_instrument(lua_State *L, struct od_coverage_map *m, struct od_str file);

/* The line event of the hook: the instruction of that number is about to run. */
void od_coverage_hit(struct od_coverage_map *m, int line);

/* What was reached so far, one per file in the order they were loaded, in the arena. */
struct od_coverage *od_coverage_report(const struct od_coverage_map *m, struct od_arena *a,
                                       uint32_t *count);

#endif
