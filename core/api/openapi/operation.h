#ifndef OD_API_OPENAPI_OPERATION_H
#define OD_API_OPENAPI_OPERATION_H

#include "base/json/json.h"

/*
 * Makes OpenAPI operations of the entries that chapters have for their routes. Beside OpenAPI's
 * members an entry may have `errors`, the statuses of the problems that may be answered. The
 * operation of a command follows from its row. Its entry may have `body`, the name of its body's
 * schema (else it is an empty object); `answer`, the name of its answer's schema where that is more
 * than the row says; and `tags`, where they are not those of orders. A command without an entry has
 * a plain one.
 */

struct od_api_route;
struct od_command_kind;
struct od_schema_names;

/* Makes the entry of a command that has none. The body of a command that makes a part gives the
 * part's fields, and its schema is added. */
struct od_json *od_operation_plain(struct od_arena *a, const struct od_command_kind *command,
                                   struct od_json *schemas);

/* Makes the operation of a route. command: the row of the command that the route gives; NULL: it
 * gives none. */
struct od_json *od_operation(struct od_arena *a, const struct od_api_route *route,
                             const struct od_command_kind *command, const struct od_json *entry,
                             const struct od_schema_names *names);

/* Says in a schema that has the member "x-commands" how a line of a batch names a command, and what
 * the line has beside its body. Other schemas are left alone. */
void od_operation_line(struct od_arena *a, struct od_json *schema);

#endif
