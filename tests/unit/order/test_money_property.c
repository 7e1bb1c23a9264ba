#include "check.h"

#include "order/amounts/account.h"
#include "order/amounts/rollup.h"

/*
 * Random money against one order, seeded, beside books kept in another way: each method's sums as
 * plain numbers. What the books allow is done, what they do not is refused, and no order of
 * arrival makes one refund two.
 */

enum { METHODS = 3, STEPS = 400 };
static const char *const methods[METHODS] = {"card", "cash", "voucher"};

struct books {
    int64_t authorized, captured, refunded, charged_back;
    bool authorizes;
};

static uint64_t seed;

static uint32_t draw(uint32_t n) /* xorshift64*, below n */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

static int64_t refundable(const struct books *b)
{
    int64_t left = b->captured - b->charged_back - b->refunded;
    return left > 0 ? left : 0;
}

static struct books all(const struct books *by)
{
    struct books sum = {0};
    for (int i = 0; i < METHODS; i++) {
        sum.authorized += by[i].authorized;
        sum.captured += by[i].captured;
        sum.refunded += by[i].refunded;
        sum.charged_back += by[i].charged_back;
    }
    return sum;
}

/* Whether the books allow it; if so, it is booked. */
static bool book(struct books *by, int m, enum od_payment_type type, int64_t amount)
{
    struct books *b = &by[m], sum = all(by);
    switch (type) {
    case OD_PAYMENT_AUTHORIZE:
        b->authorizes = true;
        b->authorized += amount;
        return true;
    case OD_PAYMENT_CAPTURE:
        if (b->authorizes && amount > b->authorized - b->captured)
            return false;
        b->authorized += b->authorizes ? 0 : amount;
        b->captured += amount;
        return true;
    case OD_PAYMENT_VOID:
        if (amount > b->authorized - b->captured)
            return false;
        b->authorized -= amount;
        return true;
    case OD_PAYMENT_REFUND:
        if (amount > refundable(b) || amount > refundable(&sum))
            return false;
        b->refunded += amount;
        return true;
    case OD_PAYMENT_CHARGEBACK:
        if (amount > b->captured - b->charged_back)
            return false;
        b->charged_back += amount;
        return true;
    case OD_PAYMENT_FAIL:
        break;
    }
    return true;
}

static void compare(struct shop *sh, const struct books *by)
{
    const struct od_order *o = &sh->order;
    struct books sum = all(by);
    int64_t held = sum.captured - sum.charged_back, over = held - sum.refunded - o->grand_total;
    assert_int_equal(o->amount_authorized, sum.authorized);
    assert_int_equal(o->amount_captured, sum.captured);
    assert_int_equal(o->amount_refunded, sum.refunded);
    assert_int_equal(o->amount_charged_back, sum.charged_back);
    assert_true(o->amount_captured <= o->amount_authorized);
    assert_true(o->amount_refunded <= o->amount_captured);
    assert_int_equal(od_amount_refundable(o), refundable(&sum));
    assert_int_equal(od_amount_overpaid(o), over > 0 ? over : 0);
    assert_int_equal(od_amount_outstanding(o), held < o->grand_total ? o->grand_total - held : 0);
    for (int i = 0; i < METHODS; i++)
        assert_int_equal(od_amount_refundable_by(o, od_str_of(methods[i])), refundable(&by[i]));
}

static enum od_verdict do_command(struct shop *sh, enum od_command_type type, const char *fmt, ...)
    OD_PRINTF(3, 4);

static enum od_verdict do_command(struct shop *sh, enum od_command_type type, const char *fmt, ...)
{
    char body[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(body, sizeof body, fmt, args);
    va_end(args);
    return shop_do(sh, type, body);
}

/* A refund of ours goes by several methods where none covers it: the one that is named first, which
 * has something, then the others as they captured. */
static bool book_by_several(struct books *by, struct shop *sh, int m, int64_t amount)
{
    struct books sum = all(by);
    int64_t left = amount;
    if (refundable(&by[m]) == 0 || amount > refundable(&sum))
        return false;
    for (uint32_t i = 0; left > 0 && i <= sh->order.payment_count; i++) {
        int at = m;
        if (i > 0 && !od_str_is(sh->order.payments[i - 1].type, "capture"))
            continue;
        for (int k = 0; i > 0 && k < METHODS; k++)
            at = od_str_is(sh->order.payments[i - 1].method, methods[k]) ? k : at;
        int64_t most = refundable(&by[at]), part = left < most ? left : most;
        by[at].refunded += part;
        left -= part;
    }
    assert_int_equal(left, 0);
    return true;
}

/* Each method's gateway tells of its own part. */
static void confirm_parts(struct shop *sh, uint32_t from)
{
    for (uint32_t i = from; i < sh->order.payment_count; i++) {
        const struct od_payment *p = &sh->order.payments[i];
        enum od_verdict v = do_command(sh, OD_COMMAND_PAYMENT,
                                       "{'type':'refund','amount':'%lld.%02lld','method':'%.*s',"
                                       "'transactionId':'part_%u'}",
                                       (long long)p->amount / 100, (long long)p->amount % 100,
                                       OD_STR_ARG(p->method), i);
        assert_int_equal(v, OD_VERDICT_DONE);
        assert_int_equal(sh->d.part_ids[OD_ENTITY_PAYMENT], i + 1);
    }
}

static void refund_by_several(struct shop *sh, struct books *by, int m, int64_t amount)
{
    uint32_t before = sh->order.payment_count;
    bool allowed = book_by_several(by, sh, m, amount);
    enum od_verdict v = do_command(sh, OD_COMMAND_REFUND, "{'amount':'%lld.%02lld','method':'%s'}",
                                   (long long)amount / 100, (long long)amount % 100, methods[m]);
    int64_t paid = 0;
    assert_int_equal(v, allowed ? OD_VERDICT_DONE : OD_VERDICT_CONFLICT);
    for (uint32_t i = before; i < sh->order.payment_count; i++)
        paid += sh->order.payments[i].amount;
    assert_int_equal(paid, allowed ? amount : 0);
    confirm_parts(sh, before);
}

/* Our command, the gateway's report and its echo, in any order: one refund. */
static void refund_once(struct shop *sh, struct books *by, int m, int64_t amount, int step)
{
    char id[24];
    bool ours_first = draw(2), told = ours_first && draw(2);
    if (amount > refundable(&by[m]) && ours_first && !told) {
        refund_by_several(sh, by, m, amount);
        return;
    }
    bool allowed = book(by, m, OD_PAYMENT_REFUND, amount);
    uint32_t before = sh->order.refund_count;
    snprintf(id, sizeof id, "re_%d", step);
    for (int i = 0; i < 4; i++) {
        bool ours = ours_first ? i == 0 : i == 2;
        enum od_verdict v =
            ours && ours_first && !told
                ? do_command(sh, OD_COMMAND_REFUND, "{'amount':'%lld.%02lld','method':'%s'}",
                             (long long)amount / 100, (long long)amount % 100, methods[m])
            : ours ? do_command(sh, OD_COMMAND_REFUND,
                                "{'amount':'%lld.%02lld','method':'%s','transactionId':'%s'}",
                                (long long)amount / 100, (long long)amount % 100, methods[m], id)
                   : do_command(sh, OD_COMMAND_PAYMENT,
                                "{'type':'refund','amount':'%lld.%02lld','method':'%s',"
                                "'transactionId':'%s'}",
                                (long long)amount / 100, (long long)amount % 100, methods[m], id);
        assert_int_equal(v, allowed ? OD_VERDICT_DONE : OD_VERDICT_CONFLICT);
    }
    assert_int_equal(sh->order.refund_count, before + allowed);
}

static void one_life(struct shop *sh)
{
    struct books by[METHODS] = {0};
    shop_place(sh);
    for (int step = 0; step < STEPS && sh->order.payment_count < 900; step++) {
        enum od_payment_type type = (enum od_payment_type)draw(6);
        int m = (int)draw(METHODS);
        int64_t amount = 1 + draw(type == OD_PAYMENT_CHARGEBACK ? 100 : 600);
        if (type == OD_PAYMENT_REFUND) {
            refund_once(sh, by, m, amount, step);
        } else {
            struct od_str name = od_payment_type_name(type);
            bool allowed = book(by, m, type, amount);
            enum od_verdict v = do_command(
                sh, OD_COMMAND_PAYMENT, "{'type':'%.*s','amount':'%lld.%02lld','method':'%s'}",
                OD_STR_ARG(name), (long long)amount / 100, (long long)amount % 100, methods[m]);
            assert_int_equal(v, allowed ? OD_VERDICT_DONE : OD_VERDICT_CONFLICT);
        }
        compare(sh, by);
    }
    assert_int_equal(sh->issued[OD_DOCUMENT_CREDIT_MEMO], sh->order.refund_count);
}

static void money_follows_the_books(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 20; i++) {
        void *shop;
        seed = i * UINT64_C(0x9E3779B97F4A7C15);
        setup(&shop);
        one_life(shop);
        assert_int_equal(teardown(&shop), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(money_follows_the_books)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
