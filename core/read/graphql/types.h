#ifndef OD_READ_GRAPHQL_TYPES_H
#define OD_READ_GRAPHQL_TYPES_H

#include "read/graphql/schema.h"

struct od_command_member;

/*
 * The schema of orderd. types.graphql has by hand what no table knows: the queries, and what the
 * API adds to the fields of the table. The fields of orders and their parts are made from the table
 * of fields, their lists from the table of parts, mutations from the table of commands, and their
 * inputs from the shapes that the readers of bodies follow (order/machine/read.h). So a new field
 * or kind of part is in the schema as soon as it is in its table. conf/schema.graphql shows the
 * result; tests/unit/read holds it.
 */

/* NULL: the tables and types.graphql contradict each other, which `err` says. */
struct od_gql_schema *od_gql_orders_schema(struct od_err *err);
/* Returns the name of the type that shows an entity: "OrderItem". It lives in the arena. */
struct od_str od_gql_entity_type(struct od_arena *a, enum od_entity_kind kind);

/* The command that a mutation gives, or NULL. Each service of a command (command_kind.h) is one:
 * "cancel_order" is cancelOrder; and so is the exchange of a return, which places another order. */
struct od_service;
const struct od_service *od_gql_mutation(struct od_str field);
/* The body's member that the service's `lead` is, in camelCase: "paymentStatus"; and the argument
 * for the value beside the body. Each is absent where the mutation has no such argument. */
struct od_str od_gql_lead(struct od_arena *a, const struct od_service *s);
const struct od_command_member *od_gql_beside(const struct od_service *s);

#endif
