#ifndef OD_READ_PROJECTION_PROJECTOR_H
#define OD_READ_PROJECTION_PROJECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "read/projection/position.h"

/*
 * The projector keeps all projections up with the books, over a connection of its own.
 *
 * What this process commits it folds soon after. Changes gather for a moment, so that a rush of
 * them costs fewer folds, and while commands come in the projector rests in proportion to the time
 * that it takes. A read does not wait for any of that: it has what is missing folded at once.
 *
 * A sweep finds what other processes left when they were killed between commit and fold. It follows
 * the ledger behind a cursor, which stops before the oldest transaction that may still write. Where
 * one is left open for long, the sweep looks ahead of the cursor at what was committed since its
 * last look, so nothing is held up.
 */
struct od_loop;
struct od_pg_server;
struct od_projector;

struct od_projector_conf {
    struct od_pg_server *server;
    uint32_t connect_timeout_ms, answer_timeout_ms;
    uint32_t transaction_limit_ms; /* a fold that takes longer, or waits longer, is given up */
    uint32_t share;                /* 1 … 100: percent of the time, while commands come in */
    uint32_t wait_ms;              /* the longest that a read waits */
};

struct od_projector *od_projector_new(struct od_loop *loop, const struct od_projector_conf *conf);
bool od_projector_up(const struct od_projector *p);

/* An order was changed, or may have been: its transaction has ended. */
void od_projector_changed(struct od_projector *p, int64_t order_id);

/* Whether a projection (its index in od_projections) has all that this process was told of. A read
 * that was sent no position may then go on at once. */
bool od_projector_current(const struct od_projector *p, int projection);

/* A read that waits. The caller owns it until `done`, which is called once, later. `reached` false:
 * the time was up, or the database is not there. */
struct od_reach {
    int projection;
    const struct od_position *at_least; /* NULL: what this process was told of */
    void *ctx;
    void (*done)(void *ctx, bool reached);

    /* The projector's. */
    struct od_list node;
    uint64_t until; /* how many of the queue must be folded first */
    int64_t deadline_us, retry_us;
};
void od_projector_reach(struct od_projector *p, struct od_reach *r);
/* The caller has left: done is not called. */
void od_projector_leave(struct od_projector *p, struct od_reach *r);

struct od_projector_stats {
    uint64_t folds, folded; /* transactions, and orders in them */
    uint64_t swept;         /* orders that a sweep found behind */
    uint64_t refused;       /* orders that could not be folded */
    uint64_t waiting;       /* orders in the longest queue */
    uint64_t fold_us;       /* the sum of their times */
};
void od_projector_stats(const struct od_projector *p, struct od_projector_stats *out);

/* Folds what it was told of, for a short while, then closes and calls back. */
void od_projector_stop(struct od_projector *p, void (*stopped)(void *ctx), void *ctx);

#endif
