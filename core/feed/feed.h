#ifndef OD_FEED_FEED_H
#define OD_FEED_FEED_H

#include <stdint.h>

#include "base/str.h"
#include "conf/conf.h"

/*
 * The feed takes events from the ledger outward. It reads order_event in the order of positions
 * (store/server/position.h) and shows each event to the hooks of the current rules, with the order
 * as it was at that event. It stores the intents that they return as deliveries, in the transaction
 * that advances its cursor. Deliveries are then carried out and retried one by one
 * (deliver/deliver.h). One process at a time reads events for a database; the row lock of the
 * cursor chooses it.
 *
 * Commands come first. The feed looks for what was committed in the next quiet moment. While
 * commands come in, it takes at most `share` percent of the time and falls behind rather than slow
 * them. It catches up when the rush is over.
 */

struct od_conf;
struct od_feed;
struct od_arena;
struct od_deliverer;
struct od_engine;
struct od_lag;
struct od_loop;
struct od_pg_server;
struct od_rules;

struct od_feed_conf {
    struct od_pg_server *server;
    uint32_t connect_timeout_ms;
    uint32_t answer_timeout_ms;    /* longer than transaction_limit_ms; see pg/conn.h */
    uint32_t batch;                /* events in one round */
    uint32_t share;                /* 1 … 100 */
    size_t keep_orders;            /* bytes of orders with a long past; see kept.h */
    uint32_t interval_ms;          /* between two looks at the ledger after it was empty */
    uint32_t transaction_limit_ms; /* ends a round's transaction that stands still */
    uint32_t held_after_ms;        /* who holds the feed back for so long is logged */
    struct od_conf *conf;          /* its targets (od_deliverer_new) */
    struct od_rules **rules;       /* the present rules */
    void *ctx;
    uint64_t (*activity)(void *ctx); /* the count of commands; a change means that the server is
                                        busy */
    struct od_engine *engine;        /* carries out the commands of hooks, and tells of commits */
    /* The shop as mails of that store show it; strings live as long as the arena, or longer than a
     * round. */
    struct od_conf_shop_keys (*shop)(void *ctx, struct od_str store, struct od_arena *a);
};

struct od_feed_stats {
    uint64_t rounds, events, recalled, intents, hook_errors;
};

struct od_feed *od_feed_new(struct od_loop *loop, const struct od_feed_conf *conf);
/* Uses the targets and waits of another configuration from now on (od_deliverer_use). */
void od_feed_use_conf(struct od_feed *f, struct od_conf *conf);
/* Returns the part that carries deliveries out, for metrics and lists. */
struct od_deliverer *od_feed_deliverer(const struct od_feed *f);
void od_feed_stats(const struct od_feed *f, struct od_feed_stats *out);
/* Says how far the feed is behind, and who holds it back. */
const struct od_lag *od_feed_lag(const struct od_feed *f);
/* Lets the round under way end, then closes and calls back. The feed is freed by then. */
void od_feed_stop(struct od_feed *f, void (*stopped)(void *ctx), void *ctx);

#endif
