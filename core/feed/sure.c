#include "feed/sure.h"

#include <stdlib.h>

#include "feed/feed.h"
#include "pg/conn.h"
#include "pg/transaction.h"

struct od_sure {
    struct od_pg_conn *conn; /* NULL: stopped */
    void (*done)(void *ctx, bool sure);
    void *ctx;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

struct od_sure *od_sure_new(struct od_loop *loop, const struct od_feed_conf *conf)
{
    struct od_sure *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    struct od_pg_conn_conf conn = {
        .server = conf->server,
        .connect_timeout_ms = conf->connect_timeout_ms,
        .answer_timeout_ms = conf->answer_timeout_ms,
        .quiet = true, /* the feed's own connection tells */
    };
    s->conn = od_pg_conn_new(loop, &conn);
    return s;
}

static void on_committed(void *ctx, bool failed)
{
    struct od_sure *s = ctx;
    s->done(s->ctx, !failed);
}

bool od_sure_ask(struct od_sure *s, void (*done)(void *ctx, bool sure), void *ctx)
{
    if (!s->conn)
        return false;
    s->done = done;
    s->ctx = ctx;
    od_pg_send(s->conn, &od_pg_witness, NULL, NULL, NULL);
    od_pg_sync(s->conn, on_committed, s);
    return true;
}

static void on_closed(void *ctx)
{
    struct od_sure *s = ctx;
    s->stopped(s->stopped_ctx);
}

void od_sure_stop(struct od_sure *s, void (*stopped)(void *ctx), void *ctx)
{
    struct od_pg_conn *conn = s->conn;
    s->stopped = stopped;
    s->stopped_ctx = ctx;
    s->conn = NULL;
    od_pg_conn_free(conn, on_closed, s);
}

void od_sure_free(struct od_sure *s)
{
    free(s);
}
