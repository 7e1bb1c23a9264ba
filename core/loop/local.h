#ifndef OD_LOOP_LOCAL_H
#define OD_LOOP_LOCAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "loop/loop.h"

/*
 * A local (Unix domain) socket for talk between processes of one machine: a client sends one line,
 * the server answers with text and closes. Who may connect is decided by the mode of the directory
 * the socket stands in.
 */

struct od_local_server;
struct od_local_request;

/* Calls `request` with each line (without its newline; at most 4 KiB); od_local_reply answers it,
 * once, now or later. The path must be shorter than 108 bytes; a stale socket there is replaced. */
struct od_local_server *od_local_listen(struct od_loop *loop, const char *path,
                                        void (*request)(void *ctx, struct od_local_request *r,
                                                        struct od_str line),
                                        void *ctx, struct od_err *err);
void od_local_reply(struct od_local_request *r, struct od_str text);
/* Stops listening and removes the path; requests under way may still be replied to until they
 * close. */
void od_local_close(struct od_local_server *s, void (*closed)(void *ctx), void *ctx);

/* The client's side, for command-line tools: connects, sends the line, reads the whole answer;
 * blocks up to timeout_ms. Appends to *answer. OD_ERR_NOT_FOUND: nobody listens there. */
int od_local_ask(const char *path, struct od_str line, int timeout_ms, struct od_buf *answer,
                 struct od_err *err) OD_MUST_CHECK;

#endif
