#include "base/terminal/columns.h"

#include <limits.h>

enum { WRAP_MAX = 32 << 20 };

int od_wrap_columns(struct od_str s)
{
    int n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80; /* UTF-8: not within a character */
    return n;
}

/* The first `columns` columns of a word. */
static struct od_str head_of(struct od_str word, int columns)
{
    size_t len = 0;
    for (; len < word.len; len++) {
        if (((unsigned char)word.ptr[len] & 0xc0) != 0x80 && columns-- == 0)
            break;
    }
    return od_str_slice(word, 0, len);
}

/* Words longer than `longest` columns are broken. */
static void wrap_line(struct od_buf *out, int most, int longest, int column, int indent,
                      struct od_str line)
{
    struct od_str word;
    while (od_str_cut(&line, ' ', &word)) {
        while (word.len) {
            struct od_str part = head_of(word, longest);
            int width = od_wrap_columns(part);
            if (column > indent && column + 1 + width > most) {
                od_buf_char(out, '\n');
                column = 0;
            }
            int blanks = column ? 1 : indent;
            od_buf_printf(out, "%*s%.*s", blanks, "", OD_STR_ARG(part));
            column += blanks + width;
            word = od_str_slice(word, part.len, word.len);
        }
    }
    if (column)
        od_buf_char(out, '\n');
}

static void wrap(struct od_buf *out, int most, int longest, int column, int indent,
                 struct od_str text)
{
    struct od_str line;
    for (; od_str_cut(&text, '\n', &line); column = 0)
        wrap_line(out, most, longest, column, indent, line);
}

void od_wrap(struct od_buf *out, int column, int indent, struct od_str text)
{
    wrap(out, OD_WRAP_COLUMNS, INT_MAX, column, indent, text);
}

static void flush(struct od_buf *b, FILE *out)
{
    fprintf(out, "%.*s", OD_STR_ARG(od_buf_view(b)));
    od_buf_fini(b);
}

void od_wrap_within(FILE *out, int most, int column, int indent, struct od_str text)
{
    struct od_buf b;
    od_buf_init(&b, WRAP_MAX);
    wrap(&b, most, INT_MAX, column, indent, text);
    flush(&b, out);
}

void od_wrap_body(FILE *out, int most, int column, int indent, struct od_str text)
{
    struct od_buf b;
    od_buf_init(&b, WRAP_MAX);
    wrap(&b, most, most - indent, column, indent, text);
    flush(&b, out);
}

void od_wrap_to(FILE *out, int column, int indent, struct od_str text)
{
    od_wrap_within(out, OD_WRAP_COLUMNS, column, indent, text);
}

void od_wrap_long(FILE *out, struct od_str text)
{
    struct od_str line;
    while (od_str_cut(&text, '\n', &line)) {
        int indent = 0;
        while ((size_t)indent < line.len && line.ptr[indent] == ' ')
            indent++;
        if (od_wrap_columns(line) > OD_WRAP_COLUMNS)
            od_wrap_to(out, indent, indent + 2, line);
        else if (line.len || text.ptr)
            fprintf(out, "%.*s\n", OD_STR_ARG(line));
    }
}
