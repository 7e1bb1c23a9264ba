#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

#define FIRST_CAP 256

void od_buf_init(struct od_buf *b, size_t max)
{
    *b = (struct od_buf){.max = max};
}

void od_buf_reset(struct od_buf *b)
{
    b->len = 0;
    b->overflow = false;
}

void od_buf_fini(struct od_buf *b)
{
    free(b->ptr);
    od_buf_init(b, b->max);
}

static void grow(struct od_buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : FIRST_CAP;

    while (cap < need && cap <= b->max / 2)
        cap *= 2;
    if (cap < need || cap > b->max)
        cap = b->max;
    b->ptr = realloc(b->ptr, cap);
    if (!b->ptr)
        abort();
    b->cap = cap;
}

char *od_buf_reserve(struct od_buf *b, size_t n)
{
    /* Once something was left out nothing more is taken: a prefix is honest, a hole is not. */
    if (b->overflow || n > b->max - b->len) {
        b->overflow = true;
        return NULL;
    }
    if (n > b->cap - b->len || !b->ptr)
        grow(b, b->len + n);
    return b->ptr + b->len;
}

void od_buf_append(struct od_buf *b, const void *ptr, size_t n)
{
    char *to;

    if (n == 0)
        return;
    to = od_buf_reserve(b, n);
    if (!to)
        return;
    memcpy(to, ptr, n);
    b->len += n;
}

void od_buf_consume(struct od_buf *b, size_t n)
{
    OD_ASSERT(n <= b->len);
    if (n == 0)
        return;
    b->len -= n;
    memmove(b->ptr, b->ptr + n, b->len);
}

void od_buf_printf(struct od_buf *b, const char *fmt, ...)
{
    char small[512];
    char *large = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    OD_ASSERT(n >= 0);
    if ((size_t)n < sizeof small) {
        od_buf_append(b, small, (size_t)n);
        return;
    }
    large = malloc((size_t)n + 1);
    if (!large)
        abort();
    va_start(ap, fmt);
    vsnprintf(large, (size_t)n + 1, fmt, ap);
    va_end(ap);
    od_buf_append(b, large, (size_t)n);
    free(large);
}

void od_buf_i64(struct od_buf *b, int64_t v)
{
    char text[20]; /* -9223372036854775808 */
    char *p = text + sizeof text;
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        *--p = '-';
    od_buf_append(b, p, (size_t)(text + sizeof text - p));
}
