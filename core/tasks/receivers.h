#ifndef OD_TASKS_RECEIVERS_H
#define OD_TASKS_RECEIVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Messages of other systems: the plugin's receiver of that source verifies one and gives commands.
 * However often a message comes, its commands take effect once, for their idempotency keys are made
 * of the message's id. One whose order is not there yet, or not that far, is parked in the database
 * and tried again for days, by whichever process; so messages that come early or out of order end
 * in the same order.
 */

struct od_arena;
struct od_buf;
struct od_loop;
struct od_pg_conn;
struct od_receivers;
struct od_rules;
struct od_script_host;

struct od_receivers_conf {
    struct od_pg_conn *query; /* shared; must outlive the receivers */
    struct od_script_host *scripts;
    struct od_rules **rules;
    int64_t task_ms; /* how long a receiver may take; nobody else tries its message meanwhile */
    int64_t park_ms; /* how long a parked message is tried */
    int64_t keep_ms; /* how long one that is settled can be looked at */
};

struct od_receivers *od_receivers_new(struct od_loop *loop, const struct od_receivers_conf *conf);

/* What a sender sent. Strings live until it is answered. */
struct od_received {
    struct od_str source, body;
    struct od_str headers; /* JSON object, names in lower case */
    int64_t received_at;
    /* Where it stood, when it came by Kafka. topic absent: it did not. */
    struct od_str topic, key; /* key absent: it has none */
    int32_t partition;
    int64_t offset;
};
struct od_received_answer {
    int status;           /* of HTTP: 200, 202 parked, 401, 413 and 422 rejected, 404 no such
                             receiver, 500 it failed, 503 try again, 504 its time was up */
    const char *code;     /* "accepted", "ignored", "parked"; or of the problem */
    struct od_str detail; /* absent: nothing more to say; borrowed during the call */
    struct od_str thanks; /* what the sender wants to read instead of all that, or absent */
};
/* Answers it once, perhaps in here. */
void od_receivers_take(struct od_receivers *r, const struct od_received *message,
                       void (*done)(void *ctx, const struct od_received_answer *answer), void *ctx);

void od_receivers_metrics(const struct od_receivers *r, struct od_buf *out);

/* Takes no more parked messages, waits for those under way and calls back; the object is gone by
 * then. Nobody may be waiting for an answer any more. */
void od_receivers_stop(struct od_receivers *r, void (*stopped)(void *ctx), void *ctx);

#endif
