#include "base/csv/write.h"

/* https://owasp.org/www-community/attacks/CSV_Injection: the full-width forms of = + - @ too. */
static bool is_formula(struct od_str s)
{
    static const struct od_str wide[] = {OD_STR_INIT("\uFF1D"), OD_STR_INIT("\uFF0B"),
                                         OD_STR_INIT("\uFF0D"), OD_STR_INIT("\uFF20")};

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (od_str_starts_with(s, wide[i]))
            return true;
    }
    return s.len > 0 && memchr("=+-@\t\r\n", s.ptr[0], 7);
}

static char delimiter_of(const struct od_csv_writer *w)
{
    return w->delimiter ? w->delimiter : ',';
}

static void begin_field(struct od_csv_writer *w)
{
    if (w->begun)
        od_buf_char(w->buf, delimiter_of(w));
    w->begun = true;
}

static bool needs_quotes(const struct od_csv_writer *w, struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == delimiter_of(w) || memchr("\"\r\n", s.ptr[i], 3))
            return true;
    }
    return s.len > 0 && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ');
}

void od_csv_text(struct od_csv_writer *w, struct od_str s)
{
    bool guard = is_formula(s), quotes = needs_quotes(w, s);

    begin_field(w);
    if (quotes)
        od_buf_char(w->buf, '"');
    if (guard)
        od_buf_char(w->buf, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"')
            od_buf_char(w->buf, '"');
        od_buf_char(w->buf, s.ptr[i]);
    }
    if (quotes)
        od_buf_char(w->buf, '"');
}

void od_csv_number(struct od_csv_writer *w, struct od_str s)
{
    begin_field(w);
    od_buf_str(w->buf, s);
}

void od_csv_i64(struct od_csv_writer *w, int64_t v)
{
    begin_field(w);
    od_buf_i64(w->buf, v);
}

void od_csv_end(struct od_csv_writer *w)
{
    od_buf_append(w->buf, "\r\n", 2);
    w->begun = false;
}

struct od_str od_csv_plain(struct od_str field)
{
    struct od_str rest = od_str_slice(field, 1, field.len);

    return field.len > 1 && field.ptr[0] == '\'' && is_formula(rest) ? rest : field;
}
