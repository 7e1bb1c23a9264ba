#include "fixture.h"

#include "order/machine/command_kind.h"

/* Whatever has a table is read back as it was folded: LOAD(WRITE(events)) = fold(events). */

static struct od_order *kept[2];

static void on_read(void *ctx, const struct od_outcome *o, const struct od_err *err)
{
    assert_null(err);
    assert_non_null(o->order);
    *(struct od_order **)ctx = od_order_clone(&arena, o->order);
}

/* The rows, or (version > 0) the fold of the events up to it. Strings stay in the reader's arena
 * for the round, so both are asked for in one. */
static struct od_read *read_of(int64_t order_id, int32_t version, struct od_order **out)
{
    struct od_read *r = OD_NEW(&arena, struct od_read);
    *r = (struct od_read){
        .ref = {.order_id = order_id}, .version = version, .ctx = out, .done = on_read};
    return r;
}

static const char *difference;

static void on_last_read(void *ctx, const struct od_outcome *o, const struct od_err *err)
{
    on_read(ctx, o, err);
    assert_non_null(kept[0]);
    const char *what = od_order_diff(&arena, kept[0], kept[1]);
    difference = what ? what : "";
}

static void check_rows(int64_t order_id, int32_t version)
{
    kept[0] = kept[1] = NULL;
    difference = NULL;
    struct od_read *rows = read_of(order_id, 0, &kept[0]);
    struct od_read *folded = read_of(order_id, version, &kept[1]);
    folded->done = on_last_read;
    od_engine_read(engine, rows);
    od_engine_read(engine, folded);
    while (!difference)
        od_loop_run_once(&loop);
    assert_string_equal(difference, "");
}

static void done(struct od_command *c, int64_t id)
{
    struct sent *x = run(c, id);
    if (x->verdict != OD_VERDICT_DONE)
        fail_msg("%s: %s", od_command_name(c->type), x->code);
    check_rows(id, x->version);
}

static void a_life_in_parts(void **state)
{
    (void)state;
    stock("LIFE", 100);
    int64_t id = paid("LIFE", 10);
    done(command(OD_COMMAND_ISSUE_INVOICE, "{}"), id);
    done(command(OD_COMMAND_CANCEL, "{\"items\":[{\"orderItemId\":1,\"qty\":2}]}"), id);
    done(command(OD_COMMAND_CREATE_SHIPMENT, "{\"items\":[{\"orderItemId\":1,\"qty\":7}]}"), id);
    done(command(OD_COMMAND_TRACK, "{\"carrier\":\"post\",\"trackingNumber\":\"T-1\"}"), id);
    done(command(OD_COMMAND_REFUND, "{\"items\":[{\"orderItemId\":1,\"qty\":2,\"restock\":1}],"
                                    "\"reason\":\"late\"}"),
         id);
    done(command(OD_COMMAND_REFUND, "{\"amount\":\"1.00\",\"transactionId\":\"R-2\"}"), id);
    done(command(OD_COMMAND_CREATE_RETURN,
                 "{\"items\":[{\"orderItemId\":1,\"qty\":3,\"reason\":\"small\"}]}"),
         id);
    struct od_command *c =
        command(OD_COMMAND_UPDATE_RETURN, "{\"status\":\"received\",\"note\":\"dented\",\"items\":["
                                          "{\"orderItemId\":1,\"qty\":2,\"condition\":\"used\","
                                          "\"restock\":1}]}");
    c->ret.return_id = 1;
    done(c, id);
    done(command(OD_COMMAND_REFUND, "{\"amount\":\"2.00\",\"returnId\":1}"), id);
    done(command(OD_COMMAND_CREATE_RETURN, "{\"items\":[{\"orderItemId\":1,\"qty\":1}]}"), id);
    c = command(OD_COMMAND_UPDATE_RETURN, "{\"status\":\"rejected\"}");
    c->ret.return_id = 2;
    done(c, id);
    assert_int_equal(query("select count(*) from order_return_item where qty_received = 2"
                           " and qty_restocked = 1 and condition = 'used'"),
                     1);
    assert_int_equal(query("select on_hand from stock where sku = 'LIFE'"), 100 - 7 + 2);
}

static void an_order_that_is_changed(void **state)
{
    (void)state;
    stock("OLD", 10);
    stock("ADDED", 10);
    int64_t id = run(place("OLD", 2), 0)->order_id;
    struct od_command *c =
        command(OD_COMMAND_PROPOSE_CHANGE,
                "{\"items\":[{\"orderItemId\":1,\"qty\":0}],"
                "\"add\":[{\"sku\":\"ADDED\",\"qty\":3,\"price\":\"2.00\"}],"
                "\"shippingAddress\":{\"city\":\"Bern\"},\"reason\":\"asked for\"}");
    done(c, id);
    done(command(OD_COMMAND_DISCARD_CHANGE, "{}"), id);
    done(c, id);
    assert_int_equal(query("select reserved from stock where sku = 'ADDED'"), 0);
    done(command(OD_COMMAND_CONFIRM_CHANGE, "{}"), id);
    assert_int_equal(query("select reserved from stock where sku = 'ADDED'"), 3);
    assert_int_equal(query("select reserved from stock where sku = 'OLD'"), 0);
}

static void a_return_that_is_exchanged(void **state)
{
    (void)state;
    stock("SWAP", 10);
    int64_t id = paid("SWAP", 1);
    done(command(OD_COMMAND_CREATE_SHIPMENT, "{}"), id);
    done(command(OD_COMMAND_CREATE_RETURN, "{\"items\":[{\"orderItemId\":1,\"qty\":1}]}"), id);
    struct od_command *c =
        command(OD_COMMAND_UPDATE_RETURN, "{\"status\":\"received\",\"restock\":true}");
    c->ret.return_id = 1;
    done(c, id);
    struct od_command *instead = place("SWAP", 1), *exchange = OD_NEW(&arena, struct od_command);
    instead->draft->uuid = od_uuid_v7(od_clock_us());
    instead->draft->exchange_of = kept[0]->uuid;
    *exchange = (struct od_command){.type = OD_COMMAND_EXCHANGE, .actor = OD_STR_INIT("tester")};
    exchange->ret.return_id = 1;
    exchange->ret.exchange_uuid = instead->draft->uuid;
    struct od_part more[] = {on_order(id, exchange)};
    struct sent *x = run_parts(instead, 0, more, 1, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    check_rows(x->order_id, x->version);
    check_rows(id, x->versions[0]);
    assert_int_equal(query("select count(*) from orders n join order_return r"
                           " on r.exchange_uuid = n.uuid join orders o on o.uuid = n.exchange_of"
                           " and o.order_id = r.order_id"),
                     1);
    assert_int_equal(query("select count(*) from orders where exchange_of is not null"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_in_parts),
        cmocka_unit_test(an_order_that_is_changed),
        cmocka_unit_test(a_return_that_is_exchanged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
