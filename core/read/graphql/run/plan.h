#ifndef OD_READ_GRAPHQL_RUN_PLAN_H
#define OD_READ_GRAPHQL_RUN_PLAN_H

#include "read/graphql/document.h"
#include "read/graphql/schema.h"
#include "read/graphql/values.h"

/*
 * A plan is an operation with its variables put in: the fields that are to be answered for each
 * object, merged, in order, without what @skip and @include leave out (sections 6.3.2 and 6.4.1 of
 * the specification). It is made before anything is loaded, so that what to load, and what it will
 * cost, follow from it. Every composite type of the schema of orders is an object type, so one plan
 * fits all objects of a field.
 */

struct od_gql_plan;

struct od_gql_plan_field {
    struct od_str key;
    struct od_str member; /* `"key":`; a name needs no escapes */
    const struct od_gql_field *field;
    const struct od_json *arguments; /* NULL: they do not fit; `why` says so */
    struct od_str why;
    uint32_t at;                     /* in the document */
    const struct od_gql_plan *below; /* NULL: a leaf */
    struct od_gql_plan_field *next;
    void *loaded; /* root fields and lists of orders: what was loaded for it; the loader's and the
                     resolver's own */
};

struct od_gql_plan {
    const struct od_gql_type *type;
    struct od_gql_plan_field *fields; /* in the order of the answer */
};

/* What an operation asks for. A leaf costs 1, an object 1 and what is selected on it, and a list
 * as many times that as its argument `limit` or `last` allows, or LIST_GUESS. A field at the root
 * is a read of the database or a command, and so is a list of orders below it, which costs
 * OD_GQL_ROOT_COST more. */
enum { OD_GQL_ROOT_COST = 1000 };

struct od_gql_plan_limits {
    uint32_t depth;  /* of objects within each other */
    uint32_t fields; /* in the plan: aliases, and fragments that are spread many times */
    uint64_t cost;
};

/* Makes the plan of an operation of a valid document. NULL: it is over a limit, which is a fault.
 * *cost is what it is expected to cost. */
const struct od_gql_plan *od_gql_plan(struct od_arena *a, const struct od_gql_schema *schema,
                                      const struct od_gql_document *document,
                                      const struct od_gql_definition *operation,
                                      const struct od_gql_variables *variables,
                                      const struct od_gql_plan_limits *limits,
                                      struct od_gql_faults *faults, uint64_t *cost);

/* Returns the first field of that name in a plan, or NULL. plan may be NULL. */
const struct od_gql_plan_field *od_gql_plan_named(const struct od_gql_plan *plan, const char *name);

#endif
