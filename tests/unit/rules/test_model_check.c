#include "model_shop.h"

/* The model check: each test bends sound rules in one place and looks for the finding that says so.
 */

static void sound_rules_have_no_findings(void **state)
{
    struct shop *s = *state;
    check(s);
    assert_none(s);
    assert_false(s->report.truncated);
    assert_true(s->report.states > 20);
    assert_true(s->report.shown > 32 * 10); /* pairs of statuses, held, cancelled; and the parts */
    assert_true(s->report.asked > 4 * s->report.shown);
}

static const char *breaks_when_paid_and_held(const struct od_order *o)
{
    return is_held(o) && is(o->payment_status, "paid") ? broken : order_status(o);
}

static void a_rule_that_fails_is_found_with_the_shortest_path(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_ORDER_STATUS] = breaks_when_paid_and_held;
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_POLICY_ERROR, "order.status@test");
    assert_text(f->text, "test/rules.lua:7: attempt to index nil");
    assert_text(f->inputs, "paid:pending, held (place as paid, hold)");
    assert_true(f->count > 2);
    assert_int_equal(s->report.findings[0].kind, OD_FINDING_POLICY_ERROR);
}

static const char *breaks_when_refunded_more(const struct od_order *o)
{
    return o->amount_refunded > o->amount_captured ? broken : may_cancel(o);
}

static void states_that_no_command_leads_to_are_shown_too(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_ORDER_CANCEL] = breaks_when_refunded_more;
    check(s);
    assert_int_equal(s->report.finding_count, 1);
    const struct od_finding *f = wanted(s, OD_FINDING_POLICY_ERROR, "order.cancel@test");
    assert_text(f->inputs,
                "pending:pending, all authorized, part captured, more than all refunded");
}

static const char *breaks_without_items(const struct od_order *o)
{
    return o->item_count == 0 && o->shipment_count ? broken : shipment_status(o);
}

static void orders_without_items_are_shown_with_their_parcels(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_SHIPMENT_STATUS] = breaks_without_items;
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_POLICY_ERROR, "shipment.status@test");
    assert_text(f->inputs, "pending:pending, no items, 0 of 1 parcels delivered, 0 cancelled");
}

static const char *says_packed(const struct od_order *o)
{
    return shipped_units(o) && !o->canceled_at ? "packed" : order_status(o);
}

static void a_status_outside_of_the_set_is_found(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_ORDER_STATUS] = says_packed;
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_UNKNOWN_STATUS, "order.status@test");
    assert_text(f->text, "It answers \"packed\", but there is no [order_status.packed].");
    assert_text(f->inputs, "pending:shipped, 1 of 4 shipped (place, ship one)");
    assert_null(find(s, OD_FINDING_POLICY_ERROR, "order.status@test"));
}

static void a_move_that_the_graph_lacks_is_found(void **state)
{
    static struct od_str next[] = {OD_STR_INIT("pending"), OD_STR_INIT("on_hold"),
                                   OD_STR_INIT("canceled")};
    struct shop *s = *state;
    set_next(status(s, OD_STATUS_ORDER, "processing"), next, 3);
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_FORBIDDEN_MOVE, "order_status.processing");
    assert_text(f->inputs, "paid:pending (place as paid)");
    assert_text(f->text, "\"set shipment delivered\" is refused: order.status@test wants to move "
                         "order_status from processing to completed. Add completed to next of "
                         "[order_status.processing], or let the rule answer another status.");
}

static void what_the_graph_forbids_people_is_no_finding(void **state)
{
    static struct od_str paid[] = {OD_STR_INIT("paid")}, pending[] = {OD_STR_INIT("pending")};
    struct shop *s = *state;
    add_status(s, OD_STATUS_PAYMENT, "voucher");
    set_next(status(s, OD_STATUS_PAYMENT, "pending"), paid, 1);
    set_next(status(s, OD_STATUS_PAYMENT, "paid"), pending, 1);
    check(s);
    assert_int_equal(s->report.finding_count, 1);
    wanted(s, OD_FINDING_UNREACHABLE_STATUS, "payment_status.voucher");
}

static const char *lost_when_delivered(const struct od_order *o)
{
    if (is(o->status, "lost"))
        return refused;
    return is(o->shipment_status, "delivered") ? "lost" : order_status(o);
}

static void a_dead_end_is_found_with_the_shortest_path(void **state)
{
    struct shop *s = *state;
    add_status(s, OD_STATUS_ORDER, "lost");
    s->rules[OD_ASK_ORDER_STATUS] = lost_when_delivered;
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_DEAD_END, "order_status.lost");
    assert_text(f->inputs, "pending:delivered (place, set shipment delivered)");
    assert_contains(f->text, "no command changes a status");
    assert_non_null(find(s, OD_FINDING_STUCK, "order_status.lost"));
}

static void a_final_status_is_no_dead_end(void **state)
{
    struct shop *s = *state;
    struct od_status *lost = add_status(s, OD_STATUS_ORDER, "lost");
    lost->progress = OD_STR("complete");
    s->rules[OD_ASK_ORDER_STATUS] = lost_when_delivered;
    check(s);
    assert_null(find(s, OD_FINDING_DEAD_END, "order_status.lost"));
    assert_null(find(s, OD_FINDING_STUCK, "order_status.lost"));
}

static const char *never_ends_once_shipped(const struct od_order *o)
{
    if (!shipped_units(o))
        return order_status(o);
    return is_held(o) ? "on_hold" : "processing";
}

static const char *never_back(const struct od_order *o)
{
    return is(o->shipment_status, "shipped") ? "shipped" : shipment_status(o);
}

static void a_state_without_a_way_to_an_end_is_found(void **state)
{
    struct shop *s = *state;
    static struct od_str next[] = {OD_STR_INIT("delivered")};
    s->rules[OD_ASK_ORDER_STATUS] = never_ends_once_shipped;
    s->rules[OD_ASK_SHIPMENT_STATUS] = never_back;
    set_next(status(s, OD_STATUS_SHIPMENT, "shipped"), next, 1);
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_STUCK, "order_status.processing");
    assert_text(f->inputs, "pending:shipped, 1 of 4 shipped (place, ship one)");
    assert_contains(f->text, "neither cancelled nor completed");
    assert_null(find(s, OD_FINDING_DEAD_END, "order_status.processing"));
    f = wanted(s, OD_FINDING_STUCK, "order_status.on_hold");
    assert_text(f->inputs, "pending:shipped, held, 1 of 4 shipped (place, ship one, hold)");
}

static const char *done_by_hand(const struct od_order *o)
{
    if (is(o->shipment_status, "done"))
        return "completed";
    return is_held(o) ? "on_hold" : "pending";
}

static const char *as_it_is(const struct od_order *o)
{
    return shipped_units(o) && !is(o->shipment_status, "done") ? "shipped" : o->shipment_status.ptr;
}

static const char *one_parcel(const struct od_order *o)
{
    return o->shipment_count ? refused : "";
}

static const char *never(const struct od_order *o)
{
    (void)o;
    return refused;
}

/* The walk does not set statuses by hand while part of an order is shipped, unless nothing else
 * leads on. */
static void what_only_people_can_end_is_not_stuck(void **state)
{
    static const struct od_status by_hand[] = {
        STATUS("pending", "", .is_default = true, OPEN),
        STATUS("shipped", "shipped", OPEN),
        STATUS("done", "", OPEN),
    };
    struct shop *s = *state;
    take_set(s, OD_STATUS_SHIPMENT, by_hand, 3);
    s->rules[OD_ASK_ORDER_STATUS] = done_by_hand;
    s->rules[OD_ASK_SHIPMENT_STATUS] = as_it_is;
    s->rules[OD_ASK_ORDER_SHIP] = one_parcel;
    s->rules[OD_ASK_ORDER_CANCEL] = never;
    check(s);
    for (uint32_t i = 0; i < s->report.finding_count; i++)
        assert_int_equal(s->report.findings[i].kind, OD_FINDING_UNREACHABLE_STATUS);
}

static void statuses_nobody_gets_into_are_found(void **state)
{
    static struct od_str only_paid[] = {OD_STR_INIT("paid")};
    struct shop *s = *state;
    add_status(s, OD_STATUS_ORDER, "closed");
    add_status(s, OD_STATUS_PAYMENT, "refunded");
    set_next(status(s, OD_STATUS_PAYMENT, "pending"), only_paid, 1);
    set_next(status(s, OD_STATUS_PAYMENT, "paid"), NULL, 0);
    check(s);
    wanted(s, OD_FINDING_UNREACHABLE_STATUS, "order_status.closed");
    wanted(s, OD_FINDING_UNREACHABLE_STATUS, "payment_status.refunded");
    assert_null(find(s, OD_FINDING_UNREACHABLE_STATUS, "payment_status.paid"));
}

static void composite_commands_lead_on_and_fail_like_others(void **state)
{
    static struct od_str next[] = {OD_STR_INIT("delivered")};
    struct shop *s = *state;
    s->rules[OD_ASK_ORDER_STATUS] = never_ends_once_shipped;
    s->rules[OD_ASK_SHIPMENT_STATUS] = never_back;
    set_next(status(s, OD_STATUS_SHIPMENT, "shipped"), next, 1);
    s->composites[0] = OD_STR("broken");
    s->composites[1] = OD_STR("give_up");
    s->composite_count = 2;
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_POLICY_ERROR, "command.broken@test");
    assert_contains(f->text, "test/rules.lua:9: no such field");
    assert_text(f->inputs, "pending:pending (place, broken)");
    assert_text(s->report.commands[s->report.command_count - 1], "give_up");
    const struct od_model_row *row = &s->report.rows[0];
    assert_text(row->payment_status, "pending");
    assert_text(row->shipment_status, "pending");
    assert_false(row->held);
    assert_true(row->always >> (s->report.command_count - 1) & 1);
    assert_false(row->always >> (s->report.command_count - 2) & 1);
}

static const char *always_the_same(const struct od_order *o)
{
    (void)o;
    return "N-1";
}

static const char *year(const struct od_order *o)
{
    (void)o;
    return "2026";
}

static void a_number_that_is_always_the_same_is_found(void **state)
{
    struct shop *s = *state;
    for (int i = 0; i < 2; i++) {
        s->rules[OD_ASK_ORDER_NUMBER] = always_the_same;
        s->rules[OD_ASK_ORDER_SERIES] = i ? year : NULL;
        check(s);
        const struct od_finding *f = wanted(s, OD_FINDING_POLICY_ERROR, "order.number@test");
        assert_text(f->inputs, "(place, place)");
        assert_text(f->text, "It answers the same number, \"N-1\", for 1 and 2: the second order "
                             "would be refused.");
    }
}

static const char *credit_memos_alike(const struct od_order *o)
{
    return o->refund_count ? counted : "M-1";
}

static void a_documents_number_that_is_always_the_same_is_found(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_DOCUMENT_NUMBER] = credit_memos_alike;
    s->rules[OD_ASK_DOCUMENT_SERIES] = year;
    check(s);
    assert_int_equal(s->report.finding_count, 2);
    assert_text(s->report.findings[0].inputs, "(refund, refund)");
    assert_contains(s->report.findings[0].text, "the second credit memo would be refused");
    assert_text(s->report.findings[1].inputs, "(invoice, invoice)");
    s->rules[OD_ASK_DOCUMENT_NUMBER] = number;
    check(s);
    assert_none(s);
}

/* What the rules below forgot: such an order is worked on for ever. */
static const char *forgotten(const struct od_order *o, bool such)
{
    if (!such || o->canceled_at)
        return order_status(o);
    return is_held(o) ? "on_hold" : "processing";
}

static const char *frozen_by_partial_cancel(const struct od_order *o)
{
    bool canceled = false;
    for (uint32_t i = 0; i < o->item_count; i++)
        canceled = canceled || o->items[i].qty_canceled || o->items[i].qty_shipped_after_cancel;
    return forgotten(o, canceled);
}

static const char *frozen_by_partial_refund(const struct od_order *o)
{
    return forgotten(o, o->amount_refunded > 0);
}

static const char *frozen_by_chargeback(const struct od_order *o)
{
    return forgotten(o, o->amount_charged_back > 0);
}

static const char *frozen_by_return(const struct od_order *o)
{
    return forgotten(o, o->return_count > 0);
}

static const char *frozen_by_change(const struct od_order *o)
{
    return forgotten(o, o->change_count && is(o->changes[0].status, "confirmed"));
}

static const char *frozen_when_overpaid(const struct od_order *o)
{
    return forgotten(o, o->amount_captured > o->grand_total);
}

static const char *frozen_by_two_together(const struct od_order *o)
{
    return forgotten(o, o->invoice_count && o->amount_charged_back);
}

/* Some of its units, too, but once. */
static const char *cancels_what_is_untouched(const struct od_order *o)
{
    bool touched = o->payment_count || o->shipment_count || o->return_count || o->change_count;
    for (uint32_t i = 0; i < o->item_count; i++)
        touched = touched || o->items[i].qty_canceled;
    return touched ? refused : may_cancel(o);
}

/* Each leaves the order in processing for good once it has happened, as rules do that know of paid
 * and shipped alone. */
static void what_freezes_an_order_is_found(void **state)
{
    static const struct {
        rule *status;
        const char *inputs;
    } flaws[] = {
        {frozen_by_partial_cancel, "cancel one"},
        {frozen_by_partial_refund, "refund"},
        {frozen_by_chargeback, "charge back"},
        {frozen_by_return, "announce return"},
        {frozen_by_change, "confirm"},
        {frozen_when_overpaid, "capture too much"},
        {frozen_by_two_together, "invoice"},
    };
    struct shop *s = *state;
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        s->rules[OD_ASK_ORDER_CANCEL] = cancels_what_is_untouched;
        s->rules[OD_ASK_ORDER_STATUS] = flaws[i].status;
        check(s);
        const struct od_finding *f = wanted(s, OD_FINDING_STUCK, "order_status.processing");
        assert_contains(f->inputs, flaws[i].inputs);
    }
    s->rules[OD_ASK_ORDER_STATUS] = order_status;
    check(s);
    assert_none(s);
}

static const char *given_back_status(const struct od_order *o)
{
    bool all = o->amount_captured && o->amount_refunded >= o->amount_captured;
    return all ? "given_back" : payment_status(o);
}

static void a_move_that_only_a_refund_needs_is_found(void **state)
{
    static struct od_str to_paid[] = {OD_STR_INIT("pending")};
    struct shop *s = *state;
    add_status(s, OD_STATUS_PAYMENT, "given_back");
    s->rules[OD_ASK_PAYMENT_STATUS] = given_back_status;
    set_next(status(s, OD_STATUS_PAYMENT, "paid"), to_paid, 1);
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_FORBIDDEN_MOVE, "payment_status.paid");
    assert_contains(f->text, "\"refund\" is refused");
    assert_contains(f->text, "from paid to given_back");
}

static void an_order_that_cannot_be_placed_is_said(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_ORDER_PLACE] = never;
    check(s);
    const struct od_finding *f = wanted(s, OD_FINDING_DEAD_END, "order.place@test");
    assert_contains(f->text, "cannot be placed: It may not");
    assert_int_equal(s->report.states, 0);
    assert_int_equal(s->report.finding_count, 1); /* not every status as unreachable */
    assert_true(s->report.shown > 0);
}

static bool allows(const struct od_model_report *r, const struct od_model_row *row,
                   const char *name)
{
    for (uint32_t i = 0; i < r->command_count; i++) {
        if (od_str_is(r->commands[i], name))
            return (row->always | row->sometimes) >> i & 1;
    }
    fail_msg("no command %s", name);
    return false;
}

static void rows_tell_what_is_allowed(void **state)
{
    struct shop *s = *state;
    uint32_t states = 0, held = 0;
    check(s);
    for (uint32_t i = 0; i < s->report.row_count; i++) {
        const struct od_model_row *row = &s->report.rows[i];
        bool final = is(row->status, "canceled");
        states += row->states;
        assert_true(row->states > 0);
        assert_int_equal(row->always & row->sometimes, 0);
        assert_int_equal(allows(&s->report, row, "release"), row->held);
        if (row->held)
            assert_false(allows(&s->report, row, "ship"));
        else if (!final)
            assert_true(allows(&s->report, row, "hold"));
        held += row->held;
    }
    assert_int_equal(states, s->report.states);
    assert_true(held > 0);
}

static void limits_cut_short_and_say_so(void **state)
{
    struct shop *s = *state;
    add_status(s, OD_STATUS_ORDER, "closed");
    s->limits.max_states = 5;
    check(s);
    assert_true(s->report.truncated);
    assert_int_equal(s->report.states, 5);
    assert_none(s); /* nothing is said about states that were not looked at */
    s->limits = (struct od_model_limits){.max_cpu_us = 1};
    check(s);
    assert_true(s->report.truncated);
    assert_none(s);
}

static void the_same_rules_have_the_same_findings(void **state)
{
    struct shop *s = *state;
    s->rules[OD_ASK_ORDER_STATUS] = lost_when_delivered;
    s->rules[OD_ASK_ORDER_CANCEL] = breaks_when_refunded_more;
    check(s);
    struct od_model_report first = s->report;
    check(s);
    assert_true(first.finding_count > 2);
    assert_int_equal(s->report.finding_count, first.finding_count);
    assert_int_equal(s->report.states, first.states);
    assert_int_equal(s->report.asked, first.asked);
    for (uint32_t i = 0; i < first.finding_count; i++) {
        const struct od_finding *x = &first.findings[i], *y = &s->report.findings[i];
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->count, y->count);
        assert_true(od_str_eq(x->subject, y->subject));
        assert_true(od_str_eq(x->inputs, y->inputs));
        assert_true(od_str_eq(x->text, y->text));
        assert_true(i == 0 || x->kind >= first.findings[i - 1].kind);
    }
}

static void kinds_have_names(void **state)
{
    enum od_finding_kind kind;
    (void)state;
    for (int i = 0; i < OD_FINDING_KINDS; i++) {
        const char *name = od_finding_kind_name((enum od_finding_kind)i);
        assert_true(od_finding_kind_parse(od_str_of(name), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(od_finding_kind_parse(OD_STR("boredom"), &kind));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sound_rules_have_no_findings),
        TEST(a_rule_that_fails_is_found_with_the_shortest_path),
        TEST(states_that_no_command_leads_to_are_shown_too),
        TEST(orders_without_items_are_shown_with_their_parcels),
        TEST(a_status_outside_of_the_set_is_found),
        TEST(a_move_that_the_graph_lacks_is_found),
        TEST(what_the_graph_forbids_people_is_no_finding),
        TEST(a_dead_end_is_found_with_the_shortest_path),
        TEST(a_final_status_is_no_dead_end),
        TEST(a_state_without_a_way_to_an_end_is_found),
        TEST(what_only_people_can_end_is_not_stuck),
        TEST(statuses_nobody_gets_into_are_found),
        TEST(composite_commands_lead_on_and_fail_like_others),
        TEST(a_number_that_is_always_the_same_is_found),
        TEST(a_documents_number_that_is_always_the_same_is_found),
        TEST(what_freezes_an_order_is_found),
        TEST(a_move_that_only_a_refund_needs_is_found),
        TEST(an_order_that_cannot_be_placed_is_said),
        TEST(rows_tell_what_is_allowed),
        TEST(limits_cut_short_and_say_so),
        TEST(the_same_rules_have_the_same_findings),
        TEST(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
