#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/make/statuses.h"
#include "conf/conf.h"

struct given {
    struct od_conf *conf;
    struct od_arena arena;
    struct od_status_sets sets;
    struct od_err err;
};

static int build(struct given *g, const char *text)
{
    *g = (struct given){0};
    od_arena_init(&g->arena);
    assert_int_equal(od_conf_parse("shop.ini", od_str_of(text), NULL, 0, &g->conf, &g->err), 0);
    return od_statuses_build(g->conf, &g->arena, &g->sets, &g->err);
}

static void fini(struct given *g)
{
    od_arena_fini(&g->arena);
    od_conf_unref(g->conf);
}

static void refuse(const char *text, const char *origin, const char *word)
{
    struct given g;

    assert_int_equal(build(&g, text), -1);
    assert_string_equal(g.err.origin, origin);
    if (!strstr(g.err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", g.err.message, word);
    fini(&g);
}

static bool may(const struct given *g, enum od_status_kind kind, const char *from, const char *to)
{
    return od_status_can_move(&g->sets.of[kind], od_str_of(from), od_str_of(to));
}

static void the_reference_sets_let_orders_live(void **state)
{
    (void)state;
    struct given g;
    const struct od_status_set *payment, *order;

    assert_int_equal(build(&g, ""), 0);
    order = &g.sets.of[OD_STATUS_ORDER];
    payment = &g.sets.of[OD_STATUS_PAYMENT];
    assert_int_equal(order->count, 8);
    assert_int_equal(payment->count, 9);
    assert_int_equal(g.sets.of[OD_STATUS_SHIPMENT].count, 9);
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++)
        assert_true(od_str_is(od_status_default(&g.sets.of[kind])->code, "pending"));
    assert_true(od_status_in_phase(payment, OD_STR("paid"), "paid"));
    assert_false(od_status_find(payment, OD_STR("paid"))->cancelable);
    assert_true(od_status_find(payment, OD_STR("authorized"))->cancelable);
    assert_true(od_status_in_phase(payment, OD_STR("partially_refunded"), "partially_refunded"));
    assert_true(od_status_in_phase(payment, OD_STR("charged_back"), "charged_back"));
    assert_true(may(&g, OD_STATUS_PAYMENT, "pending", "paid"));
    assert_true(may(&g, OD_STATUS_PAYMENT, "refunded", "charged_back"));
    assert_false(may(&g, OD_STATUS_PAYMENT, "paid", "canceled"));
    assert_true(may(&g, OD_STATUS_SHIPMENT, "delivered", "partially_returned"));
    assert_true(may(&g, OD_STATUS_SHIPMENT, "canceled", "shipped"));
    assert_true(may(&g, OD_STATUS_PAYMENT, "canceled", "paid"));
    assert_true(may(&g, OD_STATUS_SHIPMENT, "shipped", "pending"));
    assert_true(may(&g, OD_STATUS_ORDER, "on_hold", "shipped"));
    assert_false(may(&g, OD_STATUS_ORDER, "canceled", "processing"));
    fini(&g);
}

static void a_shop_names_its_own(void **state)
{
    (void)state;
    struct given g;
    const struct od_status *s;

    assert_int_equal(build(&g, "[payment_status.invoice]\ndefault = yes\n"
                               "[payment_status.done]\nname = All paid\nbadge = success\n"
                               "progress = complete\ncancelable = no\nphase = paid\n"
                               "next = invoice , done,\n"
                               "[payment_status.void]\nnext =\n"),
                     0);
    assert_int_equal(g.sets.of[OD_STATUS_PAYMENT].count, 3);
    s = od_status_find(&g.sets.of[OD_STATUS_PAYMENT], OD_STR("invoice"));
    assert_true(s->is_default && s->cancelable && s->any_next);
    assert_true(od_str_is(s->name, "invoice"));
    s = od_status_find(&g.sets.of[OD_STATUS_PAYMENT], OD_STR("done"));
    assert_true(od_str_is(s->name, "All paid"));
    assert_true(!s->cancelable && !s->any_next);
    assert_int_equal(s->next_count, 2);
    s = od_status_find(&g.sets.of[OD_STATUS_PAYMENT], OD_STR("void"));
    assert_true(!s->any_next && s->next_count == 0);
    fini(&g);
}

static void mistakes_name_their_line(void **state)
{
    (void)state;
    refuse("[order_status.a]\ndefault = yes\nbadge = pink\n", "shop.ini:3", "pink");
    refuse("[order_status.a]\ndefault = perhaps\n", "shop.ini:2", "yes or no");
    refuse("[order_status.a]\ndefault = yes\n[order_status.b]\nname = B\nnext = c\n", "shop.ini:4",
           "[order_status.b]: next names c");
    refuse("[order_status.a]\nname = A\n", "shop.ini:2", "default");
    refuse("[order_status.A-1]\ndefault = yes\n", "shop.ini:2", "a-z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_sets_let_orders_live),
        cmocka_unit_test(a_shop_names_its_own),
        cmocka_unit_test(mistakes_name_their_line),
    };
    return cmocka_run_group_tests_name("statuses", tests, NULL, NULL);
}
