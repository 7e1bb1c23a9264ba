#include "mail/header.h"

#include <ctype.h>
#include <stdint.h>

#include "base/digest.h"

enum { LINE = 76, WORD = 75, TEXT_MAX = 4000 };

#define OPEN_Q "=?utf-8?Q?"
#define OPEN_B "=?utf-8?B?"
#define CLOSE  "?="

/* How many bytes the character at s takes; 0: it is none of UTF-8. */
static size_t character(struct od_str s)
{
    unsigned char c = (unsigned char)s.ptr[0];
    size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    return n <= s.len && od_utf8_valid(od_str_slice(s, 0, n)) ? n : 0;
}

/* One line of valid UTF-8 into space[TEXT_MAX]: runs of blanks and control characters become one
 * blank, bytes that are no character a question mark. */
static struct od_str one_line(struct od_str text, char *space)
{
    size_t len = 0;
    bool blank = true;
    for (size_t i = 0, n; i < text.len && len + 4 < TEXT_MAX; i += n) {
        unsigned char c = (unsigned char)text.ptr[i];
        n = character(od_str_slice(text, i, text.len));
        if (c <= ' ' || c == 0x7f) {
            if (!blank)
                space[len++] = ' ';
            blank = true;
            continue;
        }
        blank = false;
        if (n == 0) {
            space[len++] = '?';
            n = 1;
            continue;
        }
        memcpy(space + len, text.ptr + i, n);
        len += n;
    }
    return od_str_trim(od_str_n(space, len));
}

/* ASCII that is not mistaken for an encoded word, and that can be folded. */
static bool is_readable(struct od_str text)
{
    size_t word = 0;
    for (size_t i = 0; i < text.len; i++) {
        word = text.ptr[i] == ' ' ? 0 : word + 1;
        if ((unsigned char)text.ptr[i] >= 0x80 || word > LINE - 20)
            return false;
        if (text.ptr[i] == '=' && i + 1 < text.len && text.ptr[i + 1] == '?')
            return false;
    }
    return true;
}

static void fold(struct od_buf *out, size_t *column)
{
    od_buf_str(out, OD_STR("\r\n "));
    *column = 1;
}

/* Words with blanks between them. */
static void write_readable(struct od_buf *out, struct od_str text, size_t *column)
{
    struct od_str word;
    for (bool first = true; od_str_cut(&text, ' ', &word); first = false) {
        if (!first && *column + 1 + word.len > LINE) {
            fold(out, column);
        } else if (!first) {
            od_buf_char(out, ' ');
            (*column)++;
        }
        od_buf_str(out, word);
        *column += word.len;
    }
}

/* What a phrase may have in an encoded word as it is (RFC 2047, 5 (3)). */
static bool is_q(char c)
{
    return isalnum((unsigned char)c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t q_length(struct od_str s)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++)
        len += is_q(s.ptr[i]) || s.ptr[i] == ' ' ? 1 : 3;
    return len;
}

static void write_q(struct od_buf *out, struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == ' ')
            od_buf_char(out, '_');
        else if (is_q(s.ptr[i]))
            od_buf_char(out, s.ptr[i]);
        else
            od_buf_printf(out, "=%02X", (unsigned char)s.ptr[i]);
    }
}

static size_t b_length(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

/* Encoded words, none of which ends inside of a character. */
static void write_encoded(struct od_buf *out, struct od_str text, size_t *column)
{
    bool q = q_length(text) <= b_length(text.len);
    size_t frame = sizeof OPEN_Q - 1 + sizeof CLOSE - 1, from = 0;
    while (from < text.len) {
        size_t to = from, length = 0, room = LINE - *column;
        room = (room < WORD ? room : WORD) - frame;
        while (to < text.len) {
            size_t n = character(od_str_slice(text, to, text.len));
            size_t grown =
                q ? length + q_length(od_str_slice(text, to, to + n)) : b_length(to + n - from);
            if (grown > room)
                break;
            length = grown;
            to += n;
        }
        struct od_str part = od_str_slice(text, from, to);
        od_buf_str(out, q ? OD_STR(OPEN_Q) : OD_STR(OPEN_B));
        if (q)
            write_q(out, part);
        else
            od_base64(out, part);
        od_buf_str(out, OD_STR(CLOSE));
        *column += frame + length;
        from = to;
        if (from < text.len)
            fold(out, column);
    }
}

static size_t begin(struct od_buf *out, const char *name)
{
    od_buf_printf(out, "%s: ", name);
    return strlen(name) + 2;
}

void od_header_plain(struct od_buf *out, const char *name, struct od_str value)
{
    begin(out, name);
    od_buf_str(out, value);
    od_buf_str(out, OD_STR("\r\n"));
}

void od_header_text(struct od_buf *out, const char *name, struct od_str text)
{
    char space[TEXT_MAX];
    struct od_str line = one_line(text, space);
    size_t column = begin(out, name);
    if (is_readable(line))
        write_readable(out, line, &column);
    else
        write_encoded(out, line, &column);
    od_buf_str(out, OD_STR("\r\n"));
}

static bool is_phrase(struct od_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!isalnum((unsigned char)c) && !strchr(" !#$%&'*+-/=?^_`{|}~", c))
            return false;
    }
    return true;
}

static bool is_escaped(char c)
{
    return c == '"' || c == '\\';
}

/* How many bytes the word at the start of s takes inside of quotes. */
static size_t quoted_word(struct od_str s)
{
    size_t width = 0;
    for (size_t i = 0; i < s.len && s.ptr[i] != ' '; i++)
        width += is_escaped(s.ptr[i]) ? 2 : 1;
    return width;
}

/* Folds before blanks, which stay part of the text (RFC 5322, 3.2.4 and 2.2.3). */
static void write_quoted(struct od_buf *out, struct od_str s, size_t *column)
{
    od_buf_char(out, '"');
    (*column)++;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == ' ' && *column + 2 + quoted_word(od_str_slice(s, i + 1, s.len)) > LINE) {
            fold(out, column); /* its blank is this one */
            continue;
        }
        if (is_escaped(c))
            od_buf_char(out, '\\');
        od_buf_char(out, c);
        *column += is_escaped(c) ? 2 : 1;
    }
    od_buf_char(out, '"');
    (*column)++;
}

void od_header_mailbox(struct od_buf *out, const char *name, const struct od_mailbox *m)
{
    char space[TEXT_MAX];
    struct od_str who = one_line(m->name, space);
    size_t column = begin(out, name);
    if (who.len && !is_readable(who)) {
        write_encoded(out, who, &column);
    } else if (who.len && is_phrase(who)) {
        write_readable(out, who, &column);
    } else if (who.len) {
        write_quoted(out, who, &column);
    }
    if (!who.len) {
        od_buf_str(out, m->address);
    } else {
        if (column + m->address.len + 3 > LINE)
            fold(out, &column);
        else
            od_buf_char(out, ' ');
        od_buf_char(out, '<');
        od_buf_str(out, m->address);
        od_buf_char(out, '>');
    }
    od_buf_str(out, OD_STR("\r\n"));
}

/* What an extended value has as it is (RFC 2231: attribute-char). */
static bool is_attribute(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$&+-.^_`{|}~", c));
}

/* filename*0*=utf-8''…; filename*1*=…: pieces (RFC 2231, 3 and 4) that end at whole characters. */
static void write_extended(struct od_buf *out, struct od_str s)
{
    for (size_t from = 0, piece = 0; from < s.len; piece++) {
        size_t column = 0;
        od_buf_printf(out, ";\r\n filename*%zu*=%s", piece, piece ? "" : "utf-8''");
        while (from < s.len) {
            size_t n = character(od_str_slice(s, from, s.len));
            size_t width = is_attribute(s.ptr[from]) ? 1 : 3 * n;
            if (column + width > LINE - 30)
                break;
            for (size_t i = from; i < from + n; i++) {
                if (is_attribute(s.ptr[i]))
                    od_buf_char(out, s.ptr[i]);
                else
                    od_buf_printf(out, "%%%02X", (unsigned char)s.ptr[i]);
            }
            column += width;
            from += n;
        }
    }
}

void od_header_attachment(struct od_buf *out, struct od_str filename)
{
    char space[TEXT_MAX];
    struct od_str s = one_line(filename, space);
    od_buf_str(out, OD_STR("Content-Disposition: attachment"));
    if (is_readable(s) && s.len < LINE - 20) {
        size_t column = sizeof " filename=" - 1;
        od_buf_str(out, OD_STR(";\r\n filename="));
        write_quoted(out, s, &column);
    } else {
        write_extended(out, s);
    }
    od_buf_str(out, OD_STR("\r\n"));
}
