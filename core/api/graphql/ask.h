#ifndef OD_API_GRAPHQL_ASK_H
#define OD_API_GRAPHQL_ASK_H

#include "api/graphql/documents.h"
#include "api/handler.h"
#include "api/reach.h"
#include "read/graphql/run/plan.h"
#include "read/graphql/run/resolvers.h"
#include "read/graphql/values.h"

/* One request of GraphQL on its way. It lives in its request's arena. Internal to this folder. */

struct od_graphql {
    struct od_gql_schema *schema;
    struct od_gql_texts texts;
    struct od_gql_plan_limits limits;
    bool introspection;
    uint64_t requests, refused; /* refused: by a fault before anything was loaded */
};

struct od_ask {
    struct od_api *api;
    struct od_graphql *graphql;
    struct od_http_request *req;
    struct od_arena *arena; /* of what is loaded: the request's, or a subscription's round's */
    const struct od_principal *who;
    struct od_rules *rules; /* counted while it loads */
    bool left;              /* the client has gone */
    bool modern;            /* it takes application/graphql-response+json */
    struct od_gql_text *text;
    struct od_gql_definition *operation;
    struct od_gql_variables variables;
    struct od_gql_faults faults;
    const struct od_gql_plan *plan;
    struct od_gql_root root;
    struct od_api_changed changed; /* by its mutations */
    size_t bodies;                 /* bytes of the commands' bodies, as they were written out */
    uint64_t cost, actual;
    uint64_t statements;  /* of lists, customers and stock; an order is read along with others */
    uint32_t loading;     /* reads that are under way, and one while they are begun */
    struct od_err failed; /* the database could not be asked */
};

/* load.c: begins to read what the plan's root fields ask for, and calls `done` when all is there,
 * perhaps at once. */
void od_ask_load(struct od_ask *ask, void (*done)(struct od_ask *ask));

/* mutate.c: runs the plan's root fields as commands, one after the other, and calls `done`. */
void od_ask_mutate(struct od_ask *ask, void (*done)(struct od_ask *ask));

/* subscribe.c: answers with server-sent events for as long as the client listens. */
void od_ask_subscribe(struct od_ask *ask);
/* graphql.c: answers that the document is wrong, or does not fit its variables. */
void od_ask_refuse(struct od_ask *ask, const struct od_gql_faults *faults);
/* Frees what an ask holds; before its last answer. And adds `data`, `errors` and the
 * cost: the answer to what was loaded, without the braces. */
void od_ask_release(struct od_ask *ask);
void od_ask_write(struct od_ask *ask, struct od_json_writer *w);

/* select.c: whether the field that is called `part` is selected, with `below` selected on it under
 * any of its aliases. below NULL: whatever is. */
bool od_ask_selects(const struct od_gql_plan *plan, const char *part, const char *below);
/* The kinds of parts that nothing in the plan of an order needs, as od_set.left_out. The terms of a
 * change are about items, and amounts that are not stored follow from items and movements of
 * money. */
uint32_t od_ask_left_out(const struct od_gql_plan *order);

/* load.c: the filter {key, operation, value} as a list of orders has it: "createdAt.gte". */
int od_ask_filter_name(const struct od_json *f, struct od_arena *a, struct od_str *name,
                       struct od_err *err) OD_MUST_CHECK;

/* events.c: how many of its latest events the plan of an order asks for, the most of all aliases;
 * and reads so many of each of rows[count], which must be at least one. */
int32_t od_ask_events_wanted(const struct od_gql_plan *order);
void od_ask_events(struct od_ask *ask, struct od_gql_order *rows, uint32_t count, int32_t last,
                   void (*done)(void *ctx, bool failed), void *ctx);

#endif
