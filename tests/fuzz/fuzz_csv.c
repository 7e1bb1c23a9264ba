/*
 * od_csv_guess and od_csv_next on any text: it ends, stays inside the text and the limit, and what
 * it read, written as CSV with every field quoted, reads as the same records.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/csv/csv.h"

#define MAX_FIELDS 32

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void put_quoted(struct od_buf *b, struct od_str field)
{
    od_buf_char(b, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"')
            od_buf_char(b, '"');
        od_buf_char(b, field.ptr[i]);
    }
    od_buf_char(b, '"');
}

/* Rewrites all records of `text` before its first error into *b, with commas; their number. */
static size_t rewrite(struct od_arena *a, struct od_str text, bool guess, struct od_buf *b,
                      bool *failed)
{
    struct od_str *fields;
    struct od_csv c;
    struct od_err err;
    size_t n, records = 0;
    int rc;

    od_csv_init(&c, text);
    if (guess)
        od_csv_guess(&c);
    while ((rc = od_csv_next(&c, a, MAX_FIELDS, &fields, &n, &err)) == 1) {
        MUST(n >= 1 && n <= MAX_FIELDS);
        MUST(c.record_line >= 1 && c.record_line <= c.line);
        for (size_t i = 0; i < n; i++) {
            MUST(od_utf8_valid(fields[i]));
            if (i > 0)
                od_buf_char(b, ',');
            put_quoted(b, fields[i]);
        }
        od_buf_char(b, '\n');
        records++;
    }
    *failed = rc < 0;
    MUST(!*failed || err.code == OD_ERR_MALFORMED);
    return records;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_arena arena;
    struct od_buf once, twice;
    bool failed;
    size_t records;

    od_arena_init(&arena);
    od_buf_init(&once, 1 << 24);
    od_buf_init(&twice, 1 << 24);
    records = rewrite(&arena, od_str_n((const char *)data, size), true, &once, &failed);
    MUST(rewrite(&arena, od_buf_view(&once), false, &twice, &failed) == records);
    MUST(!failed && !once.overflow);
    MUST(od_str_eq(od_buf_view(&once), od_buf_view(&twice)));
    od_buf_fini(&twice);
    od_buf_fini(&once);
    od_arena_fini(&arena);
    return 0;
}
