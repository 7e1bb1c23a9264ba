#include "order/model/placed_diff.h"
#include "sample.h"

/* An order is the one that a draft describes, or it is told where not. */

static struct od_arena a;

static int set_up(void **state)
{
    (void)state;
    od_arena_init(&a);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    od_arena_fini(&a);
    return 0;
}

/* As it is placed: what no draft gives is there, too. */
static struct od_order *placed_of(const struct od_order *draft)
{
    struct od_order *o = od_order_clone(&a, draft);
    o->order_id = 7;
    o->created_at = o->updated_at = SAMPLE_AT;
    o->version = 1;
    o->historical = true;
    o->store = OD_STR("basel");
    o->items[0].location = OD_STR("shelf");
    o->addresses[OD_SHIPPING].kind = OD_STR("shipping");
    o->status = o->payment_status = o->shipment_status = OD_STR("pending");
    return o;
}

static void alter(const struct od_field *f, void *entity)
{
    void *at = (char *)entity + f->offset;
    switch (f->type) {
    case OD_FIELD_STR:
        *(struct od_str *)at = OD_STR("another");
        return;
    case OD_FIELD_JSON:
        *(struct od_str *)at = OD_STR("[\"another\"]");
        return;
    case OD_FIELD_I32:
        *(int32_t *)at += 1;
        return;
    case OD_FIELD_BOOL:
        *(bool *)at = !*(bool *)at;
        return;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
    case OD_FIELD_TIME:
        *(int64_t *)at += 1;
        return;
    case OD_FIELD_UUID:
        *(struct od_uuid *)at = od_uuid_v7(SAMPLE_AT + 1);
        return;
    }
}

/* draft is altered in each field that a body may give, and every one of them is told. */
static void each_input_is_compared(const struct od_order *draft, const struct od_order *placed,
                                   enum od_entity_kind kind, void *entity, const char *prefix)
{
    const struct od_entity *e = &od_entities[kind];
    char before[1024];
    assert_true(e->size <= sizeof before);
    memcpy(before, entity, e->size);
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!(e->fields[i].flags & OD_FIELD_INPUT))
            continue;
        alter(&e->fields[i], entity);
        struct od_str where = od_placed_diff(&a, draft, SAMPLE_AT, placed);
        struct od_str wanted = od_arena_printf(&a, "%s%s", prefix, e->fields[i].json);
        if (!od_str_eq(where, wanted))
            fail_msg("%.*s instead of %.*s", OD_STR_ARG(where), OD_STR_ARG(wanted));
        memcpy(entity, before, e->size);
    }
}

static void every_field_that_a_draft_gives_is_compared(void **state)
{
    struct od_order *draft = sample_draft(&a);
    const struct od_order *placed = placed_of(draft);
    (void)state;
    assert_null(od_placed_diff(&a, draft, SAMPLE_AT, placed).ptr);
    assert_null(od_placed_diff(&a, draft, 0, placed).ptr);
    each_input_is_compared(draft, placed, OD_ENTITY_ORDER, draft, "");
    each_input_is_compared(draft, placed, OD_ENTITY_ITEM, &draft->items[2], "items[2].");
    each_input_is_compared(draft, placed, OD_ENTITY_ADDRESS, &draft->addresses[OD_SHIPPING],
                           "shippingAddress.");
}

static void names_of(const struct od_order *draft, int64_t at, const struct od_order *placed,
                     const char *wanted)
{
    struct od_str names = od_placed_diff(&a, draft, at, placed);
    if (!od_str_is(names, wanted))
        fail_msg("%.*s instead of %s", OD_STR_ARG(names), wanted);
}

static void what_has_no_field_is_compared_too(void **state)
{
    struct od_order *draft = sample_draft(&a);
    const struct od_order *placed = placed_of(draft);
    (void)state;
    names_of(draft, SAMPLE_AT + 1, placed, "placedAt");
    draft->addresses[OD_BILLING] = draft->addresses[OD_SHIPPING];
    names_of(draft, 0, placed, "billingAddress");
    draft->uuid = od_uuid_v7(SAMPLE_AT + 9);
    draft->order_number = OD_STR("N-1");
    draft->item_count = 2;
    names_of(draft, 0, placed, "uuid, orderNumber, items, billingAddress");
}

static void what_a_draft_leaves_out_may_be_anything(void **state)
{
    struct od_order *draft = sample_draft(&a);
    const struct od_order *placed = placed_of(draft);
    (void)state;
    draft->uuid = (struct od_uuid){0};
    draft->order_number = draft->customer_email = draft->tags = draft->metadata = OD_STR_NONE;
    draft->items[1].name = draft->items[1].variant_options = OD_STR_NONE;
    draft->addresses[OD_SHIPPING] = (struct od_address){0};
    assert_null(od_placed_diff(&a, draft, 0, placed).ptr);
}

static void json_is_compared_by_what_it_says(void **state)
{
    struct od_order *draft = sample_draft(&a), *placed = placed_of(draft);
    (void)state;
    placed->metadata = OD_STR("{\"b\": [1, {\"c\": null}], \"a\": \"\\u00e9\"}");
    draft->metadata = OD_STR("{\"a\":\"\xc3\xa9\",\"b\":[1,{\"c\":null}]}");
    assert_null(od_placed_diff(&a, draft, 0, placed).ptr);
    const char *others[] = {"{\"a\":\"\xc3\xa9\"}", "{\"a\":\"e\",\"b\":[1,{\"c\":null}]}",
                            "{\"a\":\"\xc3\xa9\",\"b\":[{\"c\":null},1]}",
                            "{\"a\":\"\xc3\xa9\",\"b\":[1,{\"c\":false}]}",
                            "{\"a\":\"\xc3\xa9\",\"b\":[1,{\"d\":null}]}"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        draft->metadata = od_str_of(others[i]);
        names_of(draft, 0, placed, "metadata");
    }
    placed->metadata = OD_STR_NONE;
    names_of(draft, 0, placed, "metadata");
}

static void many_differences_are_cut_short(void **state)
{
    struct od_order *draft = sample_draft(&a);
    const struct od_order *placed = placed_of(draft);
    const struct od_entity *e = &od_entities[OD_ENTITY_ITEM];
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t f = 0; f < e->field_count; f++)
            alter(&e->fields[f], &draft->items[i]);
    }
    struct od_str names = od_placed_diff(&a, draft, 0, placed);
    assert_in_range(names.len, 100, 420);
    assert_true(od_str_starts_with(names, OD_STR("items[0].productId, items[0].sku, ")));
    assert_string_equal(names.ptr + names.len - strlen(" and more"), " and more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_field_that_a_draft_gives_is_compared, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_field_is_compared_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_draft_leaves_out_may_be_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_is_compared_by_what_it_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_differences_are_cut_short, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
