#ifndef OD_READ_GRAPHQL_RUN_DATUM_H
#define OD_READ_GRAPHQL_RUN_DATUM_H

#include "base/json/json.h"
#include "order/model/fields.h"
#include "read/graphql/schema.h"

/*
 * What a resolver finds as the value of a field, before it is written. Nothing is looked up in a
 * database here: whoever runs an operation has loaded what its plan asks for.
 */

enum od_gql_datum_kind {
    OD_GQL_DATUM_NULL = 0,
    OD_GQL_DATUM_TEXT,    /* text; absent is null */
    OD_GQL_DATUM_INT,     /* number; of an ID, it is written as a string */
    OD_GQL_DATUM_DECIMAL, /* number in units of 10^-digits */
    OD_GQL_DATUM_BOOL,    /* number */
    OD_GQL_DATUM_FIELD,   /* field of the entity `object`, whose amounts have `digits` */
    OD_GQL_DATUM_RAW,     /* text is JSON */
    OD_GQL_DATUM_TREE,    /* object is a struct od_json */
    OD_GQL_DATUM_OBJECT,  /* object, and what it belongs to */
    OD_GQL_DATUM_LIST,    /* next() gives the elements */
    OD_GQL_DATUM_FAILED,  /* text says why; code may name a kind of failure */
};

struct od_gql_datum {
    enum od_gql_datum_kind kind;
    struct od_str text, code;
    int64_t number;
    int digits;
    const struct od_field *field;
    const void *object, *of;
    /* Fills *element with the element at list->index, which it moves on. False: there are no more.
     */
    bool (*next)(struct od_gql_datum *list, struct od_gql_datum *element);
    const void *data; /* next's own */
    uint32_t index;
};

struct od_gql_plan_field;

/* A field that is to be resolved. */
struct od_gql_call {
    struct od_arena *arena; /* for what must live until the answer is written */
    const struct od_gql_schema *schema;
    const struct od_gql_type *parent;
    const struct od_gql_plan_field *plan;
    const struct od_gql_field *field;
    const struct od_json *arguments;
    const void *object, *of; /* that the field is selected on */
};

struct od_gql_resolver {
    void (*resolve)(const struct od_gql_call *call, struct od_gql_datum *out);
};

#endif
