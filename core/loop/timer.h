#ifndef OD_LOOP_TIMER_H
#define OD_LOOP_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

/*
 * A timer that fires once or repeatedly. Its owner embeds it (init … close) or keeps it on the heap
 * (new … free). Delays are milliseconds, and 0 counts as 1. Use od_deferred for a callback that
 * should run soon but not inside this call.
 */
struct od_timer {
    uv_timer_t uv;
    void (*cb)(void *ctx);
    void (*closed)(void *ctx);
    void *ctx;
};

void od_timer_init(struct od_timer *t, struct od_loop *loop, void (*cb)(void *ctx), void *ctx);

/* Fires after after_ms, then every repeat_ms (0: once). Restarts a timer that is running. */
void od_timer_start(struct od_timer *t, uint64_t after_ms, uint64_t repeat_ms);
void od_timer_stop(struct od_timer *t);
bool od_timer_active(const struct od_timer *t);

/* The memory belongs to the loop until closed(ctx) runs, in which the owner may free it. Closing
 * twice is harmless: the first `closed` counts. closed may be NULL when the memory outlives the
 * loop. */
void od_timer_close(struct od_timer *t, void (*closed)(void *ctx));

/* Makes a stopped timer on the heap. od_timer_free accepts NULL and may be called inside the
 * timer's own callback. */
struct od_timer *od_timer_new(struct od_loop *loop, void (*cb)(void *ctx), void *ctx);
void od_timer_free(struct od_timer *t);

#endif
