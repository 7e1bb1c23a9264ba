#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loop/timer.h"
#include "loop/watch.h"

struct fixture {
    struct od_loop loop;
    struct od_watch *watch;
    char root[64];
    int bursts;
    bool over;
};

static void on_burst(void *ctx)
{
    ((struct fixture *)ctx)->bursts++;
}

static void on_over(void *ctx)
{
    ((struct fixture *)ctx)->over = true;
}

static void run_for(struct fixture *f, uint64_t ms)
{
    struct od_timer *timer = od_timer_new(&f->loop, on_over, f);
    f->over = false;
    od_timer_start(timer, ms, 0);
    while (!f->over)
        od_loop_run_once(&f->loop);
    od_timer_free(timer);
}

/* Runs until `bursts` have been told, at most 5 s. */
static void run_until(struct fixture *f, int bursts)
{
    struct od_timer *timer = od_timer_new(&f->loop, on_over, f);
    f->over = false;
    od_timer_start(timer, 5000, 0);
    while (!f->over && f->bursts < bursts)
        od_loop_run_once(&f->loop);
    od_timer_free(timer);
    assert_int_equal(f->bursts, bursts);
}

static const char *path(const struct fixture *f, const char *name)
{
    static char text[128];
    snprintf(text, sizeof text, "%s/%s", f->root, name);
    return text;
}

static void write_file(const struct fixture *f, const char *name)
{
    FILE *file = fopen(path(f, name), "a");
    assert_non_null(file);
    fputs("x", file);
    fclose(file);
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(name);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct od_err err;
    snprintf(f->root, sizeof f->root, "/tmp/orderd-watch-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    assert_int_equal(mkdir(path(f, "a"), 0755), 0);
    od_loop_init(&f->loop);
    f->watch = od_watch_new(&f->loop, f->root, on_burst, f, &err);
    assert_non_null(f->watch);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    od_watch_free(f->watch);
    od_loop_fini(&f->loop);
    nftw(f->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static void a_burst_of_changes_is_told_once(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++)
        write_file(f, i % 2 ? "one.lua" : "a/two.lua");
    run_until(f, 1);
    run_for(f, 300);
    assert_int_equal(f->bursts, 1);
}

static void new_directories_are_watched(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir(path(f, "b"), 0755), 0);
    run_until(f, 1);
    write_file(f, "b/new.lua");
    run_until(f, 2);
}

static void a_directory_made_again_is_watched_again(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(remove(path(f, "a")), 0);
    assert_int_equal(mkdir(path(f, "a"), 0755), 0);
    run_until(f, 1);
    write_file(f, "a/again.lua");
    run_until(f, 2);
}

static void a_missing_directory_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct od_err err;
    assert_null(od_watch_new(&f->loop, path(f, "missing"), on_burst, f, &err));
    assert_int_equal(err.code, OD_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_of_changes_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(new_directories_are_watched, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_made_again_is_watched_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_directory_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
