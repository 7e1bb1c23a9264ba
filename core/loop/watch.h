#ifndef OD_LOOP_WATCH_H
#define OD_LOOP_WATCH_H

#include "base/err.h"
#include "loop/loop.h"

/*
 * Watches a directory tree. inotify watches single directories, so each gets a watch of its own;
 * hidden ones and what lies deeper than eight levels are left out. A burst of changes calls back
 * once, 100 ms after its last change but no later than a second after its first. The callback is
 * not told which file changed, because the system may not say.
 */
struct od_watch;

/* NULL with *err filled when the directory cannot be read or watched. */
struct od_watch *od_watch_new(struct od_loop *loop, const char *directory, void (*cb)(void *ctx),
                              void *ctx, struct od_err *err) OD_MUST_CHECK;
/* Accepts NULL. It may be called inside the callback. */
void od_watch_free(struct od_watch *w);

#endif
