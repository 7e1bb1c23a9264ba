#ifndef OD_TASKS_QUERY_H
#define OD_TASKS_QUERY_H

#include <stdint.h>

#include "base/list.h"
#include "script/task/task.h"

/*
 * Runs the queries of scripts over read-only connections of its own, first come, first served.
 * There are two connections, so that one long report does not hold up everybody's lookups.
 */

struct od_conf;
struct od_loop;
struct od_pg_server;
struct od_script_queries;
struct od_script_slot;

/* The asker owns it until it has been answered or dropped. */
struct od_script_query {
    const struct od_query *query;
    void *ctx;
    /* never inside od_script_queries_ask */
    void (*done)(void *ctx, const struct od_task_answer *answer);

    /* The queue's own. */
    struct od_list node;
    struct od_script_slot *slot;
};

struct od_script_query_stats {
    uint64_t queries, failed, us;
    uint32_t waiting;
};

struct od_script_queries *od_script_queries_new(struct od_loop *loop, struct od_pg_server *server,
                                                const struct od_conf *conf);
void od_script_queries_ask(struct od_script_queries *qs, struct od_script_query *q);
/* Drops a query that nobody waits for any more. done is not called. */
void od_script_queries_drop(struct od_script_queries *qs, struct od_script_query *q);
struct od_script_query_stats od_script_queries_stats(const struct od_script_queries *qs);
/* Closes the connections and calls back; the object is freed by then. All queries must have been
 * answered or dropped. */
void od_script_queries_stop(struct od_script_queries *qs, void (*stopped)(void *ctx), void *ctx);

#endif
