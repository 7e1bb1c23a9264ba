#ifndef OD_FEED_FEED_H
#define OD_FEED_FEED_H

#include <stdint.h>

#include "base/str.h"

/*
 * From the ledger outward. The feed reads order_event in the order of positions
 * (store/server/position.h), shows each event to the hooks of the current rules
 * with the order as it was at that event, and stores the intents they return as deliveries in the
 * transaction that advances its cursor. Then deliveries are carried out and retried by themselves.
 * One process at a time does this for a database: the cursor's row lock chooses it.
 *
 * Nothing leaves before it is sure to be replicated, where the server has synchronous standbys.
 * Events may be read that are not: their commit's wait was cancelled. But deliveries are stored by
 * a commit that is waited for like any other, and leave after another one behind them in the log
 * (sure.h).
 *
 * Commands come first: while there are any, the feed takes at most `share` percent of the time and
 * falls behind rather than slow them; it catches up when the rush is over.
 */

struct od_feed;
struct od_lag;
struct od_loop;
struct od_pg_server;
struct od_rules;

/* A command that a hook asked for (kind "command"). Strings live until it has been answered. */
struct od_feed_command {
    int64_t delivery_id; /* names the key under which it takes effect once: "delivery-7" */
    int64_t order_id;
    struct od_str name;    /* "cancel", "commands/counter_sale" */
    struct od_str payload; /* JSON object */
    struct od_str hook;    /* "shipment.created@default" */
};

enum od_feed_outcome {
    OD_FEED_DONE = 0,
    OD_FEED_REFUSED, /* for good: by the state, a policy, or because it cannot be understood */
    OD_FEED_LATER,   /* not known, or not tried: to be repeated */
};

struct od_feed_conf {
    struct od_pg_server *server;
    uint32_t connect_timeout_ms;
    uint32_t answer_timeout_ms; /* longer than transaction_limit_ms; see pg/conn.h */
    const char *log_file;       /* the one target of this version: JSON lines are appended to it */
    uint32_t batch;             /* events in one round */
    uint32_t share;             /* 1 … 100 */
    uint32_t interval_ms;       /* between looks at the ledger when it was empty */
    uint32_t transaction_limit_ms; /* a round's transaction that stands still is ended after it */
    uint32_t held_after_ms;        /* whoever holds it back for so long is told of */
    uint32_t max_attempts;         /* of one delivery */
    uint32_t retry_min_ms, retry_max_ms; /* doubling in between */
    struct od_rules **rules;             /* the current ones */
    void *ctx;
    uint64_t (*activity)(void *ctx); /* counts commands; a change means that the server is busy */
    /* Carries out a hook's command. done is called once, perhaps in here; why tells of anything but
     * DONE and is borrowed. */
    void (*command)(void *command_ctx, const struct od_feed_command *c,
                    void (*done)(void *done_ctx, enum od_feed_outcome outcome, struct od_str why),
                    void *done_ctx);
    void *command_ctx;
};

struct od_feed_stats {
    uint64_t rounds, events, intents, hook_errors, delivered, failed;
};

struct od_feed *od_feed_new(struct od_loop *loop, const struct od_feed_conf *conf);
void od_feed_stats(const struct od_feed *f, struct od_feed_stats *out);
/* How far behind it is, and who holds it back. */
const struct od_lag *od_feed_lag(const struct od_feed *f);
/* Lets the round under way end, then closes and calls back; the feed is gone by then. */
void od_feed_stop(struct od_feed *f, void (*stopped)(void *ctx), void *ctx);

#endif
