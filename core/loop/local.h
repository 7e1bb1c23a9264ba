#ifndef OD_LOOP_LOCAL_H
#define OD_LOOP_LOCAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "loop/loop.h"

/*
 * A local (Unix domain) socket, over which processes of one machine talk. A client sends one line;
 * the server answers with text and closes. The mode of the socket's directory decides who may
 * connect.
 */

struct od_local_server;
struct od_local_request;

/* Listens on a path, which must be shorter than 108 bytes (unix(7)); a stale socket there is
 * replaced. `request` is called with each line, of at most 4 KiB and without its newline. The
 * callee answers it once with od_local_reply, at once or later. */
struct od_local_server *od_local_listen(struct od_loop *loop, const char *path,
                                        void (*request)(void *ctx, struct od_local_request *r,
                                                        struct od_str line),
                                        void *ctx, struct od_err *err);
void od_local_reply(struct od_local_request *r, struct od_str text);
/* Stops listening and removes the path; requests under way may still be replied to until they
 * close. */
void od_local_close(struct od_local_server *s, void (*closed)(void *ctx), void *ctx);

/* The client's side, for command-line tools. It connects, sends the line and appends the whole
 * answer to *answer. It blocks for up to timeout_ms. OD_ERR_NOT_FOUND: nobody listens there. */
int od_local_ask(const char *path, struct od_str line, int timeout_ms, struct od_buf *answer,
                 struct od_err *err) OD_MUST_CHECK;

#endif
