#ifndef OD_BASE_JSON_JSON_H
#define OD_BASE_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * JSON (RFC 8259) for orders. The reader keeps every number as the text it was written in, because
 * amounts must never pass through a double: 59.980000000000001 and 59.98 are the same double, and
 * one of them must be refused. The usual C libraries convert while they parse. The reader's tree
 * lives in an arena. The writer appends to an od_buf and keeps track of commas.
 */

enum od_json_type {
    OD_JSON_NULL = 0,
    OD_JSON_BOOL,
    OD_JSON_NUMBER,
    OD_JSON_STRING,
    OD_JSON_ARRAY,
    OD_JSON_OBJECT,
};

struct od_json {
    enum od_json_type type;
    bool boolean;
    uint32_t count;        /* elements or members */
    struct od_str text;    /* STRING: decoded; NUMBER: as written */
    struct od_str raw;     /* the source bytes of this value, borrowed from the input */
    struct od_str key;     /* of a member of an object: its decoded name */
    struct od_json *child; /* first element or member */
    struct od_json *next;  /* next sibling */
};

/*
 * Parses a whole text. Strings without escapes borrow from it, so `text` must live as long as the
 * tree. OD_ERR_MALFORMED, with "line L column C" in the message, refuses all that is outside the
 * grammar, invalid UTF-8, lone surrogates, \u0000 (which a PostgreSQL text cannot hold), duplicate
 * member names, nesting past max_depth and trailing bytes.
 */
int od_json_parse(struct od_arena *a, struct od_str text, unsigned max_depth, struct od_json **out,
                  struct od_err *err) OD_MUST_CHECK;

/* Returns the member of that name, or NULL. It is also NULL when o is not an object. */
const struct od_json *od_json_get(const struct od_json *o, const char *key);
const struct od_json *od_json_get_str(const struct od_json *o, struct od_str key);

/* Whether both are the same value. Members may be in any order, strings are compared as decoded and
 * numbers as written, so 1.0 is not 1. */
bool od_json_same(const struct od_json *x, const struct od_json *y);

/* Reads a number that is an integer within the range; else it returns false. */
bool od_json_i64(const struct od_json *v, int64_t min, int64_t max, int64_t *out);

/* The writer. Keys are C literals that need no escaping. */
struct od_json_writer {
    struct od_buf *buf;
    bool comma; /* the next value or key needs a comma before it */
};

void od_jw_init(struct od_json_writer *w, struct od_buf *buf);
void od_jw_object(struct od_json_writer *w);     /* { */
void od_jw_object_end(struct od_json_writer *w); /* } */
void od_jw_array(struct od_json_writer *w);
void od_jw_array_end(struct od_json_writer *w);
void od_jw_key(struct od_json_writer *w, const char *key);
void od_jw_key_str(struct od_json_writer *w, struct od_str key); /* escaped */
/* escaped; an absent text writes null */
void od_jw_str(struct od_json_writer *w, struct od_str s);
void od_jw_cstr(struct od_json_writer *w, const char *s);
void od_jw_i64(struct od_json_writer *w, int64_t v);
void od_jw_decimal(struct od_json_writer *w, int64_t units, int digits);
void od_jw_bool(struct od_json_writer *w, bool v);
void od_jw_null(struct od_json_writer *w);
/* Writes an array of the text's lines, without the empty ones. */
void od_jw_lines(struct od_json_writer *w, struct od_str text);
void od_jw_time(struct od_json_writer *w, int64_t us);        /* RFC 3339 string */
void od_jw_raw(struct od_json_writer *w, struct od_str json); /* a value that is JSON already */

#endif
