#ifndef OD_API_OPENAPI_SCHEMA_H
#define OD_API_OPENAPI_SCHEMA_H

#include "base/json/json.h"
#include "order/model/fields.h"

/*
 * Schemas of what the table of fields describes (order/model/fields.h). A schema that is written by
 * hand asks for them by the name of the entity's table:
 *
 *   "x-entity": "payment"  the fields that the API shows, and what the API adds to them
 *   "x-given": "payment"   those of them that commands may give
 *   "x-input": "payment"   the same, as bodies of commands have them
 *   "x-only": ["status"]   no others than these
 *
 * Type, length and whether null may stand there are the table's. What else there is to say of a
 * member stands by hand: for answers in `fields` (`{TABLE: {FIELD: …}}`), once for all schemas, for
 * bodies in the schema's own `properties`. A member that names a type ($ref, type or oneOf) has
 * that in place of the table's, and may then be one that no field is.
 */

/* The name of the schema that shows all of an entity, while schemas are not expanded yet. */
struct od_str od_schema_of(const struct od_json *schemas, enum od_entity_kind kind);

/* Puts the fields into *schema, which may be any; -1: it asks for what is not there. */
int od_schema_expand(struct od_arena *a, struct od_json *schema, const struct od_json *fields,
                     struct od_err *err) OD_MUST_CHECK;

#endif
