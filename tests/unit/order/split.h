#ifndef OD_TEST_ORDER_SPLIT_H
#define OD_TEST_ORDER_SPLIT_H

#include "check.h"

#include "order/amounts/account.h"
#include "order/amounts/totals.h"

/* A shop whose orders are split: the order that a split makes is placed as the engine does. */

struct made {
    struct od_order order;
    struct od_decision d;
};

static inline enum od_verdict place_made(struct shop *sh, struct made *m)
{
    struct od_command place = {
        .type = OD_COMMAND_PLACE, .actor = OD_STR("tester"), .draft = sh->d.made};
    m->order = (struct od_order){0};
    m->d = (struct od_decision){
        .env = &sh->env, .order = &m->order, .new_order_id = 43, .new_number_value = 2};
    od_decide(&m->d, &place, false);
    return m->d.verdict;
}

/* Folds what was emitted for it, as it reads back from the ledger. */
static inline void assert_refolds(struct shop *sh, const struct made *m)
{
    struct od_order *o = OD_NEW(&sh->arena, struct od_order);
    struct od_err err;
    for (uint32_t i = 0; i < m->d.event_count; i++) {
        struct od_event e = m->d.events[i];
        struct od_buf data;
        od_buf_init(&data, 1 << 20);
        od_event_encode(&e, &data);
        struct od_str text = od_arena_str(&sh->arena, od_buf_view(&data));
        od_buf_fini(&data);
        e.order = NULL;
        e.hold = NULL;
        if (od_event_decode(&e, text, &sh->arena, &err) != 0 ||
            od_fold(o, &e, &sh->arena, &err) != 0)
            fail_msg("%s", err.message);
    }
    const char *diff = od_order_diff(&sh->arena, o, &m->order);
    if (diff)
        fail_msg("the ledger differs: %s", diff);
}

/* It adds up as an order from a checkout does. */
static inline void assert_adds_up(struct shop *sh, const struct od_order *o)
{
    struct od_order *again = od_order_clone(&sh->arena, o);
    struct od_problem_list problems = {.arena = &sh->arena};
    if (!od_totals_settle(again, &problems))
        fail_msg("%.*s: %.*s", OD_STR_ARG(problems.items[0].pointer),
                 OD_STR_ARG(problems.items[0].detail));
    const char *diff = od_order_diff(&sh->arena, o, again);
    if (diff)
        fail_msg("settled it differs: %s", diff);
}

/* What the two have of each amount is what the one had. */
static inline void assert_conserved(const struct od_order *was, const struct od_order *rest,
                                    const struct od_order *made)
{
#define SUM(member) assert_int_equal(was->member, rest->member + made->member)
    SUM(sub_total);
    SUM(sub_total_incl_tax);
    SUM(discount_amount);
    SUM(tax_amount);
    SUM(shipping_fee_excl_tax);
    SUM(shipping_fee_incl_tax);
    SUM(grand_total);
    SUM(total_qty);
    SUM(total_weight);
    SUM(amount_authorized);
    SUM(amount_captured);
#undef SUM
    assert_int_equal(was->amount_refunded, rest->amount_refunded);
    assert_int_equal(was->amount_charged_back, rest->amount_charged_back);
    assert_int_equal(was->amount_canceled, rest->amount_canceled);
    for (uint32_t i = 0; i < was->payment_count; i++) {
        assert_int_equal(was->payments[i].amount + was->payments[i].amount_moved,
                         rest->payments[i].amount + rest->payments[i].amount_moved);
        assert_true(rest->payments[i].amount >= 0);
    }
}

#endif
