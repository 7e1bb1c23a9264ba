#ifndef OD_FEED_DELIVER_DELIVER_H
#define OD_FEED_DELIVER_DELIVER_H

#include <stdbool.h>

#include "feed/targets/conf.h"

struct od_conf;

/*
 * Carries out deliveries that are due, on a connection of its own. Each target has its own queue
 * (its rows of `delivery`), its own limit of what is under way, rate and back-off, so one that is
 * dead or slow delays no other and takes no memory: what waits, waits in the database.
 *
 * One process at a time works on a target: whoever has its lock (store/feed/targets.h). A session
 * that is lost gives its locks back; one that is frozen is ended after a while by another process.
 * An attempt that was made is noted afterwards, so a process that dies in between makes it again.
 *
 * Deliveries of an order leave in the order of its events, as long as none fails. With `ordered` a
 * failed one that will be repeated holds the later ones back.
 *
 * Nothing leaves before it is sure to be replicated. A delivery can be read before its transaction
 * has reached the synchronous standbys: when the wait of that transaction's commit was cancelled,
 * or the server was started again meanwhile. After a failover it would never have been. So where
 * there are such standbys a witness (pg/transaction.h) is committed after deliveries were read: its
 * success, without a WARNING, means that all of what was read is replicated.
 */
struct od_deliverer;
struct od_buf;
struct od_engine;
struct od_json_writer;
struct od_loop;
struct od_pg_server;

struct od_deliverer_conf {
    struct od_conf *conf; /* its targets and the waits between attempts; a reference is taken */
    struct od_pg_server *server;
    uint32_t connect_timeout_ms;
    uint32_t answer_timeout_ms; /* longer than transaction_limit_ms; see pg/conn.h */
    uint32_t share;             /* 1 … 100 percent of the time, while commands come in */
    uint32_t interval_ms;       /* between two looks for what has become due */
    uint32_t transaction_limit_ms;
    void *ctx;
    uint64_t (*activity)(void *ctx); /* the count of commands; a change means that the server is
                                        busy */
    struct od_engine *engine;        /* carries out the commands of hooks */
};

struct od_deliverer_stats {
    uint64_t delivered, failed; /* attempts since the start */
};

/* The configuration's targets must be right (od_targets_check). */
struct od_deliverer *od_deliverer_new(struct od_loop *loop, const struct od_deliverer_conf *conf);
/* Uses the targets and waits of another configuration when what is under way has ended, or has had
 * a second to end. */
void od_deliverer_use(struct od_deliverer *d, struct od_conf *conf);
/* Reads the targets that the API made again, because one may have changed. */
void od_deliverer_refresh(struct od_deliverer *d);
/* Whether the API may store this target beside the configuration of this process; see
 * od_target_try. */
struct od_stored_target;
int od_deliverer_try(const struct od_deliverer *d, const struct od_stored_target *t,
                     struct od_json_writer *show, struct od_err *err) OD_MUST_CHECK;
/* Whether the configuration has a target of this name, which the API then cannot change. */
bool od_deliverer_configured(const struct od_deliverer *d, struct od_str name);
int64_t od_deliverer_targets_max(const struct od_deliverer *d); /* that the API may make */
/* Those that events are for. While they are changed they are the new ones, not yet registered: the
 * feed waits for them, so that no event passes by a target that is being made. */
const struct od_targets *od_deliverer_targets(const struct od_deliverer *d);
/* Looks at the targets' rows at once, because somebody has paused or resumed one. */
void od_deliverer_look(struct od_deliverer *d);
/* Looks for deliveries at once, because there are new ones. */
void od_deliverer_poke(struct od_deliverer *d);
/* Writes members of the open object: what this process knows of a target. It writes nothing and
 * returns false when the target is not set up here. */
bool od_deliverer_write(const struct od_deliverer *d, struct od_str name, struct od_json_writer *w);
void od_deliverer_stats(const struct od_deliverer *d, struct od_deliverer_stats *out);
void od_deliverer_metrics(const struct od_deliverer *d, struct od_buf *out);
/* Gives up the attempts under way; stopped(ctx) is called when the deliverer is gone. */
void od_deliverer_stop(struct od_deliverer *d, void (*stopped)(void *ctx), void *ctx);

#endif
