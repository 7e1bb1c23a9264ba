#include "sample.h"

static void finds_codes_default_and_phases(void **state)
{
    const struct od_status_set *set = &sample_statuses()->of[OD_STATUS_ORDER];
    (void)state;

    assert_non_null(od_status_find(set, OD_STR("shipped")));
    assert_null(od_status_find(set, OD_STR("gone")));
    assert_null(od_status_find(set, OD_STR_NONE));
    assert_true(od_str_is(od_status_default(set)->code, "pending"));
    assert_true(od_status_in_phase(set, OD_STR("canceled"), "canceled"));
    assert_false(od_status_in_phase(set, OD_STR("pending"), "canceled"));
    assert_false(od_status_in_phase(set, OD_STR("gone"), "canceled"));
    assert_string_equal(od_status_kind_name(OD_STATUS_PAYMENT), "payment_status");
}

static void moves_follow_the_graph(void **state)
{
    const struct od_status_sets *sets = sample_statuses();
    const struct od_status_set *set = &sets->of[OD_STATUS_ORDER];
    (void)state;

    assert_true(od_status_can_move(set, OD_STR("pending"), OD_STR("shipped")));
    assert_false(od_status_can_move(set, OD_STR("shipped"), OD_STR("pending")));
    assert_true(od_status_can_move(set, OD_STR("shipped"), OD_STR("shipped")));
    assert_true(od_status_can_move(set, OD_STR("removed"), OD_STR("pending")));
    assert_true(
        od_status_can_move(&sets->of[OD_STATUS_PAYMENT], OD_STR("pending"), OD_STR("paid")));
}

static void assert_refused(struct od_status *statuses, uint32_t count, const char *origin)
{
    struct od_status_sets sets = *sample_statuses();
    struct od_err err;

    sets.of[OD_STATUS_PAYMENT] = (struct od_status_set){statuses, count};
    assert_int_equal(od_status_sets_check(&sets, &err), -1);
    assert_int_equal(err.code, OD_ERR_CONFIG);
    assert_string_equal(err.origin, origin);
}

static void bad_sets_are_refused_with_their_section(void **state)
{
    struct od_str unknown = OD_STR("unknown");
    struct od_status two[] = {SAMPLE_STATUS("paid"), SAMPLE_STATUS("paid")};
    struct od_err err;
    (void)state;

    assert_int_equal(od_status_sets_check(sample_statuses(), &err), 0);
    assert_refused(two, 0, "payment_status");
    assert_refused(two, 1, "payment_status"); /* no default */
    two[0].is_default = true;
    assert_refused(two, 2, "payment_status.paid");
    two[1].code = OD_STR("Paid");
    assert_refused(two, 2, "payment_status.Paid");
    two[1].code = OD_STR("");
    assert_refused(two, 2, "payment_status.");
    two[1].code = OD_STR("void");
    two[1].is_default = true;
    assert_refused(two, 2, "payment_status");
    two[1].is_default = false;
    two[1].next = &unknown;
    two[1].next_count = 1;
    assert_refused(two, 2, "payment_status.void");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_codes_default_and_phases),
        cmocka_unit_test(moves_follow_the_graph),
        cmocka_unit_test(bad_sets_are_refused_with_their_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
