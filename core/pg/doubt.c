#include <string.h>

#include "base/log.h"
#include "pg/conn_impl.h"

/*
 * A backend whose wait for a synchronous standby is cancelled answers COMMIT with a WARNING before
 * it (SyncRepWaitForLSN in src/backend/replication/syncrep.c): the transaction is committed on this
 * server and nowhere else, and is gone when the standby is promoted. So a commit that a WARNING
 * came with has no known outcome, and its session ends: whoever waits on it gets
 * OD_ERR_UNAVAILABLE.
 *
 * libpq handles a notice as soon as it reads it, which may be while the result before it has not
 * been fetched, but never earlier (pqParseInput3 in src/interfaces/libpq/fe-protocol3.c). A WARNING
 * is therefore about the entry at the head or about the next one, and both are marked.
 */

static struct od_pg_flight *flight(struct od_pg_conn *c, size_t i)
{
    return i < c->flight_count ? &c->flights[(c->flight_head + i) & (c->flight_cap - 1)] : NULL;
}

static const char *field(const PGresult *res, int code)
{
    const char *text = PQresultErrorField(res, code);
    return text ? text : "";
}

/* The server warns that transaction ids run out with each id that it gives; that is about the
 * server, and says nothing about the commit. Its function's name is the same in every language. */
static bool is_about_commit(const PGresult *res)
{
    return strcmp(field(res, PG_DIAG_SOURCE_FUNCTION), "GetNewTransactionId") != 0;
}

void od_pg_doubt_notice(struct od_pg_conn *c, const PGresult *res)
{
    const char *text = field(res, PG_DIAG_MESSAGE_PRIMARY);
    if (strcmp(field(res, PG_DIAG_SEVERITY_NONLOCALIZED), "WARNING") != 0) {
        od_debug("database_notice", "message=\"%s\"", text);
        return;
    }
    od_log(c->warned ? OD_LOG_DEBUG : OD_LOG_WARN, "database_warning", "message=\"%s\"", text);
    c->warned = true;
    if (c->state != OD_PG_UP || !is_about_commit(res))
        return;
    od_err_set(&c->warning, OD_ERR_UNAVAILABLE, "the commit's outcome is not known: %s", text);
    for (size_t i = 0; i < 2 && flight(c, i); i++)
        flight(c, i)->warned = true;
}

static bool is_tag(const PGresult *res, const char *tag)
{
    return strcmp(PQcmdStatus((PGresult *)res), tag) == 0;
}

/* A pipeline without a transaction of its own commits at its sync. */
static bool may_commit(const struct od_pg_conn *c, const struct od_pg_flight *f,
                       const PGresult *res)
{
    PGTransactionStatusType status = PQtransactionStatus(c->pg);
    switch (f->kind) {
    case OD_PG_PREPARE:
    case OD_PG_DEALLOCATE:
        return false;
    case OD_PG_STATEMENT:
        return is_tag(res, "COMMIT");
    case OD_PG_SCRIPT:
        return !is_tag(res, "ROLLBACK");
    case OD_PG_SYNC:
        return status != PQTRANS_INTRANS && status != PQTRANS_INERROR;
    }
    return false;
}

bool od_pg_doubt(struct od_pg_conn *c, const PGresult *res)
{
    struct od_pg_flight *f = flight(c, 0);
    if (!f->warned)
        return false;
    if (may_commit(c, f, res)) {
        od_error("commit_unknown", "reason=\"%s\"", c->warning.message);
        c->ending = c->warning;
        return true;
    }
    /* "There is no transaction in progress": the rollback's own, and there is nothing to commit. */
    if (f->kind == OD_PG_STATEMENT && is_tag(res, "ROLLBACK") && flight(c, 1))
        flight(c, 1)->warned = false;
    return false;
}
