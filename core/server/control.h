#ifndef OD_SERVER_CONTROL_H
#define OD_SERVER_CONTROL_H

#include "base/err.h"
#include "base/str.h"
#include "loop/local.h"

/*
 * How command-line tools reach the servers that run on a data directory: each server listens on a
 * local socket of its own, in a directory only its user can enter, named after the data directory.
 * Lines: "reload", "reload dry-run", "activate HASH", "rollback" -> "ok <bundle>" or "error
 * <message>", and notes, a line each.
 */

struct od_local_server *od_control_listen(struct od_loop *loop, const char *data_dir,
                                          void (*request)(void *ctx, struct od_local_request *r,
                                                          struct od_str line),
                                          void *ctx, struct od_err *err);

/* Asks every server of the data directory; answer(ctx, pid, text) for each. Sockets of servers that
 * are gone are removed. Returns how many answered, or -1 when one that listens did not. */
int od_control_ask(const char *data_dir, struct od_str line,
                   void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                   struct od_err *err) OD_MUST_CHECK;
/* Asks one server, whichever is found first: for what is one thing for all of them. Returns 1, 0
 * when none runs, or -1. */
int od_control_ask_one(const char *data_dir, struct od_str line,
                       void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                       struct od_err *err) OD_MUST_CHECK;

#endif
