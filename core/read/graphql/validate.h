#ifndef OD_READ_GRAPHQL_VALIDATE_H
#define OD_READ_GRAPHQL_VALIDATE_H

#include "read/graphql/document.h"
#include "read/graphql/fault.h"
#include "read/graphql/schema.h"

/*
 * Validation: chapter 5 of the specification of October 2021. Each rule there is one of the rules
 * of fault.h. The tree is annotated on the way (document.h says which members), so that execution
 * looks nothing up by name.
 */

/* Checks a document against a schema, and adds a fault for each breach. The work is bounded, so
 * that a document cannot make it quadratic: beyond the bound it is a fault of the rule LIMIT. The
 * document is valid when no fault was added. */
void od_gql_validate(const struct od_gql_schema *schema, struct od_gql_document *document,
                     struct od_arena *a, struct od_gql_faults *faults);

#endif
