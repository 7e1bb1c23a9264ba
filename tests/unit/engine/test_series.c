#include "fixture.h"

/* Numbers of order.series. */

static void numbers_of_a_series_have_no_gaps(void **state)
{
    enum { MANY = 60 };
    struct sent *x[MANY];
    (void)state;
    stock("S1", 1000);
    stock("S0", 0);
    series = "basel";
    /* Both lanes; a third is refused, a third only tried. */
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place(i % 3 == 1 ? "S0" : "S1", 1), 0,
                      (struct od_submission){.dry_run = i % 3 == 2});
    for (int i = 0; i < MANY; i++)
        wait_for(x[i]);
    series = "genf";
    struct sent *other = run(place("S1", 1), 0);
    series = NULL;
    struct sent *common = run(place("S1", 1), 0);
    assert_string_equal(other->number, "genf-1");
    assert_int_equal(strncmp(common->number, "T-", 2), 0);
    assert_int_equal(query("select count(*) from orders where order_number like 'basel-%'"),
                     MANY / 3);
    assert_int_equal(query("select max(substr(order_number, 7)::int) from orders"
                           " where order_number like 'basel-%'"),
                     MANY / 3);
    assert_int_equal(query("select value from counter where series = 'basel'"), MANY / 3);
}

static void a_dry_run_is_shown_the_next_number_and_takes_none(void **state)
{
    (void)state;
    stock("S2", 10);
    series = "dry";
    struct od_submission dry = {.dry_run = true};
    for (int i = 0; i < 2; i++) {
        struct sent *x = submit(place("S2", 1), 0, dry);
        wait_for(x);
        assert_string_equal(x->number, "dry-1");
    }
    assert_string_equal(run(place("S2", 1), 0)->number, "dry-1");
    struct sent *x = submit(place("S2", 1), 0, dry);
    wait_for(x);
    assert_string_equal(x->number, "dry-2");
    series = NULL;
}

static void a_refused_submission_gives_its_numbers_back(void **state)
{
    (void)state;
    stock("S3", 10);
    series = "parts";
    struct od_part more[] = {{.command = place("S3", 1)}, {.command = place("S3", 99)}};
    struct sent *x = run_parts(place("S3", 1), 0, more, 2, (struct od_submission){0});
    assert_int_equal(x->refused, 2);
    more[1].command = place("S3", 1);
    x = run_parts(place("S3", 1), 0, more, 2, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_string_equal(x->number, "parts-1");
    assert_int_equal(query("select value from counter where series = 'parts'"), 3);
    series = NULL;
}

/* In a batch that commits, a repeated key leaves a number over, which the next order gets. */
static void a_repeated_key_takes_no_number(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-series"), .request_hash = {3}};
    (void)state;
    stock("S4", 10);
    series = "keys";
    struct sent *first = submit(place("S4", 1), 0, keyed);
    wait_for(first);
    struct sent *again = submit(place("S4", 1), 0, keyed);
    struct sent *other = submit(place("S4", 1), 0, (struct od_submission){0});
    wait_for(again);
    wait_for(other);
    assert_int_equal(again->kind, OD_OUTCOME_REPLAYED);
    assert_string_equal(other->number, "keys-2");
    assert_int_equal(query("select value from counter where series = 'keys'"), 2);
    series = NULL;
}

static struct od_command *place_as(const char *number)
{
    struct od_command *c = place("S7", 1);
    c->draft->order_number = od_str_of(number);
    return c;
}

static void a_number_that_callers_gave_away_is_skipped(void **state)
{
    (void)state;
    stock("S7", 100);
    series = "given";
    run(place_as("given-1"), 0);
    run(place_as("given-3"), 0);
    run(place_as("given-4"), 0);
    assert_string_equal(run(place("S7", 1), 0)->number, "given-2");
    assert_string_equal(run(place("S7", 1), 0)->number, "given-5");
    /* Of a submission that takes two. */
    run(place_as("given-6"), 0);
    struct od_part more[] = {{.command = place("S7", 1)}};
    struct sent *x = run_parts(place("S7", 1), 0, more, 1, (struct od_submission){0});
    assert_string_equal(x->number, "given-7");
    assert_int_equal(query("select value from counter where series = 'given'"), 8);
    assert_int_equal(query("select count(*) from orders where order_number like 'given-%'"), 8);

    /* Also where all orders have one sequence. */
    series = NULL;
    int64_t last = query("select last_value from order_number_seq");
    run(place_as(od_arena_printf(&arena, "T-%lld", (long long)last + 2).ptr), 0);
    assert_int_equal(run(place("S7", 1), 0)->kind, OD_OUTCOME_DECIDED);
    series = "given";

    /* The number a caller gives is his own affair. */
    assert_int_equal(run(place_as("given-1"), 0)->kind, OD_OUTCOME_NUMBER_TAKEN);
    assert_int_equal(query("select value from counter where series = 'given'"), 8);
    series = NULL;
}

/* Orders of two series, and counts that lock their SKUs early, in both lanes at once. */
static void series_and_stock_are_locked_in_one_order(void **state)
{
    enum { MANY = 200 };
    struct sent *x[MANY];
    struct od_engine_stats before, after;
    (void)state;
    stock("S5", 10000);
    stock("S6", 10000);
    od_engine_stats(engine, &before);
    series = "none";
    for (int i = 0; i < MANY; i++) {
        struct od_command *c = place(i % 2 ? "S5" : "S6", 1);
        c->draft->store = i % 4 < 2 ? OD_STR("zug") : OD_STR("aarau");
        if (i % 5 == 4) {
            c = command(OD_COMMAND_SET_INVENTORY, "{\"delta\":1}");
            c->sku = i % 2 ? OD_STR("S6") : OD_STR("S5");
        }
        x[i] = submit(c, 0, (struct od_submission){0});
        if (i % 7 == 6)
            od_loop_run_once(&loop); /* batches of every size */
    }
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->err, OD_ERR_NONE);
        assert_int_equal(x[i]->verdict, OD_VERDICT_DONE);
    }
    series = NULL;
    od_engine_stats(engine, &after);
    assert_int_equal(after.aborted, before.aborted);
    assert_int_equal(query("select sum(value)::int8 from counter where series in ('zug', 'aarau')"),
                     MANY - MANY / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_a_series_have_no_gaps),
        cmocka_unit_test(a_dry_run_is_shown_the_next_number_and_takes_none),
        cmocka_unit_test(a_refused_submission_gives_its_numbers_back),
        cmocka_unit_test(a_repeated_key_takes_no_number),
        cmocka_unit_test(a_number_that_callers_gave_away_is_skipped),
        cmocka_unit_test(series_and_stock_are_locked_in_one_order),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
