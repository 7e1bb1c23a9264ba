#ifndef OD_BASE_JSON_READER_H
#define OD_BASE_JSON_READER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Where the JSON reader stands in its text; shared by json.c and json_string.c only. */
struct od_json_reader {
    const char *p; /* the next byte */
    const char *end;
    const char *begin;
    struct od_arena *arena;
    struct od_err *err;
    unsigned depth_left;
};

/* Takes the byte c when it is next. */
static inline bool od_json_take(struct od_json_reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* Both return -1: refuses the byte at `at`, or the next one (which may be missing). */
int od_json_fail_at(struct od_json_reader *r, const char *at, const char *what);
int od_json_fail(struct od_json_reader *r, const char *what);

/* A string, behind its opening quote. Borrows from the text unless it has escapes. */
int od_json_take_string(struct od_json_reader *r, struct od_str *out);

#endif
