#ifndef OD_READ_GRAPHQL_SCHEMA_H
#define OD_READ_GRAPHQL_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "order/model/fields.h"
#include "read/graphql/document.h"
#include "read/graphql/fault.h"

/*
 * A type system (section 3 of the specification). It is read from text in the schema definition
 * language and never changes afterwards, so that all requests share it. Lists keep the order of the
 * text. Built-in scalars, directives and the types of introspection are in every schema.
 */

enum od_gql_type_kind {
    OD_GQL_TYPE_SCALAR = 0,
    OD_GQL_TYPE_OBJECT,
    OD_GQL_TYPE_INTERFACE,
    OD_GQL_TYPE_UNION,
    OD_GQL_TYPE_ENUM,
    OD_GQL_TYPE_INPUT_OBJECT,
    OD_GQL_TYPE_LIST,
    OD_GQL_TYPE_NON_NULL,
};

/* The scalars whose values are checked by rules of their own. */
enum od_gql_scalar {
    OD_GQL_SCALAR_ANY = 0, /* any value; the command that takes it checks more */
    OD_GQL_SCALAR_INT,
    OD_GQL_SCALAR_FLOAT,
    OD_GQL_SCALAR_STRING,
    OD_GQL_SCALAR_BOOLEAN,
    OD_GQL_SCALAR_ID,
    OD_GQL_SCALAR_DECIMAL, /* a number, or a string that is one: amounts never become a double */
    OD_GQL_SCALAR_TEXT,    /* a string */
};

struct od_gql_deprecation {
    bool is;
    struct od_str reason;
};

/* An argument, or a field of an input object. */
struct od_gql_input {
    struct od_str name, description;
    const struct od_gql_type *type;
    const struct od_gql_value *fallback; /* its default value, or NULL */
    struct od_gql_deprecation deprecated;
    struct od_gql_input *next;
};

struct od_gql_resolver;

struct od_gql_field {
    struct od_str name, description;
    struct od_gql_input *arguments;
    const struct od_gql_type *type;
    struct od_gql_deprecation deprecated;
    struct od_gql_field *next;

    /* How its value is found; resolve.h. Filled when the schema is bound. */
    const struct od_gql_resolver *resolver;
    const void *bound; /* the resolver's own: a field of the table, a kind of part */
};

struct od_gql_enum_value {
    struct od_str name, description;
    struct od_gql_deprecation deprecated;
    struct od_gql_enum_value *next;
};

/* A type in a list of types: interfaces, members, possible types. */
struct od_gql_type_link {
    const struct od_gql_type *type;
    struct od_gql_type_link *next;
};

struct od_gql_type {
    enum od_gql_type_kind kind;
    enum od_gql_scalar scalar;
    struct od_str name, description; /* name: absent for lists and non-null types */
    struct od_str specified_by;      /* of a scalar */
    struct od_gql_field *fields;     /* objects and interfaces */
    struct od_gql_input *inputs;     /* input objects */
    struct od_gql_enum_value *values;
    struct od_gql_type_link *interfaces; /* that an object or interface implements */
    struct od_gql_type_link *possible;   /* the objects that an interface or union may be */
    const struct od_gql_type *of;        /* lists and non-null types */
    struct od_gql_type *list, *non_null; /* the types that wrap this one, once they were needed */
    struct od_gql_type *next;            /* named types, in the order of the text */
    bool builtin;
    bool is_entity; /* its fields are those of the table of fields */
    enum od_entity_kind entity;
};

/* The places where a directive may stand, as bits 1 << … */
#define OD_GQL_DIRECTIVE_PLACES(X)                                                                 \
    X(QUERY)                                                                                       \
    X(MUTATION)                                                                                    \
    X(SUBSCRIPTION)                                                                                \
    X(FIELD)                                                                                       \
    X(FRAGMENT_DEFINITION)                                                                         \
    X(FRAGMENT_SPREAD)                                                                             \
    X(INLINE_FRAGMENT)                                                                             \
    X(VARIABLE_DEFINITION)                                                                         \
    X(SCHEMA)                                                                                      \
    X(SCALAR)                                                                                      \
    X(OBJECT)                                                                                      \
    X(FIELD_DEFINITION)                                                                            \
    X(ARGUMENT_DEFINITION)                                                                         \
    X(INTERFACE)                                                                                   \
    X(UNION)                                                                                       \
    X(ENUM)                                                                                        \
    X(ENUM_VALUE)                                                                                  \
    X(INPUT_OBJECT)                                                                                \
    X(INPUT_FIELD_DEFINITION)
enum od_gql_directive_place {
#define OD_GQL_DIRECTIVE_PLACE(NAME) OD_GQL_ON_##NAME,
    OD_GQL_DIRECTIVE_PLACES(OD_GQL_DIRECTIVE_PLACE)
#undef OD_GQL_DIRECTIVE_PLACE
        OD_GQL_PLACE_COUNT
};
extern const char *const od_gql_place_names[OD_GQL_PLACE_COUNT];

struct od_gql_directive_type {
    struct od_str name, description;
    struct od_gql_input *arguments;
    uint32_t places;
    bool repeatable, builtin;
    struct od_gql_directive_type *next;
};

struct od_gql_schema {
    struct od_arena arena;
    struct od_map types_by_name;
    struct od_gql_type *types, **last_type; /* the built-in ones stand behind the others */
    struct od_gql_directive_type *directives, **last_directive;
    const struct od_gql_type *roots[OD_GQL_OPERATIONS]; /* NULL: it has no such operations */
    /* Fields that every selection has: __typename; and those of a query: __schema, __type. */
    struct od_gql_field *typename_field, *schema_field, *type_field;
};

/* Makes a schema of texts[count], each in the schema definition language. They are joined;
 * `extend type T` adds the fields that T does not have yet, so that a text by hand goes before one
 * that is made. The root types are called Query, Mutation and Subscription. NULL: a text is wrong,
 * which `err` says. */
struct od_gql_schema *od_gql_schema_new(const struct od_str *texts, size_t count,
                                        struct od_err *err);
void od_gql_schema_free(struct od_gql_schema *s);

/* The type of that name, or NULL. */
const struct od_gql_type *od_gql_type_named(const struct od_gql_schema *s, struct od_str name);
/* The type that a reference means; NULL: it names none. Wrapping types are made in the arena, and
 * are equal when they are the same pointer only within one schema. */
const struct od_gql_type *od_gql_type_referred(const struct od_gql_schema *s, struct od_arena *a,
                                               const struct od_gql_type_ref *ref);
/* The field of that name, also __typename, and on the query's root __schema and __type; or NULL. */
const struct od_gql_field *od_gql_field_named(const struct od_gql_schema *s,
                                              const struct od_gql_type *t, struct od_str name);
const struct od_gql_directive_type *od_gql_directive_named(const struct od_gql_schema *s,
                                                           struct od_str name);
const struct od_gql_input *od_gql_input_named(const struct od_gql_input *first, struct od_str name);

/* Without lists and non-null. */
const struct od_gql_type *od_gql_named_type(const struct od_gql_type *t);
bool od_gql_type_equal(const struct od_gql_type *x, const struct od_gql_type *y);
bool od_gql_is_leaf(const struct od_gql_type *t);      /* a scalar or an enum */
bool od_gql_is_composite(const struct od_gql_type *t); /* an object, an interface or a union */
bool od_gql_is_input(const struct od_gql_type *t);     /* under lists and non-null */
/* Whether an argument or input field must be given: non-null without a default value. */
bool od_gql_is_required(const struct od_gql_input *i);
/* Whether a value of one composite type may be one of the other. */
bool od_gql_types_overlap(const struct od_gql_type *x, const struct od_gql_type *y);

/* "[OrderItem!]!" */
void od_gql_print_type(struct od_buf *out, const struct od_gql_type *t);
struct od_str od_gql_type_text(struct od_arena *a, const struct od_gql_type *t);
/* schema_print.c: the text of a schema without what is built in, as graphql-js prints it. */
void od_gql_print_schema(struct od_buf *out, const struct od_gql_schema *s);

#endif
