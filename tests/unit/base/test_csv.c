#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/csv/csv.h"

/* All records as text: fields in brackets, records ended by '\n', an error as its message. */
static void reads(struct od_str text, const char *expect)
{
    struct od_arena a;
    struct od_buf out;
    struct od_csv c;
    struct od_str *fields;
    struct od_err err;
    size_t n;
    int rc;

    od_arena_init(&a);
    od_buf_init(&out, 4096);
    od_csv_init(&c, text);
    while ((rc = od_csv_next(&c, &a, 4, &fields, &n, &err)) == 1) {
        for (size_t i = 0; i < n; i++)
            od_buf_printf(&out, "[%.*s]", OD_STR_ARG(fields[i]));
        od_buf_printf(&out, "@%zu\n", c.record_line);
    }
    if (rc < 0)
        od_buf_printf(&out, "%s", err.message);
    if (!od_str_is(od_buf_view(&out), expect))
        fail_msg("expected <%s>, got <%.*s>", expect, OD_STR_ARG(od_buf_view(&out)));
    od_buf_fini(&out);
    od_arena_fini(&a);
}

static void guesses(const char *text, char delimiter, const char *first)
{
    struct od_arena a;
    struct od_buf out;
    struct od_csv c;
    struct od_str *fields;
    struct od_err err;
    size_t n = 0;

    od_arena_init(&a);
    od_buf_init(&out, 4096);
    od_csv_init(&c, od_str_of(text));
    od_csv_guess(&c);
    assert_int_equal(c.delimiter, delimiter);
    assert_true(od_csv_next(&c, &a, 4, &fields, &n, &err) >= 0);
    for (size_t i = 0; i < n; i++)
        od_buf_printf(&out, "[%.*s]", OD_STR_ARG(fields[i]));
    assert_true(od_str_is(od_buf_view(&out), first));
    od_buf_fini(&out);
    od_arena_fini(&a);
}

static void test_plain_records_with_either_line_end(void **state)
{
    (void)state;
    reads(OD_STR("a,b\nc,d\n"), "[a][b]@1\n[c][d]@2\n");
    reads(OD_STR("a,b\r\nc,d"), "[a][b]@1\n[c][d]@2\n");
    reads(OD_STR("a,,\n,\n"), "[a][][]@1\n[][]@2\n");
    reads(OD_STR(""), "");
    reads(OD_STR_NONE, "");
}

static void test_the_first_line_tells_the_delimiter(void **state)
{
    (void)state;
    guesses("a;b\n1,5;2", ';', "[a][b]");
    guesses("a\tb\n", '\t', "[a][b]");
    guesses("a;b,c\n", ',', "[a;b][c]");
    guesses("\xEF\xBB\xBF\"a\";b", ';', "[a][b]");
    guesses("a\n1;2\n", ',', "[a]");
    guesses("", ',', "");
}

static void test_blank_lines_and_the_byte_order_mark_are_skipped(void **state)
{
    (void)state;
    reads(OD_STR("\xEF\xBB\xBF"
                 "a\n\n\r\nb\n\n"),
          "[a]@1\n[b]@4\n");
    reads(OD_STR("\"\"\n"), "[]@1\n");
}

static void test_quotes_keep_commas_breaks_and_doubled_quotes(void **state)
{
    (void)state;
    reads(OD_STR("\"a,b\",\"c\"\"d\"\n"), "[a,b][c\"d]@1\n");
    reads(OD_STR("\"a\nb\",c\r\nd\n"), "[a\nb][c]@1\n[d]@3\n");
    reads(OD_STR("\"\"\"\""), "[\"]@1\n");
    reads(OD_STR("a\"b,c\rd\n"), "[a\"b][c\rd]@1\n");
}

static void test_errors_name_the_line(void **state)
{
    (void)state;
    reads(OD_STR("a\n\"b\nc"), "[a]@1\nline 2: a quoted field has no closing quote");
    reads(OD_STR("\"a\"b\n"), "line 1: text follows a closing quote");
    reads(OD_STR("\"a\"\rb\n"), "line 1: text follows a closing quote");
    reads(OD_STR("\""), "line 1: a quoted field has no closing quote");
    reads(OD_STR("a\n\n\xC3,b\n"), "[a]@1\nline 3: invalid UTF-8");
    reads(OD_STR("a,b,c,d\na,b,c,d,e\n"), "[a][b][c][d]@1\nline 2: too many fields");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_records_with_either_line_end),
        cmocka_unit_test(test_blank_lines_and_the_byte_order_mark_are_skipped),
        cmocka_unit_test(test_the_first_line_tells_the_delimiter),
        cmocka_unit_test(test_quotes_keep_commas_breaks_and_doubled_quotes),
        cmocka_unit_test(test_errors_name_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
