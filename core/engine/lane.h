#ifndef OD_ENGINE_LANE_H
#define OD_ENGINE_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

/*
 * A lane is one writer connection and the queue of commands for it. It never waits for one caller.
 * While its connection is in a transaction, commands queue; when it comes back, the whole queue
 * becomes the next batch. An idle lane commits batches of one, a busy lane batches of hundreds.
 *
 *   DOWN -> [PROVING ->] IDLE -> LOADING -> [NUMBERING ->] WRITING -> IDLE
 *                                   \           \             \-> ROLLING_BACK -> IDLE   (the
 *                                    \-----------\-> ROLLING_BACK    database refused: each
 *                                                                  command is tried by itself)
 *
 * NUMBERING is LOAD's second pipeline, for batches that issue documents. When the connection is
 * lost before WRITING, nothing was done; in WRITING the outcome is unknown. Both are answered with
 * OD_ERR_UNAVAILABLE.
 *
 * In PROVING the new session commits a witness, because the last one was lost in a commit. A server
 * that answers reads but commits nothing, because its synchronous standby is gone, would otherwise
 * seem well after every loss, and let the next callers wait as long as those before.
 */

struct od_lane;

/* The engine gives this to its lanes. */
struct od_lane_host {
    struct od_loop *loop;
    const struct od_engine_conf *conf;
    const char *const *setup;  /* session SQL of the connection, NULL-terminated */
    struct od_rules **rules;   /* the current rules; each batch takes a reference */
    struct od_shadow **shadow; /* the shadow that decides beside them, or NULL */
    struct od_engine_stats *stats;
    void *ctx;
    void (*changed)(void *ctx);   /* a lane went up, went down or became idle */
    void (*committed)(void *ctx); /* a batch that wrote events */
    /* An order that such a batch changed, before `committed`; or that one whose outcome is not
     * known may have changed. */
    void (*changed_order)(void *ctx, int64_t order_id);
    /* Is called when a batch has ended and the submission repeats an earlier one. */
    void (*repeat)(void *ctx, struct od_submission *s);
};

struct od_lane *od_lane_new(const struct od_lane_host *host, uint32_t index);
void od_lane_submit(struct od_lane *lane, struct od_submission *s);
bool od_lane_up(const struct od_lane *lane); /* it takes commands */
/* It is not up, because its database has not committed anything yet. */
bool od_lane_proving(const struct od_lane *lane);
bool od_lane_idle(const struct od_lane *lane); /* nothing is queued or in flight */
uint32_t od_lane_queued(const struct od_lane *lane);
/* The lane must be idle. */
void od_lane_free(struct od_lane *lane, void (*closed)(void *ctx), void *ctx);

#endif
