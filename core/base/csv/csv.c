#include "base/csv/csv.h"

#include <stdbool.h>
#include <string.h>

void od_csv_init(struct od_csv *c, struct od_str text)
{
    static const struct od_str mark = OD_STR_INIT("\xEF\xBB\xBF");

    if (od_str_starts_with(text, mark))
        text = od_str_slice(text, mark.len, text.len);
    *c = (struct od_csv){.rest = text, .delimiter = ',', .line = 1, .record_line = 1};
}

void od_csv_guess(struct od_csv *c)
{
    const char *end = c->rest.len ? memchr(c->rest.ptr, '\n', c->rest.len) : NULL;
    size_t len = end ? (size_t)(end - c->rest.ptr) : c->rest.len;

    if (len == 0 || memchr(c->rest.ptr, ',', len))
        return;
    if (memchr(c->rest.ptr, ';', len))
        c->delimiter = ';';
    else if (memchr(c->rest.ptr, '\t', len))
        c->delimiter = '\t';
}

static void drop(struct od_csv *c, size_t n)
{
    c->rest = od_str_n(c->rest.ptr + n, c->rest.len - n);
}

/* Bytes of the line end that the rest begins with: 2, 1, or 0 when it does not. */
static size_t line_end(struct od_str s)
{
    if (s.len > 1 && s.ptr[0] == '\r' && s.ptr[1] == '\n')
        return 2;
    return s.len > 0 && s.ptr[0] == '\n';
}

static int fail(const struct od_csv *c, struct od_err *err, const char *what)
{
    return od_err_set(err, OD_ERR_MALFORMED, "line %zu: %s", c->record_line, what);
}

static struct od_str take_plain(struct od_csv *c)
{
    const char *from = c->rest.ptr;
    size_t n = 0;

    while (n < c->rest.len && from[n] != c->delimiter && from[n] != '\n')
        n++;
    if (n > 0 && n < c->rest.len && from[n] == '\n' && from[n - 1] == '\r')
        n--;
    drop(c, n);
    return od_str_n(from, n);
}

/* A field from behind its opening quote up to its closing one, each doubled quote made one. */
static int take_quoted(struct od_csv *c, struct od_arena *a, struct od_str *field,
                       struct od_err *err)
{
    size_t n = 0, doubled = 0;
    const char *from = c->rest.ptr;
    char *to;

    for (;; n++) {
        const char *quote = memchr(from + n, '"', c->rest.len - n);
        if (!quote)
            return fail(c, err, "a quoted field has no closing quote");
        n = (size_t)(quote - from);
        if (n + 1 == c->rest.len || from[n + 1] != '"')
            break;
        n++;
        doubled++;
    }
    for (size_t i = 0; i < n; i++)
        c->line += from[i] == '\n';
    drop(c, n + 1);
    *field = od_str_n(from, n);
    if (doubled == 0)
        return 0;
    to = od_arena_alloc(a, n - doubled);
    *field = od_str_n(to, n - doubled);
    for (size_t i = 0; i < n; i++) {
        *to++ = from[i];
        i += from[i] == '"';
    }
    return 0;
}

static int take_field(struct od_csv *c, struct od_arena *a, struct od_str *field,
                      struct od_err *err)
{
    if (c->rest.len == 0 || c->rest.ptr[0] != '"') {
        *field = take_plain(c);
        return 0;
    }
    drop(c, 1);
    if (take_quoted(c, a, field, err) != 0)
        return -1;
    if (c->rest.len > 0 && c->rest.ptr[0] != c->delimiter && line_end(c->rest) == 0)
        return fail(c, err, "text follows a closing quote");
    return 0;
}

int od_csv_next(struct od_csv *c, struct od_arena *a, size_t max_fields, struct od_str **fields,
                size_t *n, struct od_err *err)
{
    struct od_str *list = NULL;
    size_t count = 0, cap = 0;
    const char *begin;
    bool more;

    for (size_t end; (end = line_end(c->rest)) > 0; c->line++)
        drop(c, end);
    if (c->rest.len == 0)
        return 0;
    c->record_line = c->line;
    begin = c->rest.ptr;
    do {
        if (count == max_fields)
            return fail(c, err, "too many fields");
        list = od_arena_grow(a, list, count, &cap, sizeof *list);
        if (take_field(c, a, &list[count++], err) != 0)
            return -1;
        more = c->rest.len > 0 && c->rest.ptr[0] == c->delimiter;
        if (more)
            drop(c, 1);
    } while (more);
    if (!od_utf8_valid(od_str_n(begin, (size_t)(c->rest.ptr - begin))))
        return fail(c, err, "invalid UTF-8");
    if (c->rest.len > 0) {
        drop(c, line_end(c->rest));
        c->line++;
    }
    *fields = list;
    *n = count;
    return 1;
}
