#include "event_data.h"

#include "order/ledger/event.h"

/* How returns and changes stand in the ledger and in the API. */

static struct od_return_item announced[] = {
    {.return_id = 1, .order_item_id = 2, .qty = 1, .reason = OD_STR_INIT("too \"small\"")},
    {.return_id = 1, .order_item_id = 3, .qty = 2},
};
static struct od_return_item arrived[] = {
    {.order_item_id = 2, .qty_received = 1, .qty_restocked = 1, .condition = OD_STR_INIT("new")},
    {.order_item_id = 3, .qty_received = 1},
};

static const struct od_event requested = {
    .type = OD_EVENT_RETURN_REQUESTED,
    .ret = &(const struct od_return){.return_id = 1,
                                     .return_number = OD_STR_INIT("O-R1"),
                                     .status = OD_STR_INIT("requested"),
                                     .reason = OD_STR_INIT("gift"),
                                     .created_at = SAMPLE_AT,
                                     .items = announced,
                                     .item_count = 2}};
static const struct od_event received = {
    .type = OD_EVENT_RETURN_RECEIVED,
    .ret = &(const struct od_return){.return_id = 1,
                                     .status = OD_STR_INIT("received"),
                                     .received_at = SAMPLE_AT,
                                     .items = arrived,
                                     .item_count = 2}};
static const struct od_event rejected = {
    .type = OD_EVENT_RETURN_REJECTED,
    .ret = &(const struct od_return){
        .return_id = 1, .status = OD_STR_INIT("rejected"), .note = OD_STR_INIT("worn")}};
static const struct od_event exchanged = {
    .type = OD_EVENT_RETURN_EXCHANGED,
    .ret = &(const struct od_return){
        .return_id = 1, .status = OD_STR_INIT("exchanged"), .exchange_uuid = {{1, 2, 3}}}};

static const struct od_change proposal = {
    .change_id = 2,
    .status = OD_STR_INIT("proposed"),
    .request = OD_STR_INIT("{\"lines\":[],\"add\":[{\"sku\":\"a\"}]}"),
    .difference = -150,
    .reason = OD_STR_INIT("less"),
    .by = OD_STR_INIT("key:test"),
    .created_at = SAMPLE_AT,
};
static const struct od_event proposed = {.type = OD_EVENT_CHANGE_PROPOSED, .change = &proposal};
static const struct od_event discarded = {
    .type = OD_EVENT_CHANGE_DISCARDED,
    .change = &(const struct od_change){
        .change_id = 2, .status = OD_STR_INIT("discarded"), .closed_at = SAMPLE_AT}};

static struct od_item lines[] = {
    {.order_item_id = 1, .sku = OD_STR_INIT("A"), .price = 5, .final_price = 5},
    {.order_item_id = 4,
     .sku = OD_STR_INIT("B"),
     .qty = 1,
     .price = 7,
     .final_price = 7,
     .sub_total = 7,
     .total = 7,
     .stock_tracked = true,
     .location = OD_STR_INIT("main")},
};

/* Tax becomes zero, which the ledger must not leave out. */
static struct od_event changed(struct od_arena *a)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    struct od_change *c = OD_NEW(a, struct od_change);
    struct od_patch *p = OD_NEW(a, struct od_patch);
    struct od_order *values = OD_NEW(a, struct od_order);

    *c = (struct od_change){.change_id = 2, .status = OD_STR("confirmed"), .closed_at = SAMPLE_AT};
    values->grand_total = 700;
    values->items = lines;
    values->item_count = 2;
    p->values = values;
    p->fields = (uint64_t)1 << (od_entity_field(e, OD_STR("grand_total")) - e->fields);
    p->fields |= (uint64_t)1 << (od_entity_field(e, OD_STR("tax_amount")) - e->fields);
    p->address[OD_BILLING] = true;
    return (struct od_event){.type = OD_EVENT_ORDER_CHANGED, .change = c, .patch = p};
}

#define AT "\"2017-07-09T21:57:05Z\""

static void the_ledger_keeps_what_an_event_is_about(void **state)
{
    struct od_arena a;

    (void)state;
    od_arena_init(&a);
    struct od_event e = changed(&a);
    in_the_ledger(&requested,
                  "{\"return_id\":1,\"return_number\":\"O-R1\",\"status\":\"requested\","
                  "\"reason\":\"gift\",\"created_at\":" AT ",\"items\":["
                  "{\"order_item_id\":2,\"qty\":1,\"reason\":\"too \\\"small\\\"\"},"
                  "{\"order_item_id\":3,\"qty\":2}]}");
    in_the_ledger(&received, "{\"return_id\":1,\"status\":\"received\",\"received_at\":" AT
                             ",\"items\":[{\"order_item_id\":2,\"qty_received\":1,"
                             "\"qty_restocked\":1,\"condition\":\"new\"},"
                             "{\"order_item_id\":3,\"qty_received\":1}]}");
    in_the_ledger(&rejected, "{\"return_id\":1,\"status\":\"rejected\",\"note\":\"worn\"}");
    in_the_ledger(&proposed,
                  "{\"change_id\":2,\"status\":\"proposed\",\"request\":{\"lines\":[],\"add\":["
                  "{\"sku\":\"a\"}]},\"difference\":-150,\"reason\":\"less\",\"by\":\"key:test\","
                  "\"created_at\":" AT "}");
    in_the_ledger(&discarded, "{\"change_id\":2,\"status\":\"discarded\",\"closed_at\":" AT "}");
    in_the_ledger(&e,
                  "{\"change\":{\"change_id\":2,\"status\":\"confirmed\",\"closed_at\":" AT "},"
                  "\"tax_amount\":null,\"grand_total\":700,\"billing_address\":null,\"items\":["
                  "{\"order_item_id\":1,\"sku\":\"A\",\"price\":5,\"final_price\":5},"
                  "{\"order_item_id\":4,\"sku\":\"B\",\"qty\":1,\"price\":7,\"final_price\":7,"
                  "\"sub_total\":7,\"total\":7,\"stock_tracked\":true,\"location\":\"main\"}]}");
    od_arena_fini(&a);
}

static void the_api_shows_its_own_names_and_decimal_amounts(void **state)
{
    (void)state;
    in_the_api(&received, 2,
               "{\"returnId\":1,\"status\":\"received\",\"receivedAt\":" AT
               ",\"items\":[{\"orderItemId\":2,\"qtyReceived\":1,"
               "\"qtyRestocked\":1,\"condition\":\"new\"},"
               "{\"orderItemId\":3,\"qtyReceived\":1,\"qtyRestocked\":0,"
               "\"condition\":null}]}");
    in_the_api(&exchanged, 2,
               "{\"returnId\":1,\"status\":\"exchanged\",\"exchangeUuid\":"
               "\"01020300-0000-0000-0000-000000000000\"}");
    in_the_api(&proposed, 2,
               "{\"changeId\":2,\"status\":\"proposed\",\"difference\":-1.50,"
               "\"reason\":\"less\",\"by\":\"key:test\",\"createdAt\":" AT "}");
    in_the_api(&discarded, 2, "{\"changeId\":2,\"status\":\"discarded\",\"closedAt\":" AT "}");
}

static void what_is_written_is_read_back(void **state)
{
    struct od_arena a;

    (void)state;
    od_arena_init(&a);
    struct od_event c = changed(&a);
    const struct od_event *all[] = {&requested, &received,  &rejected, &exchanged,
                                    &proposed,  &discarded, &c};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct od_event back = {.type = all[i]->type};
        struct od_buf once;
        struct od_err err;
        od_buf_init(&once, 1 << 16);
        od_event_encode(all[i], &once);
        if (od_event_decode(&back, od_buf_view(&once), &a, &err) != 0)
            fail_msg("%s", err.message);
        od_buf_char(&once, '\0');
        in_the_ledger(&back, once.ptr);
        assert_true(!back.patch || back.patch->fields == all[i]->patch->fields);
        od_buf_fini(&once);
    }
    od_arena_fini(&a);
}

static void data_of_another_shape_is_refused(void **state)
{
    (void)state;
    refuses(OD_EVENT_RETURN_REQUESTED, "{\"items\":{}}", "items is not a list");
    refuses(OD_EVENT_RETURN_REQUESTED, "{\"items\":[{\"qty\":\"1\"}]}", "items[0]");
    refuses(OD_EVENT_RETURN_APPROVED, "{\"colour\":1}", "unknown member colour");
    refuses(OD_EVENT_CHANGE_PROPOSED, "{\"difference\":1.5}", "wrong type");
    refuses(OD_EVENT_ORDER_CHANGED, "{\"grand_total\":1}", "change is missing");
    refuses(OD_EVENT_ORDER_CHANGED, "{\"change\":[]}", "is not an object");
    refuses(OD_EVENT_ORDER_CHANGED, "{\"change\":{},\"items\":1}", "items is not a list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_keeps_what_an_event_is_about),
        cmocka_unit_test(the_api_shows_its_own_names_and_decimal_amounts),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(data_of_another_shape_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
