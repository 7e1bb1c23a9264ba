#ifndef OD_API_GRAPHQL_GRAPHQL_H
#define OD_API_GRAPHQL_GRAPHQL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* GraphQL over HTTP: the schema, the documents that are kept, and their limits. */

struct od_graphql_conf {
    uint32_t max_bytes, max_tokens; /* of a document */
    uint32_t max_depth;             /* of objects within each other */
    uint32_t max_fields;            /* that a query selects, aliases and fragments included */
    uint64_t max_cost;              /* as plan.h counts it */
    uint32_t documents;             /* that are kept */
    bool introspection;             /* __schema and __type are answered */
};

struct od_graphql;

/* api/routes.h has od_graphql_free. */
struct od_graphql *od_graphql_new(const struct od_graphql_conf *conf);
void od_graphql_metrics(const struct od_graphql *g, struct od_buf *out);

#endif
