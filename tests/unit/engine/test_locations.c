#include "fixture.h"
#include "order/model/shop.h"

/* Stock by location, and what is sold ahead or left though it was others'. */

static struct od_str places[] = {OD_STR_INIT("shop"), OD_STR_INIT("depot")};
static struct od_shop shop = {.locations = places, .location_count = 2};

static int set_up_shop(void **state)
{
    int rc = set_up(state);
    rules->shop = &shop;
    return rc;
}

static struct sent *put(const char *sku, const char *location, const char *body)
{
    struct od_command *c = command(OD_COMMAND_SET_INVENTORY, body);
    c->sku = od_str_of(sku);
    c->location = od_str_of(location);
    return run(c, 0);
}

/* on_hand, reserved and oversold in one number. */
static int64_t at(const char *sku, const char *location)
{
    struct od_str sql = od_arena_printf(&arena,
                                        "select on_hand * 1000000 + reserved * 1000 + oversold"
                                        " from stock where sku = '%s' and location = '%s'",
                                        sku, location);
    return query(sql.ptr);
}

static int64_t units(int64_t on_hand, int64_t reserved, int64_t oversold)
{
    return on_hand * 1000000 + reserved * 1000 + oversold;
}

/* At every location: what people put there, less what is shipped, with what came back. */
static void check_conserved(const char *sku)
{
    struct od_str sql = od_arena_printf(
        &arena,
        "select count(*) from stock s where sku = '%s' and (on_hand, reserved) <>"
        " (select coalesce((select sum(delta) from stock_adjustment a where a.sku = s.sku"
        " and a.location = s.location), 0) - coalesce(sum(qty_shipped - qty_restocked), 0),"
        " coalesce(sum(qty - qty_canceled - qty_shipped), 0) from order_item i"
        " where i.sku = s.sku and i.location = s.location and i.stock_tracked)",
        sku);
    assert_int_equal(query(sql.ptr), 0);
}

static void units_come_from_the_first_place_that_has_enough(void **state)
{
    (void)state;
    put("W", "depot", "{\"qty\":5}");
    put("W", "shop", "{\"qty\":2,\"reason\":\"counted\"}");
    int64_t two = run(place("W", 2), 0)->order_id, three = run(place("W", 3), 0)->order_id;
    assert_int_equal(at("W", "shop"), units(2, 2, 0));
    assert_int_equal(at("W", "depot"), units(5, 3, 0));
    assert_int_equal(run(place("W", 3), 0)->verdict, OD_VERDICT_CONFLICT); /* not from two places */
    run(command(OD_COMMAND_CANCEL, "{}"), two);
    run(command(OD_COMMAND_CREATE_SHIPMENT, "{}"), three);
    assert_int_equal(at("W", "shop"), units(2, 0, 0));
    assert_int_equal(at("W", "depot"), units(2, 0, 0));
    check_conserved("W");
    assert_int_equal(query("select count(*) from stock_adjustment where sku = 'W'"
                           " and location = 'shop' and reason = 'counted'"),
                     1);
}

static void buyers_in_both_lanes_share_the_places(void **state)
{
    enum { MANY = 60 };
    struct sent *x[MANY];
    int won = 0;
    (void)state;
    put("HOT", "shop", "{\"qty\":10}");
    put("HOT", "depot", "{\"qty\":20}");
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place("HOT", 1), 0, (struct od_submission){0});
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->err, OD_ERR_NONE);
        won += x[i]->verdict == OD_VERDICT_DONE;
    }
    assert_int_equal(won, 30);
    assert_int_equal(at("HOT", "shop"), units(10, 10, 0));
    assert_int_equal(at("HOT", "depot"), units(20, 20, 0));
    check_conserved("HOT");
}

/* A SKU's first stock at a place, put there by two processes at once. */
static void two_who_bring_the_first_units_both_count(void **state)
{
    struct od_engine *engines[2] = {engine, start_engine()};
    enum { MANY = 20 };
    (void)state;
    for (int i = 0; i < MANY; i++) {
        struct sent *x[2];
        struct od_str sku = od_arena_printf(&arena, "NEW%d", i);
        for (int e = 0; e < 2; e++) {
            struct od_command *c = command(OD_COMMAND_SET_INVENTORY, "{\"delta\":3}");
            c->sku = sku;
            c->location = OD_STR("depot");
            engine = engines[e];
            x[e] = submit(c, 0, (struct od_submission){0});
        }
        for (int e = 0; e < 2; e++) {
            wait_for(x[e]);
            assert_int_equal(x[e]->err, OD_ERR_NONE);
            assert_int_equal(x[e]->verdict, OD_VERDICT_DONE);
        }
    }
    engine = engines[0];
    stop_engine(engines[1]);
    assert_int_equal(query("select count(*) from stock where sku like 'NEW%' and on_hand = 6"),
                     MANY);
    assert_int_equal(query("select count(*) from stock_adjustment where sku like 'NEW%'"),
                     2 * MANY);
}

static void what_may_be_sold_ahead_is_reserved_beyond_what_is_there(void **state)
{
    (void)state;
    put("AHEAD", "depot", "{\"qty\":1,\"backorder\":true}");
    int64_t id = run(place("AHEAD", 5), 0)->order_id;
    assert_int_equal(at("AHEAD", "depot"), units(1, 5, 0));
    struct sent *x = run(command(OD_COMMAND_CREATE_SHIPMENT, "{}"), id);
    assert_string_equal(x->code, "stock_unavailable");
    put("AHEAD", "depot", "{\"delta\":9}");
    assert_int_equal(run(command(OD_COMMAND_CREATE_SHIPMENT, "{}"), id)->verdict, OD_VERDICT_DONE);
    assert_int_equal(at("AHEAD", "depot"), units(5, 0, 0));
    put("AHEAD", "depot", "{\"backorder\":false}");
    assert_int_equal(run(place("AHEAD", 6), 0)->verdict, OD_VERDICT_CONFLICT);
    check_conserved("AHEAD");
}

/* A parcel that left after its units were cancelled and sold to another. */
static void what_left_though_it_was_others_is_oversold_until_it_is_made_good(void **state)
{
    (void)state;
    put("LEFT", "depot", "{\"qty\":2}");
    int64_t id = run(place("LEFT", 2), 0)->order_id;
    run(command(OD_COMMAND_CANCEL, "{}"), id);
    int64_t other = run(place("LEFT", 2), 0)->order_id;
    struct sent *x = run(command(OD_COMMAND_CREATE_SHIPMENT,
                                 "{\"items\":[{\"orderItemId\":1,\"qty\":2}],\"handedOver\":true}"),
                         id);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(at("LEFT", "depot"), units(0, 2, 2));
    put("LEFT", "depot", "{\"delta\":1}");
    assert_int_equal(at("LEFT", "depot"), units(1, 2, 1));
    run(command(OD_COMMAND_CANCEL, "{\"items\":[{\"orderItemId\":1,\"qty\":1}]}"), other);
    assert_int_equal(at("LEFT", "depot"), units(1, 1, 0));
    check_conserved("LEFT");
}

/* Each lane sees two units that are sold ahead and releases two; together they leave fewer lacking
 * than were oversold. */
static void what_is_oversold_never_exceeds_what_is_lacking(void **state)
{
    enum { ORDERS = 4, TIMES = 10 };
    struct od_engine *engines[2] = {engine, start_engine()};
    (void)state;
    for (int n = 0; n < TIMES; n++) {
        int64_t ids[ORDERS];
        struct sent *x[ORDERS];
        const char *sku = od_arena_printf(&arena, "CLAMP%d", n).ptr;
        put(sku, "depot", "{\"qty\":4,\"backorder\":true}");
        for (int i = 0; i < ORDERS; i++)
            ids[i] = run(place(sku, 3), 0)->order_id;
        query(od_arena_printf(&arena, "update stock set oversold = 6 where sku = '%s'", sku).ptr);
        for (int i = 0; i < ORDERS; i++) {
            engine = engines[i / 2];
            x[i] = submit(command(OD_COMMAND_CANCEL, "{\"items\":[{\"orderItemId\":1,\"qty\":1}]}"),
                          ids[i], (struct od_submission){0});
        }
        for (int i = 0; i < ORDERS; i++) {
            wait_for(x[i]);
            assert_int_equal(x[i]->verdict, OD_VERDICT_DONE);
        }
        engine = engines[0];
        assert_int_equal(at(sku, "depot"), units(4, 8, 4));
    }
    stop_engine(engines[1]);
}

static void what_comes_back_lies_where_it_left(void **state)
{
    (void)state;
    put("BACK", "shop", "{\"qty\":1}");
    put("BACK", "depot", "{\"qty\":5}");
    int64_t id = paid("BACK", 4);
    run(command(OD_COMMAND_CREATE_SHIPMENT, "{}"), id);
    assert_int_equal(at("BACK", "depot"), units(1, 0, 0));
    struct sent *x = run(
        command(OD_COMMAND_REFUND, "{\"items\":[{\"orderItemId\":1,\"qty\":2,\"restock\":true}]}"),
        id);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(at("BACK", "depot"), units(3, 0, 0));
    assert_int_equal(at("BACK", "shop"), units(1, 0, 0));
    check_conserved("BACK");
}

static void a_key_remembers_the_location(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-stock"), .request_hash = {4}};
    (void)state;
    struct od_command *c = command(OD_COMMAND_SET_INVENTORY, "{\"qty\":7}");
    c->sku = OD_STR("KEYED");
    c->location = OD_STR("depot");
    for (int i = 0; i < 2; i++) {
        struct sent *x = submit(c, 0, keyed);
        wait_for(x);
        assert_int_equal(x->kind, i ? OD_OUTCOME_REPLAYED : OD_OUTCOME_DECIDED);
        assert_int_equal(x->on_hand, 7);
    }
    assert_int_equal(query("select count(*) from idempotency_key where key = 'k-stock'"
                           " and location = 'depot' and on_hand = 7"),
                     1);
}

static struct od_command *delivery(const char *sku, int qty, const char *actor)
{
    struct od_str body = od_arena_printf(&arena, "{\"delta\":%d}", qty);
    struct od_command *c = command(OD_COMMAND_SET_INVENTORY, body.ptr);
    c->sku = od_str_of(sku);
    c->actor = od_str_of(actor);
    return c;
}

/* They are submitted before the loop runs, so that one batch has them all. */
static void each_count_of_a_batch_is_an_adjustment_by_whoever_made_it(void **state)
{
    struct sent *x[3];
    (void)state;
    put("BOTH", "shop", "{\"qty\":1}");
    x[0] = submit(delivery("BOTH", 5, "anna"), 0, (struct od_submission){0});
    x[1] = submit(delivery("BOTH", -5, "bert"), 0, (struct od_submission){0});
    x[2] = submit(delivery("BOTH", 2, "anna"), 0, (struct od_submission){0});
    for (int i = 0; i < 3; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->verdict, OD_VERDICT_DONE);
    }
    assert_int_equal(at("BOTH", "shop"), units(3, 0, 0));
    assert_int_equal(
        query("select count(*) from (select string_agg(actor || delta, ' '"
              " order by stock_adjustment_id) as all_of_them from stock_adjustment"
              " where sku = 'BOTH') a where all_of_them = 'tester1 anna5 bert-5 anna2'"),
        1);
    check_conserved("BOTH");
}

/* A line without stock is not tracked where only known SKUs are; LOAD finds no row of it. */
static void a_change_may_add_what_no_stock_is_kept_of(void **state)
{
    (void)state;
    put("KEPT", "shop", "{\"qty\":5}");
    rules->track = OD_STOCK_KNOWN;
    int64_t id = run(place("KEPT", 1), 0)->order_id;
    struct sent *x = run(command(OD_COMMAND_PROPOSE_CHANGE,
                                 "{\"add\":[{\"sku\":\"GIFT-WRAP\",\"qty\":1,\"price\":1},"
                                 "{\"sku\":\"KEPT\",\"qty\":2,\"price\":1}]}"),
                         id);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    x = run(command(OD_COMMAND_CONFIRM_CHANGE, "{}"), id);
    assert_string_equal(x->code, "");
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    rules->track = OD_STOCK_ALL;
    assert_int_equal(at("KEPT", "shop"), units(5, 3, 0));
    check_conserved("KEPT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_come_from_the_first_place_that_has_enough),
        cmocka_unit_test(buyers_in_both_lanes_share_the_places),
        cmocka_unit_test(two_who_bring_the_first_units_both_count),
        cmocka_unit_test(what_may_be_sold_ahead_is_reserved_beyond_what_is_there),
        cmocka_unit_test(what_left_though_it_was_others_is_oversold_until_it_is_made_good),
        cmocka_unit_test(what_is_oversold_never_exceeds_what_is_lacking),
        cmocka_unit_test(what_comes_back_lies_where_it_left),
        cmocka_unit_test(a_key_remembers_the_location),
        cmocka_unit_test(each_count_of_a_batch_is_an_adjustment_by_whoever_made_it),
        cmocka_unit_test(a_change_may_add_what_no_stock_is_kept_of),
    };
    return cmocka_run_group_tests(tests, set_up_shop, tear_down);
}
