#ifndef OD_FEED_HOOKS_H
#define OD_FEED_HOOKS_H

#include "base/arena.h"
#include "engine/rules.h"
#include "feed/feed.h"
#include "feed/recall.h"
#include "feed/targets/conf.h"
#include "order/model/event.h"
#include "pg/conn.h"
#include "script/template/template.h"
#include "store/feed/deliveries.h"

/*
 * A round of events on their way through the hooks: the events, the orders that are wanted as they
 * were at each (recall.h), and the intents that came out. All of it is in memory. The feed drives
 * it: it takes the round's events, recalls the past of their orders, and runs the hooks.
 */

struct od_round_event {
    struct od_event event;
    bool readable;
    bool wanted; /* by a hook or a target */
};

/* A document of an order's earlier version, which goes with a mail. */
struct od_attachment {
    size_t row; /* of the mail, in `planned` */
    enum od_print kind;
    int32_t id, version;
    struct od_str name; /* of the file */
    struct od_conf_shop_keys shop;
};

struct od_round {
    struct od_arena *arena;
    struct od_rules *rules; /* counted by the feed */
    const struct od_feed_conf *conf;
    const struct od_targets *targets;
    struct od_feed_stats *stats;
    struct od_round_event *events; /* [event_count] in feed order */
    size_t event_count;
    uint64_t last_position;
    struct od_recall recall;
    struct od_planned *planned;
    size_t planned_count, planned_cap;
    struct od_attachment *attachments; /* documents that mails wait for (letter.h) */
    size_t attachment_count, attachment_cap, attached;
    struct od_recall past; /* while `attaching`: of the next one's order */
    bool attaching;
};

void od_round_init(struct od_round *r, struct od_arena *arena, struct od_rules *rules,
                   const struct od_feed_conf *conf, const struct od_targets *targets,
                   struct od_kept_orders *kept, struct od_feed_stats *stats);
void od_round_fini(struct od_round *r);

/* Takes the rows of the ledger (OD_EVENT_COLUMNS, then the position) and notes the orders that are
 * wanted. */
void od_round_take(struct od_round *r, const struct od_pg_result *res);
/* Shows every wanted event to its hooks, and plans their deliveries and those of the targets that
 * want the event by themselves. */
void od_round_run(struct od_round *r);

/* For letter.c. Adds a row about the event. The next one may move it. */
struct od_planned *od_round_plan(struct od_round *r, const struct od_event *e, struct od_str topic);

#endif
