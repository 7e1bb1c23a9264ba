#include "script/task/task.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "script/bundle/bundle.h"
#include "script/bundle/failures.h"
#include "script/bundle/loaded.h"
#include "script/task/receiver.h"
#include "script/task/route.h"
#include "script/task/thread.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/error.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* Routes and jobs: tasks that own their memory, pin their bundle, and wait for their host. */

#define SOURCE_MAX 64 /* bytes of a receiver's name, whose maximum is smaller */

enum state { RUNNING = 0, WAITING, OVER };

struct job_call {
    const struct od_registration *job;
    const struct od_job_request *request;
};

/* A task together with what it needs to live by itself. */
struct hosted {
    struct od_task task;
    enum state state;
    struct od_bundle *bundle;
    const struct od_registration *registration;
    struct od_task_host host;
    void *ctx;
    char *actor; /* who called the route; not in the arena, which is emptied between waits */
    struct od_arena arena;
    struct od_route_call route;
    struct job_call job;
    struct od_receiver_call receiver;
};

static struct hosted *hosted_of(const struct od_task *t)
{
    return (struct hosted *)OD_LIST_ENTRY(t, struct hosted, task);
}

static int l_job_returned(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static int l_run_job(lua_State *L)
{
    static const char *const names[] = {"name", "scheduled_at", NULL};
    static const struct l_shape job = {.noun = "job", .names = names};
    const struct job_call *c = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, c->job->function);
    lua_createtable(L, 0, 2);
    l_push_str(L, c->job->offer.name);
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, c->request->scheduled_at / 1000);
    lua_setfield(L, -2, "scheduled_at");
    l_as_record(L, &job);
    l_freeze(L);
    lua_callk(L, 1, 0, 0, l_job_returned);
    return 0;
}

/* Tells the host, and is gone. err NULL: it returned. */
static void end(struct hosted *h, const struct od_err *err)
{
    h->state = OVER;
    if (err) {
        h->bundle->stats.tasks.errors++;
        od_task_log(&h->task, err);
    }
    if (h->task.thread)
        od_task_stop(&h->task);
    if (h->task.message_id)
        h->route.reply.message_id = od_str_of(h->task.message_id);
    h->route.reply.thanks = od_str_of(h->task.thanks);
    h->route.reply.authentic = h->task.authentic;
    h->host.done(h->host.ctx, &h->task, err);
    od_buf_fini(&h->route.body);
    od_arena_fini(&h->arena);
    od_bundle_unref(h->bundle);
    free(h->actor);
    free(h->task.message_id);
    free(h->task.thanks);
    free(h);
}

/* A route may leave it to its caller that a command was refused, or cannot be carried out now;
 * other errors are the script's. */
static bool is_answer(const struct hosted *h)
{
    const struct od_task_refused *r = &h->task.refused;

    return (h->task.context & (OD_VM_ROUTE | OD_VM_RECEIVER)) && r->code.ptr &&
           ((r->status >= 400 && r->status < 500) || r->status == 503);
}

/* A message that does not fit into the plugin's memory, or holds a number that Lua cannot, is
 * refused; its script is not to blame. */
static bool is_unreadable(struct hosted *h, const struct od_err *err)
{
    if (h->task.context != OD_VM_RECEIVER || !h->task.reading)
        return false;
    h->task.refused = (struct od_task_refused){
        .code = OD_STR("unreadable_message"),
        .message = od_arena_str(h->task.arena, od_str_of(err->message)),
        .status = 422,
    };
    return true;
}

/* Runs to the next wait, or the end; the task may be gone afterwards. */
static void run(struct hosted *h)
{
    int64_t started = od_clock_monotonic_us();
    enum od_task_end how;
    struct od_err err;

    h->state = RUNNING;
    how = od_task_resume(&h->task, &err);
    h->bundle->stats.tasks.us += (uint64_t)(od_clock_monotonic_us() - started);
    switch (how) {
    case OD_TASK_RETURNED:
        end(h, NULL);
        return;
    case OD_TASK_RAISED:
        if (is_answer(h) || is_unreadable(h, &err)) {
            h->route.reply = (struct od_route_reply){.status = h->task.refused.status,
                                                     .refused = h->task.refused};
            end(h, NULL);
            return;
        }
        od_error_origin(&err, h->registration);
        end(h, &err);
        return;
    case OD_TASK_WAITS:
        break;
    }
    h->state = WAITING;
    h->host.start(h->host.ctx, &h->task, &h->task.request);
}

static struct hosted *hosted_new(struct od_bundle *b, enum od_offer_kind kind, uint32_t index,
                                 int64_t now, const struct od_task_host *host, void *ctx)
{
    struct hosted *h = calloc(1, sizeof *h);

    if (!h)
        abort();
    OD_ASSERT(index < b->offers[kind].count);
    h->registration = b->offers[kind].all[index];
    h->bundle = od_bundle_ref(b);
    h->host = *host;
    h->ctx = ctx;
    od_arena_init(&h->arena);
    od_buf_init(&h->route.body, OD_ROUTE_BODY_MAX);
    h->task = (struct od_task){
        .plugin = h->registration->plugin,
        .label = h->registration->offer.label,
        .actor = h->registration->offer.label,
        .now = now,
        .arena = host->arena ? host->arena : &h->arena,
        .forget = !host->arena,
    };
    return h;
}

static void begin(struct hosted *h)
{
    struct od_err err;

    h->bundle->stats.tasks.calls++;
    if (od_task_begin(&h->task, &err) == 0) {
        run(h);
        return;
    }
    od_error_origin(&err, h->registration);
    end(h, &err);
}

/* Events keep the name for as long as the host's arena lives. */
static void act_as(struct hosted *h, struct od_str actor)
{
    if (h->host.arena) {
        h->task.actor = od_arena_str(h->host.arena, actor);
        return;
    }
    h->actor = strndup(actor.ptr, actor.len);
    if (!h->actor)
        abort();
    h->task.actor = od_str_of(h->actor);
}

void od_task_start_route(struct od_bundle *b, uint32_t index, const struct od_route_request *r,
                         int64_t now, const struct od_task_host *host, void *ctx)
{
    struct hosted *h = hosted_new(b, OD_OFFER_ROUTE, index, now, host, ctx);

    if (r->actor.ptr)
        act_as(h, r->actor);
    h->route.route = h->registration;
    h->route.request = r;
    h->route.arena = h->task.arena;
    h->task.context = OD_VM_ROUTE;
    h->task.body = l_run_route;
    h->task.arg = &h->route;
    begin(h);
}

void od_task_start_job(struct od_bundle *b, uint32_t index, const struct od_job_request *r,
                       int64_t now, const struct od_task_host *host, void *ctx)
{
    struct hosted *h = hosted_new(b, OD_OFFER_JOB, index, now, host, ctx);

    h->job = (struct job_call){h->registration, r};
    h->task.context = OD_VM_JOB;
    h->task.body = l_run_job;
    h->task.arg = &h->job;
    begin(h);
}

/* The commands of a receiver are the sender's: "webhook:stripe" tells whose keys they are, too. */
void od_task_start_receiver(struct od_bundle *b, uint32_t index, const struct od_message *m,
                            int64_t now, const struct od_task_host *host, void *ctx)
{
    char actor[sizeof "webhook:" + SOURCE_MAX];
    struct hosted *h = hosted_new(b, OD_OFFER_RECEIVER, index, now, host, ctx);

    snprintf(actor, sizeof actor, "webhook:%.*s", OD_STR_ARG(m->source));
    act_as(h, od_str_of(actor));
    h->task.message_id = od_receiver_own_id(m);
    h->task.received_at = m->received_at;
    h->receiver = (struct od_receiver_call){.receiver = h->registration,
                                            .message = m,
                                            .reply = &h->route.reply,
                                            .arena = h->task.arena};
    h->task.context = OD_VM_RECEIVER;
    h->task.body = l_run_receiver;
    h->task.arg = &h->receiver;
    begin(h);
}

void od_task_answer(struct od_task *t, const struct od_task_answer *answer, int64_t now)
{
    struct hosted *h = hosted_of(t);

    OD_ASSERT(h->state == WAITING);
    t->now = now;
    t->answer = answer;
    run(h);
}

void od_task_cancel(struct od_task *t, const char *why)
{
    struct hosted *h = hosted_of(t);
    struct od_err err;

    OD_ASSERT(h->state == WAITING);
    od_err_set(&err, OD_ERR_SCRIPT, "%s", why);
    od_vm_origin(t->thread, err.origin, sizeof err.origin);
    end(h, &err);
}

void *od_task_ctx(const struct od_task *t)
{
    return hosted_of(t)->ctx;
}

const struct od_route_reply *od_task_reply(const struct od_task *t)
{
    return &hosted_of(t)->route.reply;
}

const struct od_offer *od_task_offer(const struct od_task *t)
{
    return &hosted_of(t)->registration->offer;
}
