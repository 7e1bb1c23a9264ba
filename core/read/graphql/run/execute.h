#ifndef OD_READ_GRAPHQL_RUN_EXECUTE_H
#define OD_READ_GRAPHQL_RUN_EXECUTE_H

#include "read/graphql/run/plan.h"

/*
 * Writes the answer to an operation: section 6.4 of the specification. A null where the schema
 * allows none becomes a fault with the path to it, and the nearest object or element above that may
 * be null is null instead.
 */

/* Writes the value of `data`. root is the object that root fields are resolved on. *values is
 * increased by the number of values that were written. */
void od_gql_execute(struct od_json_writer *w, struct od_arena *a,
                    const struct od_gql_schema *schema, const struct od_gql_plan *plan,
                    const void *root, struct od_gql_faults *faults, uint64_t *values);

#endif
