#ifndef OD_SCRIPT_TASK_THREAD_H
#define OD_SCRIPT_TASK_THREAD_H

#include "script/bundle/loaded.h"
#include "script/task/task.h"
#include "script/view/push.h"

/*
 * A task is a coroutine of a plugin's state: a composite command, a route, a job or a test. It runs
 * until a binding waits (l_task_wait). Then C does what is wanted while the state is idle, leaves
 * the answer in the task, and resumes it. The body of the coroutine is a C function that pushes the
 * script's function and arguments itself, so that everything that may raise is protected.
 *
 * A task has one budget of instructions and one scope of views over all its resumes. The owner
 * provides memory, plugin, label, context, now, arena and body; the rest is zero.
 */

/* A command on an order that a composite command or a test is given, to be decided in place. */
struct od_task_step {
    const struct od_command *command;
    const struct od_order *order; /* the one whose method was called */
};

struct od_task {
    struct od_script_plugin *plugin;
    struct od_str label; /* for the log: "command.counter_sale@pos" */
    struct od_str order; /* the number of the order it is about; may be absent */
    enum od_vm_context context;
    int64_t now;            /* what oms.now() answers, microseconds; may move between resumes */
    struct od_str actor;    /* who gives the commands that it gives */
    struct od_arena *arena; /* for requests */
    bool forget;            /* the arena is emptied when an answer was read: long jobs wait often */
    lua_CFunction body;     /* finds arg as light userdata at index 1 */
    void *arg;

    /* Of a receiver: what tells its message from the sender's others. The commands that the message
     * leads to are carried out once, however often it comes. Owned by the receiver. */
    char *message_id;
    uint32_t keys;       /* how many commands it has given */
    int64_t received_at; /* when the message came, microseconds; it may be tried again much later */
    bool authentic;      /* its signature was checked: what is wrong with it is worth keeping */
    bool reading;        /* it reads its message; what fails meanwhile is the message's fault */
    char *thanks;        /* what the sender wants to read, or NULL. Owned by the receiver */

    lua_State *thread;
    int anchor;   /* the reference of thread in the registry */
    int64_t left; /* instructions that are left of the plugin's task_instructions */
    uint64_t scope;
    struct od_task_root *roots;
    struct od_buf text; /* for bindings that write JSON; it lives here because they may raise */

    /* It waits for a step (then step.command is set), or for a request. */
    struct od_task_step step;
    struct od_task_request request;
    struct od_task_parts *parts; /* the transaction being put together, while nothing may wait */
    /* The result, set before the task is resumed. */
    const struct od_refusal *refusal; /* why the step was refused; NULL: it is done */
    const struct od_task_answer *answer;
    /* Set when the task raised. */
    struct od_str trace;            /* "file:line: in function …" lines, in the arena */
    struct od_task_refused refused; /* the refusal that it did not catch; no code: another error */
};

enum od_task_end {
    OD_TASK_RETURNED = 0,
    OD_TASK_WAITS,
    OD_TASK_RAISED, /* err says file:line */
};

/* Makes the coroutine. Returns -1 when there is no memory for it; then there is nothing to stop. */
int od_task_begin(struct od_task *t, struct od_err *err) OD_MUST_CHECK;
enum od_task_end od_task_resume(struct od_task *t, struct od_err *err);
/* The idempotency key of the next command that a receiver gives; absent for other tasks. In the
 * arena. */
struct od_str od_task_next_key(struct od_task *t);
/* What gives its commands beside the actor: a receiver's message. Absent: nothing does. */
struct od_str od_task_cause(const struct od_task *t);
/* Drops the coroutine wherever it is. The task itself remains the owner's. */
void od_task_stop(struct od_task *t);
/* Ends the life of lists and parts that were taken from orders; the roots live on. */
void od_task_renew(struct od_task *t);
/* Logs the line script_failed, with plugin, label, order and traceback. Whoever ends the task calls
 * this. */
void od_task_log(const struct od_task *t, const struct od_err *err);

/* Returns the task that calls this binding, or NULL in a plain call (policy, hook, load). */
static inline struct od_task *od_task_of(lua_State *L)
{
    return od_vm_of(L)->task;
}

/* Pushes a root: a view of an order that lives as long as the task, over all its steps.
 * [-0, +1, m] */
void l_task_root(lua_State *L, const struct od_order *o);
/*
 * Suspends the task. `resumed` goes on in its place when there is an answer, and returns what the
 * binding returns. It is called as `return l_task_wait(…)`; the stack is kept. [-0, +0, v]
 */
int l_task_wait(lua_State *L, lua_KFunction resumed);
/* Raises where l_task_wait would. [-0, +0, v] */
void l_task_may_wait(lua_State *L);
/* Returns the answer to a request, for the function that goes on after it. Raises when the answer
 * is an error. [-0, +0, v] */
const struct od_task_answer *l_task_answer(lua_State *L);
/* Tells that the answer was read, so that its memory may go. */
void od_task_forget(struct od_task *t);
/* Returns the order of the root at idx, or NULL when it is no root of this task. [-0, +0, -] */
const struct od_order *od_task_root_order(lua_State *L, int idx);

/* Pushes a refusal as scripts see it: a table {code, message, policy, status}, whose text is
 * "message (code)". [-0, +1, m] */
void l_push_refusal(lua_State *L, struct od_str code, struct od_str message, struct od_str policy);
/* Raises a refusal with that status of HTTP. [-0, +0, v] */
int l_refuse(lua_State *L, const char *code, int status, const char *message);
/* Refuses with 413 a body that the plugin's memory has no room for. [-0, +0, v] */
void l_check_body(lua_State *L, struct od_str body);
/* Registers its metatable; once per state. [-0, +0, m] */
void l_refusal_open(lua_State *L);

#endif
