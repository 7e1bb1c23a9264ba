#ifndef OD_LOOP_WORK_H
#define OD_LOOP_WORK_H

#include "loop/loop.h"

/*
 * Computing that would hold up the loop, on a thread of libuv's pool. `run` may use nothing that
 * the loop's thread uses meanwhile: no connection, no engine, only what ctx owns. Logging, clocks
 * and arenas work on every thread.
 */

/* run(ctx) on another thread, then done(ctx) on the loop, never inside this call. */
void od_work_start(struct od_loop *loop, void (*run)(void *ctx), void (*done)(void *ctx),
                   void *ctx);

#endif
