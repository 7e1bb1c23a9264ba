#include "rules/trial/history/replay.h"

#include "order/ledger/event.h"
#include "rules/trial/history/run.h"

static const enum od_question status_questions[OD_STATUS_KINDS] = {
    [OD_STATUS_ORDER] = OD_ASK_ORDER_STATUS,
    [OD_STATUS_PAYMENT] = OD_ASK_PAYMENT_STATUS,
    [OD_STATUS_SHIPMENT] = OD_ASK_SHIPMENT_STATUS,
};

void od_replay_dress(struct od_replay_run *run, const struct od_str statuses[OD_STATUS_KINDS])
{
    run->order->status = statuses[OD_STATUS_ORDER];
    run->order->payment_status = statuses[OD_STATUS_PAYMENT];
    run->order->shipment_status = statuses[OD_STATUS_SHIPMENT];
}

static void read_statuses(const struct od_order *o, struct od_str out[OD_STATUS_KINDS])
{
    out[OD_STATUS_ORDER] = o->status;
    out[OD_STATUS_PAYMENT] = o->payment_status;
    out[OD_STATUS_SHIPMENT] = o->shipment_status;
}

void od_replay_tell(struct od_replay_run *run, struct od_replay_found f,
                    const struct od_policy_answer *answer)
{
    f.order_id = run->order->order_id;
    f.order_number = run->number;
    f.seq = run->e->seq;
    if (answer) {
        f.policy = answer->policy;
        f.reason = answer->reason;
    }
    run->replay->found(run->replay->ctx, &f);
}

struct od_policy_request od_replay_request(const struct od_replay_run *run)
{
    return (struct od_policy_request){.actor = run->e->actor, .now = run->e->at};
}

bool od_replay_ask(struct od_replay_run *run, enum od_question q,
                   const struct od_policy_request *request, struct od_policy_answer *answer)
{
    const struct od_policies *p = run->replay->candidate.policies;
    struct od_err err;
    od_err_clear(&err);
    *answer = (struct od_policy_answer){0};
    run->replay->decisions++;
    int failed = p->ask(p->ctx, q, run->order, request, run->arena, answer, &err);
    if (!answer->policy.ptr)
        answer->policy = od_question_name(q);
    if (!failed)
        return true;
    answer->reason =
        od_arena_printf(run->arena, "%s%s%s", err.origin, err.origin[0] ? ": " : "", err.message);
    od_replay_tell(run, (struct od_replay_found){.kind = OD_REPLAY_FAILED}, answer);
    return false;
}

/* "command.NAME@plugin order.status@default" -> bits. */
static uint32_t questions_of(struct od_str policy)
{
    uint32_t bits = 0;
    struct od_str label, question;
    while (od_str_cut(&policy, ' ', &label)) {
        if (!od_str_cut(&label, '@', &question))
            continue;
        for (int q = 0; q < OD_QUESTIONS; q++) {
            if (od_str_eq(question, od_question_name((enum od_question)q)))
                bits |= 1u << q;
        }
    }
    return bits;
}

static const struct od_status_set *set_of(const struct od_replay_run *run, int kind)
{
    return &run->replay->candidate.statuses->of[kind];
}

static void check_move(struct od_replay_run *run, enum od_status_kind kind, struct od_str from,
                       struct od_str to, const struct od_policy_answer *answer)
{
    const struct od_status_set *set = set_of(run, kind);
    bool known = od_status_find(set, to);
    if (run->e->overruled.ptr || (known && od_status_can_move(set, from, to)))
        return;
    struct od_replay_found f = {
        .kind = OD_REPLAY_FORBIDDEN_MOVE, .status_kind = kind, .old = from, .new_ = to};
    if (!known)
        f.reason = OD_STR("there is no such status");
    od_replay_tell(run, f, answer);
}

/* The candidate's answer about one status; false when it has none that can be used. */
static bool ask_status(struct od_replay_run *run, enum od_status_kind kind,
                       struct od_policy_answer *answer)
{
    enum od_question q = status_questions[kind];
    struct od_policy_request request = od_replay_request(run);
    if (!od_replay_ask(run, q, &request, answer))
        return false;
    if (answer->refused) {
        struct od_replay_found f = {.kind = OD_REPLAY_REFUSED,
                                    .old = run->recorded[kind],
                                    .new_ = answer->code.ptr ? answer->code : OD_STR("refused")};
        if (run->e->overruled.ptr)
            run->replay->skipped[OD_REPLAY_SKIP_HISTORICAL]++;
        else
            od_replay_tell(run, f, answer);
        return false;
    }
    if (od_status_find(set_of(run, kind), answer->value))
        return true;
    answer->reason = od_arena_printf(run->arena, "answered \"%.*s\", which is no configured %s",
                                     OD_STR_ARG(answer->value), od_status_kind_name(kind));
    od_replay_tell(run, (struct od_replay_found){.kind = OD_REPLAY_FAILED, .status_kind = kind},
                   answer);
    return false;
}

/* As decide settles one: asked about what the event made, under the statuses settled before. */
static void settle(struct od_replay_run *run, enum od_status_kind kind, struct od_str from)
{
    struct od_policy_answer answer;
    struct od_str now = run->mine[kind], recorded = run->recorded[kind];
    if (!ask_status(run, kind, &answer)) {
        run->mine[kind] = recorded;
    } else {
        if (!od_str_eq(answer.value, now))
            check_move(run, kind, from, answer.value, &answer);
        run->mine[kind] = answer.value;
        if (!od_str_eq(answer.value, recorded))
            od_replay_tell(run,
                           (struct od_replay_found){.kind = OD_REPLAY_STATUS,
                                                    .status_kind = kind,
                                                    .old = recorded,
                                                    .new_ = answer.value},
                           &answer);
    }
    od_replay_dress(run, run->mine);
}

static bool decided(const struct od_replay_run *run, int kind)
{
    enum od_question q = status_questions[kind];
    return run->asked & (1u << q) && od_replay_wants(run, q);
}

/* A status that the event itself sets is there before anybody is asked. */
static void take_over(struct od_replay_run *run, enum od_status_kind kind)
{
    const struct od_status_change *change = &run->e->status[kind];
    bool placed = run->e->type == OD_EVENT_ORDER_PLACED;
    if (placed)
        run->mine[kind] = od_status_default(set_of(run, kind))->code;
    if (!change->to.ptr || decided(run, kind))
        return;
    if (!(run->asked & (1u << status_questions[kind]))) {
        run->replay->skipped[OD_REPLAY_SKIP_EXPLICIT]++;
        check_move(run, kind, placed ? change->to : run->mine[kind], change->to, NULL);
    }
    run->mine[kind] = change->to;
}

/* order.status comes last: it looks at the other two. */
static void settle_all(struct od_replay_run *run)
{
    static const enum od_status_kind order[OD_STATUS_KINDS] = {OD_STATUS_PAYMENT,
                                                               OD_STATUS_SHIPMENT, OD_STATUS_ORDER};
    struct od_str from[OD_STATUS_KINDS];
    memcpy(from, run->mine, sizeof from);
    for (int i = 0; i < OD_STATUS_KINDS; i++)
        take_over(run, order[i]);
    od_replay_dress(run, run->mine);
    if (run->e->type == OD_EVENT_ORDER_PLACED)
        od_replay_placed(run);
    for (int i = 0; i < OD_STATUS_KINDS; i++) {
        if (decided(run, order[i]))
            settle(run, order[i], from[order[i]]);
    }
}

static void show(struct od_replay_run *run, const struct od_str before[OD_STATUS_KINDS])
{
    struct od_replay *r = run->replay;
    struct od_event e = *run->e;
    if (!r->event)
        return;
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        e.status[kind].from = before[kind];
        bool same = e.type != OD_EVENT_ORDER_PLACED && od_str_eq(before[kind], run->mine[kind]);
        e.status[kind].to = same ? OD_STR_NONE : run->mine[kind];
    }
    od_replay_dress(run, run->mine);
    r->event(r->ctx, true, &e, run->order);
    od_replay_dress(run, run->recorded);
    r->event(r->ctx, false, run->e, run->order);
}

static int step(struct od_replay_run *run, struct od_err *err)
{
    struct od_str before[OD_STATUS_KINDS];
    memcpy(before, run->mine, sizeof before);
    run->asked = questions_of(run->e->policy);
    if (run->e->type != OD_EVENT_ORDER_PLACED) {
        od_replay_dress(run, run->mine);
        od_replay_event(run);
        od_replay_dress(run, run->recorded);
    }
    if (od_fold(run->order, run->e, run->arena, err))
        return -1;
    run->number = run->order->order_number;
    read_statuses(run->order, run->recorded);
    settle_all(run);
    od_replay_dress(run, run->recorded);
    show(run, before);
    return 0;
}

static void compare_end(struct od_replay_run *run)
{
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (run->replay->ended)
            run->replay->ended(run->replay->ctx, (enum od_status_kind)kind, run->recorded[kind],
                               run->mine[kind]);
        if (!od_str_eq(run->recorded[kind], run->mine[kind]))
            od_replay_tell(run,
                           (struct od_replay_found){.kind = OD_REPLAY_FINAL_STATUS,
                                                    .status_kind = (enum od_status_kind)kind,
                                                    .old = run->recorded[kind],
                                                    .new_ = run->mine[kind]},
                           NULL);
    }
    od_replay_cancelable(run);
}

int od_replay_order(struct od_replay *r, const struct od_event *events, uint32_t count,
                    struct od_arena *a, struct od_order **last, struct od_err *err)
{
    struct od_replay_run run = {
        .replay = r, .arena = a, .order = OD_NEW(a, struct od_order), .first = events};
    *last = run.order;
    run.end = events + count;
    for (run.e = events; run.e < run.end; run.e++) {
        if (step(&run, err))
            return -1;
    }
    if (count > 0) {
        run.e = run.end - 1; /* what is said of the end is said of the last */
        compare_end(&run);
    }
    return 0;
}
