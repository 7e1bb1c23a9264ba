#include "read/graphql/lexer.h"

static const char *const nouns[] = {
    [OD_GQL_END] = "<EOF>",       [OD_GQL_BANG] = "\"!\"",
    [OD_GQL_DOLLAR] = "\"$\"",    [OD_GQL_AMP] = "\"&\"",
    [OD_GQL_PAREN_L] = "\"(\"",   [OD_GQL_PAREN_R] = "\")\"",
    [OD_GQL_SPREAD] = "\"...\"",  [OD_GQL_COLON] = "\":\"",
    [OD_GQL_EQUALS] = "\"=\"",    [OD_GQL_AT] = "\"@\"",
    [OD_GQL_BRACKET_L] = "\"[\"", [OD_GQL_BRACKET_R] = "\"]\"",
    [OD_GQL_BRACE_L] = "\"{\"",   [OD_GQL_PIPE] = "\"|\"",
    [OD_GQL_BRACE_R] = "\"}\"",   [OD_GQL_NAME] = "Name",
    [OD_GQL_INT] = "Int",         [OD_GQL_FLOAT] = "Float",
    [OD_GQL_STRING] = "String",   [OD_GQL_BLOCK_STRING] = "BlockString",
};

/* The kind of each punctuator of one character; 0: it is none. */
static const unsigned char punctuators[128] = {
    ['!'] = OD_GQL_BANG,      ['$'] = OD_GQL_DOLLAR,  ['&'] = OD_GQL_AMP,
    ['('] = OD_GQL_PAREN_L,   [')'] = OD_GQL_PAREN_R, [':'] = OD_GQL_COLON,
    ['='] = OD_GQL_EQUALS,    ['@'] = OD_GQL_AT,      ['['] = OD_GQL_BRACKET_L,
    [']'] = OD_GQL_BRACKET_R, ['{'] = OD_GQL_BRACE_L, ['|'] = OD_GQL_PIPE,
    ['}'] = OD_GQL_BRACE_R,
};

const char *od_gql_token_noun(enum od_gql_token_kind kind)
{
    return nouns[kind];
}

size_t od_gql_character(const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return n <= (size_t)(end - p) && od_utf8_valid(od_str_n(p, n)) ? n : 0;
}

int od_gql_lex_unexpected(struct od_gql_lexer *l, size_t at, const char *where)
{
    unsigned char c = at < l->source.len ? (unsigned char)l->source.ptr[at] : 0;

    if (at >= l->source.len)
        od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)at, "Syntax Error: Unterminated string.");
    else if (c >= 0x20 && c < 0x7f)
        od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)at,
                     "Syntax Error: Unexpected character \"%c\"%s.", c, where);
    else
        od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)at,
                     "Syntax Error: Unexpected byte 0x%02X%s.", c, where);
    return -1;
}

static bool starts_name(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* The byte there, or 0 behind the end; a NUL is no part of any token. */
static unsigned char byte_at(const struct od_gql_lexer *l, size_t at)
{
    return at < l->source.len ? (unsigned char)l->source.ptr[at] : 0;
}

/* Skips a comment up to its line's end. -1: it has bytes that are no character. */
static int skip_comment(struct od_gql_lexer *l)
{
    while (l->at < l->source.len) {
        unsigned char c = byte_at(l, l->at);
        if (c == '\n' || c == '\r')
            return 0;
        size_t n = od_gql_character(l->source.ptr + l->at, l->source.ptr + l->source.len);
        if (!n || (c < 0x20 && c != '\t'))
            return od_gql_lex_unexpected(l, l->at, " in a comment");
        l->at += n;
    }
    return 0;
}

static int skip_ignored(struct od_gql_lexer *l)
{
    for (;;) {
        unsigned char c = byte_at(l, l->at);
        if (l->at < l->source.len && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ','))
            l->at++;
        else if (c == '#' && skip_comment(l))
            return -1;
        else if (c == 0xef && byte_at(l, l->at + 1) == 0xbb && byte_at(l, l->at + 2) == 0xbf)
            l->at += 3; /* a byte order mark */
        else if (c != '#')
            return 0;
    }
}

static int take_digits(struct od_gql_lexer *l)
{
    if (!is_digit(byte_at(l, l->at))) {
        od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)l->at,
                     "Syntax Error: Invalid number, expected a digit.");
        return -1;
    }
    while (is_digit(byte_at(l, l->at)))
        l->at++;
    return 0;
}

/* A number ends neither in a name nor in a second dot (section 2.9.1). */
static int lex_number(struct od_gql_lexer *l, struct od_gql_token *out)
{
    out->kind = OD_GQL_INT;
    if (byte_at(l, l->at) == '-')
        l->at++;
    if (byte_at(l, l->at) == '0' && is_digit(byte_at(l, l->at + 1))) {
        od_gql_fault(l->faults, OD_GQL_SYNTAX, (uint32_t)l->at + 1,
                     "Syntax Error: Invalid number, unexpected digit after 0.");
        return -1;
    }
    if (take_digits(l))
        return -1;
    if (byte_at(l, l->at) == '.') {
        out->kind = OD_GQL_FLOAT;
        l->at++;
        if (take_digits(l))
            return -1;
    }
    if (byte_at(l, l->at) == 'e' || byte_at(l, l->at) == 'E') {
        out->kind = OD_GQL_FLOAT;
        l->at++;
        if (byte_at(l, l->at) == '+' || byte_at(l, l->at) == '-')
            l->at++;
        if (take_digits(l))
            return -1;
    }
    if (byte_at(l, l->at) == '.' || starts_name(byte_at(l, l->at)))
        return od_gql_lex_unexpected(l, l->at, " behind a number");
    return 0;
}

static int lex_token(struct od_gql_lexer *l, struct od_gql_token *out)
{
    unsigned char c = byte_at(l, l->at);

    if (c < 128 && punctuators[c]) {
        out->kind = (enum od_gql_token_kind)punctuators[c];
        l->at++;
        return 0;
    }
    if (starts_name(c)) {
        out->kind = OD_GQL_NAME;
        while (starts_name(byte_at(l, l->at)) || is_digit(byte_at(l, l->at)))
            l->at++;
        return 0;
    }
    if (is_digit(c) || c == '-')
        return lex_number(l, out);
    if (c == '"')
        return byte_at(l, l->at + 1) == '"' && byte_at(l, l->at + 2) == '"'
                   ? od_gql_lex_block_string(l, out)
                   : od_gql_lex_string(l, out);
    if (c == '.' && byte_at(l, l->at + 1) == '.' && byte_at(l, l->at + 2) == '.') {
        out->kind = OD_GQL_SPREAD;
        l->at += 3;
        return 0;
    }
    return od_gql_lex_unexpected(l, l->at, "");
}

int od_gql_lex(struct od_gql_lexer *l, struct od_gql_token *out)
{
    if (skip_ignored(l))
        return -1;
    *out = (struct od_gql_token){.kind = OD_GQL_END, .at = (uint32_t)l->at};
    if (l->at >= l->source.len)
        return 0;
    if (!l->tokens_left) {
        od_gql_fault(l->faults, OD_GQL_LIMIT, (uint32_t)l->at, "The document has too many tokens.");
        return -1;
    }
    l->tokens_left--;
    if (lex_token(l, out))
        return -1;
    if (!out->text.ptr)
        out->text = od_str_n(l->source.ptr + out->at, l->at - out->at);
    return 0;
}
