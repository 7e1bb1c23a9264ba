#ifndef OD_SCRIPT_TASK_TASK_H
#define OD_SCRIPT_TASK_TASK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/command.h"
#include "order/query.h"
#include "script/bundle/bundle.h"

/*
 * Scripts that may wait: routes and jobs. Each runs as a coroutine of its plugin's state. When it
 * asks for something that takes time it yields, and its host, which knows the engine and the
 * database, answers later. A task pins its bundle: a reload lets it end by the rules it began with.
 * Never resumed from inside of the host's start(): the host answers from the loop.
 */

/* What a task waits for. Everything is in the task's arena until the answer. */
enum od_task_wait {
    OD_WAIT_QUERY = 0, /* -> rows */
    OD_WAIT_COMMANDS,  /* -> the orders after them */
    OD_WAIT_ORDER,     /* oms.order(ref): one whole order -> its JSON, or absent */
};

struct od_task_part {
    const struct od_command *command;
    struct od_order_ref ref;
    int32_t if_match;
    struct od_str body; /* what the script gave for it beside names and ids, as JSON with its keys
                           in order: tells whether two requests are the same */
};

struct od_task_request {
    enum od_task_wait wait;
    const struct od_query *query;
    struct od_task_part *parts; /* COMMANDS: one, or those of a transaction */
    uint32_t part_count;
    struct od_str key; /* COMMANDS: idempotency key; absent: none */
    struct od_order_ref ref;
};

/* The answer. Either an error for the script to see, or texts, each a JSON value that the script
 * gets as a frozen table: a row each, the order (od_order_script_json) of each part in turn, or the
 * one order; an absent text is nil. Borrowed during the call. */
struct od_task_answer {
    const struct od_str *texts;
    uint32_t count;
    struct od_str error_code,
        error; /* "not_cancelable", a sentence; absent: it went well. Scripts
                  see all of it: pcall gives {code, message, policy, status} */
    struct od_str error_policy;
    int error_status; /* what HTTP says of it: 404, 409, 503 …; 0: not known */
};

/* A refusal of a service, and what HTTP says of it. */
struct od_task_refused {
    struct od_str code, message, policy; /* no code: none; policy may be absent */
    int status;
};

struct od_task;

struct od_task_host {
    void *ctx;
    /* The task waits; answer it later with od_task_answer. */
    void (*start)(void *ctx, struct od_task *t, const struct od_task_request *request);
    /* The task is over, once: err NULL when it returned. For a route *reply is set. The task is
     * freed after the call. */
    void (*done)(void *ctx, struct od_task *t, const struct od_err *err);
    struct od_arena *arena; /* of what the task asks for, and longer than it; NULL: its own, which
                               is emptied between waits */
};

/* What a route gets. */
struct od_route_request {
    struct od_str method, path, actor, body;
    struct od_str params; /* JSON objects with text values */
    struct od_str query;
    struct od_str headers; /* names in lower case */
    struct od_str json;    /* the body, when it is JSON; else absent */
};

/* What a route returned: a table with status (200), headers, and json, html or text; or nil: 204.
 */
struct od_route_reply {
    int status;
    struct od_str type, body;
    struct {
        struct od_str name, value;
    } headers[16];
    uint32_t header_count;
    /* Set when the script left the refusal of a service (a 4xx, or 503) uncaught: that is the
     * answer, and the rest but `status` is absent. */
    struct od_task_refused refused;
};

struct od_job_request {
    int64_t scheduled_at; /* microseconds */
};

/* Starts the offer `index` of OD_OFFER_ROUTE or OD_OFFER_JOB; it has run to its first wait, or its
 * end (then done was called), when this returns. ctx is for the host's callbacks (od_task_ctx). */
void od_task_start_route(struct od_bundle *b, uint32_t index, const struct od_route_request *r,
                         int64_t now, const struct od_task_host *host, void *ctx);
void od_task_start_job(struct od_bundle *b, uint32_t index, const struct od_job_request *r,
                       int64_t now, const struct od_task_host *host, void *ctx);
/* Goes on; the task may be gone when this returns. */
void od_task_answer(struct od_task *t, const struct od_task_answer *answer, int64_t now);
/* Ends a waiting task with an error (its time is up, the server stops); calls done. */
void od_task_cancel(struct od_task *t, const char *why);

void *od_task_ctx(const struct od_task *t);
const struct od_route_reply *od_task_reply(const struct od_task *t);
const struct od_offer *od_task_offer(const struct od_task *t);

#endif
