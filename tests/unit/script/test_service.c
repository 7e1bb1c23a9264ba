#include "fixture_task.h"

#include "script/task/service.h"
#include "script/task/service_body.h"

/* Services: Lua arguments to commands, and transactions over several of them. */

static const struct od_command *command_of(struct tasks *ts, uint32_t i)
{
    if (ts->ended)
        fail_msg("%s: %s", ts->err.origin, ts->err.message);
    assert_int_equal(ts->request->wait, OD_WAIT_COMMANDS);
    assert_true(i < ts->request->part_count);
    return ts->request->parts[i].command;
}

/* The command that `call` gives; the task is ended behind it. */
static const struct od_command *given(struct tasks *ts, struct host *h, const char *call)
{
    tasks_route(ts, h, call);
    return command_of(ts, 0);
}

static void end(struct tasks *ts)
{
    od_task_cancel(ts->waiting, "the test is over");
}

static void assert_raises(struct host *h, const char *call, const char *part)
{
    struct tasks ts;

    tasks_route(&ts, h, call);
    assert_task_failed(&ts, part);
    assert_int_equal(ts.started, 0);
    assert_string_equal(ts.err.origin, "shop/rules.lua:1");
}

#define assert_str(s, text) assert_true(od_str_is((s), (text)))

HOST_TEST(services_are_found_by_both_names)
{
    (void)h;
    assert_ptr_equal(od_service_named("add_payment"), od_service_method("add_payment"));
    assert_ptr_equal(od_service_named("hold_order"), od_service_method("add_hold"));
    assert_null(od_service_method("place_order"));
    assert_null(od_service_named("hold"));
}

HOST_TEST(money_and_goods_become_commands)
{
    struct tasks ts;
    const struct od_command *c;

    c = given(&ts, h,
              "oms.cancel_order(7, { reason = 'Sold out', items = {"
              "{ order_item_id = 2, qty = 1 } } })");
    assert_str(c->text, "Sold out");
    assert_int_equal(c->unit_count, 1);
    assert_int_equal(c->units[0].order_item_id, 2);
    end(&ts);
    c = given(&ts, h, "oms.refund_order(7, { amount = 1250, shipping = 300, reason = 'Late' })");
    assert_int_equal(c->type, OD_COMMAND_REFUND);
    assert_int_equal(c->refund.amount, 1250);
    assert_int_equal(c->refund.shipping_amount, 300);
    assert_null(c->refund_amount.ptr);
    end(&ts);
    c = given(&ts, h, "oms.refund_order(7, { amount = '12.50', shipping = true })");
    assert_str(c->refund_amount, "12.50");
    assert_true(c->refund_shipping);
    end(&ts);
    c = given(&ts, h, "oms.refund_order(7, { amount = 0 })");
    assert_str(c->refund_amount, "0");
    end(&ts);
    c = given(&ts, h,
              "oms.create_return(7, { items = { { order_item_id = 1, qty = 2, "
              "reason = 'broken' } } })");
    assert_int_equal(c->ret.items[0].qty, 2);
    end(&ts);
    c = given(&ts, h, "oms.update_return(7, 3, { status = 'received', restock = true })");
    assert_int_equal(c->ret.return_id, 3);
    assert_str(c->ret.status, "received");
    assert_true(c->restock_all);
    end(&ts);
    assert_raises(h, "oms.refund_order(7, { amount = 1.5 })", "whole number of minor units");
    assert_raises(h, "oms.update_return(7, 'a', {})", "one of the order's returns");
}

HOST_TEST(changes_tracking_and_invoices_become_commands)
{
    struct tasks ts;
    const struct od_command *c;

    c = given(&ts, h, "oms.issue_invoice(7)");
    assert_int_equal(c->type, OD_COMMAND_ISSUE_INVOICE);
    end(&ts);
    c = given(&ts, h,
              "oms.propose_change(7, { currency = 'EUR', discount_amount = 150, "
              "items = { { order_item_id = 1, qty = 0 } } })");
    assert_int_equal(c->type, OD_COMMAND_PROPOSE_CHANGE);
    assert_str(c->change->discount_amount, "1.50");
    assert_int_equal(c->change->lines[0].order_item_id, 1);
    end(&ts);
    c = given(&ts, h, "oms.confirm_change(7)");
    assert_int_equal(c->change_id, 0);
    end(&ts);
    c = given(&ts, h, "oms.discard_change(7, 2)");
    assert_int_equal(c->type, OD_COMMAND_DISCARD_CHANGE);
    assert_int_equal(c->change_id, 2);
    end(&ts);
    c = given(&ts, h,
              "oms.track_shipment(7, { carrier = 'DHL', tracking_number = 'X1', "
              "shipment_id = 4 })");
    assert_int_equal(c->type, OD_COMMAND_TRACK);
    assert_int_equal(c->shipment.shipment_id, 4);
    end(&ts);
    assert_raises(h, "oms.propose_change(7, { discount_amount = 150 })", "which currency");
}

HOST_TEST(arguments_become_commands)
{
    struct tasks ts;
    const struct od_command *c;

    c = given(&ts, h, "oms.cancel_order('ORD-7', 'changed my mind')");
    assert_int_equal(c->type, OD_COMMAND_CANCEL);
    assert_str(c->text, "changed my mind");
    assert_str(c->actor, "clerk");
    assert_str(ts.request->parts[0].ref.order_number, "ORD-7");
    end(&ts);

    c = given(&ts, h, "oms.update_payment_status({order_id = 9}, 'paid')");
    assert_int_equal(c->type, OD_COMMAND_PATCH);
    assert_str(c->payment_status, "paid");
    assert_int_equal(ts.request->parts[0].ref.order_id, 9);
    end(&ts);

    c = given(&ts, h,
              "oms.create_shipment(1, {carrier = 'UPS', tracking_number = 'Z1',\n"
              "items = {{order_item_id = 2, qty = 3}}})");
    assert_int_equal(c->type, OD_COMMAND_CREATE_SHIPMENT);
    assert_str(c->shipment.tracking_number, "Z1");
    assert_int_equal(c->shipment.item_count, 1);
    assert_int_equal(c->shipment.items[0].order_item_id, 2);
    assert_int_equal(c->shipment.items[0].qty, 3);
    end(&ts);

    c = given(&ts, h, "oms.update_shipment(1, 2, {tracking_url = 'https://x', note = ''})");
    assert_int_equal(c->shipment.shipment_id, 2);
    assert_str(c->shipment.tracking_url, "https://x");
    assert_non_null(c->shipment.note.ptr);
    end(&ts);

    c = given(&ts, h, "oms.add_activity(1, 'Called her', {customer_notified = true})");
    assert_str(c->text, "Called her");
    assert_true(c->customer_notified);
    end(&ts);

    c = given(&ts, h, "oms.send_mail(1, 'order_shipped', {shipment_id = 2, data = {a_b = 1}})");
    assert_int_equal(c->type, OD_COMMAND_SEND_MAIL);
    assert_str(c->name, "order_shipped");
    assert_int_equal(c->shipment.shipment_id, 2);
    assert_true(c->customer_notified);
    assert_str(c->args, "{\"template\":\"order_shipped\",\"shipmentId\":2,\"data\":{\"a_b\":1}}");
    end(&ts);

    c = given(&ts, h, "oms.hold_order(1, {handle = 'fraud', reason = 'Looks odd'})");
    assert_str(c->hold.handle, "fraud");
    end(&ts);
    c = given(&ts, h, "oms.release_order(1, 'fraud')");
    assert_int_equal(c->type, OD_COMMAND_RELEASE);
    assert_str(c->hold.handle, "fraud");
    end(&ts);

    c = given(&ts, h, "oms.set_inventory('mug', {delta = -3})");
    assert_str(c->sku, "mug");
    assert_true(c->is_delta);
    assert_int_equal(c->qty, -3);
    end(&ts);

    c = given(&ts, h, "oms.command_order(1, 'counter_sale', {till = 4, snake_case = {'a'}})");
    assert_int_equal(c->type, OD_COMMAND_COMPOSITE);
    assert_str(c->name, "counter_sale");
    assert_str(c->args, "{\"snake_case\":[\"a\"],\"till\":4}");
    end(&ts);
    c = given(&ts, h, "oms.command_order(1, 'counter_sale')");
    assert_str(c->args, "{}");
    end(&ts);
}

/* Its currency is the order's, which only decide knows. */
HOST_TEST(the_amount_of_a_payment_is_in_minor_units)
{
    struct tasks ts;
    const struct od_command *c =
        given(&ts, h, "oms.add_payment(1, {type = 'capture', amount = 5998, method = 'card'})");

    assert_int_equal(c->type, OD_COMMAND_PAYMENT);
    assert_int_equal(c->payment.amount, 5998);
    assert_null(c->payment_amount.ptr);
    assert_str(c->payment.method, "card");
    end(&ts);
    c = given(&ts, h, "oms.add_payment(1, {type = 'capture', amount = 0})");
    assert_str(c->payment_amount, "0"); /* is not "whatever is due" */
    end(&ts);
    c = given(&ts, h, "oms.add_payment(1, {type = 'capture', amount = '59.98'})");
    assert_str(c->payment_amount, "59.98");
    end(&ts);
    c = given(&ts, h, "oms.add_payment(1, {type = 'capture'})");
    assert_null(c->payment_amount.ptr);
    assert_int_equal(c->payment.amount, 0);
    end(&ts);
    assert_raises(h, "oms.add_payment(1, {type = 'capture', amount = 5998 / 2})",
                  "oms.add_payment: amount must be a whole number of minor units (cents)");
}

HOST_TEST(an_order_is_placed_with_amounts_in_minor_units)
{
    struct tasks ts;
    const struct od_command *c =
        given(&ts, h,
              "oms.place_order{customer_email = 'ada@example.org', customer_full_name = 'Ada',\n"
              "placed_at = 1600000000000, metadata = {snake_case = {b_c = 1}}, tags = {},\n"
              "shipping_address = {full_name = 'Ada'}, items = {{sku = 'mug', qty = 2,\n"
              "price = 1250, weight = 5000, product_custom_options = {engraving_text = 'A'}}}}");

    assert_int_equal(c->type, OD_COMMAND_PLACE);
    assert_str(c->draft->currency, "EUR");
    assert_int_equal(c->draft->grand_total, 2500);
    assert_int_equal(c->draft->items[0].price, 1250);
    assert_int_equal(c->draft->items[0].weight, 5000);
    assert_str(c->draft->items[0].product_custom_options, "{\"engraving_text\":\"A\"}");
    assert_str(c->draft->customer_email, "ada@example.org");
    assert_str(c->draft->customer_full_name, "Ada");
    assert_str(c->draft->metadata, "{\"snake_case\":{\"b_c\":1}}");
    assert_str(c->draft->tags, "[]");
    assert_str(c->draft->addresses[0].full_name, "Ada");
    assert_true(c->at == INT64_C(1600000000000000));
    end(&ts);
    c = given(&ts, h,
              "oms.place_order{currency = 'JPY', items = {{sku = 'a', qty = 1, "
              "price = 1250}}}");
    assert_int_equal(c->draft->grand_total, 1250);
    end(&ts);
    h->source.rules_ini = OD_STR("[order]\ndefault_currency = KWD\n");
    c = given(&ts, h, "oms.place_order{items = {{sku = 'a', qty = 1, price = 1250}}}");
    assert_str(c->draft->currency, "KWD");
    assert_int_equal(c->draft->grand_total, 1250);
    end(&ts);
}

HOST_TEST(updates_reach_the_fields_of_the_header)
{
    struct tasks ts;
    const struct od_command *c = given(
        &ts, h, "oms.update_order(1, {shipping_note = 'Ring', customer_email = 'b@example.org'})");

    assert_int_equal(c->type, OD_COMMAND_PATCH);
    assert_str(c->patch.values->shipping_note, "Ring");
    assert_str(c->patch.values->customer_email, "b@example.org");
    assert_int_equal(__builtin_popcountll(c->patch.fields), 2);
    end(&ts);
}

HOST_TEST(wrong_arguments_name_the_service_and_the_field)
{
    static const struct {
        const char *call, *part;
    } cases[] = {
        {"oms.create_shipment(1, {items = {{order_item_id = 1, qty = 0}}})",
         "oms.create_shipment: /items/0/qty: must be a whole number from 1 to 1000000"},
        {"oms.create_shipment(1, {items = {{qty = 1}}})",
         "oms.create_shipment: /items/0/order_item_id: is required"},
        {"oms.create_shipment(1, {trackingNumber = 'x'})",
         "oms.create_shipment: /trackingNumber: names of fields are written in lower case"},
        {"oms.create_shipment(1, {traking = 'x'})",
         "oms.create_shipment: /traking: unknown member"},
        {"oms.create_shipment(1, 'x')", "its last argument must be a table, got string"},
        {"oms.create_shipment()", "the order must be given as its order_id, uuid or order_number"},
        {"oms.create_shipment({id = 3})", "the order must be given as its order_id"},
        {"oms.create_shipment(-1)", "the order must be given as its order_id"},
        {"oms.create_shipment('')", "'' is not an order's number, uuid or id:42"},
        {"oms.cancel_order(1, 5)", "oms.cancel_order: reason must be a string, got number"},
        {"oms.update_payment_status(1)", "payment_status must be a string, got nil"},
        {"oms.update_shipment(1, {})", "shipment_id must be the number of one of the order's"},
        {"oms.set_inventory('mug', {})", "oms.set_inventory: must hold either qty or delta"},
        {"oms.place_order{items = {{sku = 'a', qty = 1, price = 1.5}}}",
         "oms.place_order: /items/0/price: must be a whole number of minor units"},
        {"oms.place_order{currency = 'XXY', items = {{sku = 'a', qty = 1, price = 1}}}",
         "oms.place_order: /items/0/price: minor units of which currency?"},
        {"oms.place_order{items = {{}}}", "/items/0/qty: is required; /items/0/price: is required"},
        {"oms.command_order(1, 'sale', {1, 2})", "arguments must have names, and not be a list"},
        {"oms.command_order(1)", "the command's name must be a string, got nil"},
        {"oms.update_order(1, {metadata = {f = error}})", "data cannot hold a function"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_raises(h, cases[i].call, cases[i].part);
}

HOST_TEST(the_scripts_own_table_is_not_changed)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local p = {type = 'capture', amount = 10}\n"
                "oms.add_payment(1, p)\n"
                "return {json = p}");
    tasks_answer_text(&ts, "{}");
    assert_replied(&ts, "{\"amount\":10,\"type\":\"capture\"}");
}

HOST_TEST(a_transaction_waits_once_for_all_its_commands)
{
    struct tasks ts;
    struct od_str texts[3] = {OD_STR("{\"order_id\":1}"), OD_STR("{\"order_id\":2}"), OD_STR_NONE};

    tasks_route(&ts, h,
                "local list = oms.transaction(function(tx)\n"
                "  tx:require_version(2, 5)\n"
                "  tx:cancel_order(1, 'split')\n"
                "  tx:command_order(2, 'merge', {from = 1})\n"
                "  tx:set_inventory('mug', {qty = 4})\n"
                "end, {key = 'split-1'})\n"
                "return {json = {#list, list[1].order_id, list[2].order_id, list[3]}}");
    assert_int_equal(ts.started, 1);
    assert_int_equal(ts.request->part_count, 3);
    assert_str(ts.request->key, "split-1");
    assert_int_equal(ts.request->parts[0].if_match, 0);
    assert_int_equal(ts.request->parts[1].if_match, 5);
    assert_int_equal(command_of(&ts, 1)->type, OD_COMMAND_COMPOSITE);
    assert_str(command_of(&ts, 2)->sku, "mug");
    tasks_answer(&ts, &(struct od_task_answer){.texts = texts, .count = 3});
    assert_replied(&ts, "[3,1,2,false]");
}

HOST_TEST(the_function_of_a_transaction_cannot_wait)
{
    struct tasks ts;

    tasks_route(&ts, h,
                "local kept\n"
                "local ok, e = pcall(oms.transaction, function(tx)\n"
                "  kept = tx tx:cancel_order(1) oms.order(1) end)\n"
                "assert(not ok)\n"
                "local over, e2 = pcall(function() kept:cancel_order(1) end)\n"
                "local o = oms.order(3)\n"
                "return {json = {e, e2, o.order_id}}");
    assert_int_equal(ts.request->wait, OD_WAIT_ORDER); /* the failed one waits for nothing */
    assert_int_equal(ts.request->ref.order_id, 3);
    tasks_answer_text(&ts, "{\"order_id\":3}");
    assert_replied(
        &ts, "[\"shop/rules.lua:3: the function given to oms.transaction collects commands and "
             "cannot wait; ask before oms.transaction\",\"shop/rules.lua:5: tx:cancel_order: this "
             "transaction is over\",3]");
}

HOST_TEST(transactions_are_checked)
{
    assert_raises(h, "oms.transaction(function(tx) oms.transaction(tostring) end)",
                  "oms.transaction inside of oms.transaction");
    assert_raises(h, "oms.transaction(tostring, {keys = 'x'})", "its one option is key");
    assert_raises(h, "oms.transaction(tostring, {key = 'a b'})", "printable ASCII without blanks");
    assert_raises(h, "oms.transaction(function(tx) tx:require_version(1, 2) end)",
                  "names an order that the transaction does not change");
    assert_raises(h, "oms.transaction(function(tx) tx.cancel_order(1) end)",
                  "tx:cancel_order is called with a colon");
    assert_raises(h, "oms.transaction(function(tx) for i = 1, 501 do tx:cancel_order(i) end end)",
                  "a transaction holds at most 500 commands");
    assert_raises(h, "oms.transaction(function(tx) error('stop') end)", "stop");
}

HOST_TEST(an_empty_transaction_does_not_wait)
{
    struct tasks ts;

    tasks_route(&ts, h, "return {text = '' .. #oms.transaction(function() end)}");
    assert_replied(&ts, "0");
    assert_int_equal(ts.started, 0);
}

HOST_TEST(a_task_cancelled_within_reach_of_a_transaction_closes_it)
{
    struct tasks ts;

    tasks_route(&ts, h, "oms.transaction(function(tx) tx:cancel_order(1) end) oms.order(1)");
    od_task_cancel(ts.waiting, "the server stops");
    assert_task_failed(&ts, "the server stops");
    tasks_route(&ts, h, "oms.transaction(function(tx) tx:cancel_order(1) error('x') end)");
    assert_task_failed(&ts, "x");
}

HOST_TEST(bodies_keep_what_is_the_shops_own)
{
    static const struct {
        const char *table, *body;
    } cases[] = {
        {"{\"tracking_number\":\"a_b\",\"amount\":5}",
         "{\"trackingNumber\":\"a_b\",\"amount\":0.005}"},
        {"{\"address1\":\"x\",\"metadata\":{\"a_b\":{\"c_d\":1}}}",
         "{\"address1\":\"x\",\"metadata\":{\"a_b\":{\"c_d\":1}}}"},
        {"{\"items\":{},\"tags\":{}}", "{\"items\":[],\"tags\":[]}"},
        {"{\"customer_id\":\"7\",\"qty\":1}", "{\"qty\":1,\"customer\":{\"id\":\"7\"}}"},
        {"{\"tax_percent\":190000}", "{\"taxPercent\":19.0000}"},
    };
    struct od_buf out;

    (void)h;
    od_buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        od_buf_reset(&out);
        assert_int_equal(od_service_body(od_str_of(cases[i].table), OD_STR("KWD"), &out, &h->err),
                         0);
        od_buf_char(&out, '\0');
        assert_string_equal(out.ptr, cases[i].body);
    }
    assert_int_equal(od_service_body(OD_STR("[1]"), OD_STR_NONE, &out, &h->err), -1);
    od_buf_fini(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_found_by_both_names),
        cmocka_unit_test(money_and_goods_become_commands),
        cmocka_unit_test(changes_tracking_and_invoices_become_commands),
        cmocka_unit_test(arguments_become_commands),
        cmocka_unit_test(the_amount_of_a_payment_is_in_minor_units),
        cmocka_unit_test(an_order_is_placed_with_amounts_in_minor_units),
        cmocka_unit_test(updates_reach_the_fields_of_the_header),
        cmocka_unit_test(wrong_arguments_name_the_service_and_the_field),
        cmocka_unit_test(the_scripts_own_table_is_not_changed),
        cmocka_unit_test(a_transaction_waits_once_for_all_its_commands),
        cmocka_unit_test(the_function_of_a_transaction_cannot_wait),
        cmocka_unit_test(transactions_are_checked),
        cmocka_unit_test(an_empty_transaction_does_not_wait),
        cmocka_unit_test(a_task_cancelled_within_reach_of_a_transaction_closes_it),
        cmocka_unit_test(bodies_keep_what_is_the_shops_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
