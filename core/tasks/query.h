#ifndef OD_TASKS_QUERY_H
#define OD_TASKS_QUERY_H

#include <stdint.h>

#include "base/list.h"
#include "script/task/task.h"

/*
 * Queries of scripts: read-only connections of their own and a queue, first come, first served.
 * There are two connections, so that one long report does not hold up the lookups of all others.
 */

struct od_conf;
struct od_loop;
struct od_pg_server;
struct od_script_queries;
struct od_script_slot;

/* The asker's, until it has been answered or dropped. */
struct od_script_query {
    const struct od_query *query;
    void *ctx;
    void (*done)(void *ctx, const struct od_task_answer *answer); /* never inside the asking */

    /* The queue's. */
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
/* Nobody waits for it any more: done is not called. */
void od_script_queries_drop(struct od_script_queries *qs, struct od_script_query *q);
struct od_script_query_stats od_script_queries_stats(const struct od_script_queries *qs);
/* All have been answered or dropped. Closes and calls back; gone by then. */
void od_script_queries_stop(struct od_script_queries *qs, void (*stopped)(void *ctx), void *ctx);

#endif
