#ifndef OD_FEED_TAIL_H
#define OD_FEED_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "order/model/event.h"
#include "store/follow.h"

/*
 * Follows the end of the ledger for those in this process who wait for what happens: streams, and
 * requests that wait for the next change. All who are at the end share one reading of it; one who
 * begins further back is led there page by page, as fast as it takes them, without holding up the
 * others. Nothing is read while nobody listens. As the feed does, those at the end yield to
 * commands.
 *
 * It tells of events as the feed does (feed.h): in commit order, and where the server has
 * synchronous standbys only once a commit behind them has been replicated.
 */

struct od_loop;
struct od_pg_server;
struct od_tail;

/* An event with what names its order. All of it lives until the callback returns. */
struct od_tail_event {
    struct od_place place;
    struct od_event event;
    struct od_str bundle; /* the hash of the rules that decided; or absent */
    struct od_uuid uuid;
    struct od_str order_number, currency, store;
};

/* Fills *e from a row of od_follow_events; everything is copied to the arena. */
int od_tail_event_read(const struct od_pg_result *r, int row, struct od_tail_event *e,
                       struct od_arena *a, struct od_err *err) OD_MUST_CHECK;

struct od_tail_listener {
    void *ctx;
    struct od_place at; /* the last event it was told of */
    /* Events behind `at`, which has moved to the last of them. May leave, or hold. */
    void (*events)(void *ctx, const struct od_tail_event *events, size_t count);
    /* Whether it can take another page; NULL: always. Asked while it is led to the end. */
    bool (*ready)(void *ctx);
    /* The database was lost, and the listener has been left: whoever it is goes on from `at`. */
    void (*lost)(void *ctx);
    struct od_list node; /* the tail's */
};

struct od_tail_conf {
    struct od_pg_server *server;
    uint32_t connect_timeout_ms, statement_timeout_ms, answer_timeout_ms;
    void *ctx;
    uint32_t share; /* 1 … 100; see feed.h */
    uint64_t (*activity)(
        void *ctx); /* counts commands of this process: a change is looked at soon */
};

struct od_tail *od_tail_new(struct od_loop *loop, const struct od_tail_conf *conf);
/* Goes on from l->at; the first events come later. False: the database is not there. */
bool od_tail_listen(struct od_tail *t, struct od_tail_listener *l);
/* For one who is being told of events and takes no more of them now: `at` is the last that it took.
 * It is told of the others when it is ready. */
void od_tail_hold(struct od_tail *t, struct od_tail_listener *l, const struct od_place *at);
/* Harmless when it has been left. */
void od_tail_leave(struct od_tail *t, struct od_tail_listener *l);
bool od_tail_up(const struct od_tail *t);
uint32_t od_tail_listeners(const struct od_tail *t);
/* Nobody may listen any more. The tail is gone when it calls back. */
void od_tail_stop(struct od_tail *t, void (*stopped)(void *ctx), void *ctx);

#endif
