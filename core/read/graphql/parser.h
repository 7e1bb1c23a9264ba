#ifndef OD_READ_GRAPHQL_PARSER_H
#define OD_READ_GRAPHQL_PARSER_H

#include "base/arena.h"
#include "read/graphql/document.h"
#include "read/graphql/fault.h"
#include "read/graphql/lexer.h"

/*
 * The parser of executable documents (section 2 of the specification). The grammar is LL(1), and
 * recursion is bounded by the limit on depth. A definition of a type system is refused where it
 * begins, by the rule ExecutableDefinitions.
 */

struct od_gql_limits {
    uint32_t bytes;  /* of a document */
    uint32_t tokens; /* of a document */
    uint32_t depth;  /* of selections, values and types within each other */
};

/* Parses a whole document. Texts borrow from it, so that it must live as long as the tree, which
 * lives in the arena. -1: one fault has been added. */
int od_gql_parse(struct od_arena *a, struct od_str source, const struct od_gql_limits *limits,
                 struct od_gql_document **out, struct od_gql_faults *faults) OD_MUST_CHECK;

/* The parser's place, for schema_text.c, which reads definitions of types with the same grammar of
 * values and types. Internal to this folder. */
struct od_gql_parser {
    struct od_gql_lexer lexer;
    struct od_gql_token token; /* the next one */
    uint32_t depth_left;
};

int od_gql_parser_init(struct od_gql_parser *p, struct od_arena *a, struct od_str source,
                       const struct od_gql_limits *limits,
                       struct od_gql_faults *faults) OD_MUST_CHECK;
int od_gql_advance(struct od_gql_parser *p) OD_MUST_CHECK;
/* Takes the next token if it is of that kind; 0: it was another, 1: it was taken, -1: a fault. */
int od_gql_skip(struct od_gql_parser *p, enum od_gql_token_kind kind) OD_MUST_CHECK;
int od_gql_expect(struct od_gql_parser *p, enum od_gql_token_kind kind) OD_MUST_CHECK;
/* Adds a fault about the next token and returns -1. expected NULL: it fits nowhere. */
int od_gql_unexpected(struct od_gql_parser *p, const char *expected);
int od_gql_take_name(struct od_gql_parser *p, struct od_gql_name *out) OD_MUST_CHECK;
int od_gql_take_value(struct od_gql_parser *p, bool constant,
                      struct od_gql_value **out) OD_MUST_CHECK;
int od_gql_take_type(struct od_gql_parser *p, struct od_gql_type_ref **out) OD_MUST_CHECK;
int od_gql_take_directives(struct od_gql_parser *p, bool constant,
                           struct od_gql_directive **out) OD_MUST_CHECK;

#endif
