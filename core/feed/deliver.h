#ifndef OD_FEED_DELIVER_H
#define OD_FEED_DELIVER_H

#include <stdbool.h>

#include "feed/feed.h"
#include "pg/conn.h"

/*
 * Carries out deliveries that are due, each by itself: one that fails waits longer and longer and
 * holds up no other. The target of this version is a file of JSON lines; a line may be written
 * twice when the process dies between writing it and noting that, so each carries its deliveryId.
 */
struct od_deliverer;

struct od_deliverer *od_deliverer_new(struct od_pg_conn *conn, const struct od_feed_conf *conf,
                                      struct od_feed_stats *stats);
/* Runs one round on the idle connection; done(more) is called once, unless the connection is lost.
 */
void od_deliverer_run(struct od_deliverer *d, void (*done)(void *ctx, bool more), void *ctx);
void od_deliverer_free(struct od_deliverer *d);

#endif
