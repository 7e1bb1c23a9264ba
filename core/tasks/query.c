#include "tasks/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "loop/loop.h"
#include "pg/conn.h"
#include "store/query.h"

enum { SLOTS = 2 };

struct od_script_slot {
    struct od_script_queries *owner;
    struct od_pg_conn *conn;
    struct od_script_query *query; /* NULL: dropped, or nothing is asked */
    bool busy;
    int64_t since_us;
    struct od_arena arena; /* of the statement and the answer */
    struct od_pg_stmt stmt;
};

struct od_script_queries {
    struct od_script_slot slots[SLOTS];
    struct od_list waiting;
    struct od_deferred pumping;
    struct od_script_query_stats stats;
    bool was_up; /* before its first connection, just after the start, queries wait for it */
    unsigned open;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static void pump(void *ctx);

static void answer_error(struct od_script_query *q, int status, const char *code, const char *text)
{
    struct od_task_answer answer = {
        .error_code = od_str_of(code), .error = od_str_of(text), .error_status = status};
    q->done(q->ctx, &answer);
}

static void fail(struct od_script_slot *slot, struct od_script_query *q, const struct od_err *err)
{
    slot->owner->stats.failed++;
    if (err->code == OD_ERR_UNAVAILABLE)
        answer_error(q, 503, "unavailable", "The database cannot be reached.");
    else if (strcmp(err->sqlstate, "57014") == 0) /* query_canceled */
        answer_error(q, 500, "query_timeout",
                     "The query took longer than database.statement_timeout.");
    else
        answer_error(
            q, 500, "query_failed",
            od_arena_printf(&slot->arena, "The database refused the query: %s", err->message).ptr);
}

static void on_result(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_script_slot *slot = ctx;
    struct od_script_query *q = slot->query;
    slot->owner->stats.us += (uint64_t)(od_clock_monotonic_us() - slot->since_us);
    if (!q)
        return;
    slot->query = NULL;
    q->slot = NULL;
    if (err) {
        fail(slot, q, err);
        return;
    }
    struct od_str *texts = OD_NEW_ARRAY(&slot->arena, struct od_str, (size_t)r->rows);
    for (int i = 0; i < r->rows; i++)
        texts[i] = od_pg_get_text(r, i, 0);
    struct od_task_answer answer = {.texts = texts, .count = (uint32_t)r->rows};
    q->done(q->ctx, &answer);
}

static void on_sync(void *ctx, bool failed)
{
    struct od_script_slot *slot = ctx;
    (void)failed;
    slot->busy = false;
    od_arena_reset(&slot->arena);
    pump(slot->owner);
}

static void send_query(struct od_script_slot *slot, struct od_script_query *q)
{
    struct od_pg_params *params = od_pg_params(slot->conn);
    slot->owner->stats.queries++;
    slot->stmt = (struct od_pg_stmt){.sql = od_query_sql(q->query, &slot->arena, params)};
    if (!slot->stmt.sql) {
        slot->owner->stats.failed++;
        answer_error(q, 500, "query_too_large", "The query has too many conditions.");
        return;
    }
    slot->stmt.nparams = params->count;
    slot->busy = true;
    slot->since_us = od_clock_monotonic_us();
    slot->query = q;
    q->slot = slot;
    od_pg_send(slot->conn, &slot->stmt, params, on_result, slot);
    od_pg_sync(slot->conn, on_sync, slot);
}

/* One that is idle; one whose connection is down only when none is up: it fails at once. */
static struct od_script_slot *idle_slot(struct od_script_queries *qs)
{
    struct od_script_slot *found = NULL;
    bool up = false;
    for (int i = 0; i < SLOTS; i++) {
        struct od_script_slot *slot = &qs->slots[i];
        bool slot_up = od_pg_conn_up(slot->conn);
        up |= slot_up;
        if (!slot->busy && (!found || slot_up))
            found = slot;
    }
    return found && (!up || od_pg_conn_up(found->conn)) ? found : NULL;
}

static void pump(void *ctx)
{
    struct od_script_queries *qs = ctx;
    struct od_script_slot *slot;
    while (qs->was_up && !qs->stopped && !od_list_empty(&qs->waiting) && (slot = idle_slot(qs))) {
        struct od_list *node = od_list_shift(&qs->waiting);
        qs->stats.waiting--;
        send_query(slot, OD_LIST_ENTRY(node, struct od_script_query, node));
    }
}

static void on_up(void *ctx)
{
    struct od_script_slot *slot = ctx;
    slot->owner->was_up = true;
    od_deferred_arm(&slot->owner->pumping);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    if (err->code == OD_ERR_DB)
        od_warn("script_query_refused", "sqlstate=%s", err->sqlstate); /* the message has values */
}

struct od_script_queries *od_script_queries_new(struct od_loop *loop, struct od_pg_server *server,
                                                const struct od_conf *conf)
{
    struct od_script_queries *qs = calloc(1, sizeof *qs);
    if (!qs)
        abort();
    char timeout[64];
    snprintf(timeout, sizeof timeout, "set statement_timeout = %lld",
             (long long)conf->database.statement_timeout_ms);
    const char *const setup[] = {"set default_transaction_read_only = on", "set timezone = 'UTC'",
                                 "set jit = off", timeout, NULL};
    od_list_init(&qs->waiting);
    od_deferred_init(&qs->pumping, loop, pump, qs);
    for (int i = 0; i < SLOTS; i++) {
        struct od_script_slot *slot = &qs->slots[i];
        struct od_pg_conn_conf conn = {
            .server = server,
            .setup = setup,
            .ctx = slot,
            .on_up = on_up,
            .on_error = on_error,
            .answer_timeout_ms =
                (uint32_t)(conf->database.statement_timeout_ms + conf->database.answer_grace_ms),
            .connect_timeout_ms = (uint32_t)conf->database.connect_timeout_ms,
        };
        slot->owner = qs;
        od_arena_init(&slot->arena);
        slot->conn = od_pg_conn_new(loop, &conn);
    }
    return qs;
}

void od_script_queries_ask(struct od_script_queries *qs, struct od_script_query *q)
{
    q->slot = NULL;
    od_list_push(&qs->waiting, &q->node);
    qs->stats.waiting++;
    od_deferred_arm(&qs->pumping);
}

void od_script_queries_drop(struct od_script_queries *qs, struct od_script_query *q)
{
    if (q->slot) {
        q->slot->query = NULL;
        q->slot = NULL;
        return;
    }
    od_list_remove(&q->node);
    qs->stats.waiting--;
}

struct od_script_query_stats od_script_queries_stats(const struct od_script_queries *qs)
{
    return qs->stats;
}

static void on_closed(void *ctx)
{
    struct od_script_queries *qs = ctx;
    if (--qs->open > 0)
        return;
    void (*stopped)(void *) = qs->stopped;
    void *stopped_ctx = qs->stopped_ctx;
    for (int i = 0; i < SLOTS; i++)
        od_arena_fini(&qs->slots[i].arena);
    free(qs);
    stopped(stopped_ctx);
}

void od_script_queries_stop(struct od_script_queries *qs, void (*stopped)(void *ctx), void *ctx)
{
    OD_ASSERT(od_list_empty(&qs->waiting));
    qs->stopped = stopped;
    qs->stopped_ctx = ctx;
    qs->open = SLOTS;
    od_deferred_cancel(&qs->pumping);
    for (int i = 0; i < SLOTS; i++)
        od_pg_conn_free(qs->slots[i].conn, on_closed, qs);
}
