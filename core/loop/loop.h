#ifndef OD_LOOP_LOOP_H
#define OD_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/list.h"

/*
 * The one event loop of the process. Everything runs on its thread. Owners close their handles
 * before od_loop_fini, which asserts that none is left.
 */
struct od_loop {
    uv_loop_t uv;
    uv_idle_t idle; /* active while something is deferred, so that the loop does not sleep */
    struct od_list deferred;
    bool running;
};

void od_loop_init(struct od_loop *loop);

/* Runs until od_loop_stop is called or no handle is active. It must not be called from inside a
 * callback. */
void od_loop_run(struct od_loop *loop);

/* Waits for one round of events and handles it; false when no handle is active any more. It is for
 * code that waits while nobody else is served: start, stop and subcommands of the command line. */
bool od_loop_run_once(struct od_loop *loop);

void od_loop_stop(struct od_loop *loop);

/* Runs what is still deferred and the outstanding close callbacks. Then it asserts that no handle
 * is left, and names one that is on standard error. */
void od_loop_fini(struct od_loop *loop);

/* Returns milliseconds of the monotonic clock, as of the start of this round of the loop. */
uint64_t od_loop_now_ms(const struct od_loop *loop);

/*
 * A callback for the next round of the loop. It never runs inside the call that registers it. The
 * owner embeds it and must cancel it before freeing the memory. It is disarmed before it runs.
 */
struct od_deferred {
    struct od_list node;
    struct od_loop *loop;
    void (*cb)(void *ctx);
    void *ctx;
};

void od_deferred_init(struct od_deferred *d, struct od_loop *loop, void (*cb)(void *ctx),
                      void *ctx);
void od_deferred_arm(struct od_deferred *d); /* harmless when armed already */
void od_deferred_cancel(struct od_deferred *d);

#endif
