#include "feed/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "base/log.h"
#include "feed/sure.h"
#include "pg/transaction.h"
#include "store/feed/deliveries.h"

enum { ROUND = 200, LINES_MAX = 8 << 20 };

struct item {
    struct od_deliverer *deliverer;
    int64_t delivery_id;
    bool command; /* else it is a line of the file */
    struct od_feed_command asked;
    enum od_feed_outcome outcome;
    struct od_str why;
};

struct od_deliverer {
    struct od_pg_conn *conn;
    struct od_sure *sure;
    bool standbys; /* the server waits for synchronous ones: rows may be there and not replicated */
    const struct od_feed_conf *conf;
    struct od_feed_stats *stats;
    int fd; /* -1: not open */
    struct od_buf lines;
    struct od_arena arena; /* of the round */
    struct item items[ROUND];
    int count;
    int waiting; /* for commands, and for their being asked */
    bool busy, lost;
    void (*done)(void *ctx, bool more);
    void *ctx;
};

struct od_deliverer *od_deliverer_new(struct od_pg_conn *conn, struct od_sure *sure,
                                      const struct od_feed_conf *conf, struct od_feed_stats *stats)
{
    struct od_deliverer *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->conn = conn;
    d->sure = sure;
    d->conf = conf;
    d->stats = stats;
    d->fd = -1;
    od_buf_init(&d->lines, LINES_MAX);
    od_arena_init(&d->arena);
    return d;
}

void od_deliverer_free(struct od_deliverer *d)
{
    if (d->fd >= 0)
        close(d->fd);
    od_buf_fini(&d->lines);
    od_arena_fini(&d->arena);
    free(d);
}

bool od_deliverer_busy(const struct od_deliverer *d)
{
    return d->busy;
}

void od_deliverer_lost(struct od_deliverer *d)
{
    d->lost = d->busy;
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

static struct od_str copy(struct od_deliverer *d, const struct od_pg_result *r, int row, int col)
{
    return od_arena_str(&d->arena, od_pg_get_text(r, row, col));
}

/* False: there is no more room for lines; the rest comes in the next round. */
static bool take_row(struct od_deliverer *d, const struct od_pg_result *r, int row)
{
    struct item *it = &d->items[d->count];
    size_t before = d->lines.len;
    *it = (struct item){.deliverer = d, .delivery_id = od_pg_get_i64(r, row, 0)};
    it->command = od_str_is(od_pg_get_text(r, row, 5), "command");
    if (!it->command) {
        write_line(d, r, row);
        if (d->lines.overflow) {
            d->lines.len = before;
            d->lines.overflow = false;
            return false;
        }
    } else {
        int64_t target = 0;
        (void)od_str_to_i64(od_pg_get_text(r, row, 6), 1, INT64_MAX, &target);
        it->asked = (struct od_feed_command){
            .delivery_id = it->delivery_id,
            .order_id = target,
            .hook = copy(d, r, row, 4),
            .name = copy(d, r, row, 7),
            .payload = copy(d, r, row, 8),
        };
    }
    d->count++;
    return true;
}

static void on_due(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    d->count = 0;
    od_buf_reset(&d->lines);
    for (int i = 0; !err && i < r->rows && i < ROUND; i++) {
        if (!take_row(d, r, i))
            break;
    }
}

static void on_standbys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliverer *d = ctx;
    if (!err)
        d->standbys = od_pg_get_bool(r, 0, 0);
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

static void end_round(struct od_deliverer *d, bool more)
{
    d->busy = false;
    d->done(d->ctx, more);
}

static void on_noted(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    end_round(d, !failed && d->count == ROUND);
}

static void note_delivered(struct od_deliverer *d)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    uint64_t before = d->stats->delivered;
    od_pg_array_begin(p, OD_PG_INT8);
    for (int i = 0; i < d->count; i++) {
        if (d->items[i].outcome == OD_FEED_DONE) {
            od_pg_array_i64(p, d->items[i].delivery_id);
            d->stats->delivered++;
        }
    }
    od_pg_array_end(p);
    if (d->stats->delivered != before)
        od_pg_send(d->conn, &od_mark_delivered, p, NULL, NULL);
}

static void note_failed(struct od_deliverer *d)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    uint64_t before = d->stats->failed;
    od_pg_array_begin(p, OD_PG_INT8);
    for (int i = 0; i < d->count; i++) {
        if (d->items[i].outcome != OD_FEED_DONE) {
            od_pg_array_i64(p, d->items[i].delivery_id);
            d->stats->failed++;
        }
    }
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (int i = 0; i < d->count; i++) {
        if (d->items[i].outcome != OD_FEED_DONE)
            od_pg_array_text(p, d->items[i].why);
    }
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_BOOL);
    for (int i = 0; i < d->count; i++) {
        if (d->items[i].outcome != OD_FEED_DONE)
            od_pg_array_bool(p, d->items[i].outcome == OD_FEED_REFUSED);
    }
    od_pg_array_end(p);
    od_pg_i32(p, (int32_t)d->conf->max_attempts);
    od_pg_i64(p, d->conf->retry_min_ms);
    od_pg_i64(p, d->conf->retry_max_ms);
    if (d->stats->failed != before)
        od_pg_send(d->conn, &od_mark_failed, p, NULL, NULL);
}

/* One of what the round waits for has come; after the last the outcomes are noted. */
static void arrived(struct od_deliverer *d)
{
    if (--d->waiting > 0)
        return;
    if (d->lost) {
        end_round(d, false);
        return;
    }
    note_delivered(d);
    note_failed(d);
    od_pg_send(d->conn, &od_pg_commit, NULL, NULL, NULL);
    od_pg_sync(d->conn, on_noted, d);
}

static void on_command(void *ctx, enum od_feed_outcome outcome, struct od_str why)
{
    struct item *it = ctx;
    struct od_deliverer *d = it->deliverer;
    it->outcome = outcome;
    it->why = od_arena_str(&d->arena, why);
    if (outcome != OD_FEED_DONE)
        od_warn("delivery_failed", "target=command delivery=%lld hook=%.*s reason=\"%.*s\"",
                (long long)it->delivery_id, OD_STR_ARG(it->asked.hook), OD_STR_ARG(why));
    arrived(d);
}

static void deliver_lines(struct od_deliverer *d)
{
    int code = d->lines.len ? append_lines(d) : 0;
    if (!code)
        return;
    struct od_str why = od_arena_str(&d->arena, od_str_of(strerror(code)));
    od_warn("delivery_failed", "target=log reason=\"%s\"", why.ptr);
    for (int i = 0; i < d->count; i++) {
        if (d->items[i].command)
            continue;
        d->items[i].outcome = OD_FEED_LATER;
        d->items[i].why = why;
    }
}

static void let_go(struct od_deliverer *d)
{
    d->count = 0;
    od_pg_send(d->conn, &od_pg_rollback, NULL, NULL, NULL);
    od_pg_sync(d->conn, on_noted, d);
}

static void carry_out(struct od_deliverer *d)
{
    deliver_lines(d);
    d->waiting = 1;
    for (int i = 0; i < d->count; i++) {
        struct item *it = &d->items[i];
        if (!it->command)
            continue;
        d->waiting++;
        d->conf->command(d->conf->command_ctx, &it->asked, on_command, it);
    }
    arrived(d);
}

static void on_sure(void *ctx, bool sure)
{
    struct od_deliverer *d = ctx;
    if (d->lost)
        end_round(d, false);
    else if (sure)
        carry_out(d);
    else
        let_go(d);
}

/* Lines leave for good. A command is safe without: when its own commit succeeds, all that is before
 * it in the log is replicated. */
static void on_selected(void *ctx, bool failed)
{
    struct od_deliverer *d = ctx;
    if (failed || d->count == 0)
        let_go(d);
    else if (!d->lines.len || !d->standbys)
        carry_out(d);
    else if (!od_sure_ask(d->sure, on_sure, d))
        let_go(d);
}

void od_deliverer_run(struct od_deliverer *d, void (*done)(void *ctx, bool more), void *ctx)
{
    d->done = done;
    d->ctx = ctx;
    d->busy = true;
    d->lost = false;
    od_arena_reset(&d->arena);
    struct od_pg_params *p;
    od_pg_send(d->conn, &od_pg_begin, NULL, NULL, NULL);
    od_pg_send(d->conn, &od_set_patience, NULL, NULL, NULL);
    p = od_pg_params(d->conn);
    od_pg_i32(p, ROUND);
    od_pg_send(d->conn, &od_select_due, p, on_due, d);
    od_pg_send(d->conn, &od_ask_standbys, NULL, on_standbys, d);
    od_pg_sync(d->conn, on_selected, d);
}
