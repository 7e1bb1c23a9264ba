#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pg/conn.h"
#include "pg/lookup.h"

struct found {
    int calls;
    bool failed;
    char host[128], addr[128], port[64];
    char user_timeout[32], idle[32], attrs[32];
};

static void on_done(void *ctx, const char *const *keywords, const char *const *values,
                    const struct od_err *err)
{
    struct found *f = ctx;
    f->calls++;
    f->failed = err != NULL;
    for (size_t i = 0; !err && keywords[i]; i++) {
        if (strcmp(keywords[i], "host") == 0)
            snprintf(f->host, sizeof f->host, "%s", values[i]);
        if (strcmp(keywords[i], "hostaddr") == 0)
            snprintf(f->addr, sizeof f->addr, "%s", values[i]);
        if (strcmp(keywords[i], "tcp_user_timeout") == 0)
            snprintf(f->user_timeout, sizeof f->user_timeout, "%s", values[i]);
        if (strcmp(keywords[i], "keepalives_idle") == 0)
            snprintf(f->idle, sizeof f->idle, "%s", values[i]);
        if (strcmp(keywords[i], "target_session_attrs") == 0)
            snprintf(f->attrs, sizeof f->attrs, "%s", values[i]);
        if (strcmp(keywords[i], "port") == 0)
            snprintf(f->port, sizeof f->port, "%s", values[i]);
    }
}

static struct found look_up(const char *conninfo, unsigned rotation)
{
    struct found f = {0};
    struct od_loop loop;
    od_loop_init(&loop);
    od_pg_lookup_new(&loop, conninfo, rotation, on_done, &f);
    assert_int_equal(f.calls, 0);
    od_loop_run(&loop);
    assert_int_equal(f.calls, 1);
    od_loop_fini(&loop);
    return f;
}

static void addresses_and_sockets_are_not_looked_up(void **state)
{
    (void)state;
    struct found f = look_up("host=/tmp,127.0.0.1,::1 port=1,2,3", 0);
    assert_string_equal(f.host, "/tmp,127.0.0.1,::1");
    assert_string_equal(f.addr, ",,");
    assert_string_equal(f.port, "1,2,3");
}

static void a_peer_that_vanishes_is_noticed_unless_the_conninfo_says_otherwise(void **state)
{
    (void)state;
    struct found f = look_up("host=127.0.0.1", 0);
    assert_string_equal(f.user_timeout, "20000");
    assert_string_equal(f.idle, "10");
    assert_string_equal(f.attrs, "");
    f = look_up("postgresql://127.0.0.1,127.0.0.2/x?tcp_user_timeout=7&keepalives_idle=3", 0);
    assert_string_equal(f.user_timeout, "7");
    assert_string_equal(f.idle, "3");
    assert_string_equal(f.attrs, "primary");
    f = look_up("host=a.invalid,127.0.0.1 target_session_attrs=any", 0);
    assert_string_equal(f.attrs, "any");
}

static void one_port_is_for_all_hosts(void **state)
{
    (void)state;
    assert_string_equal(look_up("host=/a,/b port=7", 0).port, "7,7");
}

static void rotation_moves_the_first_host_to_the_end(void **state)
{
    (void)state;
    struct found f = look_up("postgresql://127.0.0.1:1,127.0.0.2:2,127.0.0.3:3/db", 1);
    assert_string_equal(f.host, "127.0.0.2,127.0.0.3,127.0.0.1");
    assert_string_equal(f.port, "2,3,1");
}

static void a_name_becomes_addresses_and_keeps_its_name(void **state)
{
    (void)state;
    struct found f = look_up("host=localhost port=5", 0);
    assert_false(f.failed);
    assert_memory_equal(f.host, "localhost", 9);
    assert_true(strstr(f.addr, "127.0.0.1") || strstr(f.addr, "::1"));
}

static void a_name_that_fails_leaves_the_others(void **state)
{
    (void)state;
    struct found f = look_up("host=no-such-host.invalid,127.0.0.1 port=1,2", 0);
    assert_false(f.failed);
    assert_string_equal(f.host, "127.0.0.1");
    assert_string_equal(f.port, "2");
    assert_true(look_up("host=no-such-host.invalid", 0).failed);
}

static void addresses_that_are_given_are_left_alone(void **state)
{
    (void)state;
    struct found f = look_up("host=name.invalid hostaddr=127.0.0.1", 0);
    assert_string_equal(f.host, "name.invalid");
    assert_string_equal(f.addr, "127.0.0.1");
}

static void a_malformed_conninfo_is_an_error(void **state)
{
    (void)state;
    struct od_err err;
    assert_true(look_up("nonsense=1", 0).failed);
    assert_int_equal(od_pg_conninfo_check("nonsense=1", &err), -1);
    assert_int_equal(err.code, OD_ERR_CONFIG);
    assert_int_equal(od_pg_conninfo_check("postgresql://u@h1,h2/db", &err), 0);
}

static void cancel(void *ctx)
{
    od_pg_lookup_cancel(ctx);
}

static void cancelled_it_never_calls(void **state)
{
    (void)state;
    struct found f = {0};
    struct od_loop loop;
    od_loop_init(&loop);
    od_pg_lookup_cancel(od_pg_lookup_new(&loop, "host=localhost", 0, on_done, &f));
    struct od_pg_lookup *under_way = od_pg_lookup_new(&loop, "host=localhost", 0, on_done, &f);
    struct od_deferred next;
    od_deferred_init(&next, &loop, cancel, under_way);
    od_deferred_arm(&next); /* runs right behind the start of the lookup */
    od_loop_run(&loop);
    od_pg_lookup_cancel(NULL);
    od_loop_fini(&loop);
    assert_int_equal(f.calls, 0);
}

static void a_host_is_found_again_by_name_and_port(void **state)
{
    static const char list[] = "host=a,b,b port=5432,5432,6432";
    (void)state;
    assert_int_equal(od_pg_lookup_hosts(list), 3);
    assert_int_equal(od_pg_lookup_rotation(list, "a", "5432"), 0);
    assert_int_equal(od_pg_lookup_rotation(list, "b", "5432"), 1);
    assert_int_equal(od_pg_lookup_rotation(list, "b", "6432"), 2);
    assert_int_equal(od_pg_lookup_rotation("host=a,b", "b", "5432"), 1);
    assert_int_equal(od_pg_lookup_rotation(list, "c", "5432"), 0);
    assert_int_equal(od_pg_lookup_hosts("hostaddr=127.0.0.1"), 1);
    assert_int_equal(od_pg_lookup_hosts("host=/run"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_found_again_by_name_and_port),
        cmocka_unit_test(addresses_and_sockets_are_not_looked_up),
        cmocka_unit_test(a_peer_that_vanishes_is_noticed_unless_the_conninfo_says_otherwise),
        cmocka_unit_test(one_port_is_for_all_hosts),
        cmocka_unit_test(rotation_moves_the_first_host_to_the_end),
        cmocka_unit_test(a_name_becomes_addresses_and_keeps_its_name),
        cmocka_unit_test(a_name_that_fails_leaves_the_others),
        cmocka_unit_test(addresses_that_are_given_are_left_alone),
        cmocka_unit_test(a_malformed_conninfo_is_an_error),
        cmocka_unit_test(cancelled_it_never_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
