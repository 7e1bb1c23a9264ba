#ifndef OD_BASE_BUF_H
#define OD_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * A growable byte buffer with a mandatory maximum. Appending past the maximum appends nothing and
 * sets `overflow`, which stays set until reset: writers append freely and check once at the end.
 */
struct od_buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t max;
    bool overflow;
};

void od_buf_init(struct od_buf *b, size_t max); /* allocates nothing */
void od_buf_reset(struct od_buf *b);            /* empties it and keeps the memory */
void od_buf_fini(struct od_buf *b);
/* Makes room for n more bytes and returns where to write them, or NULL on overflow. Call
 * od_buf_commit with the number that was written. */
char *od_buf_reserve(struct od_buf *b, size_t n);
void od_buf_append(struct od_buf *b, const void *ptr, size_t n);
void od_buf_consume(struct od_buf *b, size_t n); /* drops the first n bytes */
void od_buf_printf(struct od_buf *b, const char *fmt, ...) OD_PRINTF(2, 3);
void od_buf_i64(struct od_buf *b, int64_t v); /* decimal */

static inline void od_buf_commit(struct od_buf *b, size_t n)
{
    b->len += n;
}

static inline void od_buf_str(struct od_buf *b, struct od_str s)
{
    od_buf_append(b, s.ptr, s.len);
}

static inline void od_buf_char(struct od_buf *b, char c)
{
    if (b->len < b->cap && !b->overflow)
        b->ptr[b->len++] = c;
    else
        od_buf_append(b, &c, 1);
}

static inline struct od_str od_buf_view(const struct od_buf *b)
{
    return (struct od_str){b->ptr ? b->ptr : "", b->len};
}

#endif
