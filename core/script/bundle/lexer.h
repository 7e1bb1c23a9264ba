#ifndef OD_SCRIPT_BUNDLE_LEXER_H
#define OD_SCRIPT_BUNDLE_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Reads the text of a script by Lua's lexical grammar (manual 3.1), as far as needed to tell names
 * from comments and strings. */

struct od_lexer {
    const char *at, *end;
    int line;
};

/* Skips n bytes, or all that are left. */
void od_lexer_skip(struct od_lexer *s, size_t n);
/* Returns the byte n bytes ahead, or NUL past the end. */
char od_lexer_peek(const struct od_lexer *s, size_t n);
/* Skips a long bracket ([[ … ]], [==[ … ]==]) that begins here. Returns false when none does. */
bool od_lexer_long_bracket(struct od_lexer *s);
/* Skips the string in quotes that begins here. */
void od_lexer_string(struct od_lexer *s);
/* Skips blanks and comments. */
void od_lexer_blanks(struct od_lexer *s);
/* Returns whether names, and numbers, are made of such bytes. */
bool od_lexer_is_name(char c);
/* Skips the name that begins here and returns it; empty when none does. */
struct od_str od_lexer_name(struct od_lexer *s);

#endif
