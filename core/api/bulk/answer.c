#include "api/command/answer.h"
#include "api/bulk/bulk.h"
#include "order/machine/command_kind.h"

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

void od_bulk_decided(void *ctx, const struct od_outcome *outcome)
{
    struct od_bulk_line *l = ctx;
    bool created = od_command_kinds[l->command.type]->creates && !l->submission.dry_run;
    l->problem = (struct od_problem){0};
    l->changed = (struct od_api_changed){0};
    if (od_outcome_problem(outcome, &l->arena, &l->problem)) {
        od_bulk_write_problem(l);
        return;
    }
    od_api_add_changed(&l->changed, &l->submission, outcome);
    struct od_bulk_result r = {
        .rules = outcome->rules,
        .order = outcome->order,
        .stock = outcome->stock,
        .stocks = outcome->stocks,
        .ref_id = outcome->ref_id,
        .status = created ? 201 : 200,
        .replayed = outcome->kind == OD_OUTCOME_REPLAYED,
        .dry_run = l->submission.dry_run,
    };
    write_result(l, &r);
}

void od_bulk_done(void *ctx, const struct od_err *err)
{
    struct od_bulk_line *l = ctx;
    if (err) {
        l->problem = od_err_problem(err, false, &l->arena);
        od_bulk_write_problem(l);
    } else {
        od_api_join_changed(&l->bulk->changed, &l->changed);
    }
    od_bulk_finish(l);
}
