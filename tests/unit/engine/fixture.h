#ifndef OD_TEST_ENGINE_FIXTURE_H
#define OD_TEST_ENGINE_FIXTURE_H

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
#include "base/json/json.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "order/machine/parse.h"
#include "pg/migrate.h"
#include "pg/cluster/private.h"
#include "pg/server.h"
#include "pg/wait.h"

/* The engine against a real PostgreSQL, with policies in C. */

static struct od_loop loop;
static struct od_pg_private *cluster;
static struct od_engine *engine;
static struct od_pg_conn *conn;
static struct od_pg_server *server;
static struct od_arena arena;
static struct od_rules *rules;
static char home[64];
static const char *fixed_number; /* what order.number answers when set */
static const char *series; /* what order.series answers, unless the order has a store; NULL: nobody
                              answers */

static const char *document_series; /* what document.series answers; NULL: nobody answers */
static const char *fixed_document;  /* what document.number answers when set */

static inline int ask(void *ctx, enum od_question q, const struct od_order *o,
                      const struct od_policy_request *request, struct od_arena *a,
                      struct od_policy_answer *out, struct od_err *err)
{
    (void)ctx, (void)err;
    *out =
        (struct od_policy_answer){.policy = od_question_name(q), .value = OD_STR_INIT("pending")};
    if (q == OD_ASK_ORDER_NUMBER)
        out->value =
            fixed_number
                ? od_str_of(fixed_number)
                : od_arena_printf(a, "%.*s-%lld",
                                  OD_STR_ARG(request->series.ptr ? request->series : OD_STR("T")),
                                  (long long)request->seq_value);
    if (q == OD_ASK_ORDER_SERIES)
        out->value = o->store.ptr ? o->store : od_str_of(series);
    if (q == OD_ASK_DOCUMENT_SERIES)
        out->value = o->store.ptr ? o->store : od_str_of(document_series);
    if (q == OD_ASK_DOCUMENT_NUMBER)
        out->value = od_str_of(fixed_document);
    if (q == OD_ASK_ORDER_STATUS && o->canceled_at)
        out->value = OD_STR("canceled");
    return 0;
}

static inline bool answers(void *ctx, enum od_question q)
{
    (void)ctx;
    return !od_question_optional(q) || (q == OD_ASK_ORDER_SERIES && series) ||
           (q == OD_ASK_DOCUMENT_SERIES && document_series) ||
           (q == OD_ASK_DOCUMENT_NUMBER && fixed_document);
}

static inline struct od_rules *make_rules(void)
{
    static struct od_status statuses[] = {
        {.code = OD_STR_INIT("pending"), .is_default = true, .any_next = true},
        {.code = OD_STR_INIT("canceled"), .phase = OD_STR_INIT("canceled"), .any_next = true},
    };
    struct od_rules *r = calloc(1, sizeof *r);
    r->refs = 1;
    r->policies.ask = ask;
    r->policies.answers = answers;
    r->policies.bundle_id = 1;
    r->track = OD_STOCK_ALL;
    for (int i = 0; i < OD_STATUS_KINDS; i++)
        r->statuses.of[i] = (struct od_status_set){statuses, 2};
    od_arena_init(&r->arena);
    return r;
}

static inline struct od_engine_conf engine_conf(void)
{
    struct od_engine_conf conf = {
        .server = server,
        .lanes = 2,
        .max_batch = 64,
        .max_queue = 300,
        .statement_timeout_ms = 60000,
        .lock_timeout_ms = 2000,
    };
    struct od_err err;
    assert_int_equal(od_row_types_load(conn, &conf.types, &err), 0);
    return conf;
}

static inline struct od_engine *start_engine(void)
{
    struct od_engine_conf conf = engine_conf();
    struct od_engine *e = od_engine_new(&loop, &conf);
    od_engine_set_rules(e, rules);
    while (!od_engine_ready(e))
        od_loop_run_once(&loop);
    return e;
}

static inline void on_stopped(void *ctx)
{
    *(bool *)ctx = true;
}

static inline void stop_engine(struct od_engine *e)
{
    bool stopped = false;
    od_engine_stop(e, on_stopped, &stopped);
    while (!stopped)
        od_loop_run_once(&loop);
}

static inline int set_up(void **state)
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
    server = od_pg_server_new(&loop, conf.conninfo, NULL);
    conn = od_pg_conn_new(&loop, &conf);
    assert_int_equal(od_pg_wait_up(conn, 10000, &err), 0);
    assert_int_equal(od_pg_migrate(conn, OD_SOURCE_DIR "/core/store/migrations", NULL, &err), 0);
    rules = make_rules();
    engine = start_engine();
    return 0;
}

static inline int tear_down(void **state)
{
    char command[100];
    (void)state;
    stop_engine(engine);
    od_pg_conn_free_wait(conn, &loop);
    od_pg_server_free(server);
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
    int32_t version, ref_id;
    enum od_err_code err;
    /* Of several parts: which was refused (0: the first, -1: none), versions and number after it.
     */
    int refused;
    int32_t versions[4];
    char number[64];
};

static inline void on_decided(void *ctx, const struct od_outcome *o)
{
    struct sent *x = ctx;
    x->decided++;
    x->kind = o->kind;
    x->refused = -1;
    x->ref_id = o->ref_id;
    if (o->stock) {
        x->on_hand = o->stock->on_hand;
        x->reserved = o->stock->reserved;
    }
    if (o->order) {
        x->order_id = o->order->order_id;
        x->version = o->order->version;
        snprintf(x->number, sizeof x->number, "%.*s", OD_STR_ARG(o->order->order_number));
    }
    if (o->kind != OD_OUTCOME_DECIDED)
        return;
    x->verdict = o->decision->verdict;
    snprintf(x->code, sizeof x->code, "%.*s", OD_STR_ARG(o->decision->refusal.code));
    if (x->verdict != OD_VERDICT_DONE)
        x->refused = 0;
    for (uint32_t i = 0; i < x->s.more_count; i++) {
        const struct od_decision *d = x->s.more[i].decision;
        if (d && d == o->decision)
            x->refused = (int)i + 1;
        x->versions[i] = d && d->order ? d->order->version : 0;
    }
}

static inline void on_done(void *ctx, const struct od_err *err)
{
    struct sent *x = ctx;
    x->done++;
    x->err = err ? err->code : OD_ERR_NONE;
}

static inline struct od_command *command(enum od_command_type type, const char *body)
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

static inline struct sent *submit(struct od_command *c, int64_t order_id, struct od_submission with)
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

static inline void wait_for(struct sent *x)
{
    int64_t deadline = od_clock_monotonic_us() + 600 * 1000000LL;
    while (!x->done) {
        assert_true(od_clock_monotonic_us() < deadline);
        od_loop_run_once(&loop);
    }
    assert_int_equal(x->done, 1);
}

static inline struct sent *run(struct od_command *c, int64_t order_id)
{
    struct sent *x = submit(c, order_id, (struct od_submission){0});
    wait_for(x);
    return x;
}

static inline struct od_command *place(const char *sku, int qty)
{
    struct od_str body = od_arena_printf(
        &arena, "{\"items\":[{\"sku\":\"%s\",\"qty\":%d,\"price\":\"9.99\"}]}", sku, qty);
    return command(OD_COMMAND_PLACE, body.ptr);
}

static inline void stock(const char *sku, int qty)
{
    struct od_str body = od_arena_printf(&arena, "{\"qty\":%d}", qty);
    struct od_command *c = command(OD_COMMAND_SET_INVENTORY, body.ptr);
    c->sku = od_str_of(sku);
    assert_int_equal(run(c, 0)->err, OD_ERR_NONE);
}

static inline void read_number(void *ctx, const struct od_pg_result *r)
{
    *(int64_t *)ctx = r->rows ? od_pg_get_i64(r, 0, 0) : -1;
}

static inline int64_t query(const char *sql)
{
    struct od_pg_stmt stmt = {.sql = sql};
    struct od_err err;
    int64_t n = -1;
    if (od_pg_exec_wait(conn, &stmt, NULL, read_number, &n, &err))
        fail_msg("%s", err.message);
    return n;
}

/* An order of one line that costs 9.99 a unit, all of it captured. */
static inline int64_t paid(const char *sku, int qty)
{
    int64_t id = run(place(sku, qty), 0)->order_id;
    assert_int_equal(run(command(OD_COMMAND_PAYMENT, "{\"type\":\"capture\"}"), id)->verdict,
                     OD_VERDICT_DONE);
    return id;
}

static inline void check_books(const char *sku, int64_t on_hand, int64_t reserved)
{
    struct od_str sql = od_arena_printf(
        &arena, "select on_hand * 1000 + reserved from stock where sku = '%s'", sku);
    assert_int_equal(query(sql.ptr), on_hand * 1000 + reserved);
}

static inline struct od_part on_order(int64_t order_id, struct od_command *c)
{
    return (struct od_part){.command = c, .ref = {.order_id = order_id}};
}

static inline struct od_command *comment(const char *text)
{
    struct od_str body = od_arena_printf(&arena, "{\"comment\":\"%s\"}", text);
    return command(OD_COMMAND_ADD_ACTIVITY, body.ptr);
}

static inline struct sent *run_parts(struct od_command *first, int64_t order_id,
                                     struct od_part *more, uint32_t count,
                                     struct od_submission with)
{
    with.more = more;
    with.more_count = count;
    struct sent *x = submit(first, order_id, with);
    wait_for(x);
    return x;
}

#endif
