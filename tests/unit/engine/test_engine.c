#include "fixture.h"

static void an_order_is_placed_and_its_stock_reserved(void **state)
{
    (void)state;
    stock("A", 5);
    struct sent *x = run(place("A", 2), 0);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_true(x->order_id > 0);
    assert_int_equal(query("select reserved from stock where sku = 'A'"), 2);
    assert_int_equal(run(place("A", 4), 0)->verdict, OD_VERDICT_CONFLICT);
    assert_int_equal(query("select reserved from stock where sku = 'A'"), 2);
}

static void buyers_in_one_batch_cannot_oversell(void **state)
{
    struct sent *x[64];
    int won = 0;
    (void)state;
    stock("HOT", 10);
    for (int i = 0; i < 64; i++)
        x[i] = submit(place("HOT", 1), 0, (struct od_submission){0});
    for (int i = 0; i < 64; i++) {
        wait_for(x[i]);
        won += x[i]->verdict == OD_VERDICT_DONE;
    }
    assert_int_equal(won, 10);
    assert_int_equal(query("select reserved from stock where sku = 'HOT'"), 10);
}

static void a_key_used_twice_makes_one_order(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-1"), .request_hash = {1}};
    struct od_submission other = {.key = OD_STR_INIT("k-1"), .request_hash = {2}};
    (void)state;
    stock("B", 100);
    /* at once: the second must wait for the first */
    struct sent *first = submit(place("B", 1), 0, keyed);
    struct sent *again = submit(place("B", 1), 0, keyed);
    wait_for(first);
    wait_for(again);
    assert_int_equal(first->kind, OD_OUTCOME_DECIDED);
    assert_int_equal(again->kind, OD_OUTCOME_REPLAYED);
    assert_int_equal(again->order_id, first->order_id);
    assert_int_equal(again->version, 1);
    struct sent *wrong = submit(place("B", 1), 0, other);
    wait_for(wrong);
    assert_int_equal(wrong->kind, OD_OUTCOME_KEY_REUSED);
    assert_int_equal(query("select reserved from stock where sku = 'B'"), 1);
}

static void a_refusal_does_not_use_up_its_key(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-2"), .request_hash = {1}};
    (void)state;
    stock("C", 0);
    struct sent *x = submit(place("C", 1), 0, keyed);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_CONFLICT);
    stock("C", 1);
    x = submit(place("C", 1), 0, keyed);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
}

static void cancelling_twice_at_once_has_one_winner(void **state)
{
    (void)state;
    stock("D", 1000);
    for (int i = 0; i < 20; i++) {
        int64_t id = run(place("D", 1), 0)->order_id;
        struct sent *cancel =
            submit(command(OD_COMMAND_CANCEL, "{}"), id, (struct od_submission){0});
        struct sent *again =
            submit(command(OD_COMMAND_CANCEL, "{}"), id, (struct od_submission){0});
        wait_for(cancel);
        wait_for(again);
        assert_int_equal(cancel->verdict, OD_VERDICT_DONE);
        assert_int_equal(again->verdict, OD_VERDICT_CONFLICT);
        assert_string_equal(again->code, "already_canceled");
    }
    assert_int_equal(query("select reserved from stock where sku = 'D'"), 0);
    assert_int_equal(query("select on_hand from stock where sku = 'D'"), 1000);
}

static void a_stale_version_is_refused(void **state)
{
    struct od_submission stale = {.if_match = 7}, fresh = {.if_match = 1};
    (void)state;
    stock("E", 10);
    int64_t id = run(place("E", 1), 0)->order_id;
    struct sent *x = submit(command(OD_COMMAND_CANCEL, "{}"), id, stale);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_STALE);
    x = submit(command(OD_COMMAND_CANCEL, "{}"), id, fresh);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
}

static void a_dry_run_changes_nothing(void **state)
{
    struct od_submission dry = {.dry_run = true};
    (void)state;
    stock("F", 10);
    int64_t orders = query("select count(*) from orders");
    struct sent *x = submit(place("F", 3), 0, dry);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(query("select count(*) from orders"), orders);
    assert_int_equal(query("select reserved from stock where sku = 'F'"), 0);
}

static void only_the_guilty_of_a_batch_fails(void **state)
{
    struct sent *x[8];
    (void)state;
    stock("G", 100);
    fixed_number = "SAME";
    x[0] = submit(place("G", 1), 0, (struct od_submission){0});
    wait_for(x[0]);
    /* Two lanes, several batches: each of these collides, none takes another down. */
    for (int i = 1; i < 4; i++)
        x[i] = submit(place("G", 1), 0, (struct od_submission){0});
    int64_t other = 0;
    for (int i = 1; i < 4; i++)
        wait_for(x[i]);
    fixed_number = NULL;
    struct sent *fine = run(place("G", 1), 0);
    other = fine->order_id;
    for (int i = 1; i < 4; i++) {
        assert_int_equal(x[i]->err, OD_ERR_NONE);
        assert_int_equal(x[i]->kind, OD_OUTCOME_NUMBER_TAKEN);
    }
    assert_true(other > 0);
    assert_int_equal(query("select count(*) from orders where order_number = 'SAME'"), 1);
    assert_int_equal(query("select reserved from stock where sku = 'G'"), 2);
}

static void an_order_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    assert_int_equal(run(command(OD_COMMAND_CANCEL, "{}"), 999999999)->verdict,
                     OD_VERDICT_NOT_FOUND);
}

static void too_long_a_queue_is_refused(void **state)
{
    enum { MANY = 800 };
    struct sent *x[MANY];
    int limited = 0, placed = 0;
    (void)state;
    stock("H", 100000);
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place("H", 1), 0, (struct od_submission){0});
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        limited += x[i]->err == OD_ERR_LIMIT;
        placed += x[i]->err == OD_ERR_NONE && x[i]->verdict == OD_VERDICT_DONE;
    }
    assert_true(limited > 0);
    assert_int_equal(placed + limited, MANY);
    assert_int_equal(query("select reserved from stock where sku = 'H'"), placed);
}

static void a_lost_connection_answers_everyone_once_and_comes_back(void **state)
{
    enum { MANY = 200 };
    struct sent *x[MANY];
    int done = 0, unavailable = 0;
    (void)state;
    stock("I", 100000);
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place("I", 1), 0, (struct od_submission){0});
    query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
          " where pid <> pg_backend_pid() and backend_type = 'client backend'");
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        done += x[i]->err == OD_ERR_NONE;
        unavailable += x[i]->err == OD_ERR_UNAVAILABLE;
    }
    assert_int_equal(done + unavailable, MANY);
    int64_t deadline = od_clock_monotonic_us() + 600 * 1000000LL;
    while (!od_engine_ready(engine)) {
        assert_true(od_clock_monotonic_us() < deadline);
        od_loop_run_once(&loop);
    }
    /* Whoever was told "done" is in the books. */
    assert_true(query("select reserved from stock where sku = 'I'") >= done);
    assert_int_equal(run(place("I", 1), 0)->verdict, OD_VERDICT_DONE);
}

static void what_waits_is_dropped_when_its_caller_leaves(void **state)
{
    enum { MANY = 100 };
    struct sent *x[MANY];
    struct od_engine_stats stats;
    (void)state;
    stock("W", 1000);
    int64_t id = run(place("W", 1), 0)->order_id;
    od_engine_stats(engine, &stats);
    uint64_t before = stats.withdrawn;
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place("W", 1), 0, (struct od_submission){0});
    od_engine_withdraw(engine, &x[0]->s);
    od_engine_withdraw(engine, &x[0]->s); /* told twice */
    for (int i = 1; i < MANY; i += 2)
        od_engine_withdraw(engine, &x[i]->s);
    struct sent *named = submit(command(OD_COMMAND_CANCEL, "{}"), id, (struct od_submission){0});
    od_engine_withdraw(engine, &named->s);
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->done, 1);
        assert_int_equal(x[i]->err, i && i % 2 == 0 ? OD_ERR_NONE : OD_ERR_UNAVAILABLE);
        od_engine_withdraw(engine, &x[i]->s); /* too late */
    }
    wait_for(named);
    assert_int_equal(named->err, OD_ERR_UNAVAILABLE);
    od_engine_stats(engine, &stats);
    assert_int_equal(stats.withdrawn - before, MANY / 2 + 2);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(query("select reserved from stock where sku = 'W'"), 1 + MANY / 2 - 1);
}

struct read_result {
    struct od_read r;
    int done;
    int32_t version;
    bool found;
    int64_t reserved;
};

static void on_read(void *ctx, const struct od_outcome *o, const struct od_err *err)
{
    struct read_result *x = ctx;
    assert_null(err);
    x->done++;
    x->found = o->order != NULL;
    x->version = o->order ? o->order->version : 0;
    x->reserved = -1;
    if (o->item_stock && o->order) {
        const struct od_stock *s = od_map_get(o->item_stock, o->order->items[0].sku);
        x->reserved = s ? s->reserved : -2;
    }
}

static void read_as(struct read_result *x, struct od_order_ref ref, int32_t version)
{
    *x = (struct read_result){.r = {.ref = ref, .version = version, .ctx = x, .done = on_read}};
    od_engine_read(engine, &x->r);
    while (!x->done)
        od_loop_run_once(&loop);
}

static void an_order_is_read_by_every_name_and_at_every_version(void **state)
{
    struct read_result x;
    (void)state;
    stock("J", 10);
    fixed_number = "READ-ME";
    int64_t id = run(place("J", 1), 0)->order_id;
    fixed_number = NULL;
    run(command(OD_COMMAND_CANCEL, "{}"), id);
    read_as(&x, (struct od_order_ref){.order_number = OD_STR_INIT("READ-ME")}, 0);
    assert_int_equal(x.version, 2);
    read_as(&x, (struct od_order_ref){.order_id = id}, 1);
    assert_int_equal(x.version, 1);
    read_as(&x, (struct od_order_ref){.order_number = OD_STR_INIT("NOBODY")}, 0);
    assert_false(x.found);
    read_as(&x, (struct od_order_ref){.uuid = od_uuid_v7(od_clock_us())}, 0);
    assert_false(x.found);
}

static void a_read_brings_the_stock_of_the_items_when_asked_to(void **state)
{
    struct read_result x;
    (void)state;
    stock("K", 10);
    int64_t id = run(place("K", 4), 0)->order_id;
    read_as(&x, (struct od_order_ref){.order_id = id}, 0);
    assert_int_equal(x.reserved, -1);
    x = (struct read_result){
        .r = {.ref = {.order_id = id}, .stock = true, .ctx = &x, .done = on_read}};
    od_engine_read(engine, &x.r);
    while (!x.done)
        od_loop_run_once(&loop);
    assert_int_equal(x.reserved, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_placed_and_its_stock_reserved),
        cmocka_unit_test(buyers_in_one_batch_cannot_oversell),
        cmocka_unit_test(a_key_used_twice_makes_one_order),
        cmocka_unit_test(a_refusal_does_not_use_up_its_key),
        cmocka_unit_test(cancelling_twice_at_once_has_one_winner),
        cmocka_unit_test(a_stale_version_is_refused),
        cmocka_unit_test(a_dry_run_changes_nothing),
        cmocka_unit_test(only_the_guilty_of_a_batch_fails),
        cmocka_unit_test(an_order_that_is_not_there_is_not_found),
        cmocka_unit_test(too_long_a_queue_is_refused),
        cmocka_unit_test(what_waits_is_dropped_when_its_caller_leaves),
        cmocka_unit_test(a_lost_connection_answers_everyone_once_and_comes_back),
        cmocka_unit_test(an_order_is_read_by_every_name_and_at_every_version),
        cmocka_unit_test(a_read_brings_the_stock_of_the_items_when_asked_to),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
