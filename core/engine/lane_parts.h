#ifndef OD_ENGINE_LANE_PARTS_H
#define OD_ENGINE_LANE_PARTS_H

#include "engine/batch.h"
#include "engine/lane.h"
#include "loop/loop.h"
#include "pg/conn.h"

/* The struct and functions that the lane files share. Internal to lane*.c. */

enum lane_state {
    LANE_DOWN = 0,
    LANE_PROVING,
    LANE_IDLE,
    LANE_LOADING,
    LANE_NUMBERING,
    LANE_WRITING,
    LANE_ROLLING_BACK
};

struct od_lane {
    struct od_lane_host host;
    uint32_t index;
    struct od_pg_conn *conn;
    enum lane_state state;
    struct od_list queue;
    uint32_t queued;
    struct od_deferred start; /* a batch begins after the loop has read all that arrived */
    struct od_batch batch;
    bool committed;        /* COMMIT's result was seen and its tag says COMMIT */
    bool doubtful;         /* the last session was lost in a commit */
    struct od_err failure; /* the first error of the batch's transaction */
    int64_t phase_began;   /* monotonic, microseconds */
    int64_t careful_until; /* monotonic: until then stock, which ran short, is locked early */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

void od_lane_settle(struct od_lane *lane, enum lane_state state);
/* Answers every submission of the batch. err NULL: what `decided` was told is true. */
void od_lane_finish_batch(struct od_lane *lane, const struct od_err *err);
/* True when the connection is lost. Then on_down follows and answers the batch. */
bool od_lane_lost(const struct od_lane *lane);

/* lane_failure.c: puts submissions back at the head of the queue. Each is then tried by itself. */
void od_lane_put_back(struct od_lane *lane, struct od_list *submissions);
/* lane_failure.c: rolls back a batch that the database refused, and goes on from there. */
void od_lane_roll_back(struct od_lane *lane);

#endif
