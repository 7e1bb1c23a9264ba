#ifndef OD_SERVER_CONTROL_H
#define OD_SERVER_CONTROL_H

#include "base/err.h"
#include "base/str.h"
#include "loop/local.h"

/*
 * Command-line tools reach the servers on a data directory over local sockets. Each server listens
 * on a socket of its own, in a directory that only its user can enter and whose name follows from
 * the data directory. A tool sends "reload", "reload dry-run", "activate HASH" or "rollback". The
 * answer is "ok <bundle>" or "error <message>", with a line for each note.
 */

struct od_local_server *od_control_listen(struct od_loop *loop, const char *data_dir,
                                          void (*request)(void *ctx, struct od_local_request *r,
                                                          struct od_str line),
                                          void *ctx, struct od_err *err);

/* Asks every server of the data directory and calls answer(ctx, pid, text) for each. Sockets of
 * servers that are gone are removed. Returns how many answered, or -1 when one that listens did
 * not. */
int od_control_ask(const char *data_dir, struct od_str line,
                   void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                   struct od_err *err) OD_MUST_CHECK;
/* Asks the server that is found first. It is for requests whose effect is the same whoever gets
 * them. Returns 1, or 0 when no server runs, or -1. */
int od_control_ask_one(const char *data_dir, struct od_str line,
                       void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                       struct od_err *err) OD_MUST_CHECK;

#endif
