#ifndef OD_FEED_DELIVER_H
#define OD_FEED_DELIVER_H

#include <stdbool.h>

#include "feed/feed.h"
#include "pg/conn.h"

/*
 * Carries out deliveries that are due, each by itself: one that fails waits longer and longer and
 * holds up no other. Commands go to the engine, which remembers them by their delivery's key; all
 * others to a file of JSON lines, once it is sure that they are replicated (sure.h). A line may be
 * written twice when the process dies between writing it and noting that, so each carries its
 * deliveryId.
 */
struct od_deliverer;

struct od_sure;

struct od_deliverer *od_deliverer_new(struct od_pg_conn *conn, struct od_sure *sure,
                                      const struct od_feed_conf *conf, struct od_feed_stats *stats);
/* Runs one round on the idle connection; done(more) is called once, when nothing of it is under way
 * any more. Not while it is busy. */
void od_deliverer_run(struct od_deliverer *d, void (*done)(void *ctx, bool more), void *ctx);
bool od_deliverer_busy(const struct od_deliverer *d);
/* The connection is lost: what is under way ends without being noted, and is repeated. */
void od_deliverer_lost(struct od_deliverer *d);
void od_deliverer_free(struct od_deliverer *d);

#endif
