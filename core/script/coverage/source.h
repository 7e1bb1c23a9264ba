#ifndef OD_SCRIPT_COVERAGE_SOURCE_H
#define OD_SCRIPT_COVERAGE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/*
 * The source of a script, read for its coverage: which functions it holds, and where it decides.
 * The reader follows Lua's keywords alone (manual 3.3), for the text has been compiled before.
 */

/* A function within the script, from the parenthesis of its parameters to its `end`. */
struct od_source_function {
    struct od_str text;
    int line; /* of the parenthesis */
};

/* A place where the script decides. */
struct od_source_branch {
    int line;
    bool one_way;  /* the right side of `and` or `or`, which is reached or not */
    bool taken[2]; /* when the condition was false, and when it was true */
};

/* The arrays are in the arena. */
struct od_source {
    struct od_source_function *functions;
    uint32_t function_count;
    size_t function_cap;
    struct od_source_branch *branches;
    uint32_t branch_count;
    size_t branch_cap;
};

/* The name under which a measured script tells what it decides. */
#define OD_SOURCE_REPORT "od__"

/*
 * Reads `text` into *source, whose arrays are appended to. says[line] is set for each line of the
 * text that has more than closing brackets, separators, `end` and `else`; lines count from 1.
 * *measured gets the same script, line for
 * line, which calls od__(n, condition) for each condition of `if`, `elseif` and `while`, od__(n,
 * true) before the right side of an `and` and od__(n, false) before that of an `or`; n is the index
 * of the branch. The function returns its second argument. The script takes it as its argument.
 */
void od_source_read(struct od_source *source, struct od_arena *a, struct od_str text, bool *says,
                    struct od_buf *measured);

#endif
