#ifndef OD_LOOP_WORK_H
#define OD_LOOP_WORK_H

#include "loop/loop.h"

/*
 * Runs a computation that would hold up the loop on a thread of libuv's pool. `run` may use only
 * what ctx owns, and nothing that the loop's thread uses meanwhile: no connection, no engine.
 * Logging, clocks and arenas work on every thread.
 */

/* Calls run(ctx) on another thread and then done(ctx) on the loop, never inside this call. */
void od_work_start(struct od_loop *loop, void (*run)(void *ctx), void (*done)(void *ctx),
                   void *ctx);
/* Returns how many threads the machine runs at once for this process, at least 1. */
unsigned od_work_cores(void);

#endif
