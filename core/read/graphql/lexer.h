#ifndef OD_READ_GRAPHQL_LEXER_H
#define OD_READ_GRAPHQL_LEXER_H

#include "base/arena.h"
#include "base/str.h"
#include "read/graphql/fault.h"

/*
 * The lexical grammar of GraphQL (specification of October 2021, section 2.1), one token at a time.
 * Braced escapes (\u{1F600}) and pairs of surrogates are read as later drafts and graphql-js 16 do.
 */

enum od_gql_token_kind {
    OD_GQL_END = 0, /* of the document */
    OD_GQL_BANG,
    OD_GQL_DOLLAR,
    OD_GQL_AMP,
    OD_GQL_PAREN_L,
    OD_GQL_PAREN_R,
    OD_GQL_SPREAD,
    OD_GQL_COLON,
    OD_GQL_EQUALS,
    OD_GQL_AT,
    OD_GQL_BRACKET_L,
    OD_GQL_BRACKET_R,
    OD_GQL_BRACE_L,
    OD_GQL_PIPE,
    OD_GQL_BRACE_R,
    OD_GQL_NAME,
    OD_GQL_INT,
    OD_GQL_FLOAT,
    OD_GQL_STRING,
    OD_GQL_BLOCK_STRING,
};

struct od_gql_token {
    enum od_gql_token_kind kind;
    uint32_t at;        /* its first byte in the document */
    struct od_str text; /* as written; of strings: what they mean */
};

struct od_gql_lexer {
    struct od_str source;
    size_t at;            /* the next byte */
    uint32_t tokens_left; /* the document may have so many more */
    struct od_arena *arena;
    struct od_gql_faults *faults;
};

/* Takes the next token; behind the last one it is OD_GQL_END again and again. -1: a fault has been
 * added. Texts borrow from the source, or live in the arena. */
int od_gql_lex(struct od_gql_lexer *l, struct od_gql_token *out) OD_MUST_CHECK;
/* Returns the token's kind as messages say it: `Name`, `"{"`. */
const char *od_gql_token_noun(enum od_gql_token_kind kind);

/* lexer_string.c. Both read a string whose opening quotes begin at l->at. Internal to the lexer. */
int od_gql_lex_string(struct od_gql_lexer *l, struct od_gql_token *out) OD_MUST_CHECK;
int od_gql_lex_block_string(struct od_gql_lexer *l, struct od_gql_token *out) OD_MUST_CHECK;
/* Returns the length of the valid UTF-8 character at p; 0: there is none. */
size_t od_gql_character(const char *p, const char *end);
/* Adds a fault about the character at that offset, and returns -1. */
int od_gql_lex_unexpected(struct od_gql_lexer *l, size_t at, const char *where);

#endif
