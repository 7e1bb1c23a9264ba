#ifndef OD_SERVER_REPLAYS_H
#define OD_SERVER_REPLAYS_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Runs replays that somebody asks for over HTTP. A replay is a child process (`orderd replay`), so
 * that it costs the server only its share of the machine. At most one runs at a time, and its
 * outcome is kept until the next one.
 */

struct od_replays;
struct od_serving;

/* serving is borrowed. */
struct od_replays *od_replays_new(struct od_serving *serving);
/* Ends a replay that runs; its outcome is lost. Accepts NULL. */
void od_replays_free(struct od_replays *r);

/*
 * Starts a replay. body is a JSON object whose members may all be missing: {"plugins": directory,
 * "scripts": directory, "load": "names", "bundle": hash, "since": time, "until": time, "policies":
 * [questions], "hooks": bool, "samples": n}. Returns the HTTP status. It is 202 with {"id",
 * "status": "running"} in *json; else err says why: 409 while one runs, 400 for a malformed body,
 * 503 when it cannot be started.
 */
int od_replays_start(struct od_replays *r, struct od_str body, struct od_buf *json,
                     struct od_err *err);

/* Appends {"id", "status": "none" | "running" | "done" | "failed", "startedAt", "endedAt",
 * "progress": {orders, total, decisions, secondsLeft}, "report", "error"}. Members that do not
 * apply are left out. */
void od_replays_status(const struct od_replays *r, struct od_buf *json);

#endif
