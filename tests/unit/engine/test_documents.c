#include "fixture.h"

/* Invoices and credit memos: numbered without gaps, whatever happens beside them. */

/* What verify proves, of one series. */
static void check_series(const char *series_name, const char *table, int64_t documents)
{
    struct od_str sql = od_arena_printf(
        &arena,
        "select case when count(*) = coalesce(max(series_value), 0)"
        " and count(*) = count(distinct series_value)"
        " and count(*) = coalesce((select value from counter where series = '%s'), 0)"
        " then count(*) else -1 end from %s where series = split_part('%s', ':', 2)",
        series_name, table, series_name);
    assert_int_equal(query(sql.ptr), documents);
}

static struct od_command *invoice(void)
{
    return command(OD_COMMAND_ISSUE_INVOICE, "{}");
}

static struct od_command *refund(const char *body)
{
    return command(OD_COMMAND_REFUND, body);
}

static struct od_command *gateway_refund(const char *amount)
{
    struct od_str body = od_arena_printf(&arena, "{\"type\":\"refund\",\"amount\":\"%s\"}", amount);
    return command(OD_COMMAND_PAYMENT, body.ptr);
}

static void invoices_of_both_lanes_have_no_gaps(void **state)
{
    enum { ORDERS = 24, TRIES = 3 };
    int64_t ids[ORDERS];
    struct sent *x[ORDERS][TRIES];
    int issued = 0;
    (void)state;
    stock("I1", 1000);
    for (int i = 0; i < ORDERS; i++)
        ids[i] = paid("I1", 1);
    document_series = "swiss";
    /* The second of an order is refused, the third is only tried. */
    for (int i = 0; i < ORDERS; i++) {
        for (int k = 0; k < TRIES; k++)
            x[i][k] = submit(invoice(), ids[i], (struct od_submission){.dry_run = k == 2});
    }
    for (int i = 0; i < ORDERS; i++) {
        for (int k = 0; k < TRIES; k++) {
            wait_for(x[i][k]);
            assert_int_equal(x[i][k]->err, OD_ERR_NONE);
            issued += k < 2 && x[i][k]->verdict == OD_VERDICT_DONE;
        }
        assert_string_equal(x[i][1]->code, "nothing_to_invoice");
    }
    document_series = NULL;
    assert_int_equal(issued, ORDERS);
    check_series("invoice:swiss", "invoice", ORDERS);
    assert_int_equal(query("select count(*) from invoice where invoice_number like 'swiss-%'"),
                     ORDERS);
}

static void a_refused_submission_issues_nothing(void **state)
{
    (void)state;
    stock("I2", 10);
    int64_t id = paid("I2", 1);
    document_series = "parts";
    struct od_part more[] = {on_order(id, invoice()), {.command = place("I2", 99)}};
    struct sent *x = run_parts(comment("first"), id, more, 2, (struct od_submission){0});
    assert_int_equal(x->refused, 2);
    check_series("invoice:parts", "invoice", 0);
    more[1].command = place("I2", 1);
    x = run_parts(comment("first"), id, more, 2, (struct od_submission){0});
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    document_series = NULL;
    check_series("invoice:parts", "invoice", 1);
}

static void an_order_is_placed_paid_and_invoiced_at_once(void **state)
{
    (void)state;
    stock("I3", 10);
    document_series = "till";
    struct od_command *c = place("I3", 1);
    c->next = command(OD_COMMAND_PAYMENT, "{\"type\":\"capture\"}");
    c->next->next = invoice();
    assert_int_equal(run(c, 0)->version, 3);
    document_series = NULL;
    check_series("invoice:till", "invoice", 1);
}

/* A key's second use is answered from the ledger, and its number is the next one's. */
static void a_repeated_key_issues_once(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-refund"), .request_hash = {9}};
    (void)state;
    stock("I4", 10);
    int64_t id = paid("I4", 2);
    document_series = "keys";
    struct sent *first = submit(refund("{\"amount\":\"1.00\"}"), id, keyed);
    struct sent *again = submit(refund("{\"amount\":\"1.00\"}"), id, keyed);
    struct sent *other = submit(refund("{\"amount\":\"2.00\"}"), id, (struct od_submission){0});
    wait_for(first);
    wait_for(again);
    wait_for(other);
    document_series = NULL;
    assert_int_equal(first->verdict, OD_VERDICT_DONE);
    assert_int_equal(again->kind, OD_OUTCOME_REPLAYED);
    assert_int_equal(again->version, first->version);
    assert_int_equal(again->ref_id, 1);
    check_series("credit_memo:keys", "refund", 2);
    assert_int_equal(query("select ref_id from idempotency_key where key = 'k-refund'"), 1);
}

/* Whether a gateway's refund is one that orderd does not know is found out by deciding. */
static void a_command_that_needs_one_more_number_gets_it(void **state)
{
    enum { MANY = 12 };
    struct sent *x[MANY];
    struct od_engine_stats before, after;
    (void)state;
    stock("I5", 100);
    int64_t id = paid("I5", 20), other = paid("I5", 20);
    od_engine_stats(engine, &before);
    document_series = "gateway";
    for (int i = 0; i < MANY; i++)
        x[i] = submit(gateway_refund("0.50"), i % 2 ? id : other, (struct od_submission){0});
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->err, OD_ERR_NONE);
        assert_int_equal(x[i]->verdict, OD_VERDICT_DONE);
        assert_int_equal(x[i]->decided, 1);
    }
    document_series = NULL;
    od_engine_stats(engine, &after);
    assert_int_equal(after.verdicts[OD_COMMAND_PAYMENT][OD_VERDICT_UNNUMBERED], 0);
    assert_int_equal(after.verdicts[OD_COMMAND_PAYMENT][OD_VERDICT_DONE] -
                         before.verdicts[OD_COMMAND_PAYMENT][OD_VERDICT_DONE],
                     MANY);
    assert_int_equal(after.commands - before.commands, MANY);
    assert_int_equal(after.aborted, before.aborted);
    check_series("credit_memo:gateway", "refund", MANY);
}

/* A composite that refunds its argument's count of times, a cent each. */
static enum od_run run_refunds(void *ctx, struct od_str name, struct od_str args,
                               struct od_order *o, const struct od_policy_request *request,
                               struct od_arena *a, const struct od_steps *steps,
                               struct od_policy_answer *out, struct od_err *err)
{
    int64_t times = 0;
    (void)ctx, (void)name, (void)o, (void)request, (void)a, (void)err;
    assert_true(od_str_to_i64(args, 1, 100, &times));
    for (int64_t i = 0; i < times; i++) {
        if (steps->decide(steps->ctx, gateway_refund("0.01")) != 0)
            return OD_RUN_STEP_REFUSED;
    }
    out->policy = OD_STR("commands/cents");
    return OD_RUN_DONE;
}

static struct sent *run_cents(int64_t id, const char *times)
{
    struct od_command *c = OD_NEW(&arena, struct od_command);
    c->type = OD_COMMAND_COMPOSITE;
    c->actor = OD_STR("tester");
    c->name = OD_STR("cents");
    c->args = od_str_of(times);
    return run(c, id);
}

static void a_composite_issues_several_but_not_without_end(void **state)
{
    (void)state;
    stock("I6", 100);
    int64_t id = paid("I6", 1);
    document_series = "cents";
    rules->policies.run = run_refunds;
    assert_int_equal(run_cents(id, "8")->verdict, OD_VERDICT_DONE);
    struct sent *x = run_cents(id, "9");
    assert_int_equal(x->verdict, OD_VERDICT_CONFLICT);
    assert_string_equal(x->code, "too_many_documents");
    rules->policies.run = NULL;
    document_series = NULL;
    check_series("credit_memo:cents", "refund", 8);
    assert_int_equal(query("select count(*) from refund where series = 'cents'"), 8);
}

static void a_number_that_exists_is_refused_and_leaves_no_gap(void **state)
{
    (void)state;
    stock("I7", 10);
    int64_t one = paid("I7", 1), two = paid("I7", 1), three = paid("I7", 1);
    document_series = "same";
    fixed_document = "SAME";
    assert_int_equal(run(invoice(), one)->verdict, OD_VERDICT_DONE);
    struct sent *x = submit(invoice(), two, (struct od_submission){0});
    struct sent *beside = submit(comment("beside"), three, (struct od_submission){0});
    wait_for(x);
    wait_for(beside);
    assert_int_equal(x->err, OD_ERR_NONE);
    assert_int_equal(x->verdict, OD_VERDICT_CONFLICT);
    assert_string_equal(x->code, "document_number_taken");
    assert_int_equal(beside->verdict, OD_VERDICT_DONE);
    fixed_document = NULL;
    assert_int_equal(run(invoice(), two)->verdict, OD_VERDICT_DONE);
    document_series = NULL;
    check_series("invoice:same", "invoice", 2);
}

static void a_series_without_a_usable_name_is_refused(void **state)
{
    (void)state;
    stock("I8", 10);
    int64_t id = paid("I8", 1);
    document_series = "";
    struct sent *x = run(invoice(), id);
    document_series = NULL;
    assert_int_equal(x->verdict, OD_VERDICT_POLICY);
    assert_int_equal(query("select count(*) from counter where series = 'invoice:'"), 0);
}

/* Series of orders and of documents may have the same name. */
static void series_of_one_name_count_by_themselves(void **state)
{
    (void)state;
    stock("I9", 10);
    series = document_series = "name";
    int64_t id = paid("I9", 1);
    assert_int_equal(run(invoice(), id)->verdict, OD_VERDICT_DONE);
    assert_int_equal(run(refund("{\"amount\":\"1.00\"}"), id)->verdict, OD_VERDICT_DONE);
    series = document_series = NULL;
    assert_int_equal(query("select sum(value)::int8 from counter where series in"
                           " ('name', 'invoice:name', 'credit_memo:name')"),
                     3);
}

/* One of everything that takes a lock, on orders and SKUs that all have in common. */
static struct od_command *any_command(int i, int64_t *order_id)
{
    struct od_command *c;
    switch (i % 7) {
    case 0:
        *order_id = 0;
        c = place(i % 2 ? "L1" : "L2", 1);
        c->draft->store = i % 3 ? OD_STR("zug") : OD_STR("aarau");
        return c;
    case 1:
        *order_id = 0;
        c = command(OD_COMMAND_SET_INVENTORY, "{\"delta\":1}");
        c->sku = i % 2 ? OD_STR("L2") : OD_STR("L1");
        return c;
    case 2:
        return gateway_refund("0.01");
    case 3:
        return command(OD_COMMAND_CANCEL, "{\"items\":[{\"orderItemId\":1,\"qty\":1}]}");
    case 4:
        return command(OD_COMMAND_CREATE_SHIPMENT, "{\"items\":[{\"orderItemId\":1,\"qty\":1}]}");
    case 5:
        return refund("{\"items\":[{\"orderItemId\":1,\"qty\":1}]}");
    default:
        return invoice();
    }
}

static void everything_is_locked_in_one_order(void **state)
{
    enum { MANY = 350, ORDERS = 8 };
    struct sent *x[MANY];
    int64_t ids[ORDERS];
    struct od_engine_stats before[2], after[2];
    struct od_engine *engines[2] = {engine, start_engine()};
    (void)state;
    stock("L1", 10000);
    stock("L2", 10000);
    for (int i = 0; i < ORDERS; i++)
        ids[i] = paid(i % 2 ? "L1" : "L2", 300);
    series = document_series = "common";
    for (int e = 0; e < 2; e++)
        od_engine_stats(engines[e], &before[e]);
    for (int i = 0; i < MANY; i++) {
        int64_t id = ids[i * 5 % ORDERS];
        struct od_command *c = any_command(i, &id);
        engine = engines[i / 3 % 2];
        x[i] = submit(c, id, (struct od_submission){0});
        if (i % 5 == 4)
            od_loop_run_once(&loop); /* batches of every size */
    }
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        assert_int_equal(x[i]->err, OD_ERR_NONE);
    }
    series = document_series = NULL;
    for (int e = 0; e < 2; e++) {
        od_engine_stats(engines[e], &after[e]);
        assert_int_equal(after[e].aborted, before[e].aborted);
    }
    engine = engines[0];
    stop_engine(engines[1]);
    check_series("invoice:common", "invoice", ORDERS);
    check_series("credit_memo:common", "refund",
                 query("select count(*) from refund where series = 'common'"));
    assert_int_equal(query("select count(*) from stock s where sku like 'L_' and (reserved,"
                           " on_hand) <> (select sum(qty - qty_canceled - qty_shipped)::int8,"
                           " (select sum(delta)::int8 from stock_adjustment a where a.sku = s.sku)"
                           " - sum(qty_shipped)::int8 from order_item i where i.sku = s.sku)"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invoices_of_both_lanes_have_no_gaps),
        cmocka_unit_test(a_refused_submission_issues_nothing),
        cmocka_unit_test(an_order_is_placed_paid_and_invoiced_at_once),
        cmocka_unit_test(a_repeated_key_issues_once),
        cmocka_unit_test(a_command_that_needs_one_more_number_gets_it),
        cmocka_unit_test(a_composite_issues_several_but_not_without_end),
        cmocka_unit_test(a_number_that_exists_is_refused_and_leaves_no_gap),
        cmocka_unit_test(a_series_without_a_usable_name_is_refused),
        cmocka_unit_test(series_of_one_name_count_by_themselves),
        cmocka_unit_test(everything_is_locked_in_one_order),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
