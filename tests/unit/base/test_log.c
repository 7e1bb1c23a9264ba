#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

static char line[8192];
static int saved_stderr, pipe_read;

/* Standard error goes into a pipe from here to logged(). */
static void capture(void)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    saved_stderr = dup(STDERR_FILENO);
    dup2(fds[1], STDERR_FILENO);
    close(fds[1]);
    pipe_read = fds[0];
}

static struct od_str logged(void)
{
    ssize_t n;

    dup2(saved_stderr, STDERR_FILENO); /* closes the pipe's other end */
    close(saved_stderr);
    n = read(pipe_read, line, sizeof line);
    close(pipe_read);
    assert_true(n >= 0);
    return od_str_n(line, (size_t)n);
}

static int fix_clock(void **state)
{
    (void)state;
    od_clock_fix(1767323045123456);
    return 0;
}

static void test_a_line_has_time_level_event_and_pairs(void **state)
{
    (void)state;
    capture();
    od_info("order_placed", "order=%d lane=\"%s\"", 7, "a b");
    assert_true(
        od_str_is(logged(), "2026-01-02T03:04:05.123Z info order_placed order=7 lane=\"a b\"\n"));
    capture();
    od_error("stopped", "%s", "");
    assert_true(od_str_is(logged(), "2026-01-02T03:04:05.123Z error stopped\n"));
}

static void test_a_value_cannot_begin_a_line_of_its_own(void **state)
{
    (void)state;
    capture();
    od_warn("odd", "value=%s", "a\nb\x1B[31m");
    assert_true(od_str_is(logged(), "2026-01-02T03:04:05.123Z warn odd value=a b [31m\n"));
}

static void test_a_quote_in_a_value_does_not_end_it(void **state)
{
    (void)state;
    capture();
    od_warn("odd", "reason=\"%s\" id=%d", "no \"zzz\" here", 1);
    assert_true(
        od_str_is(logged(), "2026-01-02T03:04:05.123Z warn odd reason=\"no 'zzz' here\" id=1\n"));
}

static void test_a_long_line_is_cut_and_still_ended(void **state)
{
    struct od_str text;

    (void)state;
    capture();
    od_info("long", "value=%06000d", 1);
    text = logged();
    assert_int_equal(text.len, 4095);
    assert_int_equal(text.ptr[text.len - 1], '\n');
}

static void test_levels_below_the_threshold_are_silent(void **state)
{
    enum od_log_level level = OD_LOG_DEBUG;

    (void)state;
    assert_true(od_log_parse_level("warn", &level));
    assert_int_equal(level, OD_LOG_WARN);
    assert_false(od_log_parse_level("loud", &level));
    od_log_set_level(level);
    capture();
    od_info("quiet", "n=%d", 1);
    assert_int_equal(logged().len, 0);
    od_log_set_level(OD_LOG_INFO);
}

static void test_a_quiet_thread_writes_nothing_and_speaks_again(void **state)
{
    enum od_log_level before = od_log_quiet(OD_LOG_NOTHING);

    (void)state;
    assert_int_equal(before, OD_LOG_DEBUG);
    capture();
    od_error("script_failed", "n=%d", 1);
    assert_int_equal(logged().len, 0);
    assert_int_equal(od_log_quiet(OD_LOG_ERROR), OD_LOG_NOTHING);
    capture();
    od_warn("script_failed", "n=%d", 1);
    od_error("stopped", "%s", "");
    assert_true(od_str_is(logged(), "2026-01-02T03:04:05.123Z error stopped\n"));
    od_log_quiet(before);
    capture();
    od_info("again", "%s", "");
    assert_true(od_str_is(logged(), "2026-01-02T03:04:05.123Z info again\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_has_time_level_event_and_pairs),
        cmocka_unit_test(test_a_value_cannot_begin_a_line_of_its_own),
        cmocka_unit_test(test_a_quote_in_a_value_does_not_end_it),
        cmocka_unit_test(test_a_long_line_is_cut_and_still_ended),
        cmocka_unit_test(test_levels_below_the_threshold_are_silent),
        cmocka_unit_test(test_a_quiet_thread_writes_nothing_and_speaks_again),
    };

    return cmocka_run_group_tests(tests, fix_clock, NULL);
}
