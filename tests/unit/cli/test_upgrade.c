#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/verify/verify.h"
#include "base/arena.h"
#include "loop/loop.h"
#include "base/files.h"
#include "pg/migrate.h"
#include "pg/cluster/private.h"
#include "pg/server.h"
#include "pg/wait.h"
#include "store/server/position.h"

/* Books that an earlier release kept are brought up to date and still add up. */

#define MIGRATIONS OD_SOURCE_DIR "/core/store/migrations"

struct books {
    struct od_loop loop;
    struct od_pg_private *cluster;
    struct od_pg_server *server;
    struct od_pg_conn *conn;
    char home[64];
    struct od_err err;
};

static int set_up(void **state)
{
    struct books *b = calloc(1, sizeof *b);
    snprintf(b->home, sizeof b->home, "/tmp/orderd-test-XXXXXX");
    assert_non_null(mkdtemp(b->home));
    chmod(b->home, 0755);
    od_loop_init(&b->loop);
    b->cluster = od_pg_private_start(&b->loop, b->home, &b->err);
    if (!b->cluster)
        fail_msg("%s", b->err.message);
    b->server = od_pg_server_new(&b->loop, od_pg_private_conninfo(b->cluster), NULL);
    struct od_pg_conn_conf conf = {.server = b->server};
    b->conn = od_pg_conn_new(&b->loop, &conf);
    assert_int_equal(od_pg_wait_up(b->conn, 10000, &b->err), 0);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct books *b = *state;
    char command[100];
    od_pg_conn_free_wait(b->conn, &b->loop);
    od_pg_server_free(b->server);
    od_pg_private_stop(b->cluster);
    od_loop_fini(&b->loop);
    od_arena_pool_trim();
    snprintf(command, sizeof command, "rm -rf %s", b->home);
    free(b);
    return system(command) ? -1 : 0;
}

static void script(struct books *b, const char *sql)
{
    if (od_pg_script_wait(b->conn, sql, &b->err))
        fail_msg("%s", b->err.message);
}

static void copy(struct books *b, const char *from, const char *to)
{
    struct od_arena arena;
    struct od_str text;
    od_arena_init(&arena);
    if (od_file_read(from, 16 << 20, &arena, &text, &b->err))
        fail_msg("%s: %s", b->err.origin, b->err.message);
    FILE *f = fopen(to, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    assert_int_equal(fclose(f), 0);
    od_arena_fini(&arena);
}

/* The schema before 003, in a directory of its own. */
static void migrate_to_002(struct books *b)
{
    static const char *const files[] = {"001_books.sql", "002_rules.sql"};
    char dir[100], from[300], to[200];
    snprintf(dir, sizeof dir, "%s/before", b->home);
    assert_int_equal(mkdir(dir, 0755), 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof from, MIGRATIONS "/%s", files[i]);
        snprintf(to, sizeof to, "%s/%s", dir, files[i]);
        copy(b, from, to);
    }
    if (od_pg_migrate(b->conn, dir, NULL, &b->err))
        fail_msg("%s", b->err.message);
}

static void load(struct books *b, const char *name)
{
    enum { MAX = 1 << 17 };
    char *sql = calloc(1, MAX), path[300];
    snprintf(path, sizeof path, OD_SOURCE_DIR "/tests/unit/cli/data/%s", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_in_range(fread(sql, 1, MAX - 1, f), 1, MAX - 2);
    fclose(f);
    script(b, sql);
    free(sql);
}

static void read_number(void *ctx, const struct od_pg_result *r)
{
    *(int64_t *)ctx = r->rows ? od_pg_get_i64(r, 0, 0) : -1;
}

static int64_t query(struct books *b, const char *sql)
{
    struct od_pg_stmt stmt = {.sql = sql};
    int64_t n = -1;
    if (od_pg_exec_wait(b->conn, &stmt, NULL, read_number, &n, &b->err))
        fail_msg("%s", b->err.message);
    return n;
}

/* As every subcommand does that opens a database. */
static int upgrade(struct books *b)
{
    int applied = 0;
    if (od_pg_migrate(b->conn, MIGRATIONS, &applied, &b->err) ||
        od_position_settle(&b->loop, b->server, &b->err))
        fail_msg("%s", b->err.message);
    return applied;
}

static void orders_of_002_add_up_after_the_upgrade(void **state)
{
    struct books *b = *state;
    struct od_verify_result result;
    migrate_to_002(b);
    load(b, "orders_002.sql");
    assert_true(upgrade(b) >= 1);
    assert_int_equal(od_verify_run(&b->loop, b->server, stdout, false, &result, &b->err), 0);
    assert_int_equal(result.orders, 7);
    assert_int_equal(result.differing, 0);
    assert_int_equal(query(b, "select count(*) from order_item where location is distinct from"
                              " case when stock_tracked then 'main' end"),
                     0);
    assert_int_equal(query(b, "select count(*) from stock where location = 'main'"
                              " and not backorder and oversold = 0"),
                     2);
    assert_int_equal(query(b, "select count(*) from idempotency_key where location = 'main'"), 1);
    /* The next process that brings a SKU's first units is told by this name that it was second. */
    assert_int_equal(query(b, "select count(*) from pg_constraint where conname = 'stock_pkey'"),
                     1);

    /* And what it finds is real. */
    script(b, "update order_item set location = 'elsewhere' where order_id = 2;");
    assert_int_equal(od_verify_run(&b->loop, b->server, stderr, false, &result, &b->err), 0);
    assert_true(result.differing >= 3); /* the order, and stock at two places */
}

/* The events of 002 do not say what was cancelled. canceled: of order 5, part of which has left. */
static void check_canceled(struct books *b, int64_t canceled)
{
    struct od_verify_result result;
    upgrade(b);
    assert_int_equal(od_verify_run(&b->loop, b->server, stderr, false, &result, &b->err), 0);
    assert_int_equal(result.differing, 0);
    assert_int_equal(query(b, "select amount_canceled from orders where order_id = 3"), 4998);
    assert_int_equal(query(b, "select amount_canceled from orders where order_id = 5"), canceled);
    assert_int_equal(query(b, "select amount_canceled from orders where order_id = 6"), 12995);
    assert_int_equal(query(b, "select count(*) from orders where amount_canceled > 0"), 3);
}

static void a_cancelled_order_of_002_owes_what_has_left(void **state)
{
    migrate_to_002(*state);
    load(*state, "orders_002.sql");
    load(*state, "canceled_002.sql");
    /* Of 9196 for goods, by 3996, 5000 and 500 of 9496: 3869, 4842 and 485. Half of the first. */
    check_canceled(*state, 1934 + 4842 + 485);
}

static void a_cancelled_order_of_002_whose_parcel_came_back_owes_nothing(void **state)
{
    migrate_to_002(*state);
    load(*state, "orders_002.sql");
    load(*state, "canceled_002.sql");
    load(*state, "called_back_002.sql");
    check_canceled(*state, 9796);
}

/* A database refuses to go on with a file that is not the one it was made by, to the byte. */
static void migrations_that_databases_were_made_by_do_not_change(void **state)
{
    static const char *const released[] = {
        "46d5c803605dedfe46c3694b9376da7ca4829d73965192ad38844f746d5514a0",
        "e134358ac331662dc0171277ddad2c62399490d4a3fc9a4627d2ad652da2e973",
        "9fda02c6c25f43dc5763dc8096304955529e22f099b534d7c2bb2c12970b4aac",
        "17fdd91466a8adf4c3270e9919914a6b8eb01d5c47425e7e8110beefa826de3f",
        "6ca0610e2889704f21baf0f7ad14bbbf6b1bb2c44b8e41a258858b81628e1a1e",
        "4a55d61e883a6170b4e002b818bf8b63b54ea22d29834a090d3335424d5f7115",
        "839caf6d25e13a77a4f453bab11d5ecb04f75e5868d9456c3c6e6e765dccff79",
    };
    struct books *b = *state;
    if (od_pg_migrate(b->conn, MIGRATIONS, NULL, &b->err))
        fail_msg("%s", b->err.message);
    for (size_t i = 0; i < sizeof released / sizeof *released; i++) {
        char sql[200];
        snprintf(sql, sizeof sql,
                 "select count(*) from schema_migration where version = %zu and sha256 = '%s'",
                 i + 1, released[i]);
        if (query(b, sql) != 1)
            fail_msg("migration %03zu has changed; put what is new into another", i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(migrations_that_databases_were_made_by_do_not_change,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(orders_of_002_add_up_after_the_upgrade, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_order_of_002_owes_what_has_left, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_cancelled_order_of_002_whose_parcel_came_back_owes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
