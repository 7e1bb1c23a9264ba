#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/child.h"
#include "loop/signal.h"
#include "loop/timer.h"

struct fixture {
    struct od_loop loop;
    int exits, status, signum, signals;
};

static void on_exit_child(void *ctx, int status, int signum)
{
    struct fixture *f = ctx;
    f->exits++;
    f->status = status;
    f->signum = signum;
}

static void on_signal(void *ctx, int signum)
{
    struct fixture *f = ctx;
    f->signals++;
    f->signum = signum;
    od_loop_stop(&f->loop);
}

static struct od_child *sh(struct fixture *f, const char *script, int out_fd)
{
    struct od_err err;
    char *argv[] = {"sh", "-c", (char *)script, NULL};
    struct od_child_options options = {.file = "sh", .argv = argv, .out_fd = out_fd};
    struct od_child *c = od_child_spawn(&f->loop, &options, on_exit_child, f, &err);
    assert_non_null(c);
    return c;
}

static void its_exit_status_and_output_arrive(void **state)
{
    (void)state;
    struct fixture f = {0};
    FILE *out = tmpfile();
    char text[64] = "";
    od_loop_init(&f.loop);
    struct od_child *c = sh(&f, "echo out; echo err >&2; exit 7", fileno(out));
    assert_int_equal(f.exits, 0);
    assert_true(od_child_alive(c));
    od_loop_run(&f.loop);
    assert_int_equal(f.exits, 1);
    assert_int_equal(f.status, 7);
    assert_int_equal(f.signum, 0);
    assert_false(od_child_alive(c));
    od_child_kill(c, SIGKILL); /* harmless: it is gone */
    rewind(out);
    assert_int_equal(fread(text, 1, sizeof text - 1, out), 8);
    assert_string_equal(text, "out\nerr\n");
    fclose(out);
    od_child_free(c);
    od_loop_fini(&f.loop);
}

static void its_input_and_its_errors_are_apart_when_told(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct od_err err;
    FILE *in = tmpfile(), *out = tmpfile(), *errors = tmpfile();
    char text[64] = "", *argv[] = {"sh", "-c", "cat; echo err >&2", NULL};
    assert_true(fputs("in", in) >= 0 && fflush(in) == 0);
    rewind(in);
    od_loop_init(&f.loop);
    struct od_child_options options = {.file = "sh",
                                       .argv = argv,
                                       .in_fd = fileno(in),
                                       .out_fd = fileno(out),
                                       .err_fd = fileno(errors)};
    struct od_child *c = od_child_spawn(&f.loop, &options, on_exit_child, &f, &err);
    assert_non_null(c);
    od_loop_run(&f.loop);
    assert_int_equal(f.status, 0);
    rewind(out);
    assert_int_equal(fread(text, 1, sizeof text - 1, out), 2);
    assert_string_equal(text, "in");
    rewind(errors);
    assert_int_equal(fread(text, 1, sizeof text - 1, errors), 4);
    assert_memory_equal(text, "err\n", 4);
    od_child_free(c);
    od_loop_fini(&f.loop);
    fclose(in);
    fclose(out);
    fclose(errors);
}

static void a_signal_that_ends_it_is_told(void **state)
{
    (void)state;
    struct fixture f = {0};
    od_loop_init(&f.loop);
    struct od_child *c = sh(&f, "exec sleep 60", -1);
    od_child_kill(c, SIGKILL);
    od_loop_run(&f.loop);
    assert_int_equal(f.signum, SIGKILL);
    od_child_free(c);
    od_loop_fini(&f.loop);
}

static void let_go_of_it_lives_on_without_a_callback(void **state)
{
    (void)state;
    struct fixture f = {0};
    od_loop_init(&f.loop);
    struct od_child *c = sh(&f, "exec sleep 60", -1);
    pid_t pid = od_child_pid(c);
    od_child_free(c);
    od_loop_fini(&f.loop);
    assert_int_equal(f.exits, 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
}

static void a_missing_program_is_an_error(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct od_err err;
    char *argv[] = {"/nowhere/nothing", NULL};
    struct od_child_options options = {.file = argv[0], .argv = argv, .out_fd = -1};
    od_loop_init(&f.loop);
    assert_null(od_child_spawn(&f.loop, &options, on_exit_child, &f, &err));
    assert_int_equal(err.code, OD_ERR_IO);
    assert_non_null(strstr(err.message, "/nowhere/nothing"));
    od_loop_fini(&f.loop);
    assert_int_equal(f.exits, 0);
}

static void signals_arrive_on_the_loop(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct od_err err;
    od_loop_init(&f.loop);
    struct od_signals *s = od_signals_new(&f.loop, on_signal, &f, &err);
    assert_non_null(s);
    raise(SIGPIPE); /* ignored */
    raise(SIGHUP);
    assert_int_equal(f.signals, 0);
    od_loop_run(&f.loop);
    assert_int_equal(f.signals, 1);
    assert_int_equal(f.signum, SIGHUP);
    od_signals_free(s);
    od_loop_fini(&f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_exit_status_and_output_arrive),
        cmocka_unit_test(its_input_and_its_errors_are_apart_when_told),
        cmocka_unit_test(a_signal_that_ends_it_is_told),
        cmocka_unit_test(let_go_of_it_lives_on_without_a_callback),
        cmocka_unit_test(a_missing_program_is_an_error),
        cmocka_unit_test(signals_arrive_on_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
