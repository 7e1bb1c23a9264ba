#ifndef OD_TASKS_CALL_H
#define OD_TASKS_CALL_H

#include "engine/engine.h"
#include "script/task/task.h"

/*
 * A task's call to the engine: its commands as one submission, or the reading of one whole order.
 * Orders are rendered for scripts when they have been decided, and handed over when they are
 * committed.
 */

struct od_script_call {
    struct od_engine *engine;
    const struct od_task_request *request;
    void *ctx;
    void (*done)(void *ctx, const struct od_task_answer *answer);

    /* The call's own. */
    struct od_arena arena;
    struct od_submission submission;
    struct od_read read;
    uint32_t reading; /* the part whose order is read for a repetition's answer */
    bool repeated;
    struct od_str *texts;
    struct od_task_answer answer;
};

void od_script_call_init(struct od_script_call *c);
void od_script_call_fini(struct od_script_call *c); /* never while a call is under way */
/* Starts the call. The caller has set engine, request, ctx and done. done is called once, never
 * inside this call; the request and all it points to must live until then. label: the offer's
 * label, which keeps the idempotency keys of different scripts apart. */
void od_script_call_start(struct od_script_call *c, struct od_str label);

#endif
