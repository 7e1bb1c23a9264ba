#include "api/answer.h"
#include "api/bulk.h"

/* From what the engine says of a line to the line's answer, which is kept until the batch's is
 * sent. */

/* The scratch buffer's text, kept until the answer is sent. */
static void keep_answer(struct od_bulk_line *l, struct od_arena *where)
{
    l->answer = od_arena_str(where, od_buf_view(&l->bulk->scratch));
    od_buf_reset(&l->bulk->scratch);
}

static void write_result(struct od_bulk_line *l, const struct od_bulk_result *r)
{
    l->bulk->format->write_result(l, r, &l->bulk->scratch);
    keep_answer(l, &l->arena);
}

void od_bulk_write_problem(struct od_bulk_line *l)
{
    l->bulk->format->write_problem(l, &l->bulk->scratch);
    keep_answer(l, &l->arena);
}

static const struct od_stock *stocks_of(const struct od_decision *d)
{
    return d->stock ? od_map_get(d->env->stock, d->stock->sku) : NULL;
}

void od_bulk_decided(void *ctx, const struct od_outcome *outcome)
{
    struct od_bulk_line *l = ctx;
    l->replays = outcome->kind == OD_OUTCOME_REPLAYED;
    l->problem = (struct od_problem){0};
    if (l->replays) {
        l->replayed = *outcome->replayed;
        l->replayed.stock.sku = od_arena_str(&l->arena, l->replayed.stock.sku);
        l->replayed.stock.location = od_arena_str(&l->arena, l->replayed.stock.location);
        l->replayed.stock.next = NULL;
    } else if (od_outcome_problem(outcome, &l->arena, &l->problem)) {
        od_bulk_write_problem(l);
    } else {
        bool created = od_command_creates(l->command.type) && !l->submission.dry_run;
        struct od_bulk_result r = {
            .rules = outcome->rules,
            .order = outcome->order,
            .stock = outcome->decision->stock,
            .stocks = stocks_of(outcome->decision),
            .ref_id = od_decision_answer_id(outcome->decision),
            .status = created ? 201 : 200,
            .dry_run = l->submission.dry_run,
        };
        write_result(l, &r);
    }
}

static void fail(struct od_bulk_line *l, const struct od_err *err)
{
    l->problem = od_err_problem(err, false);
    od_bulk_write_problem(l);
    od_bulk_finish(l);
}

static void write_replayed(struct od_bulk_line *l, const struct od_outcome *outcome)
{
    struct od_bulk_result r = {
        .rules = od_engine_rules(l->bulk->api->engine),
        .order = outcome ? outcome->order : NULL,
        .stock = outcome ? NULL : &l->replayed.stock,
        .stocks = &l->replayed.stock, /* the others were not kept */
        .ref_id = l->replayed.ref_id,
        .status = od_command_creates(l->command.type) ? 201 : 200,
        .replayed = true,
    };
    write_result(l, &r);
    od_bulk_finish(l);
}

static void on_replay_read(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct od_bulk_line *l = ctx;
    if (err || !outcome->order)
        fail(l, err);
    else
        write_replayed(l, outcome);
}

static void replay(struct od_bulk_line *l)
{
    if (!l->replayed.order_id) {
        write_replayed(l, NULL);
        return;
    }
    l->read = (struct od_read){
        .ref = {.order_id = l->replayed.order_id},
        .version = l->replayed.version,
        .ctx = l,
        .done = on_replay_read,
    };
    od_engine_read(l->bulk->api->engine, &l->read);
}

void od_bulk_done(void *ctx, const struct od_err *err)
{
    struct od_bulk_line *l = ctx;
    if (err)
        fail(l, err);
    else if (l->replays)
        replay(l);
    else
        od_bulk_finish(l);
}
