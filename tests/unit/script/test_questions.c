#include "fixture.h"

#include "script/call/ask.h"

/* Every row of the table of questions: a rule gets what the row says, and has to give it back. */

static const char *good_answer(const struct od_question_kind *k)
{
    switch (k->answer) {
    case OD_ANSWERS_STATUS:
        return "'pending', 'as it is'";
    case OD_ANSWERS_NUMBER:
        return "'N-1'";
    case OD_ANSWERS_SERIES:
        return "'east'";
    case OD_ANSWERS_VERDICT:
        break;
    }
    return "oms.allow()";
}

/* The condition that a rule checks; an argument raises for a name that it does not have. */
static const char *arguments(const struct od_question_kind *k)
{
    switch (k->gets) {
    case OD_GETS_ORDER:
        return "select('#', ...) == 1 and order_of(...)";
    case OD_GETS_ORDER_REQUEST:
        return "select('#', ...) == 2 and order_of(...) and request_of(select(2, ...))";
    case OD_GETS_REQUEST_ORDER:
        return "select('#', ...) == 2 and request_of(...) and order_of(select(2, ...))";
    case OD_GETS_SEQ_ORDER:
        break;
    }
    return "select('#', ...) == 2 and (...).value == 1 and order_of(select(2, ...))";
}

/* A member of the request of such a question. */
static const char *member(const struct od_question_kind *k)
{
    static const char *const members[] = {
        [OD_ABOUT_ORDER] = NULL,          [OD_ABOUT_UNITS] = "items",
        [OD_ABOUT_SHIPMENT] = "shipment", [OD_ABOUT_PATCH] = "changes",
        [OD_ABOUT_CHANGE] = "difference", [OD_ABOUT_REFUND] = "amount",
        [OD_ABOUT_RETURN] = "items",      [OD_ABOUT_DOCUMENT] = "document",
    };
    return members[k->about];
}

static void load_rule(struct host *h, const struct od_question_kind *k, const char *answer)
{
    bool request = k->gets == OD_GETS_ORDER_REQUEST || k->gets == OD_GETS_REQUEST_ORDER;
    const char *about = request && member(k) ? member(k) : "actor";
    struct od_str rule =
        od_arena_printf(&h->arena,
                        "local function order_of(o) return o.currency == 'EUR' end\n"
                        "local function request_of(r) return r.actor == 'ada' and r.%s ~= nil end\n"
                        "oms.policy('%s', function(...)\n"
                        "  if not (%s) then error('the arguments are others') end\n"
                        "  return %s\n"
                        "end)\n",
                        about, k->name.ptr, arguments(k), answer);

    add_plugin(h, "shop", rule.ptr);
    if (host_load(h) != 0)
        fail_msg("%s: %s", k->name.ptr, h->err.message);
}

static int ask_about_all(struct host *h, enum od_question q)
{
    static struct od_patch patch;
    static const struct od_units unit = {1, 1};
    static const struct od_refund refund = {.amount = 5};
    static const struct od_return ret = {.reason = OD_STR_INIT("small")};
    const struct od_policy_request request = {.actor = OD_STR("ada"),
                                              .now = NOW,
                                              .seq_value = 1,
                                              .seq_year = 2023,
                                              .shipment = &h->shipments[0],
                                              .patch = &patch,
                                              .difference = 7,
                                              .units = &unit,
                                              .unit_count = 1,
                                              .refund = &refund,
                                              .ret = &ret,
                                              .document = OD_STR("invoice")};

    patch.values = &h->order;
    return ask_with(h, q, &request);
}

static void each_question_is_asked_as_its_row_says(void **state)
{
    (void)state;
    for (enum od_question q = 0; q < OD_QUESTIONS; q++) {
        const struct od_question_kind *k = od_question_kinds[q];
        struct host h;
        host_init(&h);
        load_rule(&h, k, good_answer(k));
        if (ask_about_all(&h, q) != 0)
            fail_msg("%s: %s", k->name.ptr, h.err.message);
        assert_false(h.answer.refused);
        assert_int_equal(h.answer.value.ptr == NULL, k->answer == OD_ANSWERS_VERDICT);
        host_fini(&h);
    }
}

static void another_answer_is_an_error(void **state)
{
    (void)state;
    for (enum od_question q = 0; q < OD_QUESTIONS; q++) {
        const struct od_question_kind *k = od_question_kinds[q];
        struct host h;
        host_init(&h);
        load_rule(&h, k, "true");
        assert_int_equal(ask_about_all(&h, q), -1);
        assert_contains(h.err.message, "must return");
        host_fini(&h);
    }
}

static void a_hold_is_an_answer_to_those_that_may(void **state)
{
    (void)state;
    for (enum od_question q = 0; q < OD_QUESTIONS; q++) {
        const struct od_question_kind *k = od_question_kinds[q];
        struct host h;
        host_init(&h);
        load_rule(&h, k, "oms.hold('review', 'new')");
        assert_int_equal(ask_about_all(&h, q), k->may_hold ? 0 : -1);
        host_fini(&h);
    }
}

static void only_a_question_with_an_answer_of_its_own_is_optional(void **state)
{
    (void)state;
    for (enum od_question q = 0; q < OD_QUESTIONS; q++) {
        const struct od_question_kind *k = od_question_kinds[q];
        assert_int_equal(od_question_optional(q), k->unanswered != NULL);
        assert_true(!k->may_hold || k->answer == OD_ANSWERS_VERDICT);
        for (enum od_question other = 0; other < q; other++)
            assert_false(od_str_eq(k->name, od_question_kinds[other]->name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_is_asked_as_its_row_says),
        cmocka_unit_test(another_answer_is_an_error),
        cmocka_unit_test(a_hold_is_an_answer_to_those_that_may),
        cmocka_unit_test(only_a_question_with_an_answer_of_its_own_is_optional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
