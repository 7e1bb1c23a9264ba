#include "check.h"

#include "order/amounts/amounts.h"
#include "order/amounts/totals.h"
#include "order/machine/parse.h"

/* Random changes of random orders, seeded: whatever is confirmed, the order adds up as a placed one
 * does, the stock is what its lines reserve, and the ledger folds to the same. */

static uint64_t seed;

static uint32_t draw(uint32_t n) /* xorshift64*, below n */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

static bool chance(uint32_t percent)
{
    return draw(100) < percent;
}

/* 0 … max minor units of EUR. */
static void add_amount(struct od_buf *b, const char *member, uint32_t max)
{
    od_buf_printf(b, ",'%s':'", member);
    uint32_t amount = draw(max + 1);
    od_buf_printf(b, "%u.%02u'", amount / 100, amount % 100);
}

static void add_line(struct od_buf *b)
{
    od_buf_printf(b, "{'sku':'%s','qty':%u,'weight':'0.%u'", chance(50) ? "a" : "b", 1 + draw(6),
                  draw(10));
    add_amount(b, "price", 5000);
    if (chance(60))
        add_amount(b, "taxAmount", 700);
    if (chance(30))
        add_amount(b, "discountAmount", 300);
    od_buf_char(b, '}');
}

static void add_fees(struct od_buf *b, uint32_t percent)
{
    if (chance(percent))
        add_amount(b, "shippingFeeExclTax", 900);
    if (chance(percent))
        add_amount(b, "shippingFeeInclTax", 1200);
}

static const char *finish(struct shop *sh, struct od_buf *b)
{
    od_buf_char(b, '}');
    const char *text = od_arena_str(&sh->arena, od_buf_view(b)).ptr;
    od_buf_fini(b);
    return text;
}

/* A body of random lines may not add up: then there is none. */
static struct od_command *random_place(struct shop *sh)
{
    struct od_buf b;
    struct od_problem_list problems = {.arena = &sh->arena};
    struct od_command *c = OD_NEW(&sh->arena, struct od_command);
    od_buf_init(&b, 1 << 16);
    od_buf_str(&b, OD_STR("{'items':["));
    for (uint32_t n = 1 + draw(4); n > 0; n--) {
        add_line(&b);
        if (n > 1)
            od_buf_char(&b, ',');
    }
    od_buf_char(&b, ']');
    add_fees(&b, 40);
    if (chance(20))
        add_amount(&b, "discountAmount", 900);
    char *text = (char *)finish(sh, &b);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    if (od_command_parse(OD_COMMAND_PLACE, shop_json(sh, text), &sh->arena, OD_STR("EUR"), c,
                         &problems) != 0)
        return NULL;
    return c;
}

static const char *random_change(struct shop *sh)
{
    struct od_buf b;
    bool comma = false;
    od_buf_init(&b, 1 << 16);
    od_buf_str(&b, OD_STR("{'items':["));
    for (uint32_t i = 0; i < sh->order.item_count; i++) {
        if (chance(50))
            continue;
        od_buf_printf(&b, "%s{'orderItemId':%u,'qty':%u", comma ? "," : "", i + 1, draw(8));
        if (chance(20))
            add_amount(&b, "taxAmount", 700);
        if (chance(20))
            add_amount(&b, "discountAmount", 300);
        od_buf_char(&b, '}');
        comma = true;
    }
    od_buf_str(&b, OD_STR("],'add':["));
    if (chance(30))
        add_line(&b);
    od_buf_char(&b, ']');
    add_fees(&b, 15);
    if (chance(10))
        add_amount(&b, "discountAmount", 900);
    if (chance(20))
        od_buf_str(&b, OD_STR(",'shippingAddress':{'city':'Bern'}"));
    return finish(sh, &b);
}

static void check_totals(struct shop *sh)
{
    const struct od_order *o = &sh->order;
    struct od_order *again = od_order_clone(&sh->arena, o);
    struct od_problem_list problems = {.arena = &sh->arena};
    int64_t sum = o->shipping_fee_incl_tax;
    if (!od_totals_settle(again, &problems))
        fail_msg("%.*s: %.*s", OD_STR_ARG(problems.items[0].pointer),
                 OD_STR_ARG(problems.items[0].detail));
    const char *diff = od_order_diff(&sh->arena, o, again);
    if (diff)
        fail_msg("settled it differs: %s", diff);
    for (uint32_t i = 0; i < o->item_count; i++)
        sum += od_line_amount(o, &o->items[i]);
    /* A discount of the order may reach into the shipping fee; then the lines cost nothing. */
    assert_true(sum == o->grand_total || (sum == o->shipping_fee_incl_tax && sum > o->grand_total));
    assert_true(o->grand_total >= o->amount_canceled);
}

static void check_stock(struct shop *sh)
{
    for (int i = 0; i < 2; i++) {
        int64_t open = 0;
        for (uint32_t k = 0; k < sh->order.item_count; k++) {
            if (od_str_eq(sh->order.items[k].sku, sh->skus[i].sku))
                open += od_item_open(&sh->order.items[k]);
        }
        assert_int_equal(sh->skus[i].reserved, open);
    }
}

static enum od_command_type random_type(void)
{
    uint32_t n = draw(100);
    if (n < 40)
        return OD_COMMAND_PROPOSE_CHANGE;
    if (n < 80)
        return OD_COMMAND_CONFIRM_CHANGE;
    if (n < 85)
        return OD_COMMAND_DISCARD_CHANGE;
    if (n < 92)
        return OD_COMMAND_CANCEL;
    return n < 95 ? OD_COMMAND_ISSUE_INVOICE : OD_COMMAND_PATCH;
}

static const char *random_body(struct shop *sh, enum od_command_type type)
{
    if (type == OD_COMMAND_PROPOSE_CHANGE)
        return random_change(sh);
    if (type == OD_COMMAND_CANCEL)
        return od_arena_printf(&sh->arena, "{'items':[{'orderItemId':%u,'qty':1}]}",
                               1 + draw(sh->order.item_count))
            .ptr;
    return type == OD_COMMAND_PATCH ? "{'billingAddress':{'city':'Rom'}}" : "{}";
}

static unsigned confirmed, outdated;

static void step(struct shop *sh)
{
    enum od_command_type type = random_type();
    struct before b = shop_before(sh);
    if (shop_do(sh, type, random_body(sh, type)) != OD_VERDICT_DONE) {
        assert_true(shop_untouched(sh, &b));
        outdated += od_str_is(sh->d.refusal.code, "change_outdated");
        assert_false(od_str_is(sh->d.refusal.code, "order_damaged"));
        return;
    }
    if (type == OD_COMMAND_CONFIRM_CHANGE) {
        confirmed++;
        assert_int_equal(sh->order.grand_total - b.order->grand_total,
                         od_order_change(&sh->order, sh->d.part_ids[OD_ENTITY_CHANGE])->difference);
    } else {
        assert_int_equal(sh->order.grand_total, b.order->grand_total);
    }
    check_totals(sh);
    check_stock(sh);
}

static void live_one_order(uint64_t from)
{
    static struct shop shop;
    struct shop *sh = &shop;
    seed = from * 2654435761u + 88172645463325252u;
    shop_open(sh);
    shop_stock(sh, 0, "a", 30, true);
    shop_stock(sh, 1, "b", 20, true);
    struct od_command *place = random_place(sh);
    if (place && shop_run(sh, place) == OD_VERDICT_DONE) {
        check_totals(sh);
        for (int i = 0; i < 25; i++)
            step(sh);
        const char *diff = shop_refold_diff(sh);
        if (diff)
            fail_msg("order %llu: ledger and snapshot differ: %s", (unsigned long long)from, diff);
    }
    shop_close(sh);
}

static void any_confirmed_change_adds_up_as_a_placed_order(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 1500; i++)
        live_one_order(i);
    /* The draw must reach what it is about. */
    assert_true(confirmed > 2000);
    assert_true(outdated > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_confirmed_change_adds_up_as_a_placed_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
