#include "order/machine/decide.h"

#include "order/machine/command_kind.h"
#include "order/machine/step.h"

int od_step_decide(struct od_step *step)
{
    if (step->c->type >= OD_COMMAND_TYPES)
        return od_step_refuse(step, OD_VERDICT_INVALID, "unknown_command",
                              "There is no such command");
    return od_command_kinds[step->c->type]->decide(step);
}

static int check_order(struct od_step *step)
{
    bool exists = step->order && step->order->version > 0;
    enum od_subject subject = step->c->type < OD_COMMAND_TYPES
                                  ? od_command_kinds[step->c->type]->subject
                                  : OD_SUBJECT_SKU;
    if (subject == OD_SUBJECT_NEW_ORDER && exists)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_exists",
                              "The order is placed already");
    if (subject == OD_SUBJECT_ORDER && !exists)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "order_not_found",
                              "There is no such order");
    return 0;
}

static int decide_all(struct od_step *step)
{
    for (; step->c; step->c = step->c->next) {
        step->at = step->c->at ? step->c->at : step->env->now;
        od_step_forget(step);
        if (check_order(step) != 0 || od_step_decide(step) != 0)
            return -1;
    }
    return 0;
}

static void undo_stock(struct od_step *step)
{
    while (step->journal_len > 0) {
        step->journal_len--;
        *step->journal[step->journal_len].stock = step->journal[step->journal_len].before;
    }
}

/* The result in a copy, so that undoing the stock does not undo what the caller is shown. */
static void keep_preview(struct od_step *step)
{
    struct od_decision *d = step->d;
    d->order = step->order;
    if (d->stock) {
        struct od_stock *shown = OD_NEW(step->env->arena, struct od_stock);
        *shown = *d->stock;
        d->stock = shown;
    }
}

int od_verdict_status(enum od_verdict verdict)
{
    switch (verdict) {
    case OD_VERDICT_DONE:
        return 200;
    case OD_VERDICT_NOT_FOUND:
        return 404;
    case OD_VERDICT_CONFLICT:
    case OD_VERDICT_POLICY:
        return 409;
    case OD_VERDICT_INVALID:
        return 422;
    case OD_VERDICT_STALE:
        return 412;
    case OD_VERDICT_UNNUMBERED:
    case OD_VERDICTS:
        break;
    }
    return 500;
}

void od_decide(struct od_decision *d, const struct od_command *c, bool dry_run)
{
    struct od_decision before = *d;
    struct od_step step = {.d = d, .env = d->env, .c = c};
    d->verdict = OD_VERDICT_DONE;
    d->refusal = (struct od_refusal){0};
    d->made = NULL;
    d->wants_series = false;
    if (d->order)
        step.order = od_order_clone(d->env->arena, d->order);

    if (decide_all(&step) != 0) {
        enum od_verdict verdict = d->verdict;
        enum od_document wanted = d->wanted;
        struct od_str series = d->wanted_series;
        bool wants_series = d->wants_series;
        struct od_refusal refusal = d->refusal;
        undo_stock(&step);
        *d = before;
        for (uint32_t i = 0; i < d->document_count; i++)
            d->documents[i].used = false;
        d->verdict = verdict;
        d->wanted = wanted;
        d->wanted_series = series;
        d->wants_series = wants_series;
        d->refusal = refusal;
    } else if (dry_run) {
        keep_preview(&step);
        undo_stock(&step);
    } else if (d->order) {
        *d->order = *step.order;
    }
}

int32_t od_decision_answer_id(const struct od_decision *d)
{
    int32_t id = d->activity_id;
    for (enum od_entity_kind k = 0; k < OD_ENTITY_COUNT; k++)
        id = d->part_ids[k] ? d->part_ids[k] : id;
    return id;
}
