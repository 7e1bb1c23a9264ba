#include "../order/check.h"

#include "rules/trial/history/replay.h"

/* A shop's ledger under rules that differ from those that wrote it. `other` is only its policies.
 */

enum { MOST = 32 };

struct seen {
    struct od_replay_found all[MOST];
    uint32_t count;
    struct od_str shown[2][MOST]; /* [candidate] order status after each event */
    uint32_t shown_count[2];
};

struct trial {
    struct shop other;
    struct od_policies policies;
    struct od_replay_rules base;
    struct od_replay replay;
    struct seen seen;
    struct od_order *last;
};

static void on_found(void *ctx, const struct od_replay_found *f)
{
    struct seen *seen = &((struct trial *)ctx)->seen;
    assert_true(seen->count < MOST);
    seen->all[seen->count++] = *f;
}

static void on_event(void *ctx, bool candidate, const struct od_event *e, const struct od_order *o)
{
    struct seen *seen = &((struct trial *)ctx)->seen;
    assert_int_equal(e->seq, o->version);
    assert_true(seen->shown_count[candidate] < MOST);
    seen->shown[candidate][seen->shown_count[candidate]++] = o->status;
}

static bool answers_all(void *ctx, enum od_question q)
{
    (void)ctx;
    return q != OD_ASK_ORDER_SERIES;
}

static bool answers_none(void *ctx, enum od_question q)
{
    (void)ctx;
    return !od_question_optional(q);
}

static struct trial *trial(struct shop *sh)
{
    struct trial *t = OD_NEW(&sh->arena, struct trial);
    sh->policies.answers = answers_none;
    t->policies = (struct od_policies){.ctx = &t->other, .ask = shop_ask, .answers = answers_none};
    t->base = (struct od_replay_rules){&sh->policies, &statuses};
    t->replay = (struct od_replay){
        .candidate = {&t->policies, &statuses},
        .base = &t->base,
        .questions = ~0u,
        .now = NOW,
        .ctx = t,
        .found = on_found,
    };
    return t;
}

static void run(struct shop *sh, struct trial *t)
{
    struct od_err err;
    if (od_replay_order(&t->replay, sh->ledger, (uint32_t)sh->ledger_len, &sh->arena, &t->last,
                        &err) != 0)
        fail_msg("%s", err.message);
    assert_null(od_order_diff(&sh->arena, t->last, &sh->order));
}

static const struct od_replay_found *find(const struct trial *t, enum od_replay_difference kind)
{
    for (uint32_t i = 0; i < t->seen.count; i++) {
        if (t->seen.all[i].kind == kind)
            return &t->seen.all[i];
    }
    return NULL;
}

static uint32_t count(const struct trial *t, enum od_replay_difference kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->seen.count; i++)
        n += t->seen.all[i].kind == kind;
    return n;
}

static void assert_found(struct shop *sh, const struct od_replay_found *f, int32_t seq,
                         const char *old, const char *new_)
{
    assert_non_null(f);
    assert_int_equal(f->order_id, 42);
    assert_str(f->order_number, "T-2023-1");
    assert_int_equal(f->seq, seq);
    assert_str(f->old, old);
    assert_str(f->new_, new_);
}

static void sell(struct shop *sh)
{
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':'25.50'}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
}

static void the_rules_that_wrote_history_find_no_difference(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{'handle':'fraud','reason':'looks odd'}"));
    assert_done(shop_do(sh, OD_COMMAND_RELEASE, "{'handle':'fraud'}"));
    assert_done(shop_update_shipment(sh, 1, "{'status':'delivered'}"));
    struct trial *t = trial(sh);
    t->replay.event = on_event;
    run(sh, t);
    assert_int_equal(t->seen.count, 0);
    /* 3 of place and its number, 2 of the capture, 2 of each of the shipment's two, 1 of each hold,
     * and whether it can be canceled now. */
    assert_int_equal(t->replay.decisions, 4 + 2 + 2 + 1 + 1 + 2 + 1);
    assert_int_equal(t->seen.shown_count[0], sh->ledger_len);
    assert_int_equal(t->seen.shown_count[1], sh->ledger_len);
}

/* A life with all that may happen to an order, and the label of what was asked at each. */
static void live_fully(struct shop *sh)
{
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE,
                        "{'items':[{'orderItemId':1,'qty':3}],'reason':'one more'}"));
    assert_done(shop_do(sh, OD_COMMAND_CONFIRM_CHANGE, "{}"));
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}"));
    assert_done(shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'status':'delivered'}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT,
                        "{'handedOver':true,'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CREATE_RETURN, "{'items':[{'orderItemId':1,'qty':1}]}"));
    struct od_command *c = shop_command(sh, OD_COMMAND_UPDATE_RETURN, "{'status':'received'}");
    c->ret.return_id = 1;
    assert_done(shop_run(sh, c));
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'returnId':1,'reason':'sent back'}"));
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT,
                        "{'type':'refund','amount':1,'transactionId':'at-the-gateway'}"));
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'chargeback','amount':1}"));
}

static void a_full_life_is_replayed_without_a_difference(void **state)
{
    struct shop *sh = *state;
    for (int all = 0; all < 2; all++) {
        shop_close(sh);
        shop_open(sh);
        memset(sh->answers, all, sizeof sh->answers);
        live_fully(sh);
        struct trial *t = trial(sh);
        t->policies.answers = shop_answers;
        sh->policies.answers = shop_answers;
        memset(t->other.answers, all, sizeof t->other.answers);
        run(sh, t);
        for (uint32_t i = 0; i < t->seen.count; i++)
            print_error("%d: %d %.*s -> %.*s\n", t->seen.all[i].seq, (int)t->seen.all[i].kind,
                        OD_STR_ARG(t->seen.all[i].old), OD_STR_ARG(t->seen.all[i].new_));
        assert_int_equal(t->seen.count, 0);
        assert_int_equal(t->other.asked[OD_ASK_ORDER_CHANGE], all ? 2 : 0);
        assert_int_equal(t->other.asked[OD_ASK_ORDER_RETURN], all);
        assert_int_equal(t->other.asked[OD_ASK_ORDER_REFUND], all);
        assert_int_equal(t->other.asked[OD_ASK_ORDER_SHIP], all);
        assert_int_equal(t->other.asked[OD_ASK_DOCUMENT_NUMBER], all ? 3 : 0);
    }
}

static void a_stricter_rule_refuses_parts_of_a_full_life(void **state)
{
    static const struct {
        enum od_question q;
        uint32_t refusals;
    } strict[] = {{OD_ASK_ORDER_CHANGE, 2}, {OD_ASK_ORDER_RETURN, 1}, {OD_ASK_ORDER_REFUND, 1}};
    struct shop *sh = *state;
    memset(sh->answers, true, sizeof sh->answers);
    live_fully(sh);
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++) {
        struct trial *t = trial(sh);
        t->policies.answers = sh->policies.answers = shop_answers;
        memset(t->other.answers, true, sizeof t->other.answers);
        t->other.refuse[strict[i].q] = "Not here";
        run(sh, t);
        assert_int_equal(count(t, OD_REPLAY_REFUSED), strict[i].refusals);
        assert_str(find(t, OD_REPLAY_REFUSED)->reason, "Not here");
    }
    struct trial *t = trial(sh);
    t->policies.answers = sh->policies.answers = shop_answers;
    memset(t->other.answers, true, sizeof t->other.answers);
    t->other.refuse[OD_ASK_ORDER_CANCEL] = "Not here";
    run(sh, t);
    assert_int_equal(count(t, OD_REPLAY_CANCEL_REFUSED), 1);
}

static void another_number_of_a_document_is_found(void **state)
{
    struct shop *sh = *state;
    live_fully(sh);
    struct trial *t = trial(sh);
    t->policies.answers = shop_answers;
    t->other.answers[OD_ASK_DOCUMENT_NUMBER] = true;
    t->other.value[OD_ASK_DOCUMENT_NUMBER] = "D/1";
    run(sh, t);
    assert_int_equal(count(t, OD_REPLAY_NUMBER), 3);
    assert_str(find(t, OD_REPLAY_NUMBER)->new_, "D/1");
}

static void another_status_is_found_at_its_event_and_at_the_end(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    struct trial *t = trial(sh);
    t->other.value[OD_ASK_ORDER_STATUS] = "on_hold";
    t->replay.event = on_event;
    run(sh, t);
    assert_int_equal(count(t, OD_REPLAY_STATUS), 3);
    const struct od_replay_found *f = find(t, OD_REPLAY_STATUS);
    assert_found(sh, f, 1, "pending", "on_hold");
    assert_int_equal(f->status_kind, OD_STATUS_ORDER);
    assert_str(f->policy, "order.status@test");
    assert_int_equal(count(t, OD_REPLAY_FINAL_STATUS), 1);
    assert_found(sh, find(t, OD_REPLAY_FINAL_STATUS), 3, "shipped", "on_hold");
    assert_str(t->seen.shown[0][2], "shipped");
    assert_str(t->seen.shown[1][2], "on_hold");
}

/* order.status looks at the payment status that the candidate gave, not at the recorded one. */
static void later_answers_follow_the_candidates_own_statuses(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    struct trial *t = trial(sh);
    t->other.value[OD_ASK_PAYMENT_STATUS] = "authorized";
    run(sh, t);
    const struct od_replay_found *f = &t->seen.all[t->seen.count - 2];
    assert_int_equal(f->kind, OD_REPLAY_FINAL_STATUS);
    assert_found(sh, f, 3, "shipped", "pending");
    assert_int_equal(f->status_kind, OD_STATUS_ORDER);
    assert_found(sh, f + 1, 3, "paid", "authorized");
    assert_int_equal(f[1].status_kind, OD_STATUS_PAYMENT);
}

static void a_question_left_out_is_not_asked(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    struct trial *t = trial(sh);
    t->other.value[OD_ASK_PAYMENT_STATUS] = "authorized";
    t->other.value[OD_ASK_SHIPMENT_STATUS] = "lost";
    t->replay.questions = 1u << OD_ASK_SHIPMENT_STATUS;
    run(sh, t);
    assert_int_equal(t->other.asked[OD_ASK_PAYMENT_STATUS], 0);
    assert_int_equal(t->other.asked[OD_ASK_ORDER_STATUS], 0);
    assert_int_equal(t->other.asked[OD_ASK_ORDER_CANCEL], 0);
    assert_int_equal(count(t, OD_REPLAY_FINAL_STATUS), 1);
    assert_found(sh, find(t, OD_REPLAY_FINAL_STATUS), 3, "shipped", "lost");
}

static void a_recorded_cancel_that_would_be_refused_is_found(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'reason':'changed my mind'}"));
    struct trial *t = trial(sh);
    t->other.refuse[OD_ASK_ORDER_CANCEL] = "Nothing is canceled here";
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_found(sh, find(t, OD_REPLAY_CANCEL_REFUSED), 2, "allowed", "no");
    assert_str(t->seen.all[0].reason, "Nothing is canceled here");
    assert_str(t->seen.all[0].policy, "order.cancel@test");
}

static void a_rules_reason_for_a_cancel_is_not_taken_for_a_persons(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->says[OD_ASK_ORDER_CANCEL] = "within the window";
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    struct trial *t = trial(sh);
    run(sh, t);
    assert_int_equal(t->other.asked[OD_ASK_ORDER_CANCEL], 1);
    assert_null(t->other.cancel_reason.ptr);
    sh->ledger[1].reason = sh->order.cancel_reason = OD_STR("changed my mind");
    run(sh, t);
    assert_str(t->other.cancel_reason, "changed my mind");
}

static void what_can_be_canceled_now_is_compared_with_base(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct trial *t = trial(sh);
    t->other.refuse[OD_ASK_ORDER_CANCEL] = "Nothing is canceled here";
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_found(sh, find(t, OD_REPLAY_NO_MORE_CANCELABLE), 1, "allowed", "no");

    t = trial(sh);
    sh->refuse[OD_ASK_ORDER_CANCEL] = "Nothing is canceled here";
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_found(sh, find(t, OD_REPLAY_NOW_CANCELABLE), 1, "no", "allowed");
}

static void a_refusal_that_history_overruled_is_compared_as_one(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->refuse[OD_ASK_ORDER_CANCEL] = "Not any more";
    assert_done(shop_history(sh, OD_COMMAND_CANCEL, "{}"));
    struct trial *t = trial(sh);
    t->other.refuse[OD_ASK_ORDER_CANCEL] = "Nothing is canceled here";
    run(sh, t);
    assert_null(find(t, OD_REPLAY_CANCEL_REFUSED));
    assert_null(find(t, OD_REPLAY_ALLOWED));

    t = trial(sh);
    run(sh, t);
    assert_found(sh, find(t, OD_REPLAY_ALLOWED), 2, "refused", "allowed");
}

static void a_status_set_by_hand_is_taken_over(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'paymentStatus':'paid'}"));
    struct trial *t = trial(sh);
    t->other.value[OD_ASK_PAYMENT_STATUS] = "failed";
    run(sh, t);
    assert_int_equal(t->replay.skipped[OD_REPLAY_SKIP_EXPLICIT], 1);
    assert_found(sh, find(t, OD_REPLAY_STATUS), 1, "pending", "failed");
    assert_int_equal(count(t, OD_REPLAY_STATUS), 1);
    assert_null(find(t, OD_REPLAY_FINAL_STATUS));
}

static void moves_that_the_candidates_graph_lacks_are_found(void **state)
{
    struct shop *sh = *state;
    struct trial *t = trial(sh);
    struct od_str only_failed[] = {OD_STR_INIT("failed")};
    struct od_status strict[8];
    struct od_status_sets sets = statuses;
    memcpy(strict, payment_statuses, sizeof payment_statuses);
    strict[0].any_next = false; /* pending */
    strict[0].next = only_failed;
    strict[0].next_count = 1;
    sets.of[OD_STATUS_PAYMENT].statuses = strict;
    t->replay.candidate.statuses = &sets;

    sell(sh);
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_found(sh, find(t, OD_REPLAY_FORBIDDEN_MOVE), 2, "pending", "paid");
    assert_int_equal(t->seen.all[0].status_kind, OD_STATUS_PAYMENT);
    assert_str(t->seen.all[0].policy, "payment.status@test");
}

static void a_status_set_by_hand_that_is_gone_is_a_forbidden_move(void **state)
{
    struct shop *sh = *state;
    struct trial *t = trial(sh);
    struct od_status_sets sets = statuses;
    sets.of[OD_STATUS_SHIPMENT].count = 3; /* lost is gone */
    t->replay.candidate.statuses = &sets;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'shipmentStatus':'lost'}"));
    run(sh, t);
    assert_found(sh, find(t, OD_REPLAY_FORBIDDEN_MOVE), 2, "pending", "lost");
    assert_str(find(t, OD_REPLAY_FORBIDDEN_MOVE)->reason, "there is no such status");
}

static void another_number_for_the_same_value_is_found(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct trial *t = trial(sh);
    t->other.value[OD_ASK_ORDER_NUMBER] = "N/1";
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_found(sh, find(t, OD_REPLAY_NUMBER), 1, "T-2023-1", "N/1");
}

static void a_number_that_base_does_not_explain_is_skipped(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct trial *t = trial(sh);
    sh->value[OD_ASK_ORDER_NUMBER] = "B/1";
    run(sh, t);
    assert_int_equal(t->seen.count, 0);
    assert_int_equal(t->replay.skipped[OD_REPLAY_SKIP_NUMBER], 1);
    assert_int_equal(t->other.asked[OD_ASK_ORDER_NUMBER], 0);
}

static void a_failing_policy_is_told_with_its_line_and_history_goes_on(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    struct trial *t = trial(sh);
    t->other.fail[OD_ASK_PAYMENT_STATUS] = "budget exceeded";
    run(sh, t);
    assert_int_equal(count(t, OD_REPLAY_FAILED), 2);
    assert_int_equal(t->seen.count, 2);
    assert_str(t->seen.all[0].reason, "rules.lua:7: budget exceeded");
    assert_str(t->seen.all[0].policy, "payment.status@test");
}

static void an_answer_that_is_no_status_is_a_failure(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct trial *t = trial(sh);
    t->other.value[OD_ASK_ORDER_STATUS] = "nowhere";
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_int_equal(t->seen.all[0].kind, OD_REPLAY_FAILED);
    assert_str(t->seen.all[0].reason, "answered \"nowhere\", which is no configured order_status");
}

static void optional_questions_that_history_did_not_ask_are_compared_with_base(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    assert_done(shop_do(sh, OD_COMMAND_PATCH, "{'shippingNote':'ring twice'}"));
    struct trial *t = trial(sh);
    t->policies.answers = answers_all;
    t->other.refuse[OD_ASK_ORDER_PLACE] = "Not to there";
    t->other.refuse[OD_ASK_ORDER_SHIP] = "Not today";
    t->other.refuse[OD_ASK_ORDER_UPDATE] = "Not any more";
    run(sh, t);
    assert_int_equal(t->seen.count, 3);
    assert_int_equal(count(t, OD_REPLAY_REFUSED), 3);
    assert_found(sh, &t->seen.all[0], 1, "allowed", "no");
    assert_str(t->seen.all[0].reason, "Not to there");
    assert_found(sh, &t->seen.all[1], 3, "allowed", "no");
    assert_str(t->seen.all[1].policy, "order.ship@test");
    assert_found(sh, &t->seen.all[2], 4, "allowed", "no");

    t = trial(sh);
    t->policies.answers = answers_all;
    t->replay.base = NULL;
    t->other.refuse[OD_ASK_ORDER_SHIP] = "Not today";
    run(sh, t);
    assert_int_equal(t->seen.count, 0);
    assert_int_equal(t->replay.skipped[OD_REPLAY_SKIP_NOT_ASKED], 3);
    assert_int_equal(t->replay.skipped[OD_REPLAY_SKIP_NUMBER], 1);
}

static struct od_patch shown;
static struct od_order shown_values;

static int keep_patch(void *ctx, enum od_question q, const struct od_order *o,
                      const struct od_policy_request *request, struct od_arena *a,
                      struct od_policy_answer *out, struct od_err *err)
{
    if (q == OD_ASK_ORDER_UPDATE) {
        shown = *request->patch;
        shown_values = *request->patch->values;
    }
    return shop_ask(ctx, q, o, request, a, out, err);
}

static bool shows(const char *field)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    return shown.fields >> (od_entity_field(e, od_str_of(field)) - e->fields) & 1;
}

static void one_patch_of_several_events_is_one_question(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(
        shop_do(sh, OD_COMMAND_PATCH,
                "{'shippingNote':'ring twice','paymentStatus':'paid','shipmentStatus':'shipped'}"));
    assert_int_equal(sh->ledger_len, 4);
    struct trial *t = trial(sh);
    t->policies.answers = answers_all;
    t->policies.ask = keep_patch;
    run(sh, t);
    assert_int_equal(t->seen.count, 0);
    assert_int_equal(t->other.asked[OD_ASK_ORDER_UPDATE], 1);
    assert_true(shows("shipping_note"));
    assert_true(shows("payment_status"));
    assert_true(shows("shipment_status"));
    assert_false(shows("coupon"));
    assert_str(shown_values.payment_status, "paid");
    assert_str(shown_values.shipment_status, "shipped");
    assert_str(shown_values.shipping_note, "ring twice");
}

static void a_hold_that_order_place_asked_for_is_compared(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_HOLD, "{'handle':'review','reason':'first order'}"));
    struct od_hold *hold = OD_NEW(&sh->arena, struct od_hold);
    struct trial *t = trial(sh);
    run(sh, t);
    assert_int_equal(t->seen.count, 0);

    /* The same hold, as order.place gives it. */
    *hold = *sh->ledger[1].hold;
    hold->by = OD_STR("order.place@test");
    sh->order.holds[0].by = hold->by;
    sh->ledger[1].hold = hold;
    sh->ledger[0].policy =
        od_arena_printf(&sh->arena, "order.place@test %.*s", OD_STR_ARG(sh->ledger[0].policy));
    run(sh, t);
    assert_int_equal(t->seen.count, 1);
    assert_found(sh, find(t, OD_REPLAY_REFUSED), 1, "hold review", "allowed");
}

static void a_ledger_that_does_not_fold_is_an_error(void **state)
{
    struct shop *sh = *state;
    sell(sh);
    struct trial *t = trial(sh);
    struct od_err err;
    struct od_event broken[3];
    memcpy(broken, sh->ledger, sizeof broken);
    broken[1].seq = 5;
    assert_int_equal(od_replay_order(&t->replay, broken, 3, &sh->arena, &t->last, &err), -1);
    assert_non_null(strstr(err.message, "order 42 event 5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_rules_that_wrote_history_find_no_difference),
        TEST(a_full_life_is_replayed_without_a_difference),
        TEST(a_stricter_rule_refuses_parts_of_a_full_life),
        TEST(another_number_of_a_document_is_found),
        TEST(another_status_is_found_at_its_event_and_at_the_end),
        TEST(later_answers_follow_the_candidates_own_statuses),
        TEST(a_question_left_out_is_not_asked),
        TEST(a_recorded_cancel_that_would_be_refused_is_found),
        TEST(a_rules_reason_for_a_cancel_is_not_taken_for_a_persons),
        TEST(what_can_be_canceled_now_is_compared_with_base),
        TEST(a_refusal_that_history_overruled_is_compared_as_one),
        TEST(a_status_set_by_hand_is_taken_over),
        TEST(moves_that_the_candidates_graph_lacks_are_found),
        TEST(a_status_set_by_hand_that_is_gone_is_a_forbidden_move),
        TEST(another_number_for_the_same_value_is_found),
        TEST(a_number_that_base_does_not_explain_is_skipped),
        TEST(a_failing_policy_is_told_with_its_line_and_history_goes_on),
        TEST(an_answer_that_is_no_status_is_a_failure),
        TEST(optional_questions_that_history_did_not_ask_are_compared_with_base),
        TEST(one_patch_of_several_events_is_one_question),
        TEST(a_hold_that_order_place_asked_for_is_compared),
        TEST(a_ledger_that_does_not_fold_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
