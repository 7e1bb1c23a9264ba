#include "fixture.h"

/* Submissions of commands on several orders. */

static void commands_on_several_orders_take_effect_together(void **state)
{
    (void)state;
    stock("P1", 10);
    int64_t a = run(place("P1", 1), 0)->order_id, b = run(place("P1", 2), 0)->order_id;
    struct od_part more[] = {
        on_order(b, command(OD_COMMAND_CANCEL, "{}")),
        on_order(a, comment("the second of this order")),
        {.command = place("P1", 3)},
    };
    struct sent *x =
        run_parts(command(OD_COMMAND_CANCEL, "{}"), a, more, 3, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(x->refused, -1);
    assert_int_equal(x->order_id, a);
    assert_int_equal(x->version, 3);
    assert_int_equal(x->versions[0], 2);
    assert_int_equal(x->versions[2], 1);
    check_books("P1", 10, 3);
    struct od_str sql = od_arena_printf(
        &arena,
        "select count(distinct txid) from order_event where order_id in (%lld, %lld)"
        " and seq > 1",
        (long long)a, (long long)b);
    assert_int_equal(query(sql.ptr), 1);
}

static void one_refused_part_undoes_all(void **state)
{
    (void)state;
    stock("P2", 5);
    int64_t a = run(place("P2", 1), 0)->order_id, b = run(place("P2", 1), 0)->order_id;
    int64_t events = query("select count(*) from order_event");
    struct od_part more[] = {
        on_order(b, command(OD_COMMAND_CANCEL, "{}")),
        {.command = place("P2", 6)}, /* more than the cancellations set free */
        on_order(b, comment("never")),
    };
    /* In one batch with others, who see nothing of it. */
    struct od_submission with = {.more = more, .more_count = 3};
    struct sent *x = submit(command(OD_COMMAND_CANCEL, "{}"), a, with);
    struct sent *after = submit(comment("after"), a, (struct od_submission){0});
    wait_for(x);
    wait_for(after);
    assert_int_equal(x->verdict, OD_VERDICT_CONFLICT);
    assert_string_equal(x->code, "stock_unavailable");
    assert_int_equal(x->refused, 2);
    assert_null(more[0].decision);
    assert_null(more[2].decision);
    assert_int_equal(after->version, 2);
    check_books("P2", 5, 2);
    assert_int_equal(query("select count(*) from order_event"), events + 1);
    assert_int_equal(run(command(OD_COMMAND_CANCEL, "{}"), b)->version, 2);
}

static void the_version_of_each_part_is_checked_before_all(void **state)
{
    (void)state;
    stock("P3", 5);
    int64_t a = run(place("P3", 1), 0)->order_id, b = run(place("P3", 1), 0)->order_id;
    struct od_part more[] = {on_order(a, comment("one")), on_order(b, comment("two"))};
    more[0].if_match = 1; /* before the submission, though the first part has moved it on */
    more[1].if_match = 2;
    struct sent *x = run_parts(comment("zero"), a, more, 2, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_STALE);
    assert_int_equal(x->refused, 2);
    more[1].if_match = 1;
    x = run_parts(comment("zero"), a, more, 2, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(x->version, 3);
}

static void a_dry_run_of_several_parts_shows_all_and_keeps_nothing(void **state)
{
    (void)state;
    stock("P4", 5);
    int64_t a = run(place("P4", 2), 0)->order_id;
    struct od_part more[] = {on_order(a, comment("one")), {.command = place("P4", 5)}};
    struct od_submission dry = {.dry_run = true};
    struct sent *x = run_parts(command(OD_COMMAND_CANCEL, "{}"), a, more, 2, dry);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(x->version, 3);
    assert_int_equal(x->versions[1], 1);
    check_books("P4", 5, 2);
    assert_int_equal(run(comment("next"), a)->version, 2);
}

static void a_repeated_key_of_several_parts_answers_with_the_first_order(void **state)
{
    (void)state;
    stock("P5", 5);
    int64_t a = run(place("P5", 1), 0)->order_id;
    struct od_submission keyed = {.key = OD_STR_INIT("k-parts"), .request_hash = {9}};
    struct od_part more[] = {{.command = place("P5", 1)}, on_order(a, comment("one"))};
    struct sent *x = run_parts(comment("zero"), a, more, 2, keyed);
    assert_int_equal(x->kind, OD_OUTCOME_DECIDED);
    x = run_parts(comment("zero"), a, more, 2, keyed);
    assert_int_equal(x->kind, OD_OUTCOME_REPLAYED);
    assert_int_equal(x->order_id, a);
    assert_int_equal(x->version, 3);
    check_books("P5", 5, 2);
}

static void parts_are_found_by_every_name(void **state)
{
    (void)state;
    stock("P6", 5);
    fixed_number = "PART-1";
    int64_t a = run(place("P6", 1), 0)->order_id;
    fixed_number = "PART-2";
    run(place("P6", 1), 0);
    fixed_number = NULL;
    struct od_part more[] = {
        {.command = comment("x"), .ref = {.order_number = OD_STR_INIT("PART-2")}},
        {.command = comment("y"), .ref = {.order_id = a}},
    };
    struct od_submission by_number = {.ref = {.order_number = OD_STR_INIT("PART-1")}};
    struct sent *x = OD_NEW(&arena, struct sent);
    x->s = by_number;
    x->s.command = comment("z");
    x->s.more = more;
    x->s.more_count = 2;
    x->s.ctx = x;
    x->s.decided = on_decided;
    x->s.done = on_done;
    od_engine_submit(engine, &x->s);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(x->order_id, a);
    more[0].ref.order_number = OD_STR("NOBODY");
    x = run_parts(comment("z"), a, more, 2, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_NOT_FOUND);
    assert_int_equal(x->refused, 1);
}

/* Each pair locks the other's orders from the other lane. */
static void crossing_submissions_do_not_deadlock(void **state)
{
    enum { PAIRS = 40 };
    struct sent *x[PAIRS];
    static struct od_part more[PAIRS][1];
    int64_t ids[8];
    (void)state;
    stock("P7", 100);
    for (int i = 0; i < 8; i++)
        ids[i] = run(place("P7", 1), 0)->order_id;
    for (int i = 0; i < PAIRS; i++) {
        more[i][0] = on_order(ids[(i * 3 + 1) % 8], comment("there"));
        x[i] = submit(comment("here"), ids[i % 8],
                      (struct od_submission){.more = more[i], .more_count = 1});
    }
    for (int i = 0; i < PAIRS; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->err, OD_ERR_NONE);
        assert_int_equal(x[i]->verdict, OD_VERDICT_DONE);
    }
    assert_int_equal(query("select count(*) from order_event e join orders o using (order_id)"
                           " join order_item i using (order_id) where i.sku = 'P7'"),
                     8 + 2 * PAIRS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_on_several_orders_take_effect_together),
        cmocka_unit_test(one_refused_part_undoes_all),
        cmocka_unit_test(the_version_of_each_part_is_checked_before_all),
        cmocka_unit_test(a_dry_run_of_several_parts_shows_all_and_keeps_nothing),
        cmocka_unit_test(a_repeated_key_of_several_parts_answers_with_the_first_order),
        cmocka_unit_test(parts_are_found_by_every_name),
        cmocka_unit_test(crossing_submissions_do_not_deadlock),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
