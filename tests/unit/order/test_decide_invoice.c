#include "check.h"
#include "order/amounts/account.h"

#define INVOICE() shop_do(sh, OD_COMMAND_ISSUE_INVOICE, "{}")
#define CREDIT()  shop_do(sh, OD_COMMAND_CREDIT_INVOICE, "{}")

static void an_invoice_is_of_what_the_order_comes_to(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(INVOICE());
    assert_int_equal(sh->d.part_ids[OD_ENTITY_INVOICE], 1);
    assert_int_equal(sh->d.events[0].type, OD_EVENT_INVOICE_ISSUED);
    const struct od_invoice *i = &sh->order.invoices[0];
    assert_str(i->invoice_number, "invoice-1");
    assert_str(i->series, "invoice");
    assert_int_equal(i->series_value, 1);
    assert_int_equal(i->amount, 2550);
    assert_int_equal(i->version, sh->order.version);
    assert_int_equal(i->created_at, NOW);
    assert_refused(INVOICE(), OD_VERDICT_CONFLICT, "nothing_to_invoice");
    assert_int_equal(sh->issued[OD_DOCUMENT_INVOICE], 1);
}

static void cancelled_units_are_not_invoiced(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(INVOICE());
    assert_int_equal(sh->order.invoices[0].amount, 1550);
    /* What is cancelled afterwards is what credit memos are for. */
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_refused(INVOICE(), OD_VERDICT_CONFLICT, "nothing_to_invoice");
}

static void what_is_no_longer_owed_is_credited(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_refused(CREDIT(), OD_VERDICT_CONFLICT, "nothing_to_credit");
    assert_done(INVOICE());
    assert_refused(CREDIT(), OD_VERDICT_CONFLICT, "nothing_to_credit");
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(CREDIT());
    assert_int_equal(sh->d.events[0].type, OD_EVENT_INVOICE_CREDITED);
    assert_int_equal(sh->d.part_ids[OD_ENTITY_INVOICE], 2);
    assert_int_equal(sh->order.invoices[1].amount, -1000);
    assert_str(sh->order.invoices[1].invoice_number, "credit_memo-1");
    assert_refused(CREDIT(), OD_VERDICT_CONFLICT, "nothing_to_credit");
    assert_refused(INVOICE(), OD_VERDICT_CONFLICT, "nothing_to_invoice");

    /* A cancelled order, too. */
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_done(CREDIT());
    assert_int_equal(sh->order.invoices[2].amount, -1550);
    assert_int_equal(od_order_invoiced(&sh->order), 0);
    assert_int_equal(sh->issued[OD_DOCUMENT_CREDIT_MEMO], 2);
    assert_int_equal(sh->issued[OD_DOCUMENT_INVOICE], 1);
}

static void what_is_paid_is_credited_by_its_refund(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(INVOICE());
    assert_done(shop_do(sh, OD_COMMAND_PAYMENT, "{'type':'capture','amount':10}"));
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_done(CREDIT());
    assert_int_equal(sh->order.invoices[1].amount, -1550);
    assert_done(shop_do(sh, OD_COMMAND_REFUND, "{}"));
    assert_int_equal(sh->order.amount_refunded, 1000);
    assert_refused(CREDIT(), OD_VERDICT_CONFLICT, "nothing_to_credit");
}

static void what_is_credited_can_be_invoiced_again(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(INVOICE());
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{'items':[{'orderItemId':1,'qty':1}]}"));
    assert_done(CREDIT());
    assert_done(shop_do(sh, OD_COMMAND_PROPOSE_CHANGE, "{'items':[{'orderItemId':1,'qty':3}]}"));
    assert_done(shop_do(sh, OD_COMMAND_CONFIRM_CHANGE, "{}"));
    assert_done(INVOICE());
    assert_int_equal(od_order_invoiced(&sh->order),
                     sh->order.grand_total - sh->order.amount_canceled);
}

static void a_cancelled_order_is_not_invoiced(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    assert_done(shop_do(sh, OD_COMMAND_CANCEL, "{}"));
    assert_refused(INVOICE(), OD_VERDICT_CONFLICT, "order_canceled");
}

static void an_order_that_costs_nothing_is_not_invoiced(void **state)
{
    struct shop *sh = *state;
    assert_done(shop_do(sh, OD_COMMAND_PLACE, "{'items':[{'sku':'a','qty':1,'price':0}]}"));
    assert_refused(INVOICE(), OD_VERDICT_CONFLICT, "nothing_to_invoice");
}

static void the_rules_name_series_and_number(void **state)
{
    struct shop *sh = *state;
    struct od_document_number n = {.kind = OD_DOCUMENT_INVOICE};
    shop_place(sh);
    sh->answers[OD_ASK_DOCUMENT_SERIES] = sh->answers[OD_ASK_DOCUMENT_NUMBER] = true;
    sh->value[OD_ASK_DOCUMENT_SERIES] = "DE";
    struct od_command *c = shop_command(sh, OD_COMMAND_ISSUE_INVOICE, "{}");
    c->at = INT64_C(1640995199000000); /* the last second of 2021 */
    assert_int_equal(od_decide_document_series(&sh->env, &sh->order, c, &n), 0);
    assert_str(n.series, "DE");
    assert_str(n.policy, "document.series@test");
    assert_str(sh->request.document, "invoice");
    assert_int_equal(sh->request.seq_year, 2021);
    assert_int_equal(od_command_documents(c, OD_DOCUMENT_INVOICE), 1);
    assert_int_equal(od_command_documents(c, OD_DOCUMENT_CREDIT_MEMO), 0);

    n.value = 17;
    sh->d.documents = &n;
    sh->d.document_count = 1;
    od_decide(&sh->d, c, true);
    assert_int_equal(sh->d.verdict, OD_VERDICT_DONE);
    assert_true(n.used);
    assert_str(sh->d.order->invoices[0].invoice_number, "DE/2021/17");
    assert_str(sh->d.order->invoices[0].series, "DE");
    assert_str(sh->d.events[sh->d.event_count - 1].policy,
               "document.series@test document.number@test");
    assert_int_equal(sh->request.seq_value, 17);
    sh->d.order = &sh->order;
}

static void a_series_nobody_names_is_the_kinds(void **state)
{
    struct shop *sh = *state;
    struct od_document_number n = {.kind = OD_DOCUMENT_CREDIT_MEMO};
    shop_place(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_REFUND, "{}");
    assert_int_equal(od_decide_document_series(&sh->env, &sh->order, c, &n), 0);
    assert_str(n.series, "credit_memo");
    sh->answers[OD_ASK_DOCUMENT_SERIES] = true; /* nil */
    assert_int_equal(od_decide_document_series(&sh->env, &sh->order, c, &n), 0);
    assert_str(n.series, "credit_memo");
    assert_int_equal(od_command_documents(c, OD_DOCUMENT_CREDIT_MEMO), 1);
}

/* LOAD takes no number when the series' rule fails; decide says why. */
static void a_rule_that_fails_issues_nothing(void **state)
{
    struct shop *sh = *state;
    struct od_document_number n = {.kind = OD_DOCUMENT_INVOICE};
    shop_place(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_ISSUE_INVOICE, "{}");
    sh->answers[OD_ASK_DOCUMENT_SERIES] = true;
    sh->fail[OD_ASK_DOCUMENT_SERIES] = "no store";
    assert_int_equal(od_decide_document_series(&sh->env, &sh->order, c, &n), -1);
    sh->fail[OD_ASK_DOCUMENT_SERIES] = NULL;
    sh->value[OD_ASK_DOCUMENT_SERIES] = "";
    assert_int_equal(od_decide_document_series(&sh->env, &sh->order, c, &n), -1);
    sh->d.documents = &n;
    sh->d.document_count = 1;
    sh->d.event_count = 0;
    od_decide(&sh->d, c, false);
    assert_int_equal(sh->d.verdict, OD_VERDICT_POLICY);
    assert_str(sh->d.refusal.code, "policy_failed");
    assert_int_equal(sh->order.invoice_count, 0);

    sh->answers[OD_ASK_DOCUMENT_SERIES] = false;
    sh->answers[OD_ASK_DOCUMENT_NUMBER] = true;
    sh->value[OD_ASK_DOCUMENT_NUMBER] = "a\nb";
    assert_refused(INVOICE(), OD_VERDICT_POLICY, "policy_failed");
    sh->value[OD_ASK_DOCUMENT_NUMBER] = "";
    assert_refused(INVOICE(), OD_VERDICT_POLICY, "policy_failed");
    sh->refuse[OD_ASK_DOCUMENT_NUMBER] = "not today";
    assert_refused(INVOICE(), OD_VERDICT_POLICY, "no");
    assert_int_equal(sh->issued[OD_DOCUMENT_INVOICE], 0);
}

static void without_a_number_it_is_decided_again(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    sh->unnumbered = true;
    assert_refused(INVOICE(), OD_VERDICT_UNNUMBERED, "unnumbered");
    assert_int_equal(sh->d.wanted, OD_DOCUMENT_INVOICE);
}

/* A unit that is refused gives its numbers back. */
static void a_refused_unit_uses_no_number(void **state)
{
    struct shop *sh = *state;
    shop_place(sh);
    struct od_command *c = shop_command(sh, OD_COMMAND_ISSUE_INVOICE, "{}");
    c->next = shop_command(sh, OD_COMMAND_ISSUE_INVOICE, "{}");
    assert_refused(shop_run(sh, c), OD_VERDICT_CONFLICT, "nothing_to_invoice");
    assert_int_equal(sh->issued[OD_DOCUMENT_INVOICE], 0);
    assert_done(INVOICE());
    assert_str(sh->order.invoices[0].invoice_number, "invoice-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_invoice_is_of_what_the_order_comes_to),
        TEST(cancelled_units_are_not_invoiced),
        TEST(what_is_no_longer_owed_is_credited),
        TEST(what_is_paid_is_credited_by_its_refund),
        TEST(what_is_credited_can_be_invoiced_again),
        TEST(a_cancelled_order_is_not_invoiced),
        TEST(an_order_that_costs_nothing_is_not_invoiced),
        TEST(the_rules_name_series_and_number),
        TEST(a_series_nobody_names_is_the_kinds),
        TEST(a_rule_that_fails_issues_nothing),
        TEST(without_a_number_it_is_decided_again),
        TEST(a_refused_unit_uses_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
