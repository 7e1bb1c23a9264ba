#ifndef OD_READ_GRAPHQL_DOCUMENT_H
#define OD_READ_GRAPHQL_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The tree of an executable document (specification of October 2021, section 2). It lives in the
 * arena of its parser and borrows from the source. `at` is the byte offset where a node begins.
 * Validation fills the members that say so; a tree belongs to one schema from then on.
 */

struct od_gql_type;
struct od_gql_field;
struct od_gql_input;

struct od_gql_name {
    struct od_str text; /* absent: there is none */
    uint32_t at;
};

enum od_gql_value_kind {
    OD_GQL_VALUE_VARIABLE = 0,
    OD_GQL_VALUE_INT,
    OD_GQL_VALUE_FLOAT,
    OD_GQL_VALUE_STRING,
    OD_GQL_VALUE_BOOLEAN,
    OD_GQL_VALUE_NULL,
    OD_GQL_VALUE_ENUM,
    OD_GQL_VALUE_LIST,
    OD_GQL_VALUE_OBJECT,
};

struct od_gql_value {
    enum od_gql_value_kind kind;
    uint32_t at;
    struct od_str text; /* number: as written; string: decoded; a variable's or enum's name */
    bool boolean;
    struct od_gql_name name;    /* of a member of an object */
    struct od_gql_value *child; /* the first element or member */
    struct od_gql_value *next;
};

/* A type as a variable names it. */
struct od_gql_type_ref {
    enum { OD_GQL_REF_NAMED = 0, OD_GQL_REF_LIST, OD_GQL_REF_NON_NULL } kind;
    uint32_t at;
    struct od_str name;
    const struct od_gql_type_ref *of;
};

struct od_gql_argument {
    struct od_gql_name name;
    struct od_gql_value *value;
    struct od_gql_argument *next;
};

struct od_gql_directive {
    uint32_t at; /* of its @ */
    struct od_gql_name name;
    struct od_gql_argument *arguments;
    struct od_gql_directive *next;
};

struct od_gql_selection {
    enum { OD_GQL_FIELD = 0, OD_GQL_FRAGMENT_SPREAD, OD_GQL_INLINE_FRAGMENT } kind;
    uint32_t at;
    struct od_gql_name name;  /* of the field, or of the fragment that is spread */
    struct od_gql_name alias; /* of a field */
    struct od_gql_name on;    /* an inline fragment's type condition */
    struct od_gql_argument *arguments;
    struct od_gql_directive *directives;
    bool has_selections;                 /* an empty set is a syntax error, so it has some */
    struct od_gql_selection *selections; /* below it */
    struct od_gql_selection *next;

    /* Filled by validation. */
    const struct od_gql_type *parent;   /* the type that it is selected on */
    const struct od_gql_field *field;   /* NULL: the type has no such field */
    const struct od_gql_type *type;     /* the named type of the selections below; or NULL */
    struct od_gql_definition *fragment; /* that is spread; NULL: there is none */
};

struct od_gql_variable {
    uint32_t at; /* of its $ */
    struct od_gql_name name;
    struct od_gql_type_ref *ref;
    struct od_gql_value *fallback; /* its default value, or NULL */
    struct od_gql_directive *directives;
    struct od_gql_variable *next;

    const struct od_gql_type *type; /* filled by validation; NULL: there is no such type */
};

enum od_gql_operation {
    OD_GQL_QUERY = 0,
    OD_GQL_MUTATION,
    OD_GQL_SUBSCRIPTION,
    OD_GQL_OPERATIONS, /* the number of kinds */
};

struct od_gql_definition {
    bool is_fragment;
    enum od_gql_operation operation; /* not of fragments */
    uint32_t at;
    struct od_gql_name name;
    struct od_gql_name on; /* a fragment's type condition */
    struct od_gql_variable *variables;
    struct od_gql_directive *directives;
    struct od_gql_selection *selections;
    struct od_gql_definition *next;

    /* Filled by validation. */
    const struct od_gql_type *type; /* that its selections are on */
    uint32_t mark;                  /* of whoever walks over fragments */
};

struct od_gql_document {
    struct od_str source;
    struct od_gql_definition *definitions; /* in the order of the source */
};

#endif
