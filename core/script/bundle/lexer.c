#include "script/bundle/lexer.h"

#include <ctype.h>

void od_lexer_skip(struct od_lexer *s, size_t n)
{
    for (; n > 0 && s->at < s->end; n--)
        s->line += *s->at++ == '\n';
}

char od_lexer_peek(const struct od_lexer *s, size_t n)
{
    return (size_t)(s->end - s->at) > n ? s->at[n] : '\0';
}

/* Skips a long bracket ([[ … ]], [==[ … ]==]) that begins here; false when none does. */
bool od_lexer_long_bracket(struct od_lexer *s)
{
    size_t level = 0, i;

    if (od_lexer_peek(s, 0) != '[')
        return false;
    while (od_lexer_peek(s, 1 + level) == '=')
        level++;
    if (od_lexer_peek(s, 1 + level) != '[')
        return false;
    od_lexer_skip(s, level + 2);
    while (s->at < s->end) {
        for (i = 0; i < level && od_lexer_peek(s, 1 + i) == '='; i++)
            ;
        if (*s->at == ']' && i == level && od_lexer_peek(s, 1 + level) == ']') {
            od_lexer_skip(s, level + 2);
            return true;
        }
        od_lexer_skip(s, 1);
    }
    return true;
}

void od_lexer_string(struct od_lexer *s)
{
    char quote = *s->at;

    od_lexer_skip(s, 1);
    while (s->at < s->end && *s->at != quote && *s->at != '\n')
        od_lexer_skip(s, *s->at == '\\' ? 2 : 1);
    od_lexer_skip(s, 1);
}

/* Skips blanks and comments. */
void od_lexer_blanks(struct od_lexer *s)
{
    while (s->at < s->end) {
        if (isspace((unsigned char)*s->at)) {
            od_lexer_skip(s, 1);
        } else if (od_lexer_peek(s, 0) == '-' && od_lexer_peek(s, 1) == '-') {
            od_lexer_skip(s, 2);
            if (!od_lexer_long_bracket(s))
                while (s->at < s->end && *s->at != '\n')
                    od_lexer_skip(s, 1);
        } else {
            return;
        }
    }
}

bool od_lexer_is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

struct od_str od_lexer_name(struct od_lexer *s)
{
    struct od_str name = {s->at, 0};

    while (od_lexer_is_name(od_lexer_peek(s, 0))) {
        od_lexer_skip(s, 1);
        name.len++;
    }
    return name;
}
