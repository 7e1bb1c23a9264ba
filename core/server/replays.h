#ifndef OD_SERVER_REPLAYS_H
#define OD_SERVER_REPLAYS_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Replays that the server was asked for over HTTP: a child process (`orderd replay`), at most one
 * at a time, so that it costs the server nothing but its share of the machine. The last one's
 * outcome is kept until the next.
 */

struct od_replays;
struct od_serving;

/* The serving is borrowed. */
struct od_replays *od_replays_new(struct od_serving *serving);
/* Ends a replay that runs; its outcome is lost. NULL is accepted. */
void od_replays_free(struct od_replays *r);

/*
 * Starts one. body: JSON object, every member may be missing: {"plugins": directory, "scripts":
 * directory, "load": "names", "bundle": hash, "since": time, "until": time, "policies":
 * [questions], "hooks": bool, "samples": n}. Returns the HTTP status: 202 with {"id", "status":
 * "running"} in *json; else err says why: 409 while one runs, 400 for a body that is none, 503 when
 * it cannot be started.
 */
int od_replays_start(struct od_replays *r, struct od_str body, struct od_buf *json,
                     struct od_err *err);

/* {"id", "status": "none" | "running" | "done" | "failed", "startedAt", "endedAt", "progress":
 * {orders, total, decisions, secondsLeft}, "report", "error"}, of which there is what applies. */
void od_replays_status(const struct od_replays *r, struct od_buf *json);

#endif
