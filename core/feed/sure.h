#ifndef OD_FEED_SURE_H
#define OD_FEED_SURE_H

#include <stdbool.h>

/*
 * Makes sure that a delivery is replicated before it leaves. A delivery can be read before its
 * transaction has reached the synchronous standbys, when the wait of that commit was cancelled or
 * the server was restarted meanwhile. After a failover it would never have existed. So the
 * deliverer commits a witness (pg/transaction.h) on this second connection, while its own
 * transaction holds the rows. That commit is later in the write-ahead log than all that was read.
 * When it succeeds without a WARNING, all of that is replicated.
 */
struct od_sure;
struct od_loop;
struct od_feed_conf;

struct od_sure *od_sure_new(struct od_loop *loop, const struct od_feed_conf *conf);
/* Asks whether all that was read is replicated. done is called once, later; sure is false when the
 * connection is down, lost or stopped. Ask one question at a time. False: it is stopped, and done
 * is not called. */
bool od_sure_ask(struct od_sure *s, void (*done)(void *ctx, bool sure), void *ctx);
/* Answers a question under way with false, so that nobody waits for a standby, and then calls
 * stopped(ctx). */
void od_sure_stop(struct od_sure *s, void (*stopped)(void *ctx), void *ctx);
void od_sure_free(struct od_sure *s); /* when it has stopped */

#endif
