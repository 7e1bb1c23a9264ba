#ifndef OD_FEED_HOOKS_H
#define OD_FEED_HOOKS_H

#include "base/arena.h"
#include "base/map.h"
#include "engine/rules.h"
#include "feed/feed.h"
#include "feed/targets/conf.h"
#include "order/model/event.h"
#include "pg/conn.h"
#include "store/feed/deliveries.h"

/*
 * A round of events on their way through the hooks: the events that some hook wants, the orders as
 * they were at each, and the intents that came out. All of it is in memory. The feed drives it.
 */

struct od_round {
    struct od_arena *arena;
    struct od_rules *rules; /* counted by the feed */
    const struct od_targets *targets;
    struct od_feed_stats *stats;
    struct od_event *events; /* [event_count] in feed order */
    size_t event_count;
    uint64_t last_position;
    struct od_map orders; /* order_id -> struct od_history * */
    int64_t *order_ids;   /* the orders whose past is needed */
    size_t order_count, order_cap;
    struct od_planned *planned;
    size_t planned_count, planned_cap;
};

void od_round_init(struct od_round *r, struct od_arena *arena, struct od_rules *rules,
                   const struct od_targets *targets, struct od_feed_stats *stats);
void od_round_fini(struct od_round *r);

/* Takes the rows of the ledger (OD_EVENT_COLUMNS, then the position) and notes the orders whose
 * past is needed. */
void od_round_take(struct od_round *r, const struct od_pg_result *res);
/* Takes the rows of od_select_events for order_ids. */
void od_round_take_past(struct od_round *r, const struct od_pg_result *res);
/* Shows every wanted event to its hooks, and plans their deliveries and those of the targets that
 * want the event by themselves. */
void od_round_run(struct od_round *r);

#endif
