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
 * that type instead of the table's, and need not be a field.
 */

/* Returns the name of the schema that shows all of an entity. The schemas must not be expanded
 * yet. */
struct od_str od_schema_of(const struct od_json *schemas, enum od_entity_kind kind);

/* Puts the fields into *schema if it asks for some. -1: it asks for something that does not
 * exist. */
int od_schema_expand(struct od_arena *a, struct od_json *schema, const struct od_json *fields,
                     struct od_err *err) OD_MUST_CHECK;

#endif
