#ifndef OD_TASKS_CALL_H
#define OD_TASKS_CALL_H

#include "engine/engine.h"
#include "script/task/task.h"

/*
 * What a task asks of the engine: its commands as one submission, or one whole order. Orders are
 * rendered for scripts when they have been decided, and handed over when they are committed.
 */

struct od_script_call {
    struct od_engine *engine;
    const struct od_task_request *request;
    void *ctx;
    void (*done)(void *ctx, const struct od_task_answer *answer);

    /* Its own. */
    struct od_arena arena;
    struct od_submission submission;
    struct od_read read;
    uint32_t reading; /* the part whose order is read for a repeated answer */
    bool repeated;
    struct od_str *texts;
    struct od_task_answer answer;
};

void od_script_call_init(struct od_script_call *c);
void od_script_call_fini(struct od_script_call *c); /* not while one is under way */
/* Starts it; engine, request, ctx and done are set. done is called once, never in here; the request
 * and all it points to must live until then. label: of the offer, which tells keys of different
 * scripts' requests apart. */
void od_script_call_start(struct od_script_call *c, struct od_str label);

#endif
