#ifndef OD_SCRIPT_TASK_TASK_H
#define OD_SCRIPT_TASK_TASK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/model/command.h"
#include "order/show/query.h"
#include "script/bundle/bundle.h"

/*
 * Routes, jobs and receivers are scripts that may wait. Each runs as a coroutine of its plugin's
 * state. When it asks for something that takes time it yields, and its host, which knows the engine
 * and the database, answers later. A task pins its bundle, so that after a reload it ends by the
 * rules it began with. It is never resumed from inside of the host's start(): the host answers from
 * the loop.
 */

/* A task waits for one of these, and its answer is behind the arrow. Everything is in the task's
 * arena until the answer. */
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
                           in order. It tells whether two requests are the same */
};

struct od_task_request {
    enum od_task_wait wait;
    const struct od_query *query;
    struct od_task_part *parts; /* for COMMANDS: one, or those of a transaction */
    uint32_t part_count;
    struct od_str key;       /* for COMMANDS: the idempotency key, or absent */
    struct od_str cause;     /* for COMMANDS: "message:stripe:evt_1" of a receiver's, or absent */
    struct od_order_ref ref; /* for ORDER */
};

/* The answer to a request is an error for the script to see, or texts. Each text is a JSON value
 * that the script gets as a frozen table: a row, the order (od_order_script_json) of each part in
 * turn, or the one order. An absent text is nil. The answer is borrowed during the call. */
struct od_task_answer {
    const struct od_str *texts;
    uint32_t count;
    /* "not_cancelable" and a sentence, both absent when it went well. pcall gives scripts all of it
     * as {code, message, policy, status}. */
    struct od_str error_code, error;
    struct od_str error_policy;
    int error_status; /* the status of HTTP: 404, 409, 503 …; 0: not known */
};

/* A refusal of a service, with the status of HTTP. */
struct od_task_refused {
    struct od_str code, message, policy; /* no code: nothing was refused; policy may be absent */
    int status;
};

struct od_task;

struct od_task_host {
    void *ctx;
    /* Tells that the task waits. The host answers it later with od_task_answer. */
    void (*start)(void *ctx, struct od_task *t, const struct od_task_request *request);
    /* Tells, once, that the task is over; err is NULL when it returned. od_task_reply has the reply
     * of a route. The task is freed after the call. */
    void (*done)(void *ctx, struct od_task *t, const struct od_err *err);
    struct od_arena *arena; /* holds what the task asks for, and outlives it; NULL: the task has its
                               own, which is emptied between waits */
};

/* The request that a route gets. */
struct od_route_request {
    struct od_str method, path, actor, body;
    struct od_str params; /* JSON objects with text values */
    struct od_str query;
    struct od_str headers; /* names in lower case */
    struct od_str json;    /* the body if it is JSON, or absent */
};

/* The message that a receiver gets. */
struct od_message {
    struct od_str source;  /* "stripe" */
    struct od_str headers; /* as of od_route_request */
    struct od_str body;    /* as it came */
    int64_t received_at;   /* microseconds */
    /* Where it stood, when it came by Kafka. topic absent: it did not. */
    struct od_str topic, key; /* the key's bytes, or absent */
    int32_t partition;
    int64_t offset;
    struct od_str id; /* tells it from the source's others until the receiver says better; absent:
                         the digest of the body does */
};

/* What a receiver makes of its message. */
enum od_receipt {
    OD_RECEIPT_ACCEPTED = 0, /* it returned nothing */
    OD_RECEIPT_IGNORED,      /* oms.ignore(reason) */
    OD_RECEIPT_PARKED,       /* oms.park(reason): to be tried again, for days */
    OD_RECEIPT_REJECTED,     /* oms.reject(code, reason): it is not what the sender sends */
};

/* The reply that a route returned: a table with status (200), headers, and json, html or text; or
 * nil, which is 204. */
struct od_route_reply {
    int status;
    struct od_str type, body;
    struct {
        struct od_str name, value;
    } headers[16];
    uint32_t header_count;
    /* Set when the script did not catch the refusal of a service (a 4xx, or 503). The refusal is
     * the answer then, and all else but `status` is absent. */
    struct od_task_refused refused;
    /* Of a receiver; the texts are absent where there is none. */
    enum od_receipt receipt;
    struct od_str receipt_code, receipt_reason;
    struct od_str message_id; /* oms.message_id, or what the body gives; belongs to the task */
    struct od_str thanks;     /* oms.acknowledge, or absent; belongs to the task */
    bool authentic;           /* its signature was checked and fits */
};

struct od_job_request {
    int64_t scheduled_at; /* microseconds */
};

/* Start the offer `index` of OD_OFFER_ROUTE, OD_OFFER_JOB or OD_OFFER_RECEIVER. When they return,
 * it has run to its first wait, or to its end, and then done was called. ctx is for the host's
 * callbacks (od_task_ctx). */
void od_task_start_route(struct od_bundle *b, uint32_t index, const struct od_route_request *r,
                         int64_t now, const struct od_task_host *host, void *ctx);
void od_task_start_job(struct od_bundle *b, uint32_t index, const struct od_job_request *r,
                       int64_t now, const struct od_task_host *host, void *ctx);
void od_task_start_receiver(struct od_bundle *b, uint32_t index, const struct od_message *m,
                            int64_t now, const struct od_task_host *host, void *ctx);
/* Goes on with the task, which may be gone when this returns. */
void od_task_answer(struct od_task *t, const struct od_task_answer *answer, int64_t now);
/* Ends a waiting task with an error (its time is up, the server stops), and calls done. */
void od_task_cancel(struct od_task *t, const char *why);

void *od_task_ctx(const struct od_task *t);
const struct od_route_reply *od_task_reply(const struct od_task *t);
const struct od_offer *od_task_offer(const struct od_task *t);

#endif
