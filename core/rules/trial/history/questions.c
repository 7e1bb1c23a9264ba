#include "base/clock.h"
#include "order/commands/refund/refund.h"
#include "order/ledger/event_kind.h"
#include "order/machine/command_kind.h"
#include "rules/trial/history/run.h"

/* Asks the question that was asked before an event, as its row says, and those about the document
 * that it issues. */

/* Somebody answers the question, or did. */
static bool matters(const struct od_replay_run *run, enum od_question q)
{
    const struct od_replay *r = run->replay;
    return run->asked & (1u << q) || od_replay_answers(&r->candidate, q) ||
           (r->base && od_replay_answers(r->base, q));
}

static void compare_question(struct od_replay_run *run, const struct od_event_kind *kind)
{
    struct od_policy_request request = od_replay_request(run);
    const struct od_past past = {run->first, run->e, run->end, run->order, run->arena};
    enum od_question q = kind->question;
    if (q == OD_QUESTIONS || !matters(run, q))
        return;
    switch (kind->asked(&past, &request)) {
    case OD_ASKED_NOT:
        return;
    case OD_ASKED_MAYBE:
        if (run->asked & (1u << q))
            break;
        if (od_replay_answers(&run->replay->candidate, q))
            run->replay->skipped[OD_REPLAY_SKIP_NOT_ASKED]++;
        return;
    case OD_ASKED:
        break;
    }
    od_replay_compare(run, q, &request, OD_STR("allowed"),
                      q == OD_ASK_ORDER_CANCEL ? OD_REPLAY_CANCEL_REFUSED : OD_REPLAY_REFUSED);
}

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
static void compare_document(struct od_replay_run *run, const struct od_event_document *d)
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

void od_replay_event(struct od_replay_run *run)
{
    const struct od_event_kind *kind = od_event_kinds[run->e->type];
    struct od_event_document document;
    compare_question(run, kind);
    if (!kind->document)
        return;
    kind->document(run->e, &document);
    if (document.refund)
        document.refund = od_refund_unnumbered(document.refund, run->arena);
    compare_document(run, &document);
}
