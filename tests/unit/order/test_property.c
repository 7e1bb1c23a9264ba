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

enum { BODIES = 6 };
#define EXCHANGE "{'exchangeUuid':'0189e8a0-0000-7000-8000-000000000009'}"

/* What may be done to an order; types stand as often as they are to be drawn. */
static const struct {
    enum od_command_type type;
    const char *bodies[BODIES];
} kinds[] = {
    {OD_COMMAND_PATCH,
     {"{'shippingNote':'a'}", "{'shippingNote':null,'tags':['t']}", "{'paymentStatus':'paid'}",
      "{'shipmentStatus':'in_transit'}",
      "{'customer':{'id':'c'},'shippingAddress':{'city':'Bern'}}", "{'paymentStatus':'refunded'}"}},
    {OD_COMMAND_CANCEL,
     {"{}", "{'items':[{'orderItemId':1,'qty':1}]}", "{'items':[{'orderItemId':2,'qty':2}]}",
      "{'items':[{'orderItemId':3,'qty':1},{'orderItemId':1,'qty':2}]}",
      "{'items':[{'orderItemId':1,'qty':1}],'reason':'r'}",
      "{'items':[{'orderItemId':2,'qty':1}]}"}},
    {OD_COMMAND_PAYMENT,
     {"{'type':'authorize','amount':9}", "{'type':'capture','amount':4}",
      "{'type':'void','amount':2}", "{'type':'capture','method':'cash','amount':3}",
      "{'type':'void'}", "{'type':'capture','amount':5,'transactionId':'t'}"}},
    {OD_COMMAND_PAYMENT,
     {"{'type':'capture'}", "{'type':'chargeback','amount':2}", "{'type':'refund','amount':1}",
      "{'type':'refund','amount':1,'transactionId':'x'}", "{'type':'capture'}",
      "{'type':'capture','method':'cash','amount':7}"}},
    {OD_COMMAND_CREATE_SHIPMENT,
     {"{}", "{'items':[{'orderItemId':1,'qty':1}]}",
      "{'items':[{'orderItemId':2,'qty':2},{'orderItemId':1,'qty':1}]}",
      "{'items':[{'orderItemId':2,'qty':1}],'status':'in_transit'}",
      "{'items':[{'orderItemId':3,'qty':1}],'status':'delivered'}",
      "{'items':[{'orderItemId':1,'qty':9}]}"}},
    {OD_COMMAND_CREATE_SHIPMENT,
     {"{'handedOver':true,'items':[{'orderItemId':1,'qty':1}]}",
      "{'handedOver':true,'items':[{'orderItemId':1,'qty':2},{'orderItemId':3,'qty':1}]}",
      "{'handedOver':true,'items':[{'orderItemId':2,'qty':1}]}",
      "{'handedOver':true,'items':[{'orderItemId':2,'qty':3}],'status':'delivered'}",
      "{'handedOver':true,'items':[{'orderItemId':1,'qty':4}]}",
      "{'handedOver':true,'items':[{'orderItemId':3,'qty':1}]}"}},
    {OD_COMMAND_UPDATE_SHIPMENT,
     {"{'status':'delivered'}", "{'status':'canceled'}", "{'carrier':'UPS'}",
      "{'status':'in_transit'}", "{'status':'returned','note':'n'}", "{'status':'shipped'}"}},
    {OD_COMMAND_UPDATE_SHIPMENT,
     {"{'status':'delivered'}", "{'status':'canceled'}", "{'status':'delivered'}",
      "{'status':'canceled'}", "{'status':'delivered'}", "{'status':'canceled'}"}},
    {OD_COMMAND_TRACK,
     {"{'trackingNumber':'1'}", "{'trackingNumber':'2','carrier':'DHL'}",
      "{'trackingNumber':'1','status':'delivered'}", "{'trackingNumber':'2','status':'canceled'}",
      "{'trackingNumber':'3'}", "{'trackingNumber':'1','carrier':'UPS'}"}},
    {OD_COMMAND_REFUND,
     {"{}", "{'amount':1}", "{'items':[{'orderItemId':1,'qty':1}]}",
      "{'items':[{'orderItemId':2,'qty':1,'restock':true}],'shipping':true}",
      "{'items':[{'orderItemId':1,'qty':2,'restock':1}],'transactionId':'r'}",
      "{'amount':2,'method':'cash'}"}},
    {OD_COMMAND_REFUND,
     {"{'items':[{'orderItemId':1,'qty':1}],'keep':true}",
      "{'items':[{'orderItemId':2,'qty':1,'keep':false},{'orderItemId':3,'qty':1,'keep':true}]}",
      "{'amount':1,'items':[{'orderItemId':1,'qty':3,'restock':1}],'keep':false}",
      "{'amount':1,'items':[{'orderItemId':1,'qty':1},{'orderItemId':1,'qty':1,'keep':true}]}",
      "{'keep':true}", "{'shipping':true}"}},
    {OD_COMMAND_CREATE_RETURN,
     {"{'items':[{'orderItemId':1,'qty':1}]}", "{'items':[{'orderItemId':2,'qty':2}]}",
      "{'items':[{'orderItemId':1,'qty':2},{'orderItemId':2,'qty':1}],'status':'approved'}",
      "{'items':[{'orderItemId':3,'qty':1,'reason':'broken'}]}",
      "{'items':[{'orderItemId':2,'qty':1}]}", "{'items':[{'orderItemId':1,'qty':3}]}"}},
    {OD_COMMAND_UPDATE_RETURN,
     {"{'status':'approved'}", "{'status':'received','restock':true}", "{'status':'received'}",
      "{'status':'received','items':[{'orderItemId':1,'qty':1,'restock':true}]}",
      "{'status':'received','items':[{'orderItemId':2,'qty':1,'condition':'torn'}]}",
      "{'status':'rejected','note':'too late'}"}},
    {OD_COMMAND_UPDATE_RETURN,
     {"{'status':'approved'}", "{'status':'received'}", "{'status':'received','restock':true}",
      "{'status':'canceled'}", "{'status':'received'}", "{'status':'received','restock':true}"}},
    {OD_COMMAND_EXCHANGE, {EXCHANGE, EXCHANGE, EXCHANGE, EXCHANGE, EXCHANGE, EXCHANGE}},
    {OD_COMMAND_ISSUE_INVOICE, {"{}", "{}", "{}", "{}", "{}", "{}"}},
    {OD_COMMAND_PROPOSE_CHANGE,
     {"{'items':[{'orderItemId':1,'qty':3}]}", "{'items':[{'orderItemId':2,'qty':0}]}",
      "{'add':[{'sku':'b','qty':1,'price':4}]}",
      "{'items':[{'orderItemId':1,'qty':6}],'add':[{'sku':'a','qty':2,'price':1}]}",
      "{'shippingFeeInclTax':2,'discountAmount':1}", "{'shippingAddress':{'city':'Basel'}}"}},
    {OD_COMMAND_CONFIRM_CHANGE, {"{}", "{}", "{}", "{}", "{}", "{}"}},
    {OD_COMMAND_DISCARD_CHANGE, {"{}", "{}", "{}", "{}", "{}", "{}"}},
    {OD_COMMAND_HOLD, {"{}", "{'handle':'x'}", "{}", "{'handle':'x'}", "{}", "{'handle':'Bad'}"}},
    {OD_COMMAND_RELEASE,
     {"{'handle':'manual'}", "{'handle':'x'}", "{'handle':'manual'}", "{'handle':'x'}", "{}",
      "{'handle':'manual'}"}},
    {OD_COMMAND_ADD_ACTIVITY,
     {"{'comment':'c'}", "{'comment':'c'}", "{'comment':'c'}", "{'comment':'c'}", "{'comment':'c'}",
      "{'comment':'c'}"}},
    {OD_COMMAND_SET_INVENTORY,
     {"{'delta':1}", "{'delta':-2}", "{'delta':-1}", "{'qty':0,'location':'east'}",
      "{'backorder':true,'location':'east'}", "{'qty':20,'backorder':false}"}},
    {OD_COMMAND_COMPOSITE, {"{}", "{}", "{}", "{}", "{}", "{}"}},
    {OD_COMMAND_MIGRATE_STATUS, {NULL}},
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
    uint32_t kind = draw(sizeof kinds / sizeof *kinds);
    if (kinds[kind].type == OD_COMMAND_MIGRATE_STATUS)
        return random_migration(sh);
    uint32_t body = draw(BODIES);
    bool ships =
        kinds[kind].type == OD_COMMAND_CREATE_SHIPMENT || kinds[kind].type == OD_COMMAND_TRACK;
    if (ships && sh->order.shipment_count == 0 && draw(4))
        return random_command(sh); /* late, so that there is a life before it */
    struct od_command *c = shop_command(sh, kinds[kind].type, kinds[kind].bodies[body]);
    c->name = OD_STR("script");
    c->historical = draw(10) == 0;
    c->at = draw(4) ? 0 : NOW - draw(1000000);
    if (c->type == OD_COMMAND_UPDATE_SHIPMENT)
        c->shipment.shipment_id = 1 + (int32_t)draw(3);
    if (c->type == OD_COMMAND_UPDATE_RETURN || c->type == OD_COMMAND_EXCHANGE)
        c->ret.return_id = 1 + (int32_t)draw(2);
    if (c->type == OD_COMMAND_SET_INVENTORY)
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

static const int64_t came_in[6] = {10, 5, 0, 6};
static const int64_t of_others[6] = {6, 2, 0, 5}; /* are reserved for other orders */

static int64_t adjusted(const struct od_stock *s)
{
    int64_t sum = 0;
    for (const struct od_adjustment *it = s->adjusted; it; it = it->before)
        sum += it->delta;
    return sum;
}

/* Of each SKU and location: what came in is on the shelf or in parcels, less what came back; and
 * reserved is what is still to be sent. */
static void check_stock(struct shop *sh)
{
    for (int i = 0; i < 6; i++) {
        const struct od_stock *s = &sh->skus[i];
        int64_t shipped = 0, open = of_others[i];
        for (uint32_t k = 0; k < sh->order.item_count; k++) {
            const struct od_item *it = &sh->order.items[k];
            if (!it->stock_tracked || !od_str_eq(it->sku, s->sku) ||
                !od_str_eq(it->location, s->location))
                continue;
            shipped += it->qty_shipped - it->qty_restocked;
            open += od_item_open(it);
        }
        assert_int_equal(s->on_hand + shipped, came_in[i] + adjusted(s));
        assert_int_equal(s->reserved, open);
        assert_true(s->on_hand >= 0 && s->oversold >= 0);
        assert_true(s->backorder || s->reserved <= s->on_hand + s->oversold);
    }
}

static int32_t taken_out(const struct od_order *o, int32_t order_item_id)
{
    int32_t units = 0;
    for (uint32_t i = 0; i < o->refund_count; i++) {
        for (uint32_t k = 0; k < o->refunds[i].item_count; k++) {
            const struct od_refund_item *ri = &o->refunds[i].items[k];
            assert_true(ri->qty_canceled >= 0 && ri->qty_restocked + ri->qty_canceled <= ri->qty);
            units += ri->order_item_id == order_item_id ? ri->qty_canceled : 0;
        }
    }
    return units;
}

static void check_items(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        assert_true(0 <= it->qty_delivered && it->qty_delivered <= it->qty_shipped);
        assert_true(0 <= it->qty_canceled && od_item_open(it) >= 0);
        assert_true(0 <= it->qty_restocked && it->qty_restocked <= it->qty_returned);
        assert_true(it->qty_returned <= it->qty_shipped);
        assert_true(0 <= it->qty_refunded && it->qty_refunded <= it->qty);
        assert_true(0 <= it->qty_shipped_after_cancel);
        assert_true(it->qty_shipped_after_cancel <= it->qty_shipped);
        assert_true(!o->canceled_at || od_item_open(it) == 0);
        assert_true(taken_out(o, it->order_item_id) <=
                    it->qty_canceled + it->qty_shipped_after_cancel);
    }
}

/* Every sum of the order is the sum of its parts. */
static void check_money(const struct od_order *o, bool history)
{
    int64_t captured = 0, refunded = 0, charged_back = 0, refunds = 0, invoices = 0;
    for (uint32_t i = 0; i < o->payment_count; i++) {
        const struct od_payment *p = &o->payments[i];
        captured += od_str_is(p->type, "capture") ? p->amount : 0;
        refunded += od_str_is(p->type, "refund") ? p->amount : 0;
        charged_back += od_str_is(p->type, "chargeback") ? p->amount : 0;
    }
    for (uint32_t i = 0; i < o->refund_count; i++)
        refunds += o->refunds[i].amount;
    for (uint32_t i = 0; i < o->invoice_count; i++)
        invoices += o->invoices[i].amount;
    assert_int_equal(o->amount_captured, captured);
    assert_int_equal(o->amount_refunded, refunded);
    assert_int_equal(o->amount_refunded, refunds);
    assert_int_equal(o->amount_charged_back, charged_back);
    /* A customer may charge back what was refunded to him already. */
    assert_true(history || (captured <= o->amount_authorized && refunded <= captured &&
                            charged_back <= captured));
    assert_true(0 <= o->amount_canceled && o->amount_canceled <= o->grand_total);
    assert_true(invoices <= o->grand_total);
}

static void check_order(struct shop *sh, bool history)
{
    const struct od_order *o = &sh->order;
    const char *diff = shop_refold_diff(sh);
    if (diff)
        fail_msg("ledger and snapshot differ: %s", diff);
    check_items(o);
    check_money(o, history);
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
    bool history = false;
    seed = from * 2654435761u + 88172645463325252u;
    shop_open(sh);
    shop_open_east(sh, came_in[3]);
    for (int i = 0; i < 6; i++)
        sh->skus[i].reserved = of_others[i];
    sh->script = random_script;
    memset(sh->answers, true, sizeof sh->answers);
    if (draw(4) == 0)
        sh->hold = OD_STR("review");
    assert_done(shop_do(sh, OD_COMMAND_PLACE,
                        "{'items':[{'sku':'a','qty':4,'price':2},{'sku':'b','qty':3,'price':3},"
                        "{'sku':'a','qty':1,'price':1,'location':'east'}],'paymentMethod':'card',"
                        "'shippingFeeInclTax':1,'discountAmount':0.5}"));
    for (int step = 0; step < 50; step++) {
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
        check_stock(sh);
        check_order(sh, history);
    }
    shop_close(sh);
}

static void random_lives_keep_the_books(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 500; i++)
        live_one_order(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_lives_keep_the_books)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
