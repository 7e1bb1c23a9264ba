#include "rules/trial/replay.h"

#include <stdlib.h>

#include "rules/trial/replay_hooks.h"
#include "base/clock.h"
#include "pg/transaction.h"
#include "pg/wait.h"
#include "store/ledger.h"

/* While one page of orders is replayed the database reads the next. */

const char *const od_replay_setup[] = {"set jit = off", "set statement_timeout = '10min'",
                                       "set default_transaction_read_only = on",
                                       "set application_name = 'orderd replay'", NULL};

struct page {
    struct od_arena arena;
    int64_t ids[OD_LEDGER_PAGE];
    uint32_t id_count;
    struct od_event *events; /* of all its orders, sorted by order and seq */
    uint32_t event_count;
    int64_t unreadable; /* order whose events could not be read to the end; 0: none */
    struct od_err unreadable_err;
};

struct run {
    struct od_pg_conn *conn;
    const struct od_replay_options *options;
    struct od_replay_report *report;
    struct od_replay replay;
    struct od_replay_rules base;
    struct od_replay_hooks hooks;
    struct od_arena scratch;       /* of one order */
    const struct od_event *events; /* of the order that is replayed */
    struct page pages[2];
    int64_t last_id, total;
    struct od_replay_meter meter;
    struct od_err err; /* of the database */
};

static bool in_time(const struct run *run, int32_t seq)
{
    return run->events[seq - 1].at >= run->options->since;
}

/* Events before --since are followed but not reported. */
static void on_found(void *ctx, const struct od_replay_found *f)
{
    struct run *run = ctx;
    if (in_time(run, f->seq) || f->kind == OD_REPLAY_FINAL_STATUS ||
        f->kind == OD_REPLAY_NOW_CANCELABLE || f->kind == OD_REPLAY_NO_MORE_CANCELABLE)
        od_replay_report_found(run->report, f);
}

static void on_event(void *ctx, bool candidate, const struct od_event *e, const struct od_order *o)
{
    struct run *run = ctx;
    if (in_time(run, e->seq))
        od_replay_hooks_event(&run->hooks, candidate, e, o);
}

static void on_ended(void *ctx, enum od_status_kind kind, struct od_str recorded,
                     struct od_str candidate)
{
    od_replay_report_ended(((struct run *)ctx)->report, kind, recorded, candidate);
}

static void note(struct run *run, const struct od_err *err)
{
    if (err && !run->err.code)
        run->err = *err;
}

static void on_count(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct run *run = ctx;
    note(run, err);
    if (!err)
        run->total = od_pg_get_i64(r, 0, 0);
}

struct reading {
    struct run *run;
    struct page *page;
};

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct reading *reading = ctx;
    struct page *page = reading->page;
    note(reading->run, err);
    page->id_count = 0;
    for (int i = 0; !err && i < r->rows; i++)
        page->ids[page->id_count++] = od_pg_get_i64(r, i, 0);
}

static void on_events(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct reading *reading = ctx;
    struct page *page = reading->page;
    note(reading->run, err);
    page->events = err ? NULL : OD_NEW_ARRAY(&page->arena, struct od_event, (size_t)r->rows + 1);
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_event *e = &page->events[page->event_count];
        int64_t order_id = od_pg_get_i64(r, i, 0);
        if (order_id == page->unreadable)
            continue;
        if (od_event_row_read(r, i, e, NULL, &page->arena, &page->unreadable_err) == 0)
            page->event_count++;
        else
            page->unreadable = order_id;
    }
}

/* Asks for the events of one page and for the ids of the one behind it. */
static void send_page(struct run *run, struct reading *page, struct reading *next)
{
    struct od_pg_params *p = od_pg_params(run->conn);
    od_arena_reset(&page->page->arena);
    page->page->event_count = 0;
    page->page->unreadable = 0;
    od_pg_array_begin(p, OD_PG_INT8);
    for (uint32_t i = 0; i < page->page->id_count; i++)
        od_pg_array_i64(p, page->page->ids[i]);
    od_pg_array_end(p);
    od_pg_send(run->conn, &od_select_events, p, on_events, page);

    if (page->page->id_count)
        run->last_id = page->page->ids[page->page->id_count - 1];
    od_ledger_ids(run->conn, run->options->since, run->last_id, on_ids, next);
    od_pg_sync(run->conn, NULL, NULL);
}

static void broken(struct run *run, int64_t order_id, const struct od_err *err)
{
    struct od_replay_report *r = run->report;
    if (r->broken++ == 0)
        r->broken_why =
            od_arena_printf(&r->arena, "order %lld: %s", (long long)order_id, err->message);
}

static void replay_order(struct run *run, const struct od_event *events, uint32_t count)
{
    struct od_order *last;
    struct od_err err;
    od_arena_reset(&run->scratch);
    run->events = events;
    run->report->orders++;
    run->report->events += count;
    if (od_replay_order(&run->replay, events, count, &run->scratch, &last, &err))
        broken(run, events[0].order_id, &err);
}

static bool happened(const struct run *run, const struct od_event *e)
{
    return !run->options->until || e->at < run->options->until;
}

static void replay_page(struct run *run, struct page *page)
{
    for (uint32_t i = 0; i < page->event_count;) {
        const struct od_event *first = &page->events[i];
        uint32_t count = 0;
        for (; i < page->event_count && page->events[i].order_id == first->order_id; i++)
            count += first + count == &page->events[i] && happened(run, &page->events[i]);
        if (first->order_id == page->unreadable)
            broken(run, first->order_id, &page->unreadable_err);
        else if (count > 0)
            replay_order(run, first, count);
    }
}

static void read_all(struct run *run)
{
    struct reading at[2] = {{run, &run->pages[0]}, {run, &run->pages[1]}};
    int now = 0;
    send_page(run, &at[1], &at[0]); /* of no orders; and the ids of the first page */
    od_pg_wait(run->conn);
    while (!run->err.code && at[now].page->id_count) {
        send_page(run, &at[now], &at[!now]);
        replay_page(run, at[!now].page);
        od_pg_wait(run->conn);
        od_replay_meter_show(&run->meter, run->report->orders, run->total, run->replay.decisions);
        now = !now;
    }
    if (!run->err.code)
        replay_page(run, at[!now].page);
    od_replay_meter_end(&run->meter);
}

static int begin(struct run *run, struct od_err *err)
{
    if (od_pg_exec_wait(run->conn, &od_pg_begin_snapshot, NULL, NULL, NULL, err))
        return -1;
    if (run->options->progress != OD_REPLAY_QUIET) {
        od_ledger_count(run->conn, run->options->since, on_count, run);
        od_pg_sync(run->conn, NULL, NULL);
        od_pg_wait(run->conn);
    }
    return 0;
}

static void set_up(struct run *run, struct od_rules *base, struct od_rules *candidate)
{
    run->base = (struct od_replay_rules){&base->policies, &base->statuses};
    run->replay = (struct od_replay){
        .candidate = {&candidate->policies, &candidate->statuses},
        .base = &run->base,
        .questions = run->options->questions,
        .now = od_clock_us(),
        .ctx = run,
        .found = on_found,
        .ended = on_ended,
        .event = run->options->hooks ? on_event : NULL,
    };
    run->hooks = (struct od_replay_hooks){
        .base = base, .candidate = candidate, .report = run->report, .arena = &run->scratch};
    od_arena_init(&run->scratch);
    od_arena_init(&run->pages[0].arena);
    od_arena_init(&run->pages[1].arena);
    od_replay_meter_init(&run->meter, run->options->progress, run->options->progress_out);
}

int od_replay_run(struct od_pg_conn *conn, struct od_rules *base, struct od_rules *candidate,
                  const struct od_replay_options *options, struct od_replay_report *report,
                  struct od_err *err)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    run->conn = conn;
    run->options = options;
    run->report = report;
    set_up(run, base, candidate);
    int failed = begin(run, err);
    if (!failed) {
        read_all(run);
        failed = run->err.code ? -1 : od_pg_exec_wait(conn, &od_pg_commit, NULL, NULL, NULL, err);
    }
    if (run->err.code)
        *err = run->err;
    report->decisions = run->replay.decisions;
    memcpy(report->skipped, run->replay.skipped, sizeof report->skipped);
    report->took_us = od_clock_monotonic_us() - run->meter.began_us;
    od_arena_fini(&run->scratch);
    od_arena_fini(&run->pages[0].arena);
    od_arena_fini(&run->pages[1].arena);
    free(run);
    return failed;
}
