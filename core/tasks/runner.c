#include "tasks/runner.h"

#include <stdlib.h>

#include "tasks/call.h"
#include "tasks/query.h"
#include "base/clock.h"
#include "base/list.h"
#include "conf/conf.h"
#include "loop/timer.h"

/* A task waits for one of these. */
enum hosted_state { HOSTED_RUNS = 0, HOSTED_QUERIES, HOSTED_CALLS };
/* Why it is to end before it returns. */
enum hosted_ending { ENDING_NOT = 0, ENDING_TIMEOUT, ENDING_STOPPED };

struct hosted {
    struct od_list node; /* of the host's, in order of start and so of deadline */
    struct od_script_host *host;
    struct od_task *task;                  /* NULL until it waits for the first time */
    const struct od_task_request *request; /* to be begun when its Lua has returned */
    enum hosted_state state;
    enum hosted_ending ending;
    bool over;
    uint64_t deadline_ms;
    struct od_script_query query;
    struct od_script_call call;
    void (*replied)(void *ctx, int status, const struct od_route_reply *reply); /* a route's, or a
                                                                                   receiver's */
    void (*ended)(void *ctx, const struct od_err *err, bool stopped);           /* a job's */
    void *ctx;
};

struct od_script_host {
    struct od_loop *loop;
    struct od_engine *engine;
    struct od_script_queries *queries;
    struct od_timer *timer;
    struct od_list tasks;
    uint32_t count;
    uint64_t timeout_ms;
    uint32_t max_tasks;
    bool aborting;
    struct {
        uint64_t started, failed, timeouts, refused;
    } stats;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void check_stopped(struct od_script_host *h);
static void begin(struct hosted *t);

/* After the task's Lua has run: what it came to. */
static void settle(struct hosted *t)
{
    struct od_script_host *h = t->host;
    if (!t->over) {
        begin(t);
        return;
    }
    od_list_remove(&t->node);
    h->count--;
    od_script_call_fini(&t->call);
    free(t);
    check_stopped(h);
}

static const char *why(const struct hosted *t)
{
    return t->ending == ENDING_TIMEOUT ? "it took longer than script.task_timeout"
                                       : "the server stops";
}

static void cancel(struct hosted *t)
{
    od_task_cancel(t->task, why(t));
    settle(t);
}

static void on_answer(void *ctx, const struct od_task_answer *answer)
{
    struct hosted *t = ctx;
    t->state = HOSTED_RUNS;
    if (t->ending) {
        cancel(t);
        return;
    }
    od_task_answer(t->task, answer, od_clock_us());
    settle(t);
}

static void begin(struct hosted *t)
{
    const struct od_task_request *request = t->request;
    t->request = NULL;
    if (request->wait == OD_WAIT_QUERY) {
        t->state = HOSTED_QUERIES;
        t->query = (struct od_script_query){.query = request->query, .ctx = t, .done = on_answer};
        od_script_queries_ask(t->host->queries, &t->query);
        return;
    }
    t->state = HOSTED_CALLS;
    t->call.request = request;
    od_script_call_start(&t->call, od_task_offer(t->task)->label);
}

/* Ends it now, or when the engine has answered: what the commands are about belongs to the task. */
static void end_early(struct hosted *t, enum hosted_ending ending)
{
    if (t->ending)
        return;
    t->ending = ending;
    if (t->state != HOSTED_QUERIES)
        return;
    od_script_queries_drop(t->host->queries, &t->query);
    cancel(t);
}

static void on_start(void *ctx, struct od_task *task, const struct od_task_request *request)
{
    struct hosted *t = od_task_ctx(task);
    (void)ctx;
    t->task = task;
    t->request = request;
}

/* Of a route or receiver that did not return. */
static int status_of(const struct hosted *t)
{
    switch (t->ending) {
    case ENDING_NOT:
        return 500;
    case ENDING_TIMEOUT:
        return 504;
    case ENDING_STOPPED:
        return 503;
    }
    return 500;
}

static void on_done(void *ctx, struct od_task *task, const struct od_err *err)
{
    struct hosted *t = od_task_ctx(task);
    struct od_script_host *h = t->host;
    (void)ctx;
    t->over = true;
    h->stats.failed += err != NULL;
    h->stats.timeouts += t->ending == ENDING_TIMEOUT;
    if (t->ended)
        t->ended(t->ctx, err, t->ending == ENDING_STOPPED);
    else if (err)
        t->replied(t->ctx, status_of(t), NULL);
    else
        t->replied(t->ctx, od_task_reply(task)->status, od_task_reply(task));
}

/* For the next deadline; tasks that are ending already wait for the engine, not for the clock. */
static void watch_deadlines(struct od_script_host *h)
{
    uint64_t now = od_loop_now_ms(h->loop);
    for (struct od_list *n = h->tasks.next; n != &h->tasks; n = n->next) {
        const struct hosted *t = OD_LIST_ENTRY(n, struct hosted, node);
        if (t->ending)
            continue;
        od_timer_start(h->timer, t->deadline_ms > now ? t->deadline_ms - now : 1, 0);
        return;
    }
}

/* Ends the tasks whose time is up, or all. */
static void end_tasks(struct od_script_host *h, uint64_t until_ms, enum hosted_ending ending)
{
    for (struct od_list *n = h->tasks.next, *next; n != &h->tasks; n = next) {
        struct hosted *t = OD_LIST_ENTRY(n, struct hosted, node);
        next = n->next;
        if (t->deadline_ms <= until_ms)
            end_early(t, ending);
    }
}

static void on_timer(void *ctx)
{
    struct od_script_host *h = ctx;
    end_tasks(h, od_loop_now_ms(h->loop), ENDING_TIMEOUT);
    watch_deadlines(h);
}

struct od_script_host *od_script_host_new(struct od_loop *loop, struct od_engine *engine,
                                          struct od_pg_server *server, const struct od_conf *conf)
{
    struct od_script_host *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->loop = loop;
    h->engine = engine;
    od_list_init(&h->tasks);
    h->timer = od_timer_new(loop, on_timer, h);
    h->queries = od_script_queries_new(loop, server, conf);
    od_script_host_use_conf(h, conf);
    return h;
}

void od_script_host_use_conf(struct od_script_host *h, const struct od_conf *conf)
{
    h->timeout_ms = (uint64_t)conf->script.task_timeout_ms;
    h->max_tasks = (uint32_t)conf->script.max_tasks;
}

static struct hosted *admit(struct od_script_host *h, void *ctx)
{
    if (h->aborting || h->count >= h->max_tasks) {
        h->stats.refused++;
        return NULL;
    }
    struct hosted *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->host = h;
    t->ctx = ctx;
    t->deadline_ms = od_loop_now_ms(h->loop) + h->timeout_ms;
    od_script_call_init(&t->call);
    t->call.engine = h->engine;
    t->call.ctx = t;
    t->call.done = on_answer;
    od_list_push(&h->tasks, &t->node);
    h->count++;
    h->stats.started++;
    if (!od_timer_active(h->timer))
        watch_deadlines(h);
    return t;
}

static const struct od_task_host task_host = {.start = on_start, .done = on_done};

bool od_script_host_route(void *host, struct od_bundle *b, uint32_t index,
                          const struct od_route_request *r,
                          void (*done)(void *ctx, int status, const struct od_route_reply *reply),
                          void *ctx)
{
    struct hosted *t = admit(host, ctx);
    if (!t)
        return false;
    t->replied = done;
    od_task_start_route(b, index, r, od_clock_us(), &task_host, t);
    settle(t);
    return true;
}

bool od_script_host_receiver(
    struct od_script_host *h, struct od_bundle *b, uint32_t index, const struct od_message *m,
    void (*done)(void *ctx, int status, const struct od_route_reply *reply), void *ctx)
{
    struct hosted *t = admit(h, ctx);
    if (!t)
        return false;
    t->replied = done;
    od_task_start_receiver(b, index, m, od_clock_us(), &task_host, t);
    settle(t);
    return true;
}

bool od_script_host_job(struct od_script_host *h, struct od_bundle *b, uint32_t index,
                        int64_t scheduled_at,
                        void (*done)(void *ctx, const struct od_err *err, bool stopped), void *ctx)
{
    struct od_job_request request = {.scheduled_at = scheduled_at};
    struct hosted *t = admit(h, ctx);
    if (!t)
        return false;
    t->ended = done;
    od_task_start_job(b, index, &request, od_clock_us(), &task_host, t);
    settle(t);
    return true;
}

static void on_queries_stopped(void *ctx)
{
    struct od_script_host *h = ctx;
    void (*stopped)(void *) = h->stopped;
    void *stopped_ctx = h->stopped_ctx;
    od_timer_free(h->timer);
    free(h);
    stopped(stopped_ctx);
}

static void check_stopped(struct od_script_host *h)
{
    struct od_script_queries *queries = h->queries;
    if (!h->stopped || h->count || !queries)
        return;
    h->queries = NULL;
    od_script_queries_stop(queries, on_queries_stopped, h);
}

void od_script_host_cancel(struct od_script_host *h, const void *ctx)
{
    for (struct od_list *n = h->tasks.next; n != &h->tasks; n = n->next) {
        struct hosted *t = OD_LIST_ENTRY(n, struct hosted, node);
        if (t->ctx == ctx) {
            end_early(t, ENDING_STOPPED);
            return;
        }
    }
}

void od_script_host_abort(struct od_script_host *h)
{
    h->aborting = true;
    end_tasks(h, UINT64_MAX, ENDING_STOPPED);
}

void od_script_host_stop(struct od_script_host *h, void (*stopped)(void *ctx), void *ctx)
{
    od_script_host_abort(h);
    h->stopped = stopped;
    h->stopped_ctx = ctx;
    check_stopped(h);
}

void od_script_host_metrics(const struct od_script_host *h, struct od_buf *out)
{
    struct od_script_query_stats q = {0};
    if (h->queries)
        q = od_script_queries_stats(h->queries);
    const struct {
        const char *name, *type, *help;
        double value;
    } rows[] = {
        {"orderd_tasks", "gauge", "Routes and jobs under way.", h->count},
        {"orderd_tasks_started_total", "counter", "Routes and jobs started.",
         (double)h->stats.started},
        {"orderd_tasks_failed_total", "counter", "Routes and jobs that ended with an error.",
         (double)h->stats.failed},
        {"orderd_tasks_timeout_total", "counter", "Of these, those whose time was up.",
         (double)h->stats.timeouts},
        {"orderd_tasks_refused_total", "counter", "Not started, because there were too many.",
         (double)h->stats.refused},
        {"orderd_script_queries_total", "counter", "Queries of scripts.", (double)q.queries},
        {"orderd_script_queries_failed_total", "counter", "Queries of scripts that failed.",
         (double)q.failed},
        {"orderd_script_query_seconds_total", "counter", "Time in queries of scripts.",
         (double)q.us / 1e6},
        {"orderd_script_queries_waiting", "gauge", "Queries of scripts that wait for a connection.",
         q.waiting},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        od_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", rows[i].name, rows[i].help,
                      rows[i].name, rows[i].type, rows[i].name, rows[i].value);
}
