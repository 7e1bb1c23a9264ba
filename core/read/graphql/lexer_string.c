#include "read/graphql/lexer.h"

#include <string.h>

/* The strings of GraphQL: section 2.9.4 of the specification. */

static unsigned char byte_at(const struct od_gql_lexer *l, size_t at)
{
    return at < l->source.len ? (unsigned char)l->source.ptr[at] : 0;
}

static int bad_escape(struct od_gql_lexer *l, size_t at)
{
    od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)at,
                 "Syntax Error: Invalid escape sequence in a string.");
    return -1;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

/* Reads exactly four hexadecimal digits. */
static bool take_four(const struct od_gql_lexer *l, size_t at, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        int v = hex_value(byte_at(l, at + i));
        if (v < 0)
            return false;
        *out = *out << 4 | (uint32_t)v;
    }
    return true;
}

/* Reads the digits and the brace that follow "\u{". Returns their length; 0: they are wrong. */
static size_t take_braced(const struct od_gql_lexer *l, size_t at, uint32_t *out)
{
    size_t n = 0;

    *out = 0;
    for (int v; (v = hex_value(byte_at(l, at + n))) >= 0; n++) {
        *out = *out << 4 | (uint32_t)v;
        if (*out > 0x10ffff)
            return 0;
    }
    return n && byte_at(l, at + n) == '}' ? n + 1 : 0;
}

static bool is_high(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static bool is_low(uint32_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Reads a \u escape at l->at, which may be two that make a pair of surrogates. */
static int take_unicode(struct od_gql_lexer *l, char *to, size_t *len)
{
    size_t begin = l->at, n;
    uint32_t c, low;

    if (byte_at(l, begin + 2) == '{') {
        n = take_braced(l, begin + 3, &c);
        if (!n || is_high(c) || is_low(c))
            return bad_escape(l, begin);
        l->at = begin + 3 + n;
    } else {
        if (!take_four(l, begin + 2, &c) || is_low(c))
            return bad_escape(l, begin);
        l->at = begin + 6;
        if (is_high(c)) {
            if (byte_at(l, l->at) != '\\' || byte_at(l, l->at + 1) != 'u' ||
                !take_four(l, l->at + 2, &low) || !is_low(low))
                return bad_escape(l, begin);
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            l->at += 6;
        }
    }
    *len += put_utf8(to + *len, c);
    return 0;
}

static int take_escape(struct od_gql_lexer *l, char *to, size_t *len)
{
    static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    unsigned char c = byte_at(l, l->at + 1);
    const char *found = c ? strchr(plain, c) : NULL;

    if (c == 'u')
        return take_unicode(l, to, len);
    if (!found)
        return bad_escape(l, l->at);
    to[(*len)++] = meant[found - plain];
    l->at += 2;
    return 0;
}

/* Returns where the string's closing quote is, or the end of the document. */
static size_t find_end(const struct od_gql_lexer *l, size_t at)
{
    while (at < l->source.len && byte_at(l, at) != '"') {
        if (byte_at(l, at) == '\n' || byte_at(l, at) == '\r')
            break;
        at += byte_at(l, at) == '\\' ? 2 : 1;
    }
    return at < l->source.len ? at : l->source.len;
}

int od_gql_lex_string(struct od_gql_lexer *l, struct od_gql_token *out)
{
    size_t len = 0;
    char *text = od_arena_alloc(l->arena, find_end(l, l->at + 1) - l->at + 4);

    out->kind = OD_GQL_STRING;
    l->at++;
    while (byte_at(l, l->at) != '"') {
        unsigned char c = byte_at(l, l->at);
        if (l->at >= l->source.len || c == '\n' || c == '\r') {
            od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)l->at,
                         "Syntax Error: Unterminated string.");
            return -1;
        }
        if (c == '\\') {
            if (take_escape(l, text, &len))
                return -1;
            continue;
        }
        size_t n = od_gql_character(l->source.ptr + l->at, l->source.ptr + l->source.len);
        if (!n || (c < 0x20 && c != '\t'))
            return od_gql_lex_unexpected(l, l->at, " in a string");
        memcpy(text + len, l->source.ptr + l->at, n);
        len += n;
        l->at += n;
    }
    l->at++;
    out->text = od_str_n(text, len);
    return 0;
}

/* Cuts the first line off *rest; a line ends in LF, CR LF or CR. The last one leaves it absent. */
static bool cut_line(struct od_str *rest, struct od_str *line)
{
    if (!rest->ptr)
        return false;
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->ptr[i] != '\n' && rest->ptr[i] != '\r')
            continue;
        bool two = rest->ptr[i] == '\r' && i + 1 < rest->len && rest->ptr[i + 1] == '\n';
        *line = od_str_n(rest->ptr, i);
        *rest = od_str_slice(*rest, i + (two ? 2 : 1), rest->len);
        return true;
    }
    *line = *rest;
    *rest = OD_STR_NONE;
    return true;
}

static size_t indent_of(struct od_str line)
{
    size_t n = 0;

    while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
        n++;
    return n;
}

/* BlockStringValue() of section 2.9.4: removes the common indentation and blank lines at both
 * ends. raw lives in the arena and is overwritten. */
static struct od_str dedent(struct od_str raw, char *to)
{
    size_t common = SIZE_MAX, first = SIZE_MAX, last = 0, i = 0, len = 0;
    struct od_str rest = raw, line;

    for (; cut_line(&rest, &line); i++) {
        size_t indent = indent_of(line);
        if (indent == line.len)
            continue;
        if (i && indent < common)
            common = indent;
        if (first == SIZE_MAX)
            first = i;
        last = i;
    }
    rest = raw;
    for (i = 0; cut_line(&rest, &line); i++) {
        if (i < first || i > last)
            continue;
        if (i && common != SIZE_MAX)
            line = od_str_slice(line, common < line.len ? common : line.len, line.len);
        if (i > first)
            to[len++] = '\n';
        memcpy(to + len, line.ptr, line.len);
        len += line.len;
    }
    return od_str_n(to, len);
}

static bool has_quotes(const struct od_gql_lexer *l, size_t at)
{
    return byte_at(l, at) == '"' && byte_at(l, at + 1) == '"' && byte_at(l, at + 2) == '"';
}

/* Returns the length of the block string's text as it is written, quotes left out. */
static size_t block_length(const struct od_gql_lexer *l, size_t at)
{
    size_t begin = at;

    while (at < l->source.len && !has_quotes(l, at))
        at += byte_at(l, at) == '\\' && has_quotes(l, at + 1) ? 4 : 1;
    return at - begin;
}

int od_gql_lex_block_string(struct od_gql_lexer *l, struct od_gql_token *out)
{
    size_t len = 0, most = block_length(l, l->at + 3);
    char *raw = od_arena_alloc(l->arena, most + 1);

    out->kind = OD_GQL_BLOCK_STRING;
    l->at += 3;
    while (!has_quotes(l, l->at)) {
        unsigned char c = byte_at(l, l->at);
        if (l->at >= l->source.len)
            return od_gql_lex_unexpected(l, l->at, "");
        if (c == '\\' && has_quotes(l, l->at + 1)) {
            memcpy(raw + len, "\"\"\"", 3);
            len += 3;
            l->at += 4;
            continue;
        }
        size_t n = od_gql_character(l->source.ptr + l->at, l->source.ptr + l->source.len);
        if (!n || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
            return od_gql_lex_unexpected(l, l->at, " in a string");
        memcpy(raw + len, l->source.ptr + l->at, n);
        len += n;
        l->at += n;
    }
    l->at += 3;
    out->text = dedent(od_str_n(raw, len), od_arena_alloc(l->arena, len + 1));
    return 0;
}
