#ifndef OD_FEED_SURE_H
#define OD_FEED_SURE_H

#include <stdbool.h>

/*
 * Makes sure that what the feed has read is replicated before it leaves. A delivery can be read
 * before its transaction has reached the synchronous standbys: when the wait of that transaction's
 * commit was cancelled, or the server was started again meanwhile. After a failover it would never
 * have been. So the deliverer, while its own transaction holds the rows, commits a witness
 * (pg/transaction.h) on this second connection. That commit is later in the write-ahead log than
 * all that was read, and its success, without a WARNING, means that all of it is replicated.
 */
struct od_sure;
struct od_loop;
struct od_feed_conf;

struct od_sure *od_sure_new(struct od_loop *loop, const struct od_feed_conf *conf);
/* Calls done once, later: sure, or false when the connection is down, lost or stopped. One question
 * at a time. False: it is stopped, and done is not called. */
bool od_sure_ask(struct od_sure *s, void (*done)(void *ctx, bool sure), void *ctx);
/* A question under way is answered false, so that no standby is waited for; then stopped(ctx). */
void od_sure_stop(struct od_sure *s, void (*stopped)(void *ctx), void *ctx);
void od_sure_free(struct od_sure *s); /* when it has stopped */

#endif
