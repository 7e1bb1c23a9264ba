#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "pg/server_impl.h"

/* Which sessions a process admits. The identities are made up; the connections are never up. */

enum { OLD = 1, NEW = 2, SYSTEM = 77, OTHER = 88 };

struct process {
    struct od_loop loop;
    struct od_pg_server *server;
    struct od_pg_conn *conns[3];
    char dir[64], path[80];
};

static void begin(struct process *p, const char *dir)
{
    *p = (struct process){0};
    od_log_set_level(OD_LOG_ERROR);
    if (dir)
        snprintf(p->dir, sizeof p->dir, "%s", dir);
    else
        fixture_make_dir(p->dir);
    snprintf(p->path, sizeof p->path, "%s/server", p->dir);
    od_loop_init(&p->loop);
    p->server = od_pg_server_new(&p->loop, "host=/nowhere", p->path);
    struct od_pg_conn_conf conf = {.server = p->server, .quiet = true, .scout = true};
    for (int i = 0; i < 3; i++)
        p->conns[i] = od_pg_conn_new(&p->loop, &conf);
}

static void end(struct process *p)
{
    for (int i = 0; i < 3; i++)
        od_pg_conn_free_wait(p->conns[i], &p->loop);
    od_pg_server_free(p->server);
    od_loop_fini(&p->loop);
}

static bool admits(struct process *p, int conn, uint64_t system, uint32_t timeline)
{
    struct od_err err;
    return od_pg_server_admit(p->server, p->conns[conn], (struct od_pg_identity){system, timeline},
                              &err) == 0;
}

static bool is_member(struct process *p, int conn)
{
    return !od_list_empty(&p->conns[conn]->member);
}

static void all_sessions_are_on_one_server(void **state)
{
    struct process p;
    (void)state;
    begin(&p, NULL);
    assert_false(admits(&p, 0, SYSTEM, 0)); /* a standby */
    assert_true(admits(&p, 0, SYSTEM, OLD));
    assert_true(admits(&p, 1, SYSTEM, OLD));
    assert_false(admits(&p, 2, OTHER, NEW));
    assert_true(is_member(&p, 0) && is_member(&p, 1) && !is_member(&p, 2));

    assert_true(admits(&p, 2, SYSTEM, NEW)); /* promoted: the others have to move */
    assert_true(!is_member(&p, 0) && !is_member(&p, 1) && is_member(&p, 2));
    assert_false(admits(&p, 0, SYSTEM, OLD)); /* the old primary is back */
    assert_true(admits(&p, 0, SYSTEM, NEW));
    end(&p);
    fixture_remove_dir(p.dir);
}

static void those_that_try_hurry_once_another_has_found_the_server(void **state)
{
    struct process p;
    struct od_err why;
    (void)state;
    begin(&p, NULL);
    struct od_pg_conn_conf conf = {.server = p.server, .quiet = true};
    struct od_pg_conn *trying = od_pg_conn_new(&p.loop, &conf);
    while (trying->failures < 6) /* by then the next attempt is far off */
        od_loop_run_once(&p.loop);
    trying->rotation = 5;
    assert_true(admits(&p, 0, SYSTEM, OLD));
    assert_int_equal(trying->rotation, 5); /* nothing was wrong */

    (void)od_err_set(&why, OD_ERR_UNAVAILABLE, "gone");
    (void)od_pg_server_trouble_is_new(p.server, &why);
    assert_true(admits(&p, 1, SYSTEM, OLD));
    assert_int_equal(trying->rotation, od_pg_server_rotation(p.server));
    assert_int_equal(uv_timer_get_due_in(&trying->timer.uv), 1);
    od_pg_conn_free_wait(trying, &p.loop);
    end(&p);
    fixture_remove_dir(p.dir);
}

static void the_next_start_does_not_go_back_to_an_old_primary(void **state)
{
    struct process p, next;
    (void)state;
    begin(&p, NULL);
    assert_true(admits(&p, 0, SYSTEM, NEW));
    end(&p);
    begin(&next, p.dir);
    assert_int_equal(od_pg_server_identity(next.server).timeline, NEW);
    assert_false(admits(&next, 0, SYSTEM, OLD));
    assert_true(admits(&next, 0, SYSTEM, NEW));
    end(&next);
    fixture_remove_dir(p.dir);
}

static void a_restored_database_is_taken_at_the_start_alone(void **state)
{
    struct process p, next;
    (void)state;
    begin(&p, NULL);
    assert_true(admits(&p, 0, SYSTEM, NEW));
    assert_false(admits(&p, 1, OTHER, OLD));
    end(&p);
    begin(&next, p.dir);
    assert_true(admits(&next, 0, OTHER, OLD));
    assert_false(admits(&next, 1, SYSTEM, NEW));
    end(&next);
    fixture_remove_dir(p.dir);
}

static void a_file_that_says_nothing_is_as_none(void **state)
{
    struct process p, next;
    (void)state;
    begin(&p, NULL);
    FILE *f = fopen(p.path, "w");
    assert_non_null(f);
    fputs("nonsense\n", f);
    fclose(f);
    begin(&next, p.dir);
    assert_int_equal(od_pg_server_identity(next.server).timeline, 0);
    assert_true(admits(&next, 0, SYSTEM, OLD));
    end(&next);
    end(&p);
    fixture_remove_dir(p.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sessions_are_on_one_server),
        cmocka_unit_test(those_that_try_hurry_once_another_has_found_the_server),
        cmocka_unit_test(the_next_start_does_not_go_back_to_an_old_primary),
        cmocka_unit_test(a_restored_database_is_taken_at_the_start_alone),
        cmocka_unit_test(a_file_that_says_nothing_is_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
