#include "check.h"

#include "order/model/limits.h"

#include "problems.h"

#define RETURN(body)     shop_do(sh, OD_COMMAND_CREATE_RETURN, body)
#define UPDATE(id, body) update(sh, id, body)

static enum od_verdict update(struct shop *sh, int32_t id, const char *body)
{
    struct od_command *c = shop_command(sh, OD_COMMAND_UPDATE_RETURN, body);
    c->ret.return_id = id;
    return shop_run(sh, c);
}

static enum od_verdict exchange(struct shop *sh, int32_t id, const char *uuid)
{
    char body[80];
    snprintf(body, sizeof body, "{'exchangeUuid':'%s'}", uuid);
    struct od_command *c = shop_command(sh, OD_COMMAND_EXCHANGE, body);
    c->ret.return_id = id;
    return shop_run(sh, c);
}

#define NEW_ORDER "018bcfe5-6800-7000-8000-000000000001"

/* 2 of a and 1 of b are on their way. */
static void ship(struct shop *sh)
{
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{}"));
}

static void a_return_is_announced_with_its_reasons(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2,'reason':'too small'},"
                       "{'orderItemId':2,'qty':1}],'reason':'gift'}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_RETURN], 1);
    assert_int_equal(sh->d.event_count, 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_RETURN_REQUESTED);
    assert_str(sh->d.events[0].reason, "gift");
    const struct od_return *r = &sh->order.returns[0];
    assert_str(r->return_number, "T-2023-1-R1");
    assert_str(r->status, "requested");
    assert_int_equal(r->created_at, NOW);
    assert_int_equal(r->item_count, 2);
    assert_str(r->items[0].reason, "too small");
    assert_int_equal(r->items[0].qty, 2);
    assert_int_equal(r->items[0].qty_received, 0);
    assert_int_equal(sh->order.items[0].qty_returned, 0);
    assert_int_equal(sh->skus[0].on_hand, 8);
}

static void a_return_may_begin_approved(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':2,'qty':1}],'status':'approved'}"));
    assert_str(sh->order.returns[0].status, "approved");
}

static void only_units_that_are_out_and_not_announced_can_be_returned(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_INVALID,
                   "units_exceeded");
    assert_done(shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, "{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_refused(RETURN("{'items':[{'orderItemId':1,'qty':1},{'orderItemId':2,'qty':1}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/1/qty");
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(RETURN("{'items':[{'orderItemId':1,'qty':2}]}"), OD_VERDICT_INVALID,
                   "units_exceeded");
    assert_str(sh->d.refusal.detail, "Only 1 of item 1 can be returned");
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_RETURN], 2);
    assert_refused(RETURN("{'items':[{'orderItemId':3,'qty':1}]}"), OD_VERDICT_INVALID,
                   "unknown_item");
    assert_str(sh->d.refusal.pointer, "/items/0/orderItemId");
}

static void an_item_is_named_once(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_refused(RETURN("{'items':[{'orderItemId':1,'qty':1},{'orderItemId':1,'qty':1}]}"),
                   OD_VERDICT_INVALID, "item_repeated");
    assert_str(sh->d.refusal.pointer, "/items/1/orderItemId");
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_refused(UPDATE(1, "{'status':'received','items':[{'orderItemId':1,'qty':1},"
                             "{'orderItemId':1,'qty':1}]}"),
                   OD_VERDICT_INVALID, "item_repeated");
}

static void a_rejected_or_cancelled_return_frees_its_units(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_done(UPDATE(1, "{'status':'rejected','note':'worn'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_RETURN_REJECTED);
    assert_str(sh->order.returns[0].note, "worn");
    assert_done(RETURN("{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_done(UPDATE(2, "{'status':'approved'}"));
    assert_done(UPDATE(2, "{'status':'canceled'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_RETURN_CANCELED);
    assert_done(RETURN("{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_refused(UPDATE(1, "{'status':'received'}"), OD_VERDICT_CONFLICT, "return_closed");
    assert_refused(UPDATE(2, "{'status':'approved'}"), OD_VERDICT_CONFLICT, "return_closed");
    assert_refused(UPDATE(4, "{'status':'approved'}"), OD_VERDICT_NOT_FOUND, "return_not_found");
}

static void what_is_so_already_makes_no_event_and_loses_no_note(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':2,'qty':1}]}"));
    assert_done(UPDATE(1, "{'status':'approved'}"));
    assert_done(UPDATE(1, "{'status':'approved'}"));
    assert_int_equal(sh->d.event_count, 0);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_RETURN], 1);
    assert_refused(UPDATE(1, "{'status':'approved','note':'n'}"), OD_VERDICT_CONFLICT,
                   "return_closed");
}

static void all_that_was_announced_arrives_and_goes_back_on_the_shelf(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2},{'orderItemId':2,'qty':1}]}"));
    assert_done(UPDATE(1, "{'status':'received','restock':true}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_RETURN_RECEIVED);
    assert_int_equal(sh->asked[OD_ASK_SHIPMENT_STATUS], 3);
    assert_str(sh->order.returns[0].status, "received");
    assert_int_equal(sh->order.returns[0].received_at, NOW);
    assert_int_equal(sh->order.items[0].qty_returned, 2);
    assert_int_equal(sh->order.items[0].qty_restocked, 2);
    assert_int_equal(sh->skus[0].on_hand, 10);
    assert_int_equal(sh->skus[0].reserved, 0);
    assert_int_equal(sh->skus[1].on_hand, 5);
    assert_refused(UPDATE(1, "{'status':'received'}"), OD_VERDICT_CONFLICT, "nothing_to_receive");
    assert_refused(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_INVALID,
                   "units_exceeded");
}

static void units_arrive_in_parts_each_in_its_condition(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2},{'orderItemId':2,'qty':1}]}"));
    assert_done(UPDATE(1, "{'status':'received','note':'one box','items':[{'orderItemId':1,"
                          "'qty':1,'condition':'broken'}]}"));
    assert_int_equal(sh->d.events[0].ret->item_count, 1);
    assert_int_equal(sh->order.items[0].qty_returned, 1);
    assert_int_equal(sh->order.items[0].qty_restocked, 0);
    assert_int_equal(sh->skus[0].on_hand, 8);
    assert_refused(UPDATE(1, "{'status':'received','items':[{'orderItemId':1,'qty':2}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_done(UPDATE(1, "{'status':'received','items':[{'orderItemId':1,'qty':1,"
                          "'condition':'as new','restock':1}]}"));
    const struct od_return_item *item = &sh->order.returns[0].items[0];
    assert_int_equal(item->qty_received, 2);
    assert_int_equal(item->qty_restocked, 1);
    assert_str(item->condition, "as new");
    assert_str(sh->order.returns[0].note, "one box");
    assert_int_equal(sh->skus[0].on_hand, 9);
    assert_done(UPDATE(1, "{'status':'received'}"));
    assert_int_equal(sh->order.items[1].qty_returned, 1);
    assert_int_equal(sh->order.items[1].qty_restocked, 0);
    assert_int_equal(sh->skus[1].on_hand, 4);
}

static void what_is_said_of_an_item_goes_before_what_is_said_of_all(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2},{'orderItemId':2,'qty':1}]}"));
    assert_done(UPDATE(1, "{'restock':true,'status':'received','items':[{'orderItemId':1,'qty':2},"
                          "{'orderItemId':2,'qty':1,'restock':false}]}"));
    assert_int_equal(sh->order.items[0].qty_restocked, 2);
    assert_int_equal(sh->order.items[1].qty_restocked, 0);
    assert_int_equal(sh->skus[1].on_hand, 4);
}

static void untracked_units_are_returned_without_stock(void **state)
{
    struct shop *sh = *state;
    sh->env.track = OD_STOCK_NONE;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_done(UPDATE(1, "{'status':'received','restock':true}"));
    assert_int_equal(sh->order.items[0].qty_returned, 2);
    assert_int_equal(sh->order.items[0].qty_restocked, 0);
    assert_int_equal(sh->order.returns[0].items[0].qty_restocked, 0);
    assert_int_equal(sh->skus[0].on_hand, 10);
}

static void an_item_that_was_not_announced_does_not_arrive(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(UPDATE(1, "{'status':'received','items':[{'orderItemId':2,'qty':1}]}"),
                   OD_VERDICT_INVALID, "units_exceeded");
    assert_str(sh->d.refusal.pointer, "/items/0/qty");
}

static void the_rule_is_asked_when_there_is_one_and_history_overrules_it(void **state)
{
    struct shop *sh = *state;
    const char *body = "{'items':[{'orderItemId':1,'qty':1}],'reason':'late'}";
    ship(sh);
    sh->refuse[OD_ASK_ORDER_RETURN] = "The window of 30 days is over";
    assert_done(RETURN(body));
    assert_int_equal(sh->asked[OD_ASK_ORDER_RETURN], 0);
    sh->answers[OD_ASK_ORDER_RETURN] = true;
    assert_refused(RETURN(body), OD_VERDICT_POLICY, "no");
    assert_str(sh->request.reason, "late");
    assert_int_equal(sh->request.ret->item_count, 1);
    assert_done(shop_history(sh, OD_COMMAND_CREATE_RETURN, body));
    assert_str(sh->d.events[0].overruled, "order.return: The window of 30 days is over");
    sh->refuse[OD_ASK_ORDER_RETURN] = NULL;
    assert_done(UPDATE(2, "{'status':'approved'}"));
    assert_int_equal(sh->asked[OD_ASK_ORDER_RETURN], 2);
}

static void a_return_is_exchanged_once(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2}]}"));
    assert_refused(exchange(sh, 1, NEW_ORDER), OD_VERDICT_CONFLICT, "return_not_received");
    assert_done(UPDATE(1, "{'status':'received'}"));
    assert_done(exchange(sh, 1, NEW_ORDER));
    assert_int_equal(sh->d.part_ids[OD_ENTITY_RETURN], 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_RETURN_EXCHANGED);
    assert_str(sh->order.returns[0].status, "exchanged");
    assert_false(od_uuid_is_zero(&sh->order.returns[0].exchange_uuid));
    assert_refused(exchange(sh, 1, NEW_ORDER), OD_VERDICT_CONFLICT, "already_exchanged");
    assert_refused(exchange(sh, 2, NEW_ORDER), OD_VERDICT_NOT_FOUND, "return_not_found");
    assert_refused(UPDATE(1, "{'status':'received'}"), OD_VERDICT_CONFLICT, "return_closed");
    /* What another order was sent for is not refunded as well. */
    assert_int_equal(od_item_refundable(&sh->order, &sh->order.items[0]),
                     sh->order.items[0].qty - 2);
}

/* The gateway told of the refund before the warehouse of the return. */
static void a_return_whose_money_went_back_is_settled(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'capture'}"));
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(UPDATE(1, "{'status':'refunded'}"), OD_VERDICT_CONFLICT, "return_not_received");
    assert_done(UPDATE(1, "{'status':'received'}"));
    assert_refused(UPDATE(1, "{'status':'refunded'}"), OD_VERDICT_CONFLICT, "return_not_refunded");
    assert_done(
        shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'refund','amount':10,'transactionId':'re_1'}"));
    assert_refused(shop_do(sh, OD_COMMAND_REFUND, "{'returnId':1,'transactionId':'re_1'}"),
                   OD_VERDICT_CONFLICT, "transaction_differs");
    assert_non_null(strstr(sh->d.refusal.detail.ptr, "Set the return's status to refunded"));
    assert_done(UPDATE(1, "{'status':'refunded'}"));
    assert_int_equal(sh->d.events[0].type, OD_EVENT_RETURN_REFUNDED);
    assert_str(sh->order.returns[0].status, "refunded");
    assert_done(UPDATE(1, "{'status':'refunded'}"));
    assert_int_equal(sh->d.event_count, 0);

    /* One refund is not for two returns. */
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(UPDATE(2, "{'status':'received'}"));
    assert_refused(UPDATE(2, "{'status':'refunded'}"), OD_VERDICT_CONFLICT, "return_not_refunded");
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{'returnId':2}"));
    assert_str(sh->order.returns[1].status, "refunded");
}

static void returns_are_limited(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    for (int i = 1; i <= OD_RETURNS_MAX; i++) {
        assert_done(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"));
        assert_done(UPDATE(i, "{'status':'canceled'}"));
    }
    assert_refused(RETURN("{'items':[{'orderItemId':1,'qty':1}]}"), OD_VERDICT_CONFLICT,
                   "limit_reached");
}

static void a_refused_unit_leaves_the_return_alone(void **state)
{
    struct shop *sh = *state;
    ship(sh);
    assert_done(RETURN("{'items':[{'orderItemId':1,'qty':2}]}"));
    struct od_command *c =
        shop_command(sh, OD_COMMAND_UPDATE_RETURN, "{'status':'received','restock':true}");
    c->ret.return_id = 1;
    c->next = shop_command(sh, OD_COMMAND_RELEASE, "{'handle':'none'}");
    assert_refused(shop_run(sh, c), OD_VERDICT_NOT_FOUND, "hold_not_found");
    assert_int_equal(sh->order.returns[0].items[0].qty_received, 0);
}

static void bodies_say_what_is_wrong_with_them(void **state)
{
    struct shop *sh = *state;
    CHECK(CREATE_RETURN, "{}", "/items: is required");
    CHECK(CREATE_RETURN, "{'items':[]}", "/items: must be an array of 1 to 500 items");
    CHECK(CREATE_RETURN, "{'items':[{'qty':1}],'status':'received'}",
          "/items/0/orderItemId: is required\n/status: must be requested or approved");
    CHECK(CREATE_RETURN, "{'items':[{'orderItemId':1,'qty':0,'condition':'new','restock':true}]}",
          "/items/0/qty: must be a whole number from 1 to 1000000\n"
          "/items/0/condition: cannot be set here\n/items/0/restock: unknown member");
    CHECK(UPDATE_RETURN, "{'note':'n'}", "/status: is required");
    CHECK(UPDATE_RETURN, "{'status':'exchanged'}",
          "/status: must be approved, rejected, canceled, received or refunded");
    CHECK(UPDATE_RETURN, "{'status':'approved','restock':true}",
          ": items and restock go with the status received alone");
    CHECK(UPDATE_RETURN,
          "{'status':'received','items':[{'orderItemId':1,'qty':1,'restock':2,'reason':'r'}]}",
          "/items/0/reason: cannot be set here");
    CHECK(UPDATE_RETURN, "{'status':'received','items':[{'orderItemId':1,'qty':1,'restock':2}]}",
          "/items/0/restock: is more than qty");
    CHECK(UPDATE_RETURN,
          "{'status':'received','items':[{'orderItemId':1,'qty':1,'restock':'all'}]}",
          "/items/0/restock: must be true, false, or how many units");
    CHECK(EXCHANGE, "{}", "/exchangeUuid: is required");
    CHECK(EXCHANGE, "{'exchangeUuid':'7'}", "/exchangeUuid: must be a UUID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_return_is_announced_with_its_reasons),
        TEST(a_return_may_begin_approved),
        TEST(only_units_that_are_out_and_not_announced_can_be_returned),
        TEST(an_item_is_named_once),
        TEST(a_rejected_or_cancelled_return_frees_its_units),
        TEST(what_is_so_already_makes_no_event_and_loses_no_note),
        TEST(all_that_was_announced_arrives_and_goes_back_on_the_shelf),
        TEST(units_arrive_in_parts_each_in_its_condition),
        TEST(what_is_said_of_an_item_goes_before_what_is_said_of_all),
        TEST(untracked_units_are_returned_without_stock),
        TEST(an_item_that_was_not_announced_does_not_arrive),
        TEST(the_rule_is_asked_when_there_is_one_and_history_overrules_it),
        TEST(a_return_is_exchanged_once),
        TEST(a_return_whose_money_went_back_is_settled),
        TEST(returns_are_limited),
        TEST(a_refused_unit_leaves_the_return_alone),
        TEST(bodies_say_what_is_wrong_with_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
