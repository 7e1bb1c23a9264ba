#ifndef OD_BASE_JSON_READER_H
#define OD_BASE_JSON_READER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Where the JSON reader stands in its text. Only json.c and string.c share this. */
struct od_json_reader {
    const char *p; /* the next byte */
    const char *end;
    const char *begin;
    struct od_arena *arena;
    struct od_err *err;
    unsigned depth_left;
};

/* Takes the next byte when it is c; else it returns false. */
static inline bool od_json_take(struct od_json_reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* Both fill the error and return -1. The first refuses the byte at `at`, the second the next byte,
 * which may be missing. */
int od_json_fail_at(struct od_json_reader *r, const char *at, const char *what);
int od_json_fail(struct od_json_reader *r, const char *what);

/* Reads a string whose opening quote has been taken. *out borrows from the text unless the string
 * has escapes. */
int od_json_take_string(struct od_json_reader *r, struct od_str *out);

#endif
