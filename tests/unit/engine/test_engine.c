#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "pg/migrate.h"
#include "pg/private.h"
#include "pg/wait.h"

/* The engine against a real PostgreSQL, with policies in C. */

static struct od_loop loop;
static struct od_pg_private *cluster;
static struct od_engine *engine;
static struct od_pg_conn *conn;
static struct od_arena arena;
static struct od_rules *rules;
static char home[64];
static const char *fixed_number; /* what order.number answers when set */

static int ask(void *ctx, enum od_question q, const struct od_order *o,
               const struct od_policy_request *request, struct od_arena *a,
               struct od_policy_answer *out, struct od_err *err)
{
    (void)ctx, (void)err;
    *out =
        (struct od_policy_answer){.policy = od_question_name(q), .value = OD_STR_INIT("pending")};
    if (q == OD_ASK_ORDER_NUMBER)
        out->value = fixed_number ? od_str_of(fixed_number)
                                  : od_arena_printf(a, "T-%lld", (long long)request->seq_value);
    if (q == OD_ASK_ORDER_STATUS && o->canceled_at)
        out->value = OD_STR("canceled");
    return 0;
}

static struct od_rules *make_rules(void)
{
    static struct od_status statuses[] = {
        {.code = OD_STR_INIT("pending"), .is_default = true, .any_next = true},
        {.code = OD_STR_INIT("canceled"), .phase = OD_STR_INIT("canceled"), .any_next = true},
    };
    struct od_rules *r = calloc(1, sizeof *r);
    r->refs = 1;
    r->policies.ask = ask;
    r->policies.bundle_id = 1;
    r->track = OD_STOCK_ALL;
    for (int i = 0; i < OD_STATUS_KINDS; i++)
        r->statuses.of[i] = (struct od_status_set){statuses, 2};
    od_arena_init(&r->arena);
    return r;
}

static int set_up(void **state)
{
    struct od_err err = {0};
    (void)state;
    snprintf(home, sizeof home, "/tmp/orderd-test-XXXXXX");
    assert_non_null(mkdtemp(home));
    chmod(home, 0755);
    od_arena_init(&arena);
    od_loop_init(&loop);
    cluster = od_pg_private_start(&loop, home, &err);
    if (!cluster)
        fail_msg("%s", err.message);
    struct od_pg_conn_conf conf = {.conninfo = od_pg_private_conninfo(cluster)};
    conn = od_pg_conn_new(&loop, &conf);
    assert_int_equal(od_pg_wait_up(conn, 10000, &err), 0);
    assert_int_equal(od_pg_migrate(conn, OD_SOURCE_DIR "/core/store/migrations", NULL, &err), 0);
    struct od_engine_conf engine_conf = {
        .conninfo = od_pg_private_conninfo(cluster),
        .lanes = 2,
        .max_batch = 64,
        .max_queue = 300,
        .statement_timeout_ms = 5000,
        .lock_timeout_ms = 2000,
    };
    assert_int_equal(od_row_types_load(conn, &engine_conf.types, &err), 0);
    rules = make_rules();
    engine = od_engine_new(&loop, &engine_conf);
    od_engine_set_rules(engine, rules);
    while (!od_engine_ready(engine))
        od_loop_run_once(&loop);
    return 0;
}

static void on_stopped(void *ctx)
{
    *(bool *)ctx = true;
}

static int tear_down(void **state)
{
    bool stopped = false;
    char command[100];
    (void)state;
    od_engine_stop(engine, on_stopped, &stopped);
    while (!stopped)
        od_loop_run_once(&loop);
    od_pg_conn_free_wait(conn, &loop);
    od_pg_private_stop(cluster);
    od_loop_fini(&loop);
    assert_int_equal(rules->refs, 1); /* every batch has let go of them */
    od_rules_unref(rules);
    od_arena_fini(&arena);
    od_arena_pool_trim();
    snprintf(command, sizeof command, "rm -rf %s", home);
    return system(command) ? -1 : 0;
}

/* One submission and what came of it. */
struct sent {
    struct od_submission s;
    int done, decided;
    enum od_outcome_kind kind;
    enum od_verdict verdict;
    char code[64];
    int64_t order_id, on_hand, reserved;
    int32_t version;
    enum od_err_code err;
};

static void on_decided(void *ctx, const struct od_outcome *o)
{
    struct sent *x = ctx;
    x->decided++;
    x->kind = o->kind;
    if (o->kind == OD_OUTCOME_REPLAYED) {
        x->order_id = o->replayed->order_id;
        x->version = o->replayed->version;
    }
    if (o->kind != OD_OUTCOME_DECIDED)
        return;
    x->verdict = o->decision->verdict;
    snprintf(x->code, sizeof x->code, "%.*s", OD_STR_ARG(o->decision->refusal.code));
    if (o->decision->stock) {
        x->on_hand = o->decision->stock->on_hand;
        x->reserved = o->decision->stock->reserved;
    }
    if (o->order) {
        x->order_id = o->order->order_id;
        x->version = o->order->version;
    }
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct sent *x = ctx;
    x->done++;
    x->err = err ? err->code : OD_ERR_NONE;
}

static struct od_command *command(enum od_command_type type, const char *body)
{
    struct od_command *c = OD_NEW(&arena, struct od_command);
    struct od_problem_list problems = {.arena = &arena};
    struct od_json *json;
    struct od_err err;
    assert_int_equal(od_json_parse(&arena, od_str_of(body), 16, &json, &err), 0);
    assert_int_equal(od_command_parse(type, json, &arena, OD_STR("USD"), c, &problems), 0);
    c->type = type;
    c->actor = OD_STR("tester");
    return c;
}

static struct sent *submit(struct od_command *c, int64_t order_id, struct od_submission with)
{
    struct sent *x = OD_NEW(&arena, struct sent);
    x->s = with;
    x->s.command = c;
    x->s.ref.order_id = order_id;
    x->s.principal = OD_STR("tester");
    x->s.ctx = x;
    x->s.decided = on_decided;
    x->s.done = on_done;
    od_engine_submit(engine, &x->s);
    assert_int_equal(x->done, 0); /* never inside the call */
    return x;
}

static void wait_for(struct sent *x)
{
    int64_t deadline = od_clock_monotonic_us() + 20 * 1000000LL;
    while (!x->done) {
        assert_true(od_clock_monotonic_us() < deadline);
        od_loop_run_once(&loop);
    }
    assert_int_equal(x->done, 1);
}

static struct sent *run(struct od_command *c, int64_t order_id)
{
    struct sent *x = submit(c, order_id, (struct od_submission){0});
    wait_for(x);
    return x;
}

static struct od_command *place(const char *sku, int qty)
{
    struct od_str body = od_arena_printf(
        &arena, "{\"items\":[{\"sku\":\"%s\",\"qty\":%d,\"price\":\"9.99\"}]}", sku, qty);
    return command(OD_COMMAND_PLACE, body.ptr);
}

static void stock(const char *sku, int qty)
{
    struct od_str body = od_arena_printf(&arena, "{\"qty\":%d}", qty);
    struct od_command *c = command(OD_COMMAND_SET_INVENTORY, body.ptr);
    c->sku = od_str_of(sku);
    assert_int_equal(run(c, 0)->err, OD_ERR_NONE);
}

static void read_number(void *ctx, const struct od_pg_result *r)
{
    *(int64_t *)ctx = r->rows ? od_pg_get_i64(r, 0, 0) : -1;
}

static int64_t query(const char *sql)
{
    struct od_pg_stmt stmt = {.sql = sql};
    struct od_err err;
    int64_t n = -1;
    if (od_pg_exec_wait(conn, &stmt, NULL, read_number, &n, &err))
        fail_msg("%s", err.message);
    return n;
}

static void an_order_is_placed_and_its_stock_reserved(void **state)
{
    (void)state;
    stock("A", 5);
    struct sent *x = run(place("A", 2), 0);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_true(x->order_id > 0);
    assert_int_equal(query("select reserved from stock where sku = 'A'"), 2);
    assert_int_equal(run(place("A", 4), 0)->verdict, OD_VERDICT_CONFLICT);
    assert_int_equal(query("select reserved from stock where sku = 'A'"), 2);
}

static void buyers_in_one_batch_cannot_oversell(void **state)
{
    struct sent *x[64];
    int won = 0;
    (void)state;
    stock("HOT", 10);
    for (int i = 0; i < 64; i++)
        x[i] = submit(place("HOT", 1), 0, (struct od_submission){0});
    for (int i = 0; i < 64; i++) {
        wait_for(x[i]);
        won += x[i]->verdict == OD_VERDICT_DONE;
    }
    assert_int_equal(won, 10);
    assert_int_equal(query("select reserved from stock where sku = 'HOT'"), 10);
}

static void a_key_used_twice_makes_one_order(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-1"), .request_hash = {1}};
    struct od_submission other = {.key = OD_STR_INIT("k-1"), .request_hash = {2}};
    (void)state;
    stock("B", 100);
    /* at once: the second must wait for the first */
    struct sent *first = submit(place("B", 1), 0, keyed);
    struct sent *again = submit(place("B", 1), 0, keyed);
    wait_for(first);
    wait_for(again);
    assert_int_equal(first->kind, OD_OUTCOME_DECIDED);
    assert_int_equal(again->kind, OD_OUTCOME_REPLAYED);
    assert_int_equal(again->order_id, first->order_id);
    assert_int_equal(again->version, 1);
    struct sent *wrong = submit(place("B", 1), 0, other);
    wait_for(wrong);
    assert_int_equal(wrong->kind, OD_OUTCOME_KEY_REUSED);
    assert_int_equal(query("select reserved from stock where sku = 'B'"), 1);
}

static void a_refusal_does_not_use_up_its_key(void **state)
{
    struct od_submission keyed = {.key = OD_STR_INIT("k-2"), .request_hash = {1}};
    (void)state;
    stock("C", 0);
    struct sent *x = submit(place("C", 1), 0, keyed);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_CONFLICT);
    stock("C", 1);
    x = submit(place("C", 1), 0, keyed);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
}

static void cancelling_twice_at_once_has_one_winner(void **state)
{
    (void)state;
    stock("D", 1000);
    for (int i = 0; i < 20; i++) {
        int64_t id = run(place("D", 1), 0)->order_id;
        struct sent *cancel =
            submit(command(OD_COMMAND_CANCEL, "{}"), id, (struct od_submission){0});
        struct sent *again =
            submit(command(OD_COMMAND_CANCEL, "{}"), id, (struct od_submission){0});
        wait_for(cancel);
        wait_for(again);
        assert_int_equal(cancel->verdict, OD_VERDICT_DONE);
        assert_int_equal(again->verdict, OD_VERDICT_CONFLICT);
        assert_string_equal(again->code, "already_canceled");
    }
    assert_int_equal(query("select reserved from stock where sku = 'D'"), 0);
    assert_int_equal(query("select on_hand from stock where sku = 'D'"), 1000);
}

static void a_stale_version_is_refused(void **state)
{
    struct od_submission stale = {.if_match = 7}, fresh = {.if_match = 1};
    (void)state;
    stock("E", 10);
    int64_t id = run(place("E", 1), 0)->order_id;
    struct sent *x = submit(command(OD_COMMAND_CANCEL, "{}"), id, stale);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_STALE);
    x = submit(command(OD_COMMAND_CANCEL, "{}"), id, fresh);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
}

static void a_dry_run_changes_nothing(void **state)
{
    struct od_submission dry = {.dry_run = true};
    (void)state;
    stock("F", 10);
    int64_t orders = query("select count(*) from orders");
    struct sent *x = submit(place("F", 3), 0, dry);
    wait_for(x);
    assert_int_equal(x->verdict, OD_VERDICT_DONE);
    assert_int_equal(query("select count(*) from orders"), orders);
    assert_int_equal(query("select reserved from stock where sku = 'F'"), 0);
}

static void only_the_guilty_of_a_batch_fails(void **state)
{
    struct sent *x[8];
    (void)state;
    stock("G", 100);
    fixed_number = "SAME";
    x[0] = submit(place("G", 1), 0, (struct od_submission){0});
    wait_for(x[0]);
    /* Two lanes, several batches: each of these collides, none takes another down. */
    for (int i = 1; i < 4; i++)
        x[i] = submit(place("G", 1), 0, (struct od_submission){0});
    int64_t other = 0;
    for (int i = 1; i < 4; i++)
        wait_for(x[i]);
    fixed_number = NULL;
    struct sent *fine = run(place("G", 1), 0);
    other = fine->order_id;
    for (int i = 1; i < 4; i++) {
        assert_int_equal(x[i]->err, OD_ERR_NONE);
        assert_int_equal(x[i]->kind, OD_OUTCOME_NUMBER_TAKEN);
    }
    assert_true(other > 0);
    assert_int_equal(query("select count(*) from orders where order_number = 'SAME'"), 1);
    assert_int_equal(query("select reserved from stock where sku = 'G'"), 2);
}

static void an_order_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    assert_int_equal(run(command(OD_COMMAND_CANCEL, "{}"), 999999999)->verdict,
                     OD_VERDICT_NOT_FOUND);
}

static void too_long_a_queue_is_refused(void **state)
{
    enum { MANY = 800 };
    struct sent *x[MANY];
    int limited = 0, placed = 0;
    (void)state;
    stock("H", 100000);
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place("H", 1), 0, (struct od_submission){0});
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        limited += x[i]->err == OD_ERR_LIMIT;
        placed += x[i]->err == OD_ERR_NONE && x[i]->verdict == OD_VERDICT_DONE;
    }
    assert_true(limited > 0);
    assert_int_equal(placed + limited, MANY);
    assert_int_equal(query("select reserved from stock where sku = 'H'"), placed);
}

static void a_lost_connection_answers_everyone_once_and_comes_back(void **state)
{
    enum { MANY = 200 };
    struct sent *x[MANY];
    int done = 0, unavailable = 0;
    (void)state;
    stock("I", 100000);
    for (int i = 0; i < MANY; i++)
        x[i] = submit(place("I", 1), 0, (struct od_submission){0});
    query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
          " where pid <> pg_backend_pid() and backend_type = 'client backend'");
    for (int i = 0; i < MANY; i++) {
        wait_for(x[i]);
        done += x[i]->err == OD_ERR_NONE;
        unavailable += x[i]->err == OD_ERR_UNAVAILABLE;
    }
    assert_int_equal(done + unavailable, MANY);
    int64_t deadline = od_clock_monotonic_us() + 20 * 1000000LL;
    while (!od_engine_ready(engine)) {
        assert_true(od_clock_monotonic_us() < deadline);
        od_loop_run_once(&loop);
    }
    /* Whoever was told "done" is in the books. */
    assert_true(query("select reserved from stock where sku = 'I'") >= done);
    assert_int_equal(run(place("I", 1), 0)->verdict, OD_VERDICT_DONE);
}

struct read_result {
    struct od_read r;
    int done;
    int32_t version;
    bool found;
};

static void on_read(void *ctx, const struct od_outcome *o, const struct od_err *err)
{
    struct read_result *x = ctx;
    assert_null(err);
    x->done++;
    x->found = o->order != NULL;
    x->version = o->order ? o->order->version : 0;
}

static void read_as(struct read_result *x, struct od_order_ref ref, int32_t version)
{
    *x = (struct read_result){.r = {.ref = ref, .version = version, .ctx = x, .done = on_read}};
    od_engine_read(engine, &x->r);
    while (!x->done)
        od_loop_run_once(&loop);
}

static void an_order_is_read_by_every_name_and_at_every_version(void **state)
{
    struct read_result x;
    (void)state;
    stock("J", 10);
    fixed_number = "READ-ME";
    int64_t id = run(place("J", 1), 0)->order_id;
    fixed_number = NULL;
    run(command(OD_COMMAND_CANCEL, "{}"), id);
    read_as(&x, (struct od_order_ref){.order_number = OD_STR_INIT("READ-ME")}, 0);
    assert_int_equal(x.version, 2);
    read_as(&x, (struct od_order_ref){.order_id = id}, 1);
    assert_int_equal(x.version, 1);
    read_as(&x, (struct od_order_ref){.order_number = OD_STR_INIT("NOBODY")}, 0);
    assert_false(x.found);
    read_as(&x, (struct od_order_ref){.uuid = od_uuid_v7(od_clock_us())}, 0);
    assert_false(x.found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_placed_and_its_stock_reserved),
        cmocka_unit_test(buyers_in_one_batch_cannot_oversell),
        cmocka_unit_test(a_key_used_twice_makes_one_order),
        cmocka_unit_test(a_refusal_does_not_use_up_its_key),
        cmocka_unit_test(cancelling_twice_at_once_has_one_winner),
        cmocka_unit_test(a_stale_version_is_refused),
        cmocka_unit_test(a_dry_run_changes_nothing),
        cmocka_unit_test(only_the_guilty_of_a_batch_fails),
        cmocka_unit_test(an_order_that_is_not_there_is_not_found),
        cmocka_unit_test(too_long_a_queue_is_refused),
        cmocka_unit_test(a_lost_connection_answers_everyone_once_and_comes_back),
        cmocka_unit_test(an_order_is_read_by_every_name_and_at_every_version),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
