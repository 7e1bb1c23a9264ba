#include "rules/activate/reload.h"

#include <stdlib.h>

#include "rules/activate/activate.h"
#include "rules/trial/checks.h"
#include "rules/make/files_bundle.h"
#include "rules/activate/serving.h"
#include "rules/make/shadow.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "loop/work.h"
#include "pg/conn.h"

enum { NOTES_MAX = 48 << 10, FINDINGS_MAX = 4 << 20 };

struct waiter {
    struct od_reload_request what;
    od_reload_cb *cb;
    void *ctx;
    struct waiter *next;
};

struct od_reload {
    struct od_reload_conf conf;
    struct od_serving *serving;
    struct od_conf *started; /* what keys that need a restart have now; counted */
    struct od_deferred start;
    struct waiter *waiting; /* for the next reload */
    struct waiter *asked;   /* for the one under way */
    struct od_reload_stats stats;

    /* The one under way. */
    bool busy, dry_run;
    struct od_conf *before; /* counted: the thread reads it */
    struct od_rules_source source;
    struct od_rules *fresh;   /* NULL: not made yet */
    struct od_rules *shadow;  /* NULL: none, */
    struct od_err shadow_err; /* because of this when there is a code */
    struct od_checks checks;
    struct od_err err; /* of what was done on the thread */
    int failed;
    int64_t check_us;
    struct od_arena arena;
    struct od_buf notes, refusals, findings, table; /* see struct od_reload_answer */
};

static unsigned lines(const struct od_buf *b)
{
    unsigned n = 0;
    for (size_t i = 0; i < b->len; i++)
        n += b->ptr[i] == '\n';
    return n;
}

static void log_end(struct od_reload *r, const struct od_err *err, const char *bundle)
{
    if (err)
        od_error("reload_failed", "reason=\"%s%s%s\" serving=%.12s refusals=%u warnings=%u",
                 err->origin, err->origin[0] ? ": " : "", err->message,
                 od_engine_rules(r->serving->engine)->hash, lines(&r->refusals),
                 r->checks.warnings);
    else
        od_info(r->dry_run ? "reload_tried" : "reloaded",
                "bundle=%.12s checks_us=%lld warnings=%u notes=%u", bundle, (long long)r->check_us,
                r->checks.warnings, lines(&r->notes));
    struct od_str rest = od_buf_view(&r->notes), line;
    while (od_str_cut(&rest, '\n', &line)) {
        if (line.len)
            od_info("reload_note", "text=\"%.*s\"", OD_STR_ARG(line));
    }
}

static void count(struct od_reload *r, bool failed)
{
    if (r->dry_run)
        return;
    r->stats.last_failed = failed;
    if (failed)
        r->stats.failed++;
    else
        r->stats.succeeded++;
    if (!failed)
        r->stats.last_us = od_clock_us();
}

static void finish(struct od_reload *r, const struct od_err *err)
{
    struct waiter *asked = r->asked;
    const char *bundle = r->fresh ? r->fresh->hash : od_engine_rules(r->serving->engine)->hash;
    r->asked = NULL;
    r->busy = false;
    count(r, err != NULL);
    if (err && !r->refusals.len)
        od_buf_printf(&r->refusals, "%s%s%s\n", err->origin, err->origin[0] ? ": " : "",
                      err->message);
    log_end(r, err, bundle);
    const struct od_reload_answer answer = {
        .bundle = od_str_of(bundle),
        .notes = od_buf_view(&r->notes),
        .refusals = od_buf_view(&r->refusals),
        .findings =
            r->findings.len && !r->findings.overflow ? od_buf_view(&r->findings) : OD_STR("[]"),
        .table = od_buf_view(&r->table),
    };
    while (asked) {
        struct waiter *w = asked;
        asked = w->next;
        w->cb(w->ctx, err, &answer);
        free(w);
    }
    od_rules_unref(r->fresh);
    od_rules_unref(r->shadow);
    r->fresh = r->shadow = NULL;
    if (r->source.conf)
        od_rules_source_fini(&r->source);
    od_buf_reset(&r->notes);
    od_buf_reset(&r->refusals);
    od_buf_reset(&r->findings);
    od_buf_reset(&r->table);
    r->shadow_err = (struct od_err){0};
    r->checks = (struct od_checks){0};
    od_arena_reset(&r->arena);
    od_arena_pool_trim(); /* what the checks left is of no use to batches */
    if (r->waiting)
        od_deferred_arm(&r->start);
}

static void on_activated(void *ctx, const struct od_err *err, const struct od_activated *a)
{
    struct od_reload *r = ctx;
    od_buf_str(err ? &r->refusals : &r->notes, a->notes);
    if (!err && !r->dry_run) {
        r->conf.adopt(r->conf.ctx, r->fresh, a, r->shadow,
                      r->shadow_err.code ? &r->shadow_err : NULL);
        od_files_bundle_write(r->fresh->conf->database.data_dir.ptr, r->fresh->hash);
    }
    finish(r, err);
}

static void activate(struct od_reload *r)
{
    struct od_activate what = {
        .rules = r->fresh,
        .kind = "reload",
        .actor = od_str_of(r->asked->what.actor),
        .dry_run = r->dry_run,
    };
    od_activate(r->serving->query, &what, on_activated, r);
}

/* A sentence as one line, whatever a script put into it. */
static void add_line(struct od_buf *b, struct od_str text)
{
    for (size_t i = 0; i < text.len; i++)
        od_buf_char(b, text.ptr[i] == '\n' ? ' ' : text.ptr[i]);
    od_buf_char(b, '\n');
}

static void on_tried(void *ctx)
{
    struct od_reload *r = ctx;
    struct od_err err;
    od_conf_unref(r->before);
    r->before = NULL;
    if (r->failed) {
        finish(r, &r->err);
        return;
    }
    od_checks_json(&r->checks, r->source.conf, &r->findings);
    if (r->checks.refusals + r->checks.warnings)
        od_checks_print(&r->checks, r->source.conf, &r->table);
    if (r->checks.refusals) {
        for (size_t i = 0; i < r->checks.said_count; i++) {
            if (r->checks.said[i].refuses)
                add_line(&r->refusals, r->checks.said[i].text);
        }
        (void)od_err_set(&err, OD_ERR_SCRIPT, "%.*s", OD_STR_ARG(r->checks.refusal));
        finish(r, &err);
        return;
    }
    activate(r);
}

/* A shadow that cannot be made does not keep rules from serving. */
static void build_shadow(struct od_reload *r, struct od_conf *conf)
{
    const struct od_err *err = &r->shadow_err;
    if (od_shadow_rules(conf, &r->shadow, &r->shadow_err))
        od_buf_printf(&r->notes, "without a shadow: %s%s%s\n", err->origin,
                      err->origin[0] ? ": " : "", err->message);
}

static int build(struct od_reload *r, struct od_err *err)
{
    struct od_conf *conf;
    if (od_conf_reload(r->before, &conf, err))
        return -1;
    struct od_str keys = od_conf_restart_notes(r->started, conf, &r->arena);
    if (keys.len)
        od_buf_printf(&r->notes, "changed, but takes effect after a restart: %.*s\n",
                      OD_STR_ARG(keys));
    int failed = r->conf.check(conf, err) || od_rules_source_read(conf, &r->source, err) ||
                 od_rules_make(&r->source, &r->fresh, err);
    if (!failed)
        build_shadow(r, conf);
    od_conf_unref(conf);
    return failed ? -1 : 0;
}

/* On a thread: files may be slow to read, the checks take half a second, and nothing else knows the
 * source and the rules yet. */
static void run_trial(void *ctx)
{
    struct od_reload *r = ctx;
    r->failed = build(r, &r->err);
    if (r->failed)
        return;
    int64_t begun = od_clock_monotonic_us();
    r->failed = od_checks_run(&r->source, r->fresh, &r->arena, &r->checks, &r->err);
    r->check_us = od_clock_monotonic_us() - begun;
}

/* Takes those who want the same as the first. */
static void take_waiters(struct od_reload *r)
{
    struct waiter *last = r->waiting;
    r->asked = r->waiting;
    r->dry_run = last->what.dry_run;
    while (last->next && last->next->what.dry_run == r->dry_run)
        last = last->next;
    r->waiting = last->next;
    last->next = NULL;
}

static void on_start(void *ctx)
{
    struct od_reload *r = ctx;
    r->busy = true;
    r->check_us = 0;
    take_waiters(r);
    r->before = od_conf_ref(r->serving->conf);
    od_work_start(r->serving->loop, run_trial, on_tried, r);
}

struct od_reload *od_reload_new(const struct od_reload_conf *conf)
{
    struct od_reload *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->conf = *conf;
    r->serving = conf->serving;
    r->started = od_conf_ref(r->serving->conf);
    r->stats.last_us = od_clock_us();
    od_arena_init(&r->arena);
    od_buf_init(&r->notes, NOTES_MAX);
    od_buf_init(&r->refusals, NOTES_MAX);
    od_buf_init(&r->findings, FINDINGS_MAX);
    od_buf_init(&r->table, NOTES_MAX);
    od_deferred_init(&r->start, r->serving->loop, on_start, r);
    return r;
}

void od_reload_request(struct od_reload *r, const struct od_reload_request *what, od_reload_cb *cb,
                       void *ctx)
{
    struct waiter *w = malloc(sizeof *w), **end = &r->waiting;
    if (!w)
        abort();
    *w = (struct waiter){*what, cb, ctx, NULL};
    while (*end)
        end = &(*end)->next;
    *end = w;
    if (!r->busy)
        od_deferred_arm(&r->start);
}

void od_reload_refused(struct od_reload *r)
{
    r->stats.last_failed = true;
    r->stats.failed++;
}

bool od_reload_busy(const struct od_reload *r)
{
    return r->busy || r->waiting;
}

void od_reload_free(struct od_reload *r)
{
    if (!r)
        return;
    od_deferred_cancel(&r->start);
    od_conf_unref(r->started);
    od_buf_fini(&r->notes);
    od_buf_fini(&r->refusals);
    od_buf_fini(&r->findings);
    od_buf_fini(&r->table);
    od_arena_fini(&r->arena);
    free(r);
}

const struct od_reload_stats *od_reload_stats(const struct od_reload *r)
{
    return &r->stats;
}
