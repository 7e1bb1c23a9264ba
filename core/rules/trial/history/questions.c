#include "base/clock.h"
#include "order/commands/change/change.h"
#include "order/machine/decide.h"
#include "rules/trial/history/run.h"

/* What was asked about refunds, returns, changes and documents. */

static const struct od_str allowed = OD_STR_INIT("allowed");

/* As the rule saw it: without a number. */
static struct od_refund before_its_number(const struct od_refund *r)
{
    struct od_refund shown = *r;
    shown.credit_memo_number = shown.series = OD_STR_NONE;
    shown.series_value = 0;
    shown.version = 0;
    return shown;
}

/* A gateway's own refund is a fact that nobody is asked about, and looks like one that was asked
 * for with an amount alone: then only what was asked is compared. */
static void compare_refund(struct od_replay_run *run, const struct od_refund *r)
{
    struct od_policy_request request = od_replay_request(run);
    bool asked = run->asked & (1u << OD_ASK_ORDER_REFUND);
    request.refund = r;
    request.reason = r->reason;
    if (asked || r->item_count || r->reason.ptr || r->return_id)
        od_replay_compare(run, OD_ASK_ORDER_REFUND, &request, allowed, OD_REPLAY_REFUSED);
    else if (od_replay_answers(&run->replay->candidate, OD_ASK_ORDER_REFUND))
        run->replay->skipped[OD_REPLAY_SKIP_NOT_ASKED]++;
}

static void compare_return(struct od_replay_run *run)
{
    struct od_policy_request request = od_replay_request(run);
    request.ret = run->e->ret;
    request.reason = run->e->ret->reason;
    od_replay_compare(run, OD_ASK_ORDER_RETURN, &request, allowed, OD_REPLAY_REFUSED);
}

/* What the stored terms came to when they were proposed. NULL: they cannot be read, or no longer
 * add up. */
static const struct od_patch *proposed_patch(struct od_replay_run *run)
{
    struct od_change_terms terms;
    struct od_problem_list problems = {.arena = run->arena};
    struct od_err err;
    if (od_change_decode(run->e->change->request, run->arena, &terms, &err) != 0)
        return NULL;
    const struct od_order *after = od_change_apply(run->order, &terms, run->arena, &problems);
    return after ? od_change_patch(run->order, after, run->arena) : NULL;
}

static void compare_change(struct od_replay_run *run, const struct od_change *change,
                           const struct od_patch *patch)
{
    struct od_policy_request request = od_replay_request(run);
    if (!change || !patch)
        return;
    request.patch = patch;
    request.difference = change->difference;
    request.reason = change->reason;
    od_replay_compare(run, OD_ASK_ORDER_CHANGE, &request, allowed, OD_REPLAY_REFUSED);
}

struct document {
    enum od_document kind;
    struct od_str number, series; /* as recorded */
    int64_t value;
    const struct od_refund *refund;
};

/* False when the candidate failed, which has been told. */
static bool ask_series(struct od_replay_run *run, struct od_policy_request *request,
                       struct od_policy_answer *answer)
{
    request->series = request->document;
    if (!od_replay_answers(&run->replay->candidate, OD_ASK_DOCUMENT_SERIES))
        return true;
    const struct od_refund *refund = request->refund;
    request->series = OD_STR_NONE;
    request->refund = NULL; /* it is asked before the refund is known */
    bool usable = od_replay_ask(run, OD_ASK_DOCUMENT_SERIES, request, answer);
    request->refund = refund;
    request->series = answer->value.ptr ? answer->value : request->document;
    return usable;
}

static bool ask_number(struct od_replay_run *run, const struct od_policy_request *request,
                       struct od_policy_answer *answer)
{
    if (od_replay_answers(&run->replay->candidate, OD_ASK_DOCUMENT_NUMBER))
        return od_replay_ask(run, OD_ASK_DOCUMENT_NUMBER, request, answer);
    answer->value = od_arena_printf(run->arena, "%.*s-%lld", OD_STR_ARG(request->series),
                                    (long long)request->seq_value);
    return true;
}

/* The value is in the ledger. In another series it would be another one, so that the answer shows
 * what the number would look like. */
static void compare_document(struct od_replay_run *run, const struct document *d)
{
    struct od_replay *r = run->replay;
    struct od_policy_request request = od_replay_request(run);
    struct od_policy_answer answer = {0};
    if (!od_replay_wants(run, OD_ASK_DOCUMENT_SERIES) &&
        !od_replay_wants(run, OD_ASK_DOCUMENT_NUMBER))
        return;
    if (d->value < 1 || !d->series.ptr) {
        r->skipped[OD_REPLAY_SKIP_NUMBER]++;
        return;
    }
    request.document = od_document_name(d->kind);
    request.seq_year = od_time_year(run->e->at);
    request.refund = d->refund;
    if (!ask_series(run, &request, &answer))
        return;
    bool same = od_str_eq(request.series, d->series);
    request.seq_value = d->value;
    if (!ask_number(run, &request, &answer) || (same && od_str_eq(answer.value, d->number)))
        return;
    if (!same)
        answer.reason = od_arena_printf(run->arena, "counted in the series \"%.*s\"",
                                        OD_STR_ARG(request.series));
    od_replay_tell(
        run,
        (struct od_replay_found){.kind = OD_REPLAY_NUMBER, .old = d->number, .new_ = answer.value},
        &answer);
}

static void compare_credit_memo(struct od_replay_run *run, const struct od_refund *shown)
{
    const struct od_refund *r = run->e->refund;
    compare_document(run, &(struct document){.kind = OD_DOCUMENT_CREDIT_MEMO,
                                             .number = r->credit_memo_number,
                                             .series = r->series,
                                             .value = r->series_value,
                                             .refund = shown});
}

static void compare_invoice(struct od_replay_run *run)
{
    const struct od_invoice *i = run->e->invoice;
    bool credits = run->e->type == OD_EVENT_INVOICE_CREDITED;
    compare_document(
        run, &(struct document){.kind = credits ? OD_DOCUMENT_CREDIT_MEMO : OD_DOCUMENT_INVOICE,
                                .number = i->invoice_number,
                                .series = i->series,
                                .value = i->series_value});
}

void od_replay_parts(struct od_replay_run *run)
{
    const struct od_event *e = run->e;
    struct od_refund shown;
    switch ((int)e->type) {
    case OD_EVENT_PAYMENT_REFUNDED:
        shown = before_its_number(e->refund);
        compare_refund(run, &shown);
        compare_credit_memo(run, &shown);
        break;
    case OD_EVENT_RETURN_REQUESTED:
        compare_return(run);
        break;
    case OD_EVENT_CHANGE_PROPOSED:
        compare_change(run, e->change, proposed_patch(run));
        break;
    case OD_EVENT_ORDER_CHANGED:
        compare_change(run, od_order_change(run->order, e->change->change_id), e->patch);
        break;
    case OD_EVENT_INVOICE_ISSUED:
    case OD_EVENT_INVOICE_CREDITED:
        compare_invoice(run);
        break;
    }
}
