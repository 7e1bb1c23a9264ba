#ifndef OD_API_OPENAPI_OPERATION_H
#define OD_API_OPENAPI_OPERATION_H

#include "base/json/json.h"

/*
 * Operations: what stands by hand of a route, in the text of its chapter, becomes an OpenAPI
 * operation. Beside OpenAPI's members an entry may have `errors`, the statuses of problems that it
 * may be answered with. The operation of a command follows from its row; its entry may have `body`,
 * the name of its body's schema (else that is an empty object), `answer`, the name of its answer's
 * where that is more than what the row says, and `tags`, where they are not those of orders.
 */

struct od_api_route;
struct od_command_kind;

/* command: the row of the command that the route gives; NULL: none. schemas: all there are, before
 * they are expanded. */
struct od_json *od_operation(struct od_arena *a, const struct od_api_route *route,
                             const struct od_command_kind *command, const struct od_json *entry,
                             const struct od_json *schemas);

/* Says in a schema with the member "x-commands", which may be any, how a line of a batch names a
 * command, and what the line says beside its body. */
void od_operation_line(struct od_arena *a, struct od_json *schema);

#endif
