#include "feed/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "pg/transaction.h"

enum { ROUND = 200, LINES_MAX = 8 << 20 };

struct od_deliverer {
    struct od_pg_conn *conn;
    const struct od_feed_conf *conf;
    struct od_feed_stats *stats;
    int fd; /* -1: not open */
    struct od_buf lines;
    int64_t ids[ROUND];
    int count;
    void (*done)(void *ctx, bool more);
    void *ctx;
};

static const uint32_t limit_oids[] = {OD_PG_INT4};
static const struct od_pg_stmt select_due = {
    .name = "feed_select_due",
    .sql =
        "select delivery_id, order_id, seq, topic, hook, kind, target, name, payload from delivery"
        " where state = 'pending' and next_at <= now() order by next_at, delivery_id limit $1"
        " for update skip locked",
    .nparams = 1,
    .param_oids = limit_oids,
};

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
static const struct od_pg_stmt mark_delivered = {
    .name = "feed_mark_delivered",
    .sql = "update delivery set state = 'delivered', attempts = attempts + 1, delivered_at = now(),"
           " last_error = null where delivery_id = any($1)",
    .nparams = 1,
    .param_oids = ids_oids,
};

/* Waits retry_min * 2^attempts up to retry_max; gives up after max_attempts. */
static const uint32_t failed_oids[] = {OD_PG_INT8_ARRAY, OD_PG_TEXT, OD_PG_INT4, OD_PG_INT8,
                                       OD_PG_INT8};
static const struct od_pg_stmt mark_failed = {
    .name = "feed_mark_failed",
    .sql = "update delivery set attempts = attempts + 1, last_error = $2,"
           " state = case when attempts + 1 >= $3 then 'failed' else 'pending' end,"
           " next_at = now() + least($4 * 2 ^ least(attempts, 30), $5) * interval '1 ms'"
           " where delivery_id = any($1)",
    .nparams = 5,
    .param_oids = failed_oids,
};

struct od_deliverer *od_deliverer_new(struct od_pg_conn *conn, const struct od_feed_conf *conf,
                                      struct od_feed_stats *stats)
{
    struct od_deliverer *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->conn = conn;
    d->conf = conf;
    d->stats = stats;
    d->fd = -1;
    od_buf_init(&d->lines, LINES_MAX);
    return d;
}

void od_deliverer_free(struct od_deliverer *d)
{
    if (d->fd >= 0)
        close(d->fd);
    od_buf_fini(&d->lines);
    free(d);
}

static void write_line(struct od_deliverer *d, const struct od_pg_result *r, int row)
{
    struct od_json_writer w;
    od_jw_init(&w, &d->lines);
    od_jw_object(&w);
    od_jw_key(&w, "deliveryId");
    od_jw_i64(&w, od_pg_get_i64(r, row, 0));
    od_jw_key(&w, "at");
    od_jw_time(&w, od_clock_us());
    od_jw_key(&w, "topic");
    od_jw_str(&w, od_pg_get_text(r, row, 3));
    od_jw_key(&w, "orderId");
    od_jw_i64(&w, od_pg_get_i64(r, row, 1));
    od_jw_key(&w, "seq");
    od_jw_i64(&w, od_pg_get_i32(r, row, 2));
    od_jw_key(&w, "hook");
    od_jw_str(&w, od_pg_get_text(r, row, 4));
    od_jw_key(&w, "kind");
    od_jw_str(&w, od_pg_get_text(r, row, 5));
    od_jw_key(&w, "target");
    od_jw_str(&w, od_pg_get_text(r, row, 6));
    od_jw_key(&w, "name");
    od_jw_str(&w, od_pg_get_text(r, row, 7));
    od_jw_key(&w, "payload");
    od_jw_raw(&w, od_pg_get_text(r, row, 8));
    od_jw_object_end(&w);
    od_buf_char(&d->lines, '\n');
}

static void on_due(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    d->count = 0;
    od_buf_reset(&d->lines);
    for (int i = 0; !err && i < r->rows && i < ROUND; i++) {
        size_t before = d->lines.len;
        write_line(d, r, i);
        if (d->lines.overflow) { /* the rest comes in the next round */
            d->lines.len = before;
            d->lines.overflow = false;
            break;
        }
        d->ids[d->count++] = od_pg_get_i64(r, i, 0);
    }
}

/* Appends all lines; 0, or the errno. A file that was rotated away is opened anew at the next
 * error. */
static int append_lines(struct od_deliverer *d)
{
    if (d->fd < 0)
        d->fd = open(d->conf->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (d->fd < 0)
        return errno;
    for (size_t at = 0; at < d->lines.len;) {
        ssize_t n = write(d->fd, d->lines.ptr + at, d->lines.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int code = errno;
            close(d->fd);
            d->fd = -1;
            return code;
        }
        at += (size_t)n;
    }
    return 0;
}

static void on_noted(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    d->done(d->ctx, !failed && d->count == ROUND);
}

static void put_ids(struct od_deliverer *d, struct od_pg_params *p)
{
    od_pg_array_begin(p, OD_PG_INT8);
    for (int i = 0; i < d->count; i++)
        od_pg_array_i64(p, d->ids[i]);
    od_pg_array_end(p);
}

static void on_selected(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    if (failed || d->count == 0) {
        d->count = 0;
        od_pg_send(d->conn, &od_pg_rollback, NULL, NULL, NULL);
        od_pg_sync(d->conn, on_noted, d);
        return;
    }
    int code = append_lines(d);
    struct od_pg_params *p = od_pg_params(d->conn);
    put_ids(d, p);
    if (code) {
        od_warn("delivery_failed", "target=log count=%d reason=\"%s\"", d->count, strerror(code));
        d->stats->failed += (uint64_t)d->count;
        od_pg_text(p, od_str_of(strerror(code)));
        od_pg_i32(p, (int32_t)d->conf->max_attempts);
        od_pg_i64(p, d->conf->retry_min_ms);
        od_pg_i64(p, d->conf->retry_max_ms);
        od_pg_send(d->conn, &mark_failed, p, NULL, NULL);
    } else {
        d->stats->delivered += (uint64_t)d->count;
        od_pg_send(d->conn, &mark_delivered, p, NULL, NULL);
    }
    od_pg_send(d->conn, &od_pg_commit, NULL, NULL, NULL);
    od_pg_sync(d->conn, on_noted, d);
}

void od_deliverer_run(struct od_deliverer *d, void (*done)(void *ctx, bool more), void *ctx)
{
    d->done = done;
    d->ctx = ctx;
    struct od_pg_params *p;
    od_pg_send(d->conn, &od_pg_begin, NULL, NULL, NULL);
    p = od_pg_params(d->conn);
    od_pg_i32(p, ROUND);
    od_pg_send(d->conn, &select_due, p, on_due, d);
    od_pg_sync(d->conn, on_selected, d);
}
