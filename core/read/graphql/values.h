#ifndef OD_READ_GRAPHQL_VALUES_H
#define OD_READ_GRAPHQL_VALUES_H

#include "base/json/json.h"
#include "base/map.h"
#include "read/graphql/document.h"
#include "read/graphql/fault.h"
#include "read/graphql/schema.h"

/*
 * Coercion of input values (sections 3 and 6.1.2 of the specification). A coerced value is a tree
 * of JSON: numbers keep the text they were written in, so that amounts never become a double, enum
 * values are strings, defaults are filled in, and a single value where a list is expected is a list
 * of one. So an input object is the very body that a command reads.
 */

/* The variables of a request: name -> const struct od_json *. One that was not given and has no
 * default is not there. */
struct od_gql_variables {
    struct od_map by_name;
};

void od_gql_variables_init(struct od_gql_variables *v);
void od_gql_variables_fini(struct od_gql_variables *v);

/* Reads the variables of an operation from the request's, which may be NULL. Trees live in the
 * arena or borrow from `given`. -1: some do not fit; there is a fault for each. */
int od_gql_coerce_variables(struct od_gql_variables *out, struct od_arena *a,
                            const struct od_gql_definition *operation, const struct od_json *given,
                            struct od_gql_faults *faults) OD_MUST_CHECK;

/* Makes an object of the arguments of a field or directive. NULL: a variable does not give what the
 * argument needs; *why says so. */
const struct od_json *od_gql_coerce_arguments(struct od_arena *a,
                                              const struct od_gql_input *declared,
                                              const struct od_gql_argument *given,
                                              const struct od_gql_variables *variables,
                                              struct od_str *why);

#endif
