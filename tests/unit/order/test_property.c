#include "check.h"

/* Random commands against one order, seeded: whatever is refused or done, the ledger adds up to the
 * snapshot, no unit is lost and amounts stay covered. */

static uint64_t seed;

static uint32_t draw(uint32_t n) /* xorshift64*, below n */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

static const char *const bodies[][6] = {
    [OD_COMMAND_PATCH] = {"{'shippingNote':'a'}", "{'shippingNote':null,'tags':['t']}",
                          "{'paymentStatus':'paid'}", "{'shipmentStatus':'in_transit'}",
                          "{'customer':{'id':'c'},'shippingAddress':{'city':'Bern'}}",
                          "{'paymentStatus':'refunded'}"},
    [OD_COMMAND_CANCEL] = {"{}", "{'reason':'r'}", "{}", "{}", "{}", "{}"},
    [OD_COMMAND_PAYMENT] = {"{'type':'authorize','amount':9}", "{'type':'capture','amount':4}",
                            "{'type':'void','amount':2}",
                            "{'type':'capture','method':'cash','amount':3}", "{'type':'void'}",
                            "{'type':'capture','amount':5,'transactionId':'t'}"},
    [OD_COMMAND_CREATE_SHIPMENT] =
        {"{}", "{'items':[{'orderItemId':1,'qty':1}]}",
         "{'items':[{'orderItemId':2,'qty':2},{'orderItemId':1,'qty':1}]}",
         "{'items':[{'orderItemId':2,'qty':1}],'status':'in_transit'}",
         "{'items':[{'orderItemId':3,'qty':1}],'status':'delivered'}",
         "{'items':[{'orderItemId':1,'qty':9}]}"},
    [OD_COMMAND_UPDATE_SHIPMENT] = {"{'status':'delivered'}", "{'status':'canceled'}",
                                    "{'carrier':'UPS'}", "{'status':'in_transit'}",
                                    "{'status':'returned','note':'n'}", "{'status':'shipped'}"},
    [OD_COMMAND_HOLD] = {"{}", "{'handle':'x'}", "{}", "{'handle':'x'}", "{}", "{'handle':'Bad'}"},
    [OD_COMMAND_RELEASE] = {"{'handle':'manual'}", "{'handle':'x'}", "{'handle':'manual'}",
                            "{'handle':'x'}", "{}", "{'handle':'manual'}"},
    [OD_COMMAND_ADD_ACTIVITY] = {"{'comment':'c'}", "{'comment':'c'}", "{'comment':'c'}",
                                 "{'comment':'c'}", "{'comment':'c'}", "{'comment':'c'}"},
    [OD_COMMAND_SET_INVENTORY] = {"{'delta':1}", "{'delta':-2}", "{'qty':3}", "{'qty':0}",
                                  "{'delta':0}", "{'qty':20}"},
    [OD_COMMAND_COMPOSITE] = {"{}", "{}", "{}", "{}", "{}", "{}"},
};

static struct od_command *random_migration(struct shop *sh)
{
    struct od_command *c = OD_NEW(&sh->arena, struct od_command);
    enum od_status_kind kind = draw(OD_STATUS_KINDS);
    const struct od_status_set *set = &statuses.of[kind];
    c->type = OD_COMMAND_MIGRATE_STATUS;
    c->status_kind = kind;
    c->status_from = set->statuses[draw(set->count)].code;
    c->status_to = set->statuses[draw(set->count)].code;
    return c;
}

static struct od_command *random_command(struct shop *sh)
{
    /* Cancelling is rare, so that there is a life before it. */
    enum od_command_type type = OD_COMMAND_PATCH + draw(OD_COMMAND_TYPES - 1);
    if (type == OD_COMMAND_CANCEL && draw(8))
        type = OD_COMMAND_CREATE_SHIPMENT;
    if (type == OD_COMMAND_MIGRATE_STATUS)
        return random_migration(sh);
    struct od_command *c = shop_command(sh, type, bodies[type][draw(6)]);
    c->name = OD_STR("script");
    c->historical = draw(10) == 0;
    c->at = draw(4) ? 0 : NOW - draw(1000000);
    if (type == OD_COMMAND_UPDATE_SHIPMENT)
        c->shipment.shipment_id = 1 + (int32_t)draw(4);
    if (type == OD_COMMAND_SET_INVENTORY)
        c->sku = sh->skus[draw(3)].sku;
    return c;
}

/* Up to three steps; one time in four it changes its mind after them. */
static enum od_run random_script(struct shop *sh, struct od_order *o, struct od_str args,
                                 const struct od_steps *steps, struct od_policy_answer *out,
                                 struct od_err *err)
{
    (void)o, (void)args, (void)err;
    for (uint32_t n = draw(4); n > 0; n--) {
        if (steps->decide(steps->ctx, random_command(sh)) != 0)
            return OD_RUN_STEP_REFUSED;
    }
    if (draw(4))
        return OD_RUN_DONE;
    out->code = OD_STR("no");
    return OD_RUN_REFUSED;
}

/* Of each SKU: what came in is on the shelf or in parcels, and reserved is what is still to be
 * sent. */
static void check_stock(struct shop *sh, const int64_t came_in[3])
{
    for (int i = 0; i < 3; i++) {
        int64_t shipped = 0, open = 0;
        for (uint32_t k = 0; k < sh->order.item_count; k++) {
            const struct od_item *it = &sh->order.items[k];
            if (it->stock_tracked && od_str_eq(it->sku, sh->skus[i].sku)) {
                shipped += it->qty_shipped;
                open += od_item_open(it);
            }
        }
        assert_int_equal(sh->skus[i].on_hand + shipped, came_in[i] + sh->skus[i].adjusted);
        assert_int_equal(sh->skus[i].reserved, open);
        assert_true(sh->skus[i].reserved <= sh->skus[i].on_hand);
    }
}

static void check_order(struct shop *sh, bool history)
{
    const struct od_order *o = &sh->order;
    const char *diff = shop_refold_diff(sh);
    if (diff)
        fail_msg("ledger and snapshot differ: %s", diff);
    for (uint32_t i = 0; i < o->item_count; i++) {
        assert_true(o->items[i].qty_delivered <= o->items[i].qty_shipped);
        assert_true(o->items[i].qty_shipped + o->items[i].qty_canceled <= o->items[i].qty);
        assert_true(!o->canceled_at || od_item_open(&o->items[i]) == 0);
    }
    assert_true(history || o->amount_captured <= o->amount_authorized);
    assert_int_equal((size_t)o->version, sh->ledger_len);
    for (int k = 0; k < OD_STATUS_KINDS; k++) {
        struct od_str codes[] = {o->status, o->payment_status, o->shipment_status};
        assert_non_null(od_status_find(&statuses.of[k], codes[k]));
    }
}

static void live_one_order(uint64_t from)
{
    static struct shop shop;
    struct shop *sh = &shop;
    const int64_t came_in[3] = {10, 5, 0};
    bool history = false;
    seed = from * 2654435761u + 88172645463325252u;
    shop_open(sh);
    sh->script = random_script;
    memset(sh->answers, true, sizeof sh->answers);
    if (draw(4) == 0)
        sh->hold = OD_STR("review");
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':4,'price':2},{'sku':'b','qty':3,'price':3},"
                        "{'sku':'a','qty':1,'price':1}],'paymentMethod':'card'}"));
    for (int step = 0; step < 30; step++) {
        struct od_command *c = random_command(sh);
        if (draw(4) == 0)
            c->next = random_command(sh);
        if (draw(6) == 0)
            sh->refuse[draw(OD_QUESTIONS)] = "random";
        struct before b = shop_before(sh);
        if (shop_run(sh, c) != OD_VERDICT_DONE)
            assert_true(shop_untouched(sh, &b));
        else
            history = history || c->historical || (c->next && c->next->historical);
        memset(sh->refuse, 0, sizeof sh->refuse);
        check_stock(sh, came_in);
        check_order(sh, history);
    }
    shop_close(sh);
}

static void random_lives_keep_the_books(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 300; i++)
        live_one_order(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_lives_keep_the_books)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
