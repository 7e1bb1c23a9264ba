#include "split.h"

/* Random lives of random orders that are split again and again, seeded: units, money and reserved
 * stock are conserved, each order adds up, and the ledgers fold to the same. */

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

static void add_amount(struct od_buf *b, const char *member, uint32_t max)
{
    uint32_t amount = draw(max + 1);
    od_buf_printf(b, ",'%s':'%u.%02u'", member, amount / 100, amount % 100);
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
    bool by_line = chance(40);
    od_buf_init(&b, 1 << 16);
    od_buf_str(&b, OD_STR("{'items':["));
    for (uint32_t n = 1 + draw(4); n > 0; n--) {
        od_buf_printf(&b, "{'sku':'%s','qty':%u,'weight':'0.%u'", chance(50) ? "a" : "b",
                      1 + draw(5), draw(10));
        add_amount(&b, "price", chance(10) ? 0 : 5000);
        if (chance(60))
            add_amount(&b, "taxAmount", 700);
        if (by_line && chance(60))
            add_amount(&b, "discountAmount", 300);
        od_buf_str(&b, n > 1 ? OD_STR("},") : OD_STR("}"));
    }
    od_buf_char(&b, ']');
    if (chance(50))
        add_amount(&b, "shippingFeeInclTax", 1200);
    if (!by_line && chance(40))
        add_amount(&b, "discountAmount", 1500);
    char *text = (char *)finish(sh, &b);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    return od_command_parse(OD_COMMAND_PLACE, shop_json(sh, text), &sh->arena, OD_STR("EUR"), c,
                            &problems) == 0
               ? c
               : NULL;
}

static const char *random_units(struct shop *sh)
{
    struct od_buf b;
    bool comma = false;
    od_buf_init(&b, 1 << 16);
    od_buf_str(&b, OD_STR("{'items':["));
    for (uint32_t i = 0; i < sh->order.item_count; i++) {
        if (comma && chance(50))
            continue;
        od_buf_printf(&b, "%s{'orderItemId':%u,'qty':%u}", comma ? "," : "", i + 1, 1 + draw(3));
        comma = true;
    }
    od_buf_char(&b, ']');
    return finish(sh, &b);
}

static const char *random_payment(struct shop *sh)
{
    static const char *const types[] = {"authorize", "capture",    "capture",
                                        "void",      "chargeback", "refund"};
    static const char *const methods[] = {"card", "voucher"};
    struct od_buf b;
    od_buf_init(&b, 1 << 10);
    od_buf_printf(&b, "{'type':'%s','method':'%s'", types[draw(6)], methods[draw(2)]);
    add_amount(&b, "amount", 1 + (uint32_t)(sh->order.grand_total > 0 ? sh->order.grand_total : 0));
    return finish(sh, &b);
}

static void live(struct shop *sh)
{
    uint32_t n = draw(100);
    if (n < 40)
        shop_do(sh, OD_COMMAND_PAYMENT, random_payment(sh));
    else if (n < 50)
        shop_do(sh, OD_COMMAND_CANCEL, random_units(sh));
    else if (n < 65)
        shop_do(sh, OD_COMMAND_CREATE_SHIPMENT, random_units(sh));
    else if (n < 75)
        shop_do(sh, OD_COMMAND_REFUND, random_units(sh));
    else if (n < 80)
        shop_do(sh, OD_COMMAND_REFUND, "{'shipping':true}");
    else if (n < 83)
        shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}");
    else if (n < 86)
        shop_do(sh, OD_COMMAND_HOLD, "{'handle':'fraud'}");
    assert_false(od_str_is(sh->d.refusal.code, "order_damaged"));
}

static int64_t open_units(const struct od_order *o, struct od_str sku)
{
    int64_t open = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        if (od_str_eq(o->items[i].sku, sku))
            open += od_item_open(&o->items[i]);
    }
    return open;
}

/* Units of each SKU that are to be shipped from the orders split off so far. */
static int64_t gone[2];
static unsigned splits, paid_splits, refused;

static void check_stock(struct shop *sh)
{
    for (int i = 0; i < 2; i++)
        assert_int_equal(sh->skus[i].reserved, open_units(&sh->order, sh->skus[i].sku) + gone[i]);
}

static void try_split(struct shop *sh)
{
    struct before b = shop_before(sh);
    struct made m;
    if (shop_do(sh, OD_COMMAND_SPLIT, random_units(sh)) != OD_VERDICT_DONE) {
        assert_true(shop_untouched(sh, &b));
        assert_false(od_str_is(sh->d.refusal.code, "order_damaged"));
        refused++;
        return;
    }
    if (place_made(sh, &m) != OD_VERDICT_DONE)
        fail_msg("%.*s", OD_STR_ARG(m.d.refusal.detail));
    assert_conserved(b.order, &sh->order, &m.order);
    assert_adds_up(sh, &sh->order);
    assert_adds_up(sh, &m.order);
    assert_refolds(sh, &m);
    /* Each pays for itself as far as the order did. */
    if (b.order->amount_captured - b.order->amount_charged_back >=
            b.order->grand_total - b.order->amount_canceled &&
        b.order->amount_refunded == 0)
        assert_int_equal(m.order.amount_captured, m.order.grand_total);
    assert_true(m.order.amount_captured <= m.order.grand_total);
    assert_true(sh->order.amount_captured >= sh->order.amount_refunded);
    for (int i = 0; i < 2; i++)
        gone[i] += open_units(&m.order, sh->skus[i].sku);
    check_stock(sh);
    splits++;
    paid_splits += m.order.payment_count > 0;
}

static void live_one_order(uint64_t from)
{
    static struct shop shop;
    struct shop *sh = &shop;
    seed = from * 2654435761u + 88172645463325252u;
    gone[0] = gone[1] = 0;
    shop_open(sh);
    sh->skus[0].on_hand = sh->skus[1].on_hand = 100;
    struct od_command *place = random_place(sh);
    if (place && shop_run(sh, place) == OD_VERDICT_DONE) {
        for (int i = 0; i < 12; i++) {
            if (chance(35))
                try_split(sh);
            else
                live(sh);
            check_stock(sh);
        }
        const char *diff = shop_refold_diff(sh);
        if (diff)
            fail_msg("order %llu: %s", (unsigned long long)from, diff);
    }
    shop_close(sh);
}

static void splits_conserve_units_and_money(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 4000; i++)
        live_one_order(i);
    /* The lives are such that there is something to see. */
    assert_true(splits > 2000 && paid_splits > 1000 && refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(splits_conserve_units_and_money)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
