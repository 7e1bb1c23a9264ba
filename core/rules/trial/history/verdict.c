#include "base/clock.h"
#include "order/model/fields.h"
#include "rules/trial/history/run.h"

/* Compares the candidate's verdicts and numbers with the recorded ones. */

enum { NUMBER_DIGITS = 18 }; /* of a sequence's value; all of them fit int64 */

/* "allowed", "hold HANDLE", or the refusal's code. */
static struct od_str verdict(struct od_arena *a, const struct od_policy_answer *answer)
{
    if (answer->refused)
        return answer->code.len ? answer->code : OD_STR("refused");
    if (answer->hold.len)
        return od_arena_printf(a, "hold %.*s", OD_STR_ARG(answer->hold));
    return OD_STR("allowed");
}

static bool ask_base(struct od_replay_run *run, enum od_question q,
                     const struct od_policy_request *request, struct od_policy_answer *answer)
{
    const struct od_policies *p = run->replay->base->policies;
    struct od_err err;
    *answer = (struct od_policy_answer){0};
    return p->ask(p->ctx, q, run->order, request, run->arena, answer, &err) == 0;
}

/* Returns base's answer about the snapshot with its present statuses; absent: base has none. */
static struct od_str base_verdict(struct od_replay_run *run, enum od_question q,
                                  const struct od_policy_request *request)
{
    const struct od_replay_rules *base = run->replay->base;
    struct od_policy_answer answer;
    if (!base)
        return OD_STR_NONE;
    if (!od_replay_answers(base, q))
        return OD_STR("allowed");
    return ask_base(run, q, request, &answer) ? verdict(run->arena, &answer) : OD_STR_NONE;
}

/* History overruled something ("order.cancel: Part of the order is on its way; …"): when it was
 * this question's refusal, that is what was answered then. */
static void compare_overruled(struct od_replay_run *run, enum od_question q,
                              const struct od_policy_request *request)
{
    struct od_replay *r = run->replay;
    struct od_policy_answer answer = {0};
    struct od_str rest = run->e->overruled, part, name = od_question_name(q);
    bool refused = false;
    while (od_str_cut(&rest, ';', &part)) {
        part = od_str_trim(part);
        refused = refused || (od_str_starts_with(part, name) && part.ptr[name.len] == ':');
    }
    if (!refused) {
        r->skipped[OD_REPLAY_SKIP_HISTORICAL]++;
        return;
    }
    if (od_replay_answers(&r->candidate, q) && !od_replay_ask(run, q, request, &answer))
        return;
    if (!answer.refused)
        od_replay_tell(run,
                       (struct od_replay_found){.kind = OD_REPLAY_ALLOWED,
                                                .old = OD_STR("refused"),
                                                .new_ = verdict(run->arena, &answer)},
                       &answer);
}

void od_replay_compare(struct od_replay_run *run, enum od_question q,
                       const struct od_policy_request *request, struct od_str recorded,
                       enum od_replay_difference kind)
{
    struct od_replay *r = run->replay;
    struct od_policy_answer answer = {0};
    bool answered = od_replay_answers(&r->candidate, q);
    bool asked = run->asked & (1u << q);
    if (!od_replay_wants(run, q) ||
        (!answered && !asked && !(r->base && od_replay_answers(r->base, q))))
        return;
    if (run->e->overruled.ptr) {
        compare_overruled(run, q, request);
        return;
    }
    struct od_str old = asked ? recorded : base_verdict(run, q, request);
    if (!old.ptr) {
        r->skipped[OD_REPLAY_SKIP_NOT_ASKED]++;
        return;
    }
    if (answered && !od_replay_ask(run, q, request, &answer))
        return;
    struct od_str new_ = verdict(run->arena, &answer);
    if (!od_str_eq(old, new_))
        od_replay_tell(run, (struct od_replay_found){.kind = kind, .old = old, .new_ = new_},
                       &answer);
}

/* A hold that order.place asked for is the event behind order.placed. */
static struct od_str recorded_placement(struct od_replay_run *run)
{
    const struct od_event *next = run->e + 1;
    if (next < run->end && next->type == OD_EVENT_ORDER_HELD &&
        od_str_starts_with(next->hold->by, OD_STR("order.place@")))
        return od_arena_printf(run->arena, "hold %.*s", OD_STR_ARG(next->hold->handle));
    return OD_STR("allowed");
}

/* The digits a number ends in, which are the sequence's value more often than not. */
static bool trailing_value(struct od_str number, int64_t *out)
{
    size_t n = 0;
    while (n < number.len && number.ptr[number.len - n - 1] >= '0' &&
           number.ptr[number.len - n - 1] <= '9')
        n++;
    return n > 0 && n <= NUMBER_DIGITS &&
           od_str_to_i64(od_str_slice(number, number.len - n, number.len), 0, INT64_MAX, out);
}

static bool series_of(struct od_replay_run *run, const struct od_replay_rules *rules,
                      struct od_str *series)
{
    bool is_base = rules == run->replay->base;
    struct od_policy_request request = od_replay_request(run);
    struct od_policy_answer answer;
    *series = OD_STR_NONE;
    if (!od_replay_answers(rules, OD_ASK_ORDER_SERIES))
        return true;
    if (!(is_base ? ask_base : od_replay_ask)(run, OD_ASK_ORDER_SERIES, &request, &answer))
        return false;
    *series = answer.value;
    return true;
}

/* Whether base makes this very number of the value it seems to be made of: then the value is known.
 */
static bool explained(struct od_replay_run *run, struct od_policy_request *request)
{
    const struct od_replay_rules *base = run->replay->base;
    struct od_policy_answer answer;
    request->seq_year = od_time_year(run->e->at);
    return base && trailing_value(run->number, &request->seq_value) &&
           series_of(run, base, &request->series) &&
           ask_base(run, OD_ASK_ORDER_NUMBER, request, &answer) &&
           od_str_eq(answer.value, run->number);
}

/* With the order as it was asked about: without a number. */
static void compare_number(struct od_replay_run *run)
{
    struct od_policy_request request = od_replay_request(run);
    struct od_policy_answer answer;
    struct od_str series;
    struct od_replay_found f = {.kind = OD_REPLAY_NUMBER, .old = run->number};
    if (!explained(run, &request)) {
        run->replay->skipped[OD_REPLAY_SKIP_NUMBER]++;
        return;
    }
    if (!series_of(run, &run->replay->candidate, &series))
        return;
    bool same = od_str_eq(series, request.series);
    request.series = series;
    if (!od_replay_ask(run, OD_ASK_ORDER_NUMBER, &request, &answer))
        return;
    if (same && od_str_eq(answer.value, run->number))
        return;
    f.new_ = answer.value;
    if (!same)
        answer.reason =
            od_arena_printf(run->arena, "counted in the series \"%.*s\"", OD_STR_ARG(series));
    od_replay_tell(run, f, &answer);
}

void od_replay_placed(struct od_replay_run *run)
{
    struct od_order *o = run->order;
    struct od_policy_request request = od_replay_request(run);
    if (run->asked & (1u << OD_ASK_ORDER_NUMBER) && od_replay_wants(run, OD_ASK_ORDER_NUMBER)) {
        o->order_number = OD_STR_NONE;
        compare_number(run);
        o->order_number = run->number;
    }
    if (od_uuid_is_zero(&o->split_of)) /* else nobody is asked: it was placed before */
        od_replay_compare(run, OD_ASK_ORDER_PLACE, &request, recorded_placement(run),
                          OD_REPLAY_REFUSED);
}

void od_replay_cancelable(struct od_replay_run *run)
{
    struct od_replay *r = run->replay;
    struct od_policy_answer answer;
    struct od_policy_request request = {.actor = run->e->actor, .now = r->now};
    if (!r->base || run->order->canceled_at || !od_replay_wants(run, OD_ASK_ORDER_CANCEL))
        return;
    struct od_str old = base_verdict(run, OD_ASK_ORDER_CANCEL, &request);
    od_replay_dress(run, run->mine);
    bool usable = od_replay_ask(run, OD_ASK_ORDER_CANCEL, &request, &answer);
    od_replay_dress(run, run->recorded);
    if (!usable || !old.ptr)
        return;
    bool was = od_str_is(old, "allowed");
    if (was == !answer.refused)
        return;
    struct od_replay_found f = {.old = old, .new_ = verdict(run->arena, &answer)};
    f.kind = was ? OD_REPLAY_NO_MORE_CANCELABLE : OD_REPLAY_NOW_CANCELABLE;
    od_replay_tell(run, f, &answer);
}
