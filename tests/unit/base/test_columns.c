#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/terminal/columns.h"

static struct od_buf out;

static const char *wrapped(int column, int indent, const char *text)
{
    od_buf_reset(&out);
    od_wrap(&out, column, indent, od_str_of(text));
    od_buf_char(&out, '\0');
    return out.ptr;
}

static void lines_break_between_words_at_100_columns(void **state)
{
    char text[200], expected[200];
    (void)state;
    snprintf(text, sizeof text, "%096d next", 0);
    snprintf(expected, sizeof expected, "  %096d\n  next\n", 0);
    assert_string_equal(wrapped(0, 2, text), expected);
    snprintf(expected, sizeof expected, "\n    %096d\n    next\n", 0);
    assert_string_equal(wrapped(50, 4, text), expected);
}

static void a_word_longer_than_a_line_stays_whole(void **state)
{
    char text[200], expected[200];
    (void)state;
    snprintf(text, sizeof text, "%0150d", 0);
    snprintf(expected, sizeof expected, "  %0150d\n", 0);
    assert_string_equal(wrapped(0, 2, text), expected);
}

static void a_long_word_of_a_body_is_broken(void **state)
{
    char got[200] = "";
    FILE *f = tmpfile();
    (void)state;
    od_wrap_body(f, 10, 5, 2, OD_STR("ab {\"x\":\"äöüäöüäöü\"} next"));
    rewind(f);
    assert_true(fread(got, 1, sizeof got - 1, f) > 0);
    fclose(f);
    assert_string_equal(got, " ab\n  {\"x\":\"äö\n  üäöüäöü\"\n  } next\n");
}

static void lines_and_begun_lines_stay(void **state)
{
    (void)state;
    assert_string_equal(wrapped(5, 2, "one\ntwo"), " one\n  two\n");
    assert_string_equal(wrapped(5, 2, ""), "\n");
    assert_string_equal(wrapped(0, 2, ""), "");
    assert_string_equal(wrapped(5, 2, NULL), "");
    assert_int_equal(od_wrap_columns(OD_STR("1–2")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_between_words_at_100_columns),
        cmocka_unit_test(a_word_longer_than_a_line_stays_whole),
        cmocka_unit_test(a_long_word_of_a_body_is_broken),
        cmocka_unit_test(lines_and_begun_lines_stay),
    };
    od_buf_init(&out, 4096);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    od_buf_fini(&out);
    return failed;
}
