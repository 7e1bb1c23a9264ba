#ifndef OD_API_OPENAPI_SCHEMA_H
#define OD_API_OPENAPI_SCHEMA_H

#include "base/json/json.h"
#include "order/model/fields.h"

/*
 * Makes schemas of the table of fields (order/model/fields.h). A schema that is written by hand
 * asks for an entity's fields by the name of its table:
 *
 *   "x-entity": "payment"  the fields that the API shows, and what the API adds to them
 *   "x-given": "payment"   those of them that commands may give
 *   "x-input": "payment"   the same, as bodies of commands have them
 *   "x-only": ["status"]   no others than these
 *
 * The table says the type, the length and whether null is allowed. Anything else about a member is
 * written by hand: for answers once for all schemas, in `fields` (`{TABLE: {FIELD: …}}`); for
 * bodies in the schema's own `properties`. A member that names a type ($ref, type or oneOf) has
 * that type instead of the table's, and need not be a field. The lists of an entity's parts follow
 * from the table of parts. An entity that has no schema by hand gets one.
 */

/* The name of the schema that shows all of each entity. */
struct od_schema_names {
    struct od_str of[OD_ENTITY_COUNT];
};

/* Finds the names, and adds a schema for each entity that has none: "Refund" for a refund. The
 * schemas must not be expanded yet. */
void od_schema_names(struct od_arena *a, struct od_json *schemas, struct od_schema_names *out);

/* Adds the schema of a body that gives the fields of an entity, unless it is there, and returns its
 * name: "HoldInput". */
struct od_str od_schema_input(struct od_arena *a, struct od_json *schemas,
                              enum od_entity_kind kind);

/* Puts the fields into *schema if it asks for some. -1: it asks for something that does not
 * exist. */
int od_schema_expand(struct od_arena *a, struct od_json *schema, const struct od_json *fields,
                     const struct od_schema_names *names, struct od_err *err) OD_MUST_CHECK;

#endif
