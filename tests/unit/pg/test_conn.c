#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "pg/server.h"

struct log {
    char text[512]; /* one character or word per callback, in order */
    struct od_err err;
    int ups, downs, errors;
    bool up, down, done;
    char payload[32];
};

static void note(struct log *l, const char *what)
{
    strncat(l->text, what, sizeof l->text - strlen(l->text) - 1);
}

static void on_result(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct log *l = ctx;
    (void)r;
    if (!err) {
        note(l, "+");
        return;
    }
    if (err->code == OD_ERR_DB && err->sqlstate[0] == '\0') {
        assert_string_equal(err->message, "aborted");
        note(l, "a");
        return;
    }
    l->err = *err;
    note(l, err->code == OD_ERR_UNAVAILABLE ? "u" : err->code == OD_ERR_LIMIT ? "l" : "e");
}

static void on_sync(void *ctx, bool failed)
{
    note(ctx, failed ? "F" : "S");
}

static void on_up(void *ctx)
{
    struct log *l = ctx;
    l->ups++;
    l->up = true;
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct log *l = ctx;
    l->downs++;
    l->down = true;
    note(l, "D");
    assert_int_equal(why->code, OD_ERR_UNAVAILABLE);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)err;
    ((struct log *)ctx)->errors++;
}

static void on_notify(void *ctx, const char *channel, const char *payload)
{
    struct log *l = ctx;
    assert_string_equal(channel, "news");
    snprintf(l->payload, sizeof l->payload, "%s", payload);
    l->done = true;
}

static struct od_pg_conn *connect_logged(struct fixture *f, struct log *l, const char *const *setup)
{
    struct od_err err;
    struct od_pg_conn_conf conf = {.conninfo = od_pg_private_conninfo(f->private),
                                   .setup = setup,
                                   .ctx = l,
                                   .on_up = on_up,
                                   .on_down = on_down,
                                   .on_error = on_error,
                                   .on_notify = on_notify};
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    assert_int_equal(l->ups, 0);
    assert_int_equal(od_pg_wait_up(c, 20000, &err), 0);
    return c;
}

static const uint32_t int4_oid[] = {OD_PG_INT4};
static const struct od_pg_stmt one = {"one", "select 1", 0, NULL};
static const struct od_pg_stmt divide = {"divide", "select 10 / $1", 1, int4_oid};
static const struct od_pg_stmt broken = {"broken", "selec 1", 0, NULL};
static const struct od_pg_stmt begin = {"begin", "begin", 0, NULL};
static const struct od_pg_stmt rollback = {"rollback", "rollback", 0, NULL};
static const struct od_pg_stmt kill_me = {NULL, "select pg_terminate_backend(pg_backend_pid())", 0,
                                          NULL};

static void send_divide(struct od_pg_conn *c, int32_t by, struct log *l)
{
    struct od_pg_params *p = od_pg_params(c);
    od_pg_i32(p, by);
    od_pg_send(c, &divide, p, on_result, l);
}

static void a_pipeline_answers_in_order_and_errors_stay_in_their_pipeline(void **state)
{
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(*state, &l, NULL);
    send_divide(c, 2, &l);
    send_divide(c, 0, &l);
    send_divide(c, 1, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    send_divide(c, 5, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_sync(c, on_sync, &l);
    assert_string_equal(l.text, "");
    od_pg_wait(c);
    /* `one` was prepared in the aborted part, so the next pipeline, sent already, does not know it
     */
    assert_string_equal(l.text, "+eaaFeaFS");
    assert_string_equal(l.err.sqlstate, "26000");
    assert_int_equal(l.errors, 2);

    l.text[0] = '\0';
    send_divide(c, 0, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_send(c, &one, NULL, NULL, NULL);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "eF+S");
    assert_string_equal(l.err.sqlstate, "22012");
    assert_string_equal(l.err.message, "division by zero");
    od_pg_conn_free_wait(c, &((struct fixture *)*state)->loop);
}

static void a_statement_that_cannot_be_prepared_gets_the_reason(void **state)
{
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(*state, &l, NULL);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_send(c, &broken, NULL, on_result, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+eaF");
    assert_string_equal(l.err.sqlstate, "42601");
    assert_int_equal(l.errors, 1);
    od_pg_conn_free_wait(c, &((struct fixture *)*state)->loop);
}

static void a_failed_transaction_can_always_be_rolled_back(void **state)
{
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(*state, &l, NULL);
    od_pg_send(c, &begin, NULL, on_result, &l);
    send_divide(c, 0, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    od_pg_conn_replan(c); /* `deallocate all` has to wait until the transaction is over */
    od_pg_send(c, &rollback, NULL, on_result, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    od_pg_send(c, &one, NULL, on_result, &l);
    send_divide(c, 1, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+eF++S++S");
    od_pg_conn_free_wait(c, &((struct fixture *)*state)->loop);
}

static void thousands_of_statements_and_megabytes_pass_through(void **state)
{
    static const uint32_t text_oid[] = {OD_PG_TEXT};
    static const struct od_pg_stmt echo = {"echo", "select $1", 1, text_oid};
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(*state, &l, NULL);
    size_t len = 4u << 20;
    char *big = malloc(len);
    memset(big, 'x', len);
    for (int i = 0; i < 4; i++) {
        struct od_pg_params *p = od_pg_params(c);
        od_pg_text(p, od_str_n(big, len));
        od_pg_send(c, &echo, p, on_result, &l);
    }
    for (int i = 0; i < 5000; i++)
        od_pg_send(c, &one, NULL, NULL, NULL);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+++++S");
    free(big);
    od_pg_conn_free_wait(c, &((struct fixture *)*state)->loop);
}

static void parameters_past_their_maximum_abort_the_pipeline(void **state)
{
    static const uint32_t text_oid[] = {OD_PG_TEXT};
    static const struct od_pg_stmt length = {"length", "select length($1)", 1, text_oid};
    struct fixture *f = *state;
    struct log l = {0};
    struct od_err err;
    struct od_pg_conn_conf conf = {.conninfo = od_pg_private_conninfo(f->private),
                                   .params_max = 100};
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    assert_int_equal(od_pg_wait_up(c, 20000, &err), 0);
    char text[200];
    memset(text, 'x', sizeof text);
    struct od_pg_params *p = od_pg_params(c);
    od_pg_text(p, od_str_n(text, sizeof text));
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_send(c, &length, p, on_result, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    assert_string_equal(l.text, "");
    od_pg_wait(c);
    assert_string_equal(l.text, "+laF+S");
    od_pg_conn_free_wait(c, &f->loop);
}

static void a_changed_result_type_is_cured_by_a_retry(void **state)
{
    static const struct od_pg_stmt all = {"all", "select * from changing", 0, NULL};
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(*state, &l, NULL);
    fixture_exec(c, "create table changing (a int)");
    for (int i = 0; i < 3; i++) {
        od_pg_send(c, &all, NULL, on_result, &l);
        od_pg_sync(c, on_sync, &l);
        od_pg_wait(c);
        if (i == 0)
            fixture_exec(c, "alter table changing add b text");
    }
    assert_string_equal(l.text, "+SeF+S");
    fixture_exec(c, "deallocate all; drop table changing; create table changing (a int)");
    l.text[0] = '\0';
    for (int i = 0; i < 2; i++) {
        od_pg_send(c, &all, NULL, on_result, &l);
        od_pg_sync(c, on_sync, &l);
        od_pg_wait(c);
    }
    assert_string_equal(l.text, "eF+S");
    od_pg_conn_free_wait(c, &((struct fixture *)*state)->loop);
}

static void a_killed_backend_answers_everything_once_and_comes_back(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(f, &l, NULL);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_send(c, &kill_me, NULL, on_result, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    fixture_until(&f->loop, &l.down);
    assert_int_equal(l.text[0], '+');
    assert_int_equal(strlen(l.text), 7); /* four results, two syncs, down */
    assert_string_equal(l.text + 2, "uFuFD");
    assert_false(od_pg_conn_up(c));

    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    assert_int_equal(strlen(l.text), 7);
    od_pg_wait(c);
    assert_string_equal(l.text + 7, "uF");

    l.up = false;
    l.text[0] = '\0';
    fixture_until(&f->loop, &l.up);
    assert_int_equal(l.ups, 2);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+S");
    od_pg_conn_free_wait(c, &f->loop);
}

/* A deferred trigger speaks while its transaction is being committed, as the server does when the
 * wait for a standby is cancelled. */
static void make_warner(struct fixture *f)
{
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    fixture_exec(c, "drop table if exists warned; create table warned (i int4);"
                    "create or replace function warn() returns trigger language plpgsql as"
                    " $$ begin raise warning 'not replicated'; return null; end $$;"
                    "create constraint trigger warner after insert on warned"
                    " deferrable initially deferred for each row execute function warn();"
                    "create or replace function grumble() returns int4 language plpgsql as"
                    " $$ begin raise warning 'in passing'; return 1; end $$");
    od_pg_conn_free_wait(c, &f->loop);
}

static const struct od_pg_stmt insert_warned = {"insert_warned", "insert into warned values (1)", 0,
                                                NULL};
static const struct od_pg_stmt commit = {"commit", "commit", 0, NULL};
static const struct od_pg_stmt grumble = {"grumble", "select grumble()", 0, NULL};

static int64_t count_warned(struct fixture *f)
{
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    int64_t n = fixture_i64(c, "select count(*) from warned");
    od_pg_conn_free_wait(c, &f->loop);
    return n;
}

static void a_commit_with_a_warning_has_no_known_outcome(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    make_warner(f);
    struct od_pg_conn *c = connect_logged(f, &l, NULL);
    od_pg_send(c, &begin, NULL, on_result, &l);
    od_pg_send(c, &insert_warned, NULL, on_result, &l);
    od_pg_send(c, &commit, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    fixture_until(&f->loop, &l.down);
    assert_string_equal(l.text, "++uFuFD");
    assert_non_null(strstr(l.err.message, "not known: not replicated"));
    assert_int_equal(count_warned(f), 1);

    l.text[0] = '\0';
    l.up = false;
    fixture_until(&f->loop, &l.up);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+S");
    od_pg_conn_free_wait(c, &f->loop);
}

static void a_sync_that_commits_with_a_warning_has_failed(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    struct od_err err;
    make_warner(f);
    struct od_pg_conn *c = connect_logged(f, &l, NULL);
    od_pg_send(c, &insert_warned, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    fixture_until(&f->loop, &l.down);
    assert_string_equal(l.text, "+FD");

    l.up = false;
    fixture_until(&f->loop, &l.up);
    assert_int_equal(od_pg_exec_wait(c, &insert_warned, NULL, NULL, NULL, &err), -1);
    assert_int_equal(err.code, OD_ERR_UNAVAILABLE);
    l.up = false;
    fixture_until(&f->loop, &l.up);
    assert_int_equal(od_pg_script_wait(c, "begin; insert into warned values (1); commit", &err),
                     -1);
    assert_int_equal(err.code, OD_ERR_UNAVAILABLE);
    assert_int_equal(count_warned(f), 3);
    od_pg_conn_free_wait(c, &f->loop);
}

static void a_warning_of_another_statement_is_not_the_commits(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    make_warner(f);
    struct od_pg_conn *c = connect_logged(f, &l, NULL);
    od_pg_send(c, &begin, NULL, on_result, &l);
    od_pg_send(c, &grumble, NULL, on_result, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_send(c, &commit, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+++++S");
    od_pg_send(c, &rollback, NULL, on_result, &l); /* there is no transaction: a WARNING as well */
    od_pg_sync(c, on_sync, &l);
    od_pg_wait(c);
    assert_string_equal(l.text, "+++++S+S");
    assert_int_equal(l.downs, 0);
    od_pg_conn_free_wait(c, &f->loop);
}

static const struct od_pg_stmt sleep_long = {NULL, "select pg_sleep(60)", 0, NULL};
static const struct od_pg_stmt sleep_a_little = {NULL, "select pg_sleep(0.2)", 0, NULL};

/* A session that is told to end does so at its own next moment. */
static void wait_until_nobody_sleeps(struct od_pg_conn *c)
{
    static const char sleepers[] = "select count(*) from pg_stat_activity"
                                   " where query like '%pg_sleep(60)%' and state = 'active'"
                                   " and pid <> pg_backend_pid()";
    for (int i = 0; i < 1000 && fixture_i64(c, sleepers) > 0; i++)
        assert_int_equal(fixture_i64(c, "select count(*) from pg_sleep(0.02)"), 1);
    assert_int_equal(fixture_i64(c, sleepers), 0);
}

/* Each pipeline has its time; together they may take longer. What is not answered in time is given
 * up, and the next session ends the one that still works on it. */
static void an_answer_that_does_not_come_in_time_ends_the_session(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    struct od_err err;
    struct od_pg_server *server =
        od_pg_server_new(&f->loop, od_pg_private_conninfo(f->private), NULL);
    struct od_pg_conn_conf conf = {
        .server = server,
        .answer_timeout_ms = 1000,
        .ctx = &l,
        .on_up = on_up,
        .on_down = on_down,
    };
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    assert_int_equal(od_pg_wait_up(c, 20000, &err), 0);
    for (int i = 0; i < 6; i++) {
        od_pg_send(c, &sleep_a_little, NULL, on_result, &l);
        od_pg_sync(c, on_sync, &l);
    }
    od_pg_wait(c);
    assert_string_equal(l.text, "+S+S+S+S+S+S");

    l.text[0] = '\0';
    l.up = false;
    od_pg_send(c, &sleep_long, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    fixture_until(&f->loop, &l.down);
    assert_string_equal(l.text, "uFD");
    assert_non_null(strstr(l.err.message, "did not answer within 1000 ms"));
    assert_non_null(strstr(od_pg_server_trouble(server), "did not answer within 1000 ms"));

    fixture_until(&f->loop, &l.up);
    assert_string_equal(od_pg_server_trouble(server), "");
    wait_until_nobody_sleeps(c);
    od_pg_conn_free_wait(c, &f->loop);
    od_pg_server_free(server);
}

static void a_server_given_up_ends_what_is_in_flight(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    struct od_err err;
    struct od_pg_server *server =
        od_pg_server_new(&f->loop, od_pg_private_conninfo(f->private), NULL);
    struct od_pg_conn_conf conf = {.server = server, .ctx = &l, .on_down = on_down};
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    assert_int_equal(od_pg_wait_up(c, 20000, &err), 0);
    od_pg_send(c, &sleep_long, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_server_give_up(server);
    assert_false(od_pg_conn_up(c));
    od_pg_wait(c);
    assert_string_equal(l.text, "uFD");
    assert_int_equal(od_pg_wait_up(c, 300, &err), -1);
    od_pg_conn_free_wait(c, &f->loop);
    od_pg_server_free(server);
}

static void freeing_it_answers_what_is_in_flight(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(f, &l, NULL);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    od_pg_conn_free_wait(c, &f->loop);
    assert_string_equal(l.text, "uF");
    assert_int_equal(l.downs, 0);
}

static void on_result_free(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)r, (void)err;
    od_pg_conn_free(ctx, NULL, NULL);
}

static void it_can_be_freed_from_its_own_callback(void **state)
{
    struct fixture *f = *state;
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(f, &l, NULL);
    od_pg_send(c, &one, NULL, on_result_free, c);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    while (strlen(l.text) < 2)
        od_loop_run_once(&f->loop);
    assert_string_equal(l.text, "uF");
}

static void setup_statements_run_and_notifications_arrive(void **state)
{
    static const char *const setup[] = {"set statement_timeout = 12345", "listen news", NULL};
    struct fixture *f = *state;
    struct log l = {0};
    struct od_pg_conn *c = connect_logged(f, &l, setup);
    struct od_pg_conn *other = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    assert_int_equal(fixture_i64(c, "select setting::int from pg_settings "
                                    "where name = 'statement_timeout'"),
                     12345);
    fixture_exec(other, "notify news, 'hello'");
    fixture_until(&f->loop, &l.done);
    assert_string_equal(l.payload, "hello");
    od_pg_conn_free_wait(other, &f->loop);
    od_pg_conn_free_wait(c, &f->loop);
}

static void a_setup_that_fails_is_reported_and_tried_again(void **state)
{
    static const char *const setup[] = {"set no_such_setting = 1", NULL};
    struct fixture *f = *state;
    struct od_err err;
    struct od_pg_conn_conf conf = {.conninfo = od_pg_private_conninfo(f->private), .setup = setup};
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    assert_int_equal(od_pg_wait_up(c, 300, &err), -1);
    assert_non_null(strstr(err.message, "no_such_setting"));
    od_pg_conn_free_wait(c, &f->loop);
}

static void a_script_stops_at_its_first_error(void **state)
{
    struct fixture *f = *state;
    struct od_err err;
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    fixture_exec(c, "create table scripted (a int); insert into scripted values (1)");
    assert_int_equal(
        od_pg_script_wait(c, "insert into scripted values (2); select 1/0; select 1", &err), -1);
    assert_string_equal(err.sqlstate, "22012");
    assert_int_equal(fixture_i64(c, "select count(*) from scripted"), 1);
    od_pg_conn_free_wait(c, &f->loop);
}

static void a_wrong_port_backs_off_instead_of_spinning(void **state)
{
    struct fixture *f = *state;
    struct od_err err;
    struct log l = {0};
    struct od_pg_conn_conf conf = {
        .conninfo = "host=127.0.0.1 port=1", .ctx = &l, .on_down = on_down};
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    od_pg_send(c, &one, NULL, on_result, &l);
    od_pg_sync(c, on_sync, &l);
    int rounds = 0, over = 0;
    struct od_timer *timer = od_timer_new(&f->loop, fixture_tick, &over);
    od_timer_start(timer, 700, 0);
    for (; !over; rounds++)
        od_loop_run_once(&f->loop);
    od_timer_free(timer);
    assert_true(rounds < 60); /* at most six attempts of a few rounds each */
    assert_string_equal(l.text, "uF");
    assert_int_equal(od_pg_wait_up(c, 1, &err), -1);
    assert_int_equal(err.code, OD_ERR_UNAVAILABLE);
    od_pg_conn_free_wait(c, &f->loop);
}

static void of_several_hosts_one_that_answers_is_found(void **state)
{
    struct fixture *f = *state;
    char conninfo[512];
    const char *own = strchr(od_pg_private_conninfo(f->private), '\'') + 1;
    snprintf(conninfo, sizeof conninfo,
             "host='127.0.0.1,localhost,%.*s' port=1,1,5432 dbname=orderd user=orderd "
             "target_session_attrs=read-write",
             (int)strcspn(own, "'"), own);
    od_pg_conn_free_wait(fixture_connect(&f->loop, conninfo), &f->loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipeline_answers_in_order_and_errors_stay_in_their_pipeline),
        cmocka_unit_test(a_statement_that_cannot_be_prepared_gets_the_reason),
        cmocka_unit_test(a_failed_transaction_can_always_be_rolled_back),
        cmocka_unit_test(thousands_of_statements_and_megabytes_pass_through),
        cmocka_unit_test(parameters_past_their_maximum_abort_the_pipeline),
        cmocka_unit_test(a_changed_result_type_is_cured_by_a_retry),
        cmocka_unit_test(a_killed_backend_answers_everything_once_and_comes_back),
        cmocka_unit_test(a_commit_with_a_warning_has_no_known_outcome),
        cmocka_unit_test(a_sync_that_commits_with_a_warning_has_failed),
        cmocka_unit_test(a_warning_of_another_statement_is_not_the_commits),
        cmocka_unit_test(an_answer_that_does_not_come_in_time_ends_the_session),
        cmocka_unit_test(a_server_given_up_ends_what_is_in_flight),
        cmocka_unit_test(freeing_it_answers_what_is_in_flight),
        cmocka_unit_test(it_can_be_freed_from_its_own_callback),
        cmocka_unit_test(setup_statements_run_and_notifications_arrive),
        cmocka_unit_test(a_setup_that_fails_is_reported_and_tried_again),
        cmocka_unit_test(a_script_stops_at_its_first_error),
        cmocka_unit_test(a_wrong_port_backs_off_instead_of_spinning),
        cmocka_unit_test(of_several_hosts_one_that_answers_is_found),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
