#ifndef OD_FEED_RECALL_H
#define OD_FEED_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "feed/kept.h"
#include "order/model/event.h"
#include "pg/conn.h"

/*
 * The orders of a round of the feed, as they were at each of the round's events.
 *
 * The past of an order is what came before its first event of the round. It is read and folded a
 * page at a time, for all orders together, and then the round's own events are folded. An order
 * that was placed in the round has no past. One with a long past is kept between rounds (kept.h),
 * so that only what came since is read. Memory is that of the orders and of one page.
 */

struct od_history;

struct od_recall {
    struct od_arena *arena; /* the round's */
    struct od_kept_orders *kept;
    struct od_map by_id;           /* order_id -> struct od_history * */
    struct od_history **histories; /* [count] of the orders that are wanted */
    size_t count, cap;
    size_t whole; /* so many of them have their past; that of the next is being read */
    size_t asked; /* the page under way is about those from whole to here */
    /* Long pasts are folded here, in turn: the one that the page ends in stays until the next. */
    struct od_arena pages[2];
    int page;
};

void od_recall_init(struct od_recall *r, struct od_arena *arena, struct od_kept_orders *kept);
void od_recall_fini(struct od_recall *r);

/* Somebody wants to see the order. */
void od_recall_want(struct od_recall *r, int64_t order_id);
/* Called for each event of the round, in feed order, when all that is wanted is known. */
void od_recall_note(struct od_recall *r, const struct od_event *e);

/* Whether a page of the past is to be read. */
bool od_recall_more(struct od_recall *r);
/* Puts the parameters of od_select_events_of for that page. */
void od_recall_put(const struct od_recall *r, struct od_pg_params *p);
/* Takes the page. */
void od_recall_take(struct od_recall *r, const struct od_pg_result *res);

/* Called for each event of the round, in feed order: returns the order as it was right after the
 * event. NULL: nobody wants it, or its ledger does not fold, which was logged. */
const struct od_order *od_recall_at(struct od_recall *r, const struct od_event *e);

/* The round is committed: orders with a long past are kept as they are now. */
void od_recall_keep(struct od_recall *r);

#endif
