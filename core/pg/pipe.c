#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "pg/conn_impl.h"

/*
 * The entries in flight on a connection, in libpq's order. Each entry is one answer to come;
 * libpq's own state says only whether the next one has arrived.
 */

static struct od_pg_flight *push(struct od_pg_conn *c, enum od_pg_kind kind, void *ctx)
{
    if (c->flight_count == c->flight_cap) {
        size_t cap = c->flight_cap ? 2 * c->flight_cap : 64;
        struct od_pg_flight *ring = calloc(cap, sizeof *ring);
        if (!ring)
            abort();
        for (size_t i = 0; i < c->flight_count; i++)
            ring[i] = c->flights[(c->flight_head + i) & (c->flight_cap - 1)];
        free(c->flights);
        c->flights = ring;
        c->flight_cap = cap;
        c->flight_head = 0;
    }
    if (c->flight_count == 0)
        c->owed_since_us = od_clock_monotonic_us();
    size_t at = (c->flight_head + c->flight_count++) & (c->flight_cap - 1);
    c->flights[at] = (struct od_pg_flight){.kind = kind, .ctx = ctx};
    return &c->flights[at];
}

static struct od_pg_flight pop(struct od_pg_conn *c)
{
    struct od_pg_flight f = c->flights[c->flight_head];
    c->flight_head = (c->flight_head + 1) & (c->flight_cap - 1);
    c->flight_count--;
    c->owed_since_us = od_clock_monotonic_us();
    return f;
}

/* Gives an entry that is off the ring its error. The callback may free the connection's owner. */
static void answer_error(struct od_pg_conn *c, const struct od_pg_flight *f,
                         const struct od_err *err)
{
    switch (f->kind) {
    case OD_PG_PREPARE:
    case OD_PG_DEALLOCATE:
        return;
    case OD_PG_STATEMENT:
    case OD_PG_SCRIPT:
        c->failed = f->kind == OD_PG_STATEMENT; /* a script has no sync to tell it to */
        if (f->on_result)
            f->on_result(f->ctx, NULL, err);
        return;
    case OD_PG_SYNC:
        c->failed = false;
        if (f->on_sync)
            f->on_sync(f->ctx, true);
        return;
    }
}

void od_pg_pipe_fail(struct od_pg_conn *c, const struct od_err *err)
{
    for (size_t n = c->flight_count; n > 0; n--) {
        struct od_pg_flight f = pop(c);
        answer_error(c, &f, err);
    }
}

void od_pg_pipe_forget(struct od_pg_conn *c)
{
    od_map_clear(&c->prepared);
    PQclear(c->script_result);
    c->script_result = NULL;
    od_err_clear(&c->prepare_err);
    od_err_clear(&c->ending);
    c->replan = c->refusing = c->failed = c->session_over = c->warned = false;
}

void od_pg_conn_replan(struct od_pg_conn *c)
{
    od_map_clear(&c->prepared);
    c->replan = true;
}

static void report_error(struct od_pg_conn *c, const struct od_err *err)
{
    if (c->conf.on_error && c->state != OD_PG_CLOSED)
        c->conf.on_error(c->conf.ctx, err);
}

static void set_refused(struct od_err *err, enum od_err_code code)
{
    if (code == OD_ERR_LIMIT)
        od_err_set(err, code, "the parameters of a statement are too large");
    else if (code == OD_ERR_DB)
        od_err_set(err, code, "aborted");
    else
        od_err_set(err, code, "the database is not connected");
}

static void answer_refused(struct od_pg_conn *c)
{
    struct od_pg_flight f = pop(c);
    struct od_err err;
    set_refused(&err, f.refused);
    if (f.kind != OD_PG_SYNC && f.refused == OD_ERR_LIMIT)
        report_error(c, &err);
    answer_error(c, &f, &err);
}

/* FATAL ends the session, whatever was asked; what libpq says itself, without a sqlstate, is about
 * the connection as well. */
static bool is_session_over(const PGresult *res)
{
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (PQresultStatus(res) != PGRES_FATAL_ERROR)
        return false;
    return !severity || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

static void read_error(struct od_pg_conn *c, const PGresult *res, struct od_err *err)
{
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

    if (PQresultStatus(res) == PGRES_PIPELINE_ABORTED) {
        set_refused(err, OD_ERR_DB);
        return;
    }
    od_err_set(err, OD_ERR_DB, "%s", text ? text : "unknown error");
    if (!sqlstate)
        return;
    memcpy(err->sqlstate, sqlstate, sizeof err->sqlstate - 1);

    /* invalid_sql_statement_name, or RevalidateCachedQuery in src/backend/utils/cache/plancache.c
     */
    if (strcmp(sqlstate, "26000") == 0 ||
        (strcmp(sqlstate, "0A000") == 0 && text && strstr(text, "cached plan")))
        od_pg_conn_replan(c);
}

static void answer_ok(const struct od_pg_flight *f, const PGresult *res)
{
    if (!f->on_result)
        return;
    struct od_pg_result r = {
        .pg = res,
        .rows = PQntuples(res),
        .cols = PQnfields(res),
        .affected = strtoll(PQcmdTuples((PGresult *)res), NULL, 10),
        .tag = PQcmdStatus((PGresult *)res),
    };
    f->on_result(f->ctx, &r, NULL);
}

static bool is_error(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

static void answer_prepare(struct od_pg_conn *c, const struct od_pg_flight *f, const PGresult *res)
{
    if (!is_error(res))
        return;
    od_map_remove(&c->prepared, od_str_of(f->stmt->name));
    if (PQresultStatus(res) != PGRES_PIPELINE_ABORTED)
        read_error(c, res, &c->prepare_err);
}

static void answer_statement(struct od_pg_conn *c, const struct od_pg_flight *f,
                             const PGresult *res)
{
    struct od_err err;

    if (!is_error(res)) {
        answer_ok(f, res);
        return;
    }
    read_error(c, res, &err);
    /* The statement whose PREPARE failed is only "aborted" to the server; the reason is its own. */
    bool first = PQresultStatus(res) != PGRES_PIPELINE_ABORTED;
    if (!first && c->prepare_err.code != OD_ERR_NONE) {
        err = c->prepare_err;
        first = true;
    }
    od_err_clear(&c->prepare_err);
    if (first)
        report_error(c, &err);
    answer_error(c, f, &err);
}

/* A script has one result per statement and NULL after the last; its answer is its first error or
 * its last result. False: more is to come. */
static bool drain_script(struct od_pg_conn *c)
{
    while (!PQisBusy(c->pg)) {
        PGresult *res = PQgetResult(c->pg);
        if (res && is_session_over(res)) {
            c->session_over = true;
            PQclear(res);
            return false;
        }
        if (res && c->script_result && is_error(c->script_result)) {
            PQclear(res);
        } else if (res) {
            PQclear(c->script_result);
            c->script_result = res;
        } else if (PQstatus(c->pg) == CONNECTION_BAD || od_pg_doubt(c, c->script_result) ||
                   PQenterPipelineMode(c->pg) != 1) {
            return false;
        } else {
            struct od_pg_flight f = pop(c);
            res = c->script_result;
            c->script_result = NULL;
            answer_statement(c, &f, res);
            PQclear(res);
            return true;
        }
    }
    return false;
}

static void answer_sync(struct od_pg_conn *c)
{
    struct od_pg_flight f = pop(c);
    bool failed = c->failed;
    c->failed = false;
    od_err_clear(&c->prepare_err);
    if (f.on_sync)
        f.on_sync(f.ctx, failed);
}

/* Reads the answer of the entry at the head; false: it has not arrived, or the connection is lost.
 */
static bool drain_one(struct od_pg_conn *c)
{
    enum od_pg_kind kind = c->flights[c->flight_head].kind;
    PGresult *res = PQisBusy(c->pg) ? NULL : PQgetResult(c->pg);
    if (!res)
        return false;
    bool is_sync = PQresultStatus(res) == PGRES_PIPELINE_SYNC;
    c->session_over = is_session_over(res) || is_sync != (kind == OD_PG_SYNC);
    if (c->session_over || od_pg_doubt(c, res)) {
        PQclear(res);
        return false;
    }
    if (is_sync) {
        PQclear(res);
        answer_sync(c);
        return true;
    }
    /* The NULL that ends a query is there at once; the sync's result has none. */
    PGresult *end = PQgetResult(c->pg);
    OD_ASSERT(!end);
    (void)end;
    struct od_pg_flight f = pop(c);
    if (kind == OD_PG_PREPARE)
        answer_prepare(c, &f, res);
    else if (kind == OD_PG_STATEMENT)
        answer_statement(c, &f, res);
    PQclear(res);
    return true;
}

void od_pg_pipe_drain(struct od_pg_conn *c)
{
    bool more = true;
    while (more && c->state == OD_PG_UP && c->flight_count > 0 && c->ending.code == OD_ERR_NONE) {
        const struct od_pg_flight *head = &c->flights[c->flight_head];
        if (head->refused != OD_ERR_NONE)
            answer_refused(c);
        else
            more = head->kind == OD_PG_SCRIPT ? drain_script(c) : drain_one(c);
    }
}

/* Makes sure the session knows the statement under its name; false: send it unnamed this time. */
static bool prepare(struct od_pg_conn *c, const struct od_pg_stmt *stmt)
{
    struct od_str name = od_str_of(stmt->name);

    if (c->replan) {
        /* Old names are still taken, and a failed transaction allows no `deallocate`. */
        if (c->flight_count > 0 || PQtransactionStatus(c->pg) != PQTRANS_IDLE)
            return false;
        if (PQsendQueryParams(c->pg, "deallocate all", 0, NULL, NULL, NULL, NULL, 1) != 1)
            return false;
        push(c, OD_PG_DEALLOCATE, NULL);
        c->replan = false;
    }
    const struct od_pg_stmt *known = od_map_get(&c->prepared, name);
    OD_ASSERT(!known || known == stmt); /* names are unique in the program */
    if (known)
        return true;
    if (PQsendPrepare(c->pg, stmt->name, stmt->sql, stmt->nparams, stmt->param_oids) != 1)
        return false;
    push(c, OD_PG_PREPARE, NULL)->stmt = stmt;
    od_map_put(&c->prepared, name, (void *)stmt);
    return true;
}

static bool send_to_libpq(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                          const struct od_pg_params *params)
{
    const char *values[OD_PG_PARAMS_MAX];
    int formats[OD_PG_PARAMS_MAX];
    int n = stmt->nparams;

    for (int i = 0; i < n; i++) {
        values[i] =
            params->lengths[i] < 0 ? NULL : od_buf_view(&params->buf).ptr + params->offsets[i];
        formats[i] = 1;
    }
    const int *lengths = n ? params->lengths : NULL;
    if (stmt->name && prepare(c, stmt))
        return PQsendQueryPrepared(c->pg, stmt->name, n, values, lengths, formats, 1) == 1;
    return PQsendQueryParams(c->pg, stmt->sql, n, stmt->param_oids, values, lengths, formats, 1) ==
           1;
}

static enum od_err_code try_send(struct od_pg_conn *c, const struct od_pg_stmt *stmt,
                                 const struct od_pg_params *params)
{
    if (!od_pg_conn_up(c))
        return OD_ERR_UNAVAILABLE;
    if (c->refusing)
        return OD_ERR_DB;
    if (params && params->buf.overflow)
        return OD_ERR_LIMIT;
    return send_to_libpq(c, stmt, params) ? OD_ERR_NONE : OD_ERR_UNAVAILABLE;
}

void od_pg_send(
    struct od_pg_conn *c, const struct od_pg_stmt *stmt, const struct od_pg_params *params,
    void (*on_result)(void *ctx, const struct od_pg_result *r, const struct od_err *err), void *ctx)
{
    OD_ASSERT(stmt->nparams == (params ? params->count : 0));
    enum od_err_code refused = try_send(c, stmt, params);
    c->statements++;
    struct od_pg_flight *f = push(c, OD_PG_STATEMENT, ctx);
    f->stmt = stmt;
    f->on_result = on_result;
    f->refused = refused;
    if (refused != OD_ERR_NONE) {
        /* The statements behind it must not run without it: a COMMIT would commit half. */
        c->refusing = c->state == OD_PG_UP;
        od_deferred_arm(&c->soon);
    }
}

uint64_t od_pg_statements(const struct od_pg_conn *c)
{
    return c->statements;
}

void od_pg_sync(struct od_pg_conn *c, void (*on_sync)(void *ctx, bool failed), void *ctx)
{
    bool sent = od_pg_conn_up(c) && PQpipelineSync(c->pg) == 1;
    struct od_pg_flight *f = push(c, OD_PG_SYNC, ctx);
    f->on_sync = on_sync;
    f->refused = sent ? OD_ERR_NONE : OD_ERR_UNAVAILABLE;
    c->refusing = false;
    if (sent)
        od_pg_conn_arm(c);
    else
        od_deferred_arm(&c->soon);
}

void od_pg_script(struct od_pg_conn *c, const char *sql,
                  void (*on_result)(void *ctx, const struct od_pg_result *r,
                                    const struct od_err *err),
                  void *ctx)
{
    OD_ASSERT(c->flight_count == 0 || c->state != OD_PG_UP);
    bool sent = od_pg_conn_up(c) && PQexitPipelineMode(c->pg) == 1 && PQsendQuery(c->pg, sql) == 1;
    struct od_pg_flight *f = push(c, OD_PG_SCRIPT, ctx);
    f->on_result = on_result;
    f->refused = sent ? OD_ERR_NONE : OD_ERR_UNAVAILABLE;
    if (sent)
        od_pg_conn_arm(c);
    else
        od_deferred_arm(&c->soon);
}
