#include "cli/import/import.h"

#include <stdlib.h>
#include <string.h>

#include "cli/import/report.h"
#include "cli/import/source.h"
#include "base/terminal/progress.h"
#include "base/clock.h"
#include "base/list.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "order/model/placed_diff.h"

/*
 * The driver: keeps a window of units on their way. A unit of known uuid is looked up first; one
 * that the input gives none carries an idempotency key, and the engine knows it again. An order
 * that is there under the unit's uuid or number is the unit's only if it was placed with the same
 * content: what has happened to it since is its own.
 */

enum { IN_FLIGHT = 512 };

enum result { RESULT_NONE = 0, RESULT_IMPORTED, RESULT_EXISTED, RESULT_TAKEN, RESULT_FAILED };

struct import;

struct slot {
    struct od_list node; /* on `idle` while it holds no unit */
    struct import *import;
    struct od_import_unit unit;
    struct od_read read;
    struct od_submission submission;
    bool taken; /* the database has said that the uuid or the number is */
    enum result result;
    struct od_str reason, detail; /* FAILED; in the unit's arena */
};

struct import {
    struct od_loop *loop;
    struct od_engine *engine;
    struct od_rules *rules; /* pinned: the source borrows from them */
    struct od_import_source source;
    struct od_import_report report;
    struct od_import_summary *summary;
    struct od_progress progress;
    struct slot *slots;
    struct od_list idle;
    uint32_t running;
    bool running_stock;   /* what is running sets stock; else it places orders */
    struct slot *waiting; /* read from the source, and of the other kind than what is running */
    bool ended, broken;
    struct od_err why; /* broken */
};

static bool is_stock(const struct slot *s)
{
    return s->unit.commands && s->unit.commands->type == OD_COMMAND_SET_INVENTORY;
}

static void give_up(struct import *im, const struct od_err *err)
{
    if (!im->broken)
        im->why = *err;
    im->broken = true;
}

static void release(struct slot *s)
{
    od_arena_fini(&s->unit.arena);
    od_list_push(&s->import->idle, &s->node);
}

static void tally(struct od_import_summary *sum, const struct slot *s)
{
    bool stock = is_stock(s);
    sum->orders += !stock;
    switch (s->result) {
    case RESULT_IMPORTED:
        *(stock ? &sum->stock : &sum->imported) += 1;
        break;
    case RESULT_EXISTED:
        sum->existed += !stock;
        break;
    case RESULT_FAILED:
        sum->failed++;
        break;
    case RESULT_NONE:
    case RESULT_TAKEN:
        break;
    }
}

static void finish(struct slot *s, enum result result)
{
    struct import *im = s->import;
    s->result = result;
    if (result == RESULT_FAILED && s->reason.ptr)
        od_import_note(&s->unit, od_arena_str(&s->unit.arena, s->reason).ptr, "%.*s",
                       OD_STR_ARG(s->detail));
    tally(im->summary, s);
    od_import_report_unit(&im->report, &s->unit);
    od_progress_show(&im->progress, (int64_t)im->summary->orders, (int64_t)im->source.total);
    im->running--;
    release(s);
}

/* The database is gone: whether the unit took effect is not known, so it is not counted. */
static void abandon(struct slot *s, const struct od_err *err)
{
    give_up(s->import, err);
    s->import->running--;
    release(s);
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct slot *s = ctx;
    const struct od_decision *d = outcome->decision;
    switch (outcome->kind) {
    case OD_OUTCOME_DECIDED:
        s->result = d->verdict == OD_VERDICT_DONE ? RESULT_IMPORTED : RESULT_FAILED;
        if (s->result == RESULT_IMPORTED)
            return;
        s->reason = od_arena_str(&s->unit.arena, d->refusal.code);
        s->detail =
            od_arena_printf(&s->unit.arena, "%.*s%s%.*s", OD_STR_ARG(d->refusal.pointer),
                            d->refusal.pointer.ptr ? ": " : "", OD_STR_ARG(d->refusal.detail));
        return;
    case OD_OUTCOME_REPLAYED:
        s->result = RESULT_EXISTED;
        return;
    case OD_OUTCOME_KEY_REUSED:
        s->result = RESULT_FAILED;
        s->reason = OD_STR("key_reused");
        s->detail = OD_STR("the idempotency key was used for another order");
        return;
    case OD_OUTCOME_NUMBER_TAKEN:
        s->result = RESULT_TAKEN;
        s->reason = OD_STR("number_taken");
        s->detail = OD_STR("another order has this number");
        return;
    }
}

static void look_up(struct slot *s, struct od_order_ref ref);

static void look_up_uuid(struct slot *s)
{
    look_up(s, (struct od_order_ref){.uuid = s->unit.uuid});
}

/* A number that the input gave names the order; one that the shop's rules gave should have been
 * new. */
static void look_up_number(struct slot *s)
{
    const struct od_order *draft = s->unit.commands->draft;
    if (draft && draft->order_number.ptr)
        look_up(s, (struct od_order_ref){.order_number = draft->order_number});
    else
        finish(s, RESULT_FAILED);
}

/* The uuid or the number exists. */
static void settle_taken(struct slot *s)
{
    s->taken = true;
    if (od_uuid_is_zero(&s->unit.uuid))
        look_up_number(s);
    else
        look_up_uuid(s);
}

/* placed: the order that is there, as it was placed. */
static void compare(struct slot *s, const struct od_order *placed)
{
    struct od_arena *a = &s->unit.arena;
    const struct od_command *place = s->unit.commands;
    bool by_number = s->read.ref.order_number.ptr != NULL;
    struct od_str names = od_placed_diff(a, place->draft, place->at, placed);
    if (!names.ptr) {
        finish(s, RESULT_EXISTED);
        return;
    }
    s->reason = by_number ? OD_STR("number_taken") : OD_STR("content_differs");
    s->detail = od_arena_printf(a, "the order that is there under this %s differs in %.*s",
                                by_number ? "number" : "uuid", OD_STR_ARG(names));
    finish(s, RESULT_FAILED);
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct slot *s = ctx;
    if (err && err->code != OD_ERR_DB) {
        abandon(s, err);
    } else if (err) {
        s->reason = OD_STR("database_refused");
        s->detail = od_arena_str(&s->unit.arena, od_str_of(err->message));
        finish(s, RESULT_FAILED);
    } else if (s->result == RESULT_TAKEN) {
        settle_taken(s);
    } else {
        finish(s, s->result);
    }
}

static void submit(struct slot *s)
{
    s->submission = (struct od_submission){
        .command = s->unit.commands,
        .principal = s->unit.commands->actor,
        .key = s->unit.key,
        .ctx = s,
        .decided = on_decided,
        .done = on_done,
    };
    memcpy(s->submission.request_hash, s->unit.request_hash, OD_SHA256);
    od_list_init(&s->submission.node);
    od_engine_submit(s->import->engine, &s->submission);
}

static void on_read(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct slot *s = ctx;
    if (err && (err->code == OD_ERR_INVALID || err->code == OD_ERR_MALFORMED)) {
        s->reason = OD_STR("unreadable_order"); /* its events do not fold: `verify` says more */
        s->detail = od_arena_str(&s->unit.arena, od_str_of(err->message));
        finish(s, RESULT_FAILED);
    } else if (err) {
        abandon(s, err);
    } else if (outcome->order) {
        compare(s, outcome->order);
    } else if (!s->taken) {
        submit(s);
    } else if (!s->read.ref.order_number.ptr) {
        look_up_number(s);
    } else {
        finish(s, RESULT_FAILED);
    }
}

/* Reads the order as its first event made it. */
static void look_up(struct slot *s, struct od_order_ref ref)
{
    s->read = (struct od_read){.ref = ref, .version = 1, .ctx = s, .done = on_read};
    od_list_init(&s->read.node);
    od_engine_read(s->import->engine, &s->read);
}

static void start(struct slot *s)
{
    s->import->running++;
    s->import->running_stock = is_stock(s);
    if (!s->unit.commands)
        finish(s, RESULT_FAILED);
    else if (od_uuid_is_zero(&s->unit.uuid))
        submit(s);
    else
        look_up_uuid(s);
}

/* The next unit of the source in a slot; NULL when there is no slot now, or no unit any more. */
static struct slot *take(struct import *im)
{
    struct od_err err;
    struct od_list *node = od_list_shift(&im->idle);
    if (!node)
        return NULL;
    struct slot *s = OD_LIST_ENTRY(node, struct slot, node);
    *s = (struct slot){.import = im};
    od_list_init(&s->node);
    od_arena_init(&s->unit.arena);
    od_err_clear(&err);
    int more = im->source.next(im->source.ctx, &s->unit, &err);
    if (more > 0)
        return s;
    im->ended = true;
    if (more < 0)
        give_up(im, &err);
    release(s);
    return NULL;
}

/* Orders need the stock set before them, and stock must not be set under orders on their way: units
 * of the two kinds never run together. */
static void fill(struct import *im)
{
    while (!im->broken) {
        if (!im->waiting && (im->ended || !(im->waiting = take(im))))
            return;
        if (im->running > 0 && is_stock(im->waiting) != im->running_stock)
            return;
        struct slot *s = im->waiting;
        im->waiting = NULL;
        start(s);
    }
}

static void run(struct import *im)
{
    for (;;) {
        fill(im);
        if (im->running == 0)
            break;
        od_loop_run_once(im->loop);
    }
    if (im->waiting)
        release(im->waiting);
    im->waiting = NULL;
}

static int open_source(struct import *im, const struct od_import_options *o,
                       const struct od_import_shop *shop, struct od_err *err)
{
    if (strcmp(o->format, "olist") == 0)
        return od_import_olist_open(&im->source, o->path, shop, err);
    if (strcmp(o->format, "ndjson") == 0)
        return od_import_ndjson_open(&im->source, o->path, shop, err);
    return od_err_set(err, OD_ERR_INVALID, "unknown format %s; known are olist, ndjson", o->format);
}

static void make_slots(struct import *im, uint32_t n)
{
    im->slots = calloc(n, sizeof *im->slots);
    if (!im->slots)
        abort();
    od_list_init(&im->idle);
    for (uint32_t i = 0; i < n; i++)
        od_list_push(&im->idle, &im->slots[i].node);
}

int od_import_run(struct od_loop *loop, struct od_engine *engine,
                  const struct od_import_options *options, struct od_import_summary *summary,
                  struct od_err *err)
{
    int rc = -1;
    int64_t began = od_clock_monotonic_us();
    struct import im = {.loop = loop, .engine = engine, .summary = summary};
    *summary = (struct od_import_summary){
        .report_path = options->report_path ? options->report_path : "orderd-import-report.ndjson"};
    im.rules = od_rules_ref(od_engine_rules(engine));
    struct od_import_shop shop = {&im.rules->statuses, im.rules->default_currency, im.rules->shop};
    if (open_source(&im, options, &shop, err) != 0)
        goto out;
    if (od_import_report_open(&im.report, summary->report_path, summary, err) != 0)
        goto out;
    make_slots(&im, options->in_flight ? options->in_flight : IN_FLIGHT);
    od_progress_init(&im.progress, "import", options->progress);
    run(&im);
    od_progress_end(&im.progress);
    summary->took_us = od_clock_monotonic_us() - began;
    rc = od_import_report_close(&im.report, err);
    if (im.broken) {
        *err = im.why;
        rc = od_err_wrap(err, "the import stopped after %llu orders",
                         (unsigned long long)summary->orders);
    }
out:
    free(im.slots);
    if (im.source.close)
        im.source.close(im.source.ctx);
    od_rules_unref(im.rules);
    return rc;
}
