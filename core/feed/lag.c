#include "feed/lag.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "base/log.h"
#include "pg/conn.h"

enum { EVERY_US = 1000000 };

void od_lag_init(struct od_lag *l, struct od_pg_conn *conn, uint32_t warn_after_ms,
                 uint32_t limit_ms)
{
    *l = (struct od_lag){.conn = conn, .warn_after_ms = warn_after_ms, .limit_ms = limit_ms};
}

bool od_lag_due(const struct od_lag *l)
{
    return !l->looked_us || od_clock_monotonic_us() - l->looked_us >= EVERY_US;
}

/* Says it once, and once more when another one is in the way or nobody is. */
static void tell(struct od_lag *l)
{
    const struct od_holder *h = &l->now.holder;
    bool held = h->kind && l->now.held_us >= (int64_t)l->warn_after_ms * 1000;
    if (held && (!l->told || !od_holder_same(h, &l->told_of))) {
        od_warn("feed_held",
                "by=%s pid=%d database=\"%s\" application=\"%s\" gid=\"%s\" transaction_s=%lld "
                "waiting_s=%lld",
                od_holder_kind_name(h->kind), (int)h->pid, h->database, h->application, h->gid,
                (long long)(h->age_us / 1000000), (long long)(l->now.held_us / 1000000));
        l->told_of = *h;
        l->told = true;
    } else if (!held && l->told) {
        od_info("feed_released", "lag_s=%lld", (long long)(l->now.lag_us / 1000000));
        l->told = false;
    }
}

static void finish(struct od_lag *l)
{
    tell(l);
    l->done(l->ctx);
}

static void on_holder(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_lag *l = ctx;
    if (err || r->rows == 0)
        return;
    od_holder_read(r, 0, &l->now.holder);
    l->now.held_us = l->now.lag_us;
}

static void on_ended(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx;
    if (!err && r->rows)
        od_warn("feed_took_over", "pid=%d reason=\"it had the cursor and did not go on\"",
                (int)od_pg_get_i32(r, 0, 0));
}

static void on_holder_known(void *ctx, bool failed)
{
    (void)failed;
    finish(ctx);
}

static void on_lag(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_lag *l = ctx;
    if (err)
        return;
    l->looked_us = od_clock_monotonic_us();
    l->now = (struct od_lag_state){0};
    l->unread = r->rows == 1;
    if (l->unread) {
        l->now.lag_us = od_pg_get_i64(r, 0, 0);
        l->held = od_pg_get_bool(r, 0, 1);
    }
}

/* A moment's lag is how things are while commands come in; nobody is asked for it. */
static void on_looked(void *ctx, bool failed)
{
    struct od_lag *l = ctx;
    if (failed || !l->unread || l->now.lag_us < EVERY_US || (l->owner && !l->held)) {
        finish(l);
        return;
    }
    struct od_pg_params *p = od_pg_params(l->conn);
    od_pg_bool(p, l->held);
    od_pg_send(l->conn, &od_select_holder, p, on_holder, l);
    if (!l->owner) {
        p = od_pg_params(l->conn);
        od_pg_i64(p, 2 * (int64_t)l->limit_ms);
        od_pg_send(l->conn, &od_end_cursor_holder, p, on_ended, l);
    }
    od_pg_sync(l->conn, on_holder_known, l);
}

void od_lag_look(struct od_lag *l, bool owner, void (*done)(void *ctx), void *ctx)
{
    l->owner = owner;
    l->done = done;
    l->ctx = ctx;
    od_pg_send(l->conn, &od_select_lag, NULL, on_lag, l);
    od_pg_sync(l->conn, on_looked, l);
}

void od_lag_state(const struct od_lag *l, struct od_lag_state *out)
{
    int64_t since = l->looked_us ? od_clock_monotonic_us() - l->looked_us : 0;
    *out = l->now;
    if (l->unread)
        out->lag_us += since;
    if (l->now.holder.kind) {
        out->held_us += since;
        out->holder.age_us += out->holder.age_us >= 0 ? since : 0;
    }
}

static void put_text(struct od_json_writer *w, const char *key, const char *value)
{
    if (!value[0])
        return;
    od_jw_key(w, key);
    od_jw_str(w, od_str_of(value));
}

/* Milliseconds say enough, and stay integers. */
void od_lag_json(const struct od_lag_state *s, struct od_buf *out)
{
    struct od_json_writer w;
    od_jw_init(&w, out);
    od_jw_object(&w);
    od_jw_key(&w, "lagMs");
    od_jw_i64(&w, s->lag_us / 1000);
    od_jw_key(&w, "heldMs");
    od_jw_i64(&w, s->held_us / 1000);
    if (s->holder.kind) {
        od_jw_key(&w, "holder");
        od_jw_object(&w);
        put_text(&w, "kind", od_holder_kind_name(s->holder.kind));
        if (s->holder.pid) {
            od_jw_key(&w, "pid");
            od_jw_i64(&w, s->holder.pid);
        }
        put_text(&w, "database", s->holder.database);
        put_text(&w, "application", s->holder.application);
        put_text(&w, "gid", s->holder.gid);
        if (s->holder.age_us >= 0) {
            od_jw_key(&w, "transactionMs");
            od_jw_i64(&w, s->holder.age_us / 1000);
        }
        od_jw_object_end(&w);
    }
    od_jw_object_end(&w);
}

/* Prometheus' label values escape these three. */
static void put_label(struct od_buf *out, const char *name, const char *value)
{
    od_buf_printf(out, ",%s=\"", name);
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            od_buf_char(out, '\\');
        if (*c == '\n')
            od_buf_str(out, OD_STR("\\n"));
        else
            od_buf_char(out, *c);
    }
    od_buf_char(out, '"');
}

void od_lag_metrics(const struct od_lag_state *s, struct od_buf *out)
{
    od_buf_printf(out,
                  "# HELP orderd_feed_lag_seconds Age of the oldest event that the feed has not "
                  "read.\n# TYPE orderd_feed_lag_seconds gauge\norderd_feed_lag_seconds %.15g\n"
                  "# HELP orderd_feed_held_seconds How long somebody has held the feed back.\n"
                  "# TYPE orderd_feed_held_seconds gauge\norderd_feed_held_seconds %.15g\n",
                  (double)s->lag_us / 1e6, (double)s->held_us / 1e6);
    if (!s->holder.kind)
        return;
    od_buf_printf(out,
                  "# HELP orderd_feed_holder Who holds the feed back.\n"
                  "# TYPE orderd_feed_holder gauge\norderd_feed_holder{kind=\"%s\",pid=\"%d\"",
                  od_holder_kind_name(s->holder.kind), (int)s->holder.pid);
    put_label(out, "database", s->holder.database);
    put_label(out, "application", s->holder.application);
    put_label(out, "gid", s->holder.gid);
    od_buf_str(out, OD_STR("} 1\n"));
}
