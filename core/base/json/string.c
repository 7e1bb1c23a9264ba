#include "base/json/reader.h"

#include <string.h>

#include "base/json/scan.h"

int od_json_fail_at(struct od_json_reader *r, const char *at, const char *what)
{
    size_t line = 1, column = 1;

    for (const char *c = r->begin; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            column++;
        }
    }
    return od_err_set(r->err, OD_ERR_MALFORMED, "line %zu column %zu: %s", line, column, what);
}

int od_json_fail(struct od_json_reader *r, const char *what)
{
    return od_json_fail_at(r, r->p, r->p == r->end ? "unexpected end" : what);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits behind "\u". */
static int take_hex4(struct od_json_reader *r, uint32_t *out)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++) {
        int digit = r->p < r->end ? hex_digit(*r->p) : -1;
        if (digit < 0)
            return od_json_fail(r, "expected four hexadecimal digits");
        v = v << 4 | (uint32_t)digit;
        r->p++;
    }
    *out = v;
    return 0;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c >= 0x10000) {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    } else if (c >= 0x800) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    } else {
        *to++ = (char)(0xC0 | c >> 6);
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

static int take_unicode(struct od_json_reader *r, char **to)
{
    const char *at = r->p - 2;
    uint32_t c = 0, low = 0;

    if (take_hex4(r, &c) != 0)
        return -1;
    if (c == 0)
        return od_json_fail_at(r, at, "\\u0000 is not accepted");
    if (c >= 0xDC00 && c <= 0xDFFF)
        return od_json_fail_at(r, at, "lone surrogate");
    if (c >= 0xD800 && c <= 0xDBFF) {
        if (!od_json_take(r, '\\') || !od_json_take(r, 'u'))
            return od_json_fail_at(r, at, "lone surrogate");
        if (take_hex4(r, &low) != 0)
            return -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return od_json_fail_at(r, at, "lone surrogate");
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    *to = put_utf8(*to, c);
    return 0;
}

/* One escape, behind its backslash. */
static int take_escape(struct od_json_reader *r, char **to)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (od_json_take(r, 'u'))
        return take_unicode(r, to);
    found = r->p < r->end && *r->p ? strchr(letters, *r->p) : NULL;
    if (!found)
        return od_json_fail(r, "unknown escape");
    *(*to)++ = values[found - letters];
    r->p++;
    return 0;
}

/* The rest of a string from its first backslash on; `first` is where its contents begin. */
static int take_escaped(struct od_json_reader *r, const char *first, uint64_t *seen,
                        struct od_str *out)
{
    const char *close = r->p;
    char *text, *to;
    size_t len;

    /* An escape never decodes to more bytes than it is written with. */
    while (close < r->end && *close != '"')
        close += *close == '\\' && close + 1 < r->end ? 2 : 1;
    text = to = od_arena_alloc(r->arena, (size_t)(close - first) + 1);
    for (;;) {
        len = (size_t)(r->p - first);
        memcpy(to, first, len);
        to += len;
        if (!od_json_take(r, '\\'))
            break;
        if (take_escape(r, &to) != 0)
            return -1;
        first = r->p;
        r->p = od_json_plain_run(r->p, r->end, seen);
    }
    *to = '\0';
    *out = od_str_n(text, (size_t)(to - text));
    return 0;
}

int od_json_take_string(struct od_json_reader *r, struct od_str *out)
{
    const char *first = r->p;
    uint64_t seen = 0;

    r->p = od_json_plain_run(r->p, r->end, &seen);
    if (r->p < r->end && *r->p == '\\') {
        if (take_escaped(r, first, &seen, out) != 0)
            return -1;
    } else {
        *out = od_str_n(first, (size_t)(r->p - first));
    }
    if (!od_json_take(r, '"'))
        return od_json_fail(r, "control character in a string");
    if ((seen & OD_TOPS) && !od_utf8_valid(od_str_n(first, (size_t)(r->p - first))))
        return od_json_fail_at(r, first, "invalid UTF-8 in the string that begins here");
    return 0;
}
