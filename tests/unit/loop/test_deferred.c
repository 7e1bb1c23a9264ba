#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "loop/loop.h"

struct fixture {
    struct od_loop loop;
    struct od_deferred a, b;
    int a_runs, b_runs;
};

static void run_a(void *ctx)
{
    ((struct fixture *)ctx)->a_runs++;
}

static void run_b(void *ctx)
{
    ((struct fixture *)ctx)->b_runs++;
}

static void rearm_thrice(void *ctx)
{
    struct fixture *f = ctx;
    if (++f->a_runs < 3)
        od_deferred_arm(&f->a);
}

static void cancel_b(void *ctx)
{
    struct fixture *f = ctx;
    f->a_runs++;
    od_deferred_cancel(&f->b);
}

static void setup(struct fixture *f, void (*a)(void *ctx))
{
    *f = (struct fixture){0};
    od_loop_init(&f->loop);
    od_deferred_init(&f->a, &f->loop, a, f);
    od_deferred_init(&f->b, &f->loop, run_b, f);
}

static void it_runs_once_in_the_next_round(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, run_a);
    od_deferred_arm(&f.a);
    od_deferred_arm(&f.a);
    assert_int_equal(f.a_runs, 0);
    od_loop_run(&f.loop);
    assert_int_equal(f.a_runs, 1);
    od_loop_fini(&f.loop);
}

static void armed_in_its_callback_it_runs_in_the_round_after(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, rearm_thrice);
    od_deferred_arm(&f.a);
    od_loop_run_once(&f.loop);
    assert_int_equal(f.a_runs, 1);
    od_loop_run(&f.loop);
    assert_int_equal(f.a_runs, 3);
    od_loop_fini(&f.loop);
}

static void one_may_cancel_another_of_the_same_round(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, cancel_b);
    od_deferred_arm(&f.a);
    od_deferred_arm(&f.b);
    od_loop_run(&f.loop);
    assert_int_equal(f.a_runs, 1);
    assert_int_equal(f.b_runs, 0);
    od_deferred_cancel(&f.b);
    od_loop_fini(&f.loop);
}

static void fini_runs_what_is_still_deferred(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, run_a);
    od_deferred_arm(&f.a);
    od_loop_fini(&f.loop);
    assert_int_equal(f.a_runs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_once_in_the_next_round),
        cmocka_unit_test(armed_in_its_callback_it_runs_in_the_round_after),
        cmocka_unit_test(one_may_cancel_another_of_the_same_round),
        cmocka_unit_test(fini_runs_what_is_still_deferred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
