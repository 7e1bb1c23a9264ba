#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "pg/cluster/cluster.h"

static pid_t postmaster(const char *dir)
{
    struct od_pg_cluster cl;
    struct od_err err;
    assert_int_equal(od_pg_cluster_find(&cl, dir, &err), 0);
    return od_pg_cluster_postmaster(&cl);
}

static void on_up(void *ctx)
{
    *(bool *)ctx = true;
}

static void a_dead_postmaster_is_started_again_and_connections_return(void **state)
{
    struct fixture *f = *state;
    bool up = false;
    struct od_err err;
    struct od_pg_conn_conf conf = {
        .conninfo = od_pg_private_conninfo(f->private), .ctx = &up, .on_up = on_up};
    struct od_pg_conn *c = od_pg_conn_new(&f->loop, &conf);
    assert_int_equal(od_pg_wait_up(c, 20000, &err), 0);
    fixture_exec(c, "create table kept (a int); insert into kept values (7)");

    pid_t before = postmaster(f->dir);
    assert_true(before > 0);
    up = false;
    kill(before, SIGKILL);
    fixture_until(&f->loop, &up);
    assert_int_equal(fixture_i64(c, "select a from kept"), 7);
    pid_t after = postmaster(f->dir);
    assert_true(after > 0 && after != before);
    od_pg_conn_free_wait(c, &f->loop);
}

static void an_adopted_postmaster_that_dies_is_started_again_too(void **state)
{
    struct fixture *f = *state;
    struct od_loop loop;
    struct od_err err;
    bool up = false;
    od_loop_init(&loop);
    struct od_pg_private *second = fixture_start(&loop, f->dir);
    struct od_pg_conn_conf conf = {
        .conninfo = od_pg_private_conninfo(second), .ctx = &up, .on_up = on_up};
    struct od_pg_conn *c = od_pg_conn_new(&loop, &conf);
    assert_int_equal(od_pg_wait_up(c, 20000, &err), 0);
    /* the first one's loop stands still: it neither reaps nor restarts its child */
    kill(postmaster(f->dir), SIGKILL);
    while (od_pg_conn_up(c))
        od_loop_run_once(&loop);
    up = false;
    od_pg_private_check(second);
    fixture_until(&loop, &up);
    od_pg_conn_free_wait(c, &loop);
    od_pg_private_stop(second);
    od_loop_fini(&loop);
    assert_true(postmaster(f->dir) > 0); /* the first still uses it */
}

/* A process of its own that uses the cluster until it is told to leave. */
static pid_t fork_user(const char *dir, int *ready_fd, int *leave_fd)
{
    int ready[2], leave[2];
    char byte = 'x';
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(leave), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct od_loop loop;
        struct od_err err;
        close(leave[1]);
        close(ready[0]);
        od_loop_init(&loop);
        struct od_pg_private *p = od_pg_private_start(&loop, dir, &err);
        if (!p || write(ready[1], &byte, 1) != 1)
            _exit(1);
        if (read(leave[0], &byte, 1) < 0)
            _exit(1);
        od_pg_private_stop(p);
        od_loop_fini(&loop);
        _exit(0);
    }
    close(leave[0]);
    close(ready[1]);
    *ready_fd = ready[0];
    *leave_fd = leave[1];
    return pid;
}

static void expect_ready(int fd)
{
    char byte;
    assert_int_equal(read(fd, &byte, 1), 1);
    close(fd);
}

/* Tells it to leave and waits until it has. A byte, since later children inherit the pipe's end. */
static void leave(pid_t pid, int leave_fd)
{
    int status;
    assert_int_equal(write(leave_fd, "x", 1), 1);
    close(leave_fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Three at once on a directory where nothing is: one makes it, the others wait and adopt. */
static void processes_share_it_and_the_last_one_out_stops_it(void **state)
{
    (void)state;
    char dir[64];
    pid_t pids[3];
    int ready[3], leave_fd[3];
    fixture_make_dir(dir);
    for (int i = 0; i < 3; i++)
        pids[i] = fork_user(dir, &ready[i], &leave_fd[i]);
    for (int i = 0; i < 3; i++)
        expect_ready(ready[i]);
    pid_t pid = postmaster(dir);
    assert_true(pid > 0);
    for (int i = 0; i < 2; i++) {
        leave(pids[i], leave_fd[i]);
        assert_int_equal(postmaster(dir), pid);
    }
    leave(pids[2], leave_fd[2]);
    assert_int_equal(postmaster(dir), 0);
    fixture_remove_dir(dir);
}

static void a_killed_process_leaves_it_to_the_next(void **state)
{
    (void)state;
    char dir[64];
    int ready, leave_fd;
    struct od_loop loop;
    fixture_make_dir(dir);
    pid_t user = fork_user(dir, &ready, &leave_fd);
    expect_ready(ready);
    pid_t pid = postmaster(dir);
    kill(user, SIGKILL);
    waitpid(user, NULL, 0);
    close(leave_fd);
    assert_int_equal(postmaster(dir), pid);

    od_loop_init(&loop);
    struct od_pg_private *p = fixture_start(&loop, dir);
    assert_int_equal(postmaster(dir), pid);

    /* and when both were killed, its pid file is stale, perhaps another process's pid by now */
    kill(pid, SIGKILL);
    od_pg_private_stop(p);
    while (postmaster(dir) != 0)
        usleep(1000);
    p = fixture_start(&loop, dir);
    pid_t third = postmaster(dir);
    assert_true(third > 0 && third != pid);
    od_pg_private_stop(p);
    assert_int_equal(postmaster(dir), 0);
    od_loop_fini(&loop);
    fixture_remove_dir(dir);
}

static void failures_are_told_in_the_users_terms(void **state)
{
    (void)state;
    struct od_loop loop;
    struct od_err err;
    char dir[64], sub[80];
    fixture_make_dir(dir);
    od_loop_init(&loop);
    assert_null(od_pg_private_start(&loop, "/dev/null/data", &err));
    assert_non_null(strstr(err.message, "/dev/null"));
    if (geteuid() == 0) {
        assert_int_equal(chmod(dir, 0700), 0);
        snprintf(sub, sizeof sub, "%s/data", dir);
        assert_null(od_pg_private_start(&loop, sub, &err));
        assert_int_equal(err.code, OD_ERR_CONFIG);
        assert_non_null(strstr(err.message, "not reachable by the user postgres"));
        assert_non_null(strstr(err.message, dir));
    }
    od_loop_fini(&loop);
    fixture_remove_dir(dir);
}

static void a_postmaster_that_cannot_start_says_why(void **state)
{
    (void)state;
    struct od_loop loop;
    struct od_err err;
    char dir[64], path[96];
    fixture_make_dir(dir);
    od_loop_init(&loop);
    od_pg_private_stop(fixture_start(&loop, dir));
    snprintf(path, sizeof path, "%s/pg/postgresql.auto.conf", dir);
    FILE *conf = fopen(path, "a");
    assert_non_null(conf);
    fputs("max_connections = nonsense\n", conf);
    fclose(conf);
    assert_null(od_pg_private_start(&loop, dir, &err));
    assert_non_null(strstr(err.message, "PostgreSQL did not start"));
    assert_non_null(strstr(err.message, "configuration file"));
    od_loop_fini(&loop);
    fixture_remove_dir(dir);
}

static void a_long_data_directory_has_its_socket_in_tmp(void **state)
{
    (void)state;
    char run[PATH_MAX], again[PATH_MAX], data[PATH_MAX];
    od_pg_cluster_run_dir("/var/lib/orderd", 101, run, sizeof run);
    assert_string_equal(run, "/var/lib/orderd/run");
    memset(data, 'd', 90);
    memcpy(data, "/", 1);
    data[90] = '\0';
    od_pg_cluster_run_dir(data, 101, run, sizeof run);
    assert_memory_equal(run, "/tmp/orderd-101-", 16);
    od_pg_cluster_run_dir(data, 101, again, sizeof again);
    assert_string_equal(run, again);
    data[89] = 'e';
    od_pg_cluster_run_dir(data, 101, again, sizeof again);
    assert_string_not_equal(run, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_data_directory_has_its_socket_in_tmp),
        cmocka_unit_test(failures_are_told_in_the_users_terms),
        cmocka_unit_test_setup_teardown(a_dead_postmaster_is_started_again_and_connections_return,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(an_adopted_postmaster_that_dies_is_started_again_too,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test(processes_share_it_and_the_last_one_out_stops_it),
        cmocka_unit_test(a_killed_process_leaves_it_to_the_next),
        cmocka_unit_test(a_postmaster_that_cannot_start_says_why),
    };
    od_log_set_level(OD_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
