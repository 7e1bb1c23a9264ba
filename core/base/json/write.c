#include "base/json/json.h"

#include <string.h>

#include "base/clock.h"
#include "base/json/scan.h"
#include "base/money.h"

void od_jw_init(struct od_json_writer *w, struct od_buf *buf)
{
    *w = (struct od_json_writer){.buf = buf};
}

/* The comma before a value, which is then followed by another. */
static void begin_value(struct od_json_writer *w)
{
    if (w->comma)
        od_buf_char(w->buf, ',');
    w->comma = true;
}

static void open(struct od_json_writer *w, char bracket)
{
    begin_value(w);
    od_buf_char(w->buf, bracket);
    w->comma = false;
}

static void close(struct od_json_writer *w, char bracket)
{
    od_buf_char(w->buf, bracket);
    w->comma = true;
}

void od_jw_object(struct od_json_writer *w)
{
    open(w, '{');
}

void od_jw_object_end(struct od_json_writer *w)
{
    close(w, '}');
}

void od_jw_array(struct od_json_writer *w)
{
    open(w, '[');
}

void od_jw_array_end(struct od_json_writer *w)
{
    close(w, ']');
}

/* RFC 8259, section 7: only these must be escaped. */
static void put_escape(struct od_buf *b, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    unsigned char u = (unsigned char)c;
    char text[6] = {'\\', c};
    size_t n = 2;

    if (u < 0x20 && letters[u]) {
        text[1] = letters[u];
    } else if (u < 0x20) {
        memcpy(text + 1, "u00", 3);
        text[4] = hex[u >> 4];
        text[5] = hex[u & 15];
        n = 6;
    }
    od_buf_append(b, text, n);
}

/* The rest of a string, from its first character that needs an escape. */
static void put_escaped(struct od_buf *b, const char *p, const char *end)
{
    uint64_t seen = 0;

    while (p < end) {
        const char *run = p;
        p = od_json_plain_run(p, end, &seen);
        od_buf_append(b, run, (size_t)(p - run));
        if (p < end)
            put_escape(b, *p++);
    }
}

static void put_string(struct od_buf *b, struct od_str s)
{
    uint64_t seen = 0;
    const char *end = s.ptr + s.len;
    const char *plain = od_json_plain_run(s.ptr, end, &seen);
    size_t n = (size_t)(plain - s.ptr);
    char *to = od_buf_reserve(b, s.len + 2);

    if (!to)
        return;
    *to = '"';
    memcpy(to + 1, s.ptr, n);
    od_buf_commit(b, n + 1);
    put_escaped(b, plain, end);
    od_buf_char(b, '"');
}

void od_jw_key(struct od_json_writer *w, const char *key)
{
    size_t len = strlen(key);
    char *to = od_buf_reserve(w->buf, len + 4);
    char *p = to;

    if (!to)
        return;
    if (w->comma)
        *p++ = ',';
    *p++ = '"';
    memcpy(p, key, len);
    p += len;
    *p++ = '"';
    *p++ = ':';
    od_buf_commit(w->buf, (size_t)(p - to));
    w->comma = false;
}

void od_jw_key_str(struct od_json_writer *w, struct od_str key)
{
    begin_value(w);
    put_string(w->buf, key.ptr ? key : OD_STR(""));
    od_buf_char(w->buf, ':');
    w->comma = false;
}

void od_jw_str(struct od_json_writer *w, struct od_str s)
{
    if (!s.ptr) {
        od_jw_null(w);
        return;
    }
    begin_value(w);
    put_string(w->buf, s);
}

void od_jw_cstr(struct od_json_writer *w, const char *s)
{
    od_jw_str(w, od_str_of(s));
}

void od_jw_i64(struct od_json_writer *w, int64_t v)
{
    begin_value(w);
    od_buf_i64(w->buf, v);
}

void od_jw_decimal(struct od_json_writer *w, int64_t units, int digits)
{
    begin_value(w);
    od_decimal_format(w->buf, units, digits);
}

void od_jw_bool(struct od_json_writer *w, bool v)
{
    od_jw_raw(w, v ? OD_STR("true") : OD_STR("false"));
}

void od_jw_null(struct od_json_writer *w)
{
    od_jw_raw(w, OD_STR("null"));
}

void od_jw_time(struct od_json_writer *w, int64_t us)
{
    begin_value(w);
    od_buf_char(w->buf, '"');
    od_time_format(w->buf, us);
    od_buf_char(w->buf, '"');
}

void od_jw_lines(struct od_json_writer *w, struct od_str text)
{
    struct od_str line;
    od_jw_array(w);
    while (od_str_cut(&text, '\n', &line)) {
        if (line.len)
            od_jw_str(w, line);
    }
    od_jw_array_end(w);
}

void od_jw_raw(struct od_json_writer *w, struct od_str json)
{
    begin_value(w);
    od_buf_str(w->buf, json);
}
