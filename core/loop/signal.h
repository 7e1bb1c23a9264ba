#ifndef OD_LOOP_SIGNAL_H
#define OD_LOOP_SIGNAL_H

#include "base/err.h"
#include "loop/loop.h"

/* Turns SIGTERM, SIGINT and SIGHUP into callbacks on the loop. SIGPIPE is ignored from the start
 * on. */
struct od_signals;

/* NULL with *err filled when the system refuses. cb gets the signal's number. */
struct od_signals *od_signals_new(struct od_loop *loop, void (*cb)(void *ctx, int signum),
                                  void *ctx, struct od_err *err) OD_MUST_CHECK;
void od_signals_free(struct od_signals *s);

#endif
