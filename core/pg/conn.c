#include "pg/conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "pg/conn_impl.h"
#include "pg/lookup.h"
#include "pg/server_impl.h"

#define CONNECT_TIMEOUT_MS 10000
#define BACKOFF_MIN_MS     50
#define BACKOFF_MAX_MS     1000
#define PARAMS_MAX         (64u << 20)

/* One watch of one descriptor; freed by its close callback, since libpq may move on to another
 * socket before that comes. */
struct od_pg_socket {
    uv_poll_t poll;
    struct od_pg_conn *conn;
    int events;
};

static void on_socket(uv_poll_t *poll, int status, int events);
static void attempt_failed(struct od_pg_conn *c, const struct od_err *err);

static void move(struct od_pg_conn *c, enum od_pg_state to)
{
#define TO(state) (1u << (state))
    static const unsigned allowed[] = {
        [OD_PG_DOWN] = TO(OD_PG_LOOKUP) | TO(OD_PG_CLOSED),
        [OD_PG_LOOKUP] = TO(OD_PG_CONNECTING) | TO(OD_PG_DOWN) | TO(OD_PG_CLOSED),
        [OD_PG_CONNECTING] = TO(OD_PG_SETUP) | TO(OD_PG_DOWN) | TO(OD_PG_CLOSED),
        [OD_PG_SETUP] = TO(OD_PG_UP) | TO(OD_PG_DOWN) | TO(OD_PG_CLOSED),
        [OD_PG_UP] = TO(OD_PG_DOWN) | TO(OD_PG_CLOSED),
        [OD_PG_CLOSED] = 0,
    };
#undef TO
    OD_ASSERT(allowed[c->state] & (1u << to));
    c->state = to;
}

static void on_socket_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void unwatch(struct od_pg_conn *c)
{
    if (!c->socket)
        return;
    uv_poll_stop(&c->socket->poll);
    uv_close((uv_handle_t *)&c->socket->poll, on_socket_closed);
    c->socket = NULL;
}

static void watch(struct od_pg_conn *c, int events)
{
    if (c->socket && c->socket->events == events)
        return;
    if (!c->socket) {
        c->socket = calloc(1, sizeof *c->socket);
        if (!c->socket)
            abort();
        c->socket->conn = c;
        int rc = uv_poll_init(&c->loop->uv, &c->socket->poll, PQsocket(c->pg));
        OD_ASSERT(rc == 0);
        (void)rc;
        c->socket->poll.data = c->socket;
    }
    c->socket->events = events;
    uv_poll_start(&c->socket->poll, events, on_socket);
}

void od_pg_conn_arm(struct od_pg_conn *c)
{
    watch(c, PQflush(c->pg) == 1 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

/* libpq explains at length over several lines; the first says it. */
static void take_error(struct od_pg_conn *c, struct od_err *err)
{
    struct od_str text = od_str_trim(od_str_of(c->pg ? PQerrorMessage(c->pg) : "")), line;
    if (!od_str_cut(&text, '\n', &line) || line.len == 0)
        line = OD_STR("connection lost");
    od_err_set(err, OD_ERR_UNAVAILABLE, "%.*s", OD_STR_ARG(line));
}

/* What a session that orderd ends has not delivered is never delivered. After a mere close the
 * kernel would go on trying, and what the caller has long been told is unknown would be carried out
 * when the network is back. */
static void take_back(struct od_pg_conn *c)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(PQsocket(c->pg), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void disconnect(struct od_pg_conn *c)
{
    od_pg_lookup_cancel(c->lookup);
    c->lookup = NULL;
    od_list_remove(&c->member);
    unwatch(c); /* before PQfinish closes the descriptor */
    PQfinish(c->pg);
    c->pg = NULL;
    od_pg_pipe_forget(c);
}

static void schedule_attempt(struct od_pg_conn *c)
{
    uint64_t max = c->conf.backoff_max_ms ? c->conf.backoff_max_ms : BACKOFF_MAX_MS;
    uint64_t delay = BACKOFF_MIN_MS;
    uint32_t random;

    for (unsigned i = 1; i < c->failures && delay < max; i++)
        delay *= 2;
    if (delay > max)
        delay = max;
    /* Half fixed, half random: connections that were lost together do not come back together. */
    od_random(&random, sizeof random);
    od_timer_start(&c->timer, delay / 2 + random % (delay / 2 + 1), 0);
    if (c->conf.server)
        od_pg_server_await(c->conf.server, c);
}

void od_pg_conn_hurry(struct od_pg_conn *c)
{
    if (c->state == OD_PG_SETUP)
        return;
    disconnect(c);
    if (c->state != OD_PG_DOWN)
        move(c, OD_PG_DOWN);
    c->rotation = od_pg_server_rotation(c->conf.server);
    od_timer_start(&c->timer, 0, 0);
}

static void attempt_failed(struct od_pg_conn *c, const struct od_err *err)
{
    bool news = !c->conf.quiet && (c->failures == 0 || strcmp(c->error.message, err->message) != 0);
    if (c->conf.server && news)
        news = od_pg_server_trouble_is_new(c->conf.server, err);
    c->error = *err;
    c->failures++;
    disconnect(c);
    move(c, OD_PG_DOWN);
    od_log(news ? OD_LOG_WARN : OD_LOG_DEBUG, "database_unreachable", "attempt=%u reason=\"%s\"",
           c->failures, c->error.message);
    schedule_attempt(c);
}

static void lost(struct od_pg_conn *c)
{
    take_error(c, &c->error);
    if (c->ending.code) {
        c->error = c->ending;
        take_back(c);
    }
    struct od_err why = c->error;
    od_timer_stop(&c->timer);
    disconnect(c);
    move(c, OD_PG_DOWN);
    if (c->conf.server)
        c->rotation = od_pg_server_rotation(c->conf.server);
    bool news = !c->conf.server || od_pg_server_trouble_is_new(c->conf.server, &why);
    od_log(news ? OD_LOG_WARN : OD_LOG_DEBUG, "database_lost", "reason=\"%s\"", why.message);
    od_pg_pipe_fail(c, &why);
    if (c->state == OD_PG_DOWN && c->conf.on_down)
        c->conf.on_down(c->conf.ctx, &why);
    if (c->state == OD_PG_DOWN)
        schedule_attempt(c);
}

/* When the answer that is owed will be overdue; or, with none owed, soon enough to see one that
 * comes to be. A look costs less than to keep the timer with each statement. */
static void schedule_look(struct od_pg_conn *c)
{
    int64_t left_us = c->conf.answer_timeout_ms * INT64_C(1000) / 8;
    if (c->flight_count > 0)
        left_us =
            c->owed_since_us + c->conf.answer_timeout_ms * INT64_C(1000) - od_clock_monotonic_us();
    int64_t ms = left_us / 1000 + 1;
    od_timer_start(&c->timer, (uint64_t)(ms < 1 ? 1 : ms), 0);
}

static void come_up(struct od_pg_conn *c)
{
    struct od_err err;
    if (c->conf.server && od_pg_server_admit(c->conf.server, c, c->identity, &err)) {
        c->rotation++; /* another host may be the right one */
        attempt_failed(c, &err);
        return;
    }
    if (PQenterPipelineMode(c->pg) != 1) {
        take_error(c, &err);
        attempt_failed(c, &err);
        return;
    }
    /* Statements that were sent while the connection was down are answered so, and not mixed into
     * this session. */
    od_err_set(&err, OD_ERR_UNAVAILABLE, "the database is not connected");
    od_pg_pipe_fail(c, &err);
    if (c->state != OD_PG_SETUP)
        return;
    od_timer_stop(&c->timer);
    if (c->conf.answer_timeout_ms)
        schedule_look(c);
    move(c, OD_PG_UP);
    od_log(c->failures && !c->conf.quiet ? OD_LOG_INFO : OD_LOG_DEBUG, "database_up",
           "backend=%d attempts=%u", PQbackendPID(c->pg), c->failures + 1);
    c->failures = 0;
    od_pg_conn_arm(c);
    if (c->conf.on_up)
        c->conf.on_up(c->conf.ctx);
}

static void on_setup(struct od_pg_conn *c)
{
    struct od_err err;
    bool ok = PQconsumeInput(c->pg) == 1;

    while (ok && !PQisBusy(c->pg)) {
        PGresult *res = PQgetResult(c->pg);
        if (!res) {
            come_up(c);
            return;
        }
        ExecStatusType status = PQresultStatus(res);
        ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
        if (status == PGRES_TUPLES_OK)
            od_pg_session_read(c, res);
        PQclear(res);
    }
    if (ok) {
        od_pg_conn_arm(c);
        return;
    }
    take_error(c, &err);
    od_err_wrap(&err, "session setup");
    attempt_failed(c, &err);
}

static void start_setup(struct od_pg_conn *c)
{
    struct od_err err;
    move(c, OD_PG_SETUP);
    c->identity = (struct od_pg_identity){0};
    c->setup_began_us = od_clock_monotonic_us();
    PQsetnonblocking(c->pg, 1);
    char *sql = od_pg_session_sql(c);
    if (!sql) {
        come_up(c);
    } else if (PQsendQuery(c->pg, sql) == 1) {
        od_pg_conn_arm(c);
    } else {
        take_error(c, &err);
        attempt_failed(c, &err);
    }
    free(sql);
}

/* The socket may be another one after PQconnectPoll, so it is never watched across a call. */
static void on_connecting(struct od_pg_conn *c)
{
    struct od_err err;
    unwatch(c);
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING:
        watch(c, UV_READABLE);
        return;
    case PGRES_POLLING_WRITING:
        watch(c, UV_WRITABLE);
        return;
    case PGRES_POLLING_OK:
        start_setup(c);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE: /* unused, says libpq-fe.h */
        take_error(c, &err);
        attempt_failed(c, &err);
        return;
    }
}

static void read_notifications(struct od_pg_conn *c)
{
    for (PGnotify *n; c->state == OD_PG_UP && (n = PQnotifies(c->pg)) != NULL; PQfreemem(n)) {
        if (c->conf.on_notify)
            c->conf.on_notify(c->conf.ctx, n->relname, n->extra);
    }
}

static void on_traffic(struct od_pg_conn *c, bool readable)
{
    bool alive = !readable || PQconsumeInput(c->pg) == 1;

    /* Results that came before the loss still count: one of them may be a COMMIT's. */
    od_pg_pipe_drain(c);
    read_notifications(c);
    if (c->state != OD_PG_UP)
        return;
    if (!alive || c->session_over || c->ending.code || PQstatus(c->pg) == CONNECTION_BAD)
        lost(c);
    else
        od_pg_conn_arm(c);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct od_pg_conn *c = ((struct od_pg_socket *)poll->data)->conn;

    switch (c->state) {
    case OD_PG_CONNECTING:
        on_connecting(c);
        return;
    case OD_PG_SETUP:
        on_setup(c);
        return;
    case OD_PG_UP:
        on_traffic(c, status < 0 || (events & UV_READABLE));
        return;
    case OD_PG_DOWN:
    case OD_PG_LOOKUP:
    case OD_PG_CLOSED:
        return;
    }
}

static void on_notice(void *ctx, const PGresult *res)
{
    od_pg_doubt_notice(ctx, res);
}

static void on_lookup(void *ctx, const char *const *keywords, const char *const *values,
                      const struct od_err *failure)
{
    struct od_pg_conn *c = ctx;
    struct od_err err;

    c->lookup = NULL;
    if (failure) {
        attempt_failed(c, failure);
        return;
    }
    move(c, OD_PG_CONNECTING);
    c->pg = PQconnectStartParams(keywords, values, 0);
    if (!c->pg)
        abort();
    if (PQstatus(c->pg) == CONNECTION_BAD) {
        take_error(c, &err);
        attempt_failed(c, &err);
        return;
    }
    PQsetNoticeReceiver(c->pg, on_notice, c);
    watch(c, UV_WRITABLE); /* as after PGRES_POLLING_WRITING, says the manual */
}

static bool is_overdue(const struct od_pg_conn *c)
{
    return c->state == OD_PG_UP && c->flight_count > 0 &&
           od_clock_monotonic_us() - c->owed_since_us >= c->conf.answer_timeout_ms * INT64_C(1000);
}

/* The server owes an answer for too long: it is frozen, cut off, or waits for a standby. Unless it
 * was this process that stood still, and the answer is there unread. */
static void watch_answers(struct od_pg_conn *c)
{
    struct od_err err;
    if (is_overdue(c))
        on_traffic(c, true);
    if (c->state != OD_PG_UP)
        return;
    if (!is_overdue(c)) {
        schedule_look(c);
        return;
    }
    od_err_set_at(&err, OD_ERR_UNAVAILABLE, OD_PG_OURS, "the database did not answer within %u ms",
                  c->conf.answer_timeout_ms);
    od_pg_conn_end(c, &err);
}

/* UP: watches over what is in flight. DOWN: time for the next attempt. Otherwise the attempt under
 * way took too long; libpq tries the next host by itself only when one refuses, so the next attempt
 * begins with that one. */
static void on_timer(void *ctx)
{
    struct od_pg_conn *c = ctx;
    struct od_err err;

    if (c->state == OD_PG_UP) {
        watch_answers(c);
        return;
    }
    if (c->state == OD_PG_DOWN) {
        move(c, OD_PG_LOOKUP);
        od_timer_start(&c->timer,
                       c->conf.connect_timeout_ms ? c->conf.connect_timeout_ms : CONNECT_TIMEOUT_MS,
                       0);
        c->lookup = od_pg_lookup_new(c->loop, c->conf.conninfo, c->rotation, on_lookup, c);
        return;
    }
    c->rotation++;
    od_err_set_at(&err, OD_ERR_UNAVAILABLE, OD_PG_OURS,
                  "the database did not answer an attempt to connect in time");
    attempt_failed(c, &err);
}

static void on_timer_closed(void *ctx)
{
    struct od_pg_conn *c = ctx;
    void (*closed)(void *ctx) = c->closed;
    void *closed_ctx = c->closed_ctx;

    od_pg_params_fini(&c->params);
    od_map_fini(&c->prepared);
    free(c->flights);
    free((char *)c->conf.conninfo);
    free(c->setup_sql);
    free(c);
    if (closed)
        closed(closed_ctx);
}

static void on_soon(void *ctx)
{
    struct od_pg_conn *c = ctx;
    struct od_err err;

    if (c->state == OD_PG_UP) {
        on_traffic(c, false);
        return;
    }
    od_err_set(&err, OD_ERR_UNAVAILABLE, "the database is not connected");
    od_pg_pipe_fail(c, &err);
    if (c->state == OD_PG_CLOSED && c->flight_count == 0)
        od_timer_close(&c->timer, on_timer_closed);
    else if (c->flight_count > 0)
        od_deferred_arm(&c->soon);
}

static char *join(const char *const *statements)
{
    struct od_buf b;
    od_buf_init(&b, 1 << 20);
    for (; statements && *statements; statements++)
        od_buf_printf(&b, "%s;\n", *statements);
    OD_ASSERT(!b.overflow);
    if (b.len > 0)
        od_buf_char(&b, '\0');
    char *sql = b.len > 0 ? strdup(b.ptr) : NULL;
    od_buf_fini(&b);
    return sql;
}

struct od_pg_conn *od_pg_conn_new(struct od_loop *loop, const struct od_pg_conn_conf *conf)
{
    struct od_pg_conn *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->loop = loop;
    c->conf = *conf;
    c->conf.setup = NULL;
    c->conf.conninfo = strdup(conf->server ? od_pg_server_conninfo(conf->server) : conf->conninfo);
    c->setup_sql = join(conf->setup);
    od_list_init(&c->member);
    c->rotation = conf->rotation;
    if (conf->server && !conf->scout) {
        c->rotation = od_pg_server_rotation(conf->server);
        od_pg_server_await(conf->server, c);
    }
    od_map_init(&c->prepared);
    od_pg_params_init(&c->params, conf->params_max ? conf->params_max : PARAMS_MAX);
    od_deferred_init(&c->soon, loop, on_soon, c);
    od_timer_init(&c->timer, loop, on_timer, c);
    od_timer_start(&c->timer, 0, 0);
    return c;
}

void od_pg_conn_free(struct od_pg_conn *c, void (*closed)(void *ctx), void *ctx)
{
    if (!c)
        return;
    move(c, OD_PG_CLOSED);
    c->closed = closed;
    c->closed_ctx = ctx;
    od_timer_stop(&c->timer);
    disconnect(c);
    od_deferred_arm(&c->soon);
}

void od_pg_conn_end(struct od_pg_conn *c, const struct od_err *why)
{
    if (c->state != OD_PG_UP || c->ending.code)
        return;
    c->ending = *why;
    od_deferred_arm(&c->soon);
}

bool od_pg_conn_up(const struct od_pg_conn *c)
{
    return c->state == OD_PG_UP && !c->ending.code;
}

bool od_pg_conn_idle(const struct od_pg_conn *c)
{
    return c->flight_count == 0;
}

struct od_pg_params *od_pg_params(struct od_pg_conn *c)
{
    od_pg_params_reset(&c->params);
    return &c->params;
}
