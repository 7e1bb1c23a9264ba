#ifndef OD_LOOP_WAKE_H
#define OD_LOOP_WAKE_H

#include "loop/loop.h"

/*
 * Lets the threads of a library wake up the loop: they write eight bytes, the number 1 of 64 bits,
 * to a file descriptor. Several of them may come to one call.
 */
struct od_wake;

/* Calls cb(ctx) on the loop after something was written to od_wake_fd. */
struct od_wake *od_wake_new(struct od_loop *loop, void (*cb)(void *ctx), void *ctx);
int od_wake_fd(const struct od_wake *w);
/* Nobody may write any more. NULL allowed. */
void od_wake_free(struct od_wake *w);

#endif
