#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv/csv.h"
#include "base/csv/write.h"

static const char *const texts[] = {
    "plain",      "",       "a,b",      "say \"x\"", "two\nlines",   "\r\n",       "=1+1",
    "+49 30 1",   "-5.00",  "@SUM(A1)", " leading",  "trailing ",    "=\"x\",\ny", "'quoted",
    "\tindented", "Straße", "\n=1+1",   "\uFF1D1+1", "\uFF20SUM(A1)"};
enum { TEXTS = sizeof texts / sizeof *texts };

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct od_buf b;
    struct od_arena a;
    struct od_csv csv;
    struct od_str *fields;
    struct od_err err;
    size_t n = 0;
    od_buf_init(&b, 4096);
    od_arena_init(&a);
    struct od_csv_writer w = {.buf = &b};
    for (size_t i = 0; i < TEXTS; i++)
        od_csv_text(&w, od_str_of(texts[i]));
    od_csv_end(&w);
    od_csv_init(&csv, od_buf_view(&b));
    assert_int_equal(od_csv_next(&csv, &a, 64, &fields, &n, &err), 1);
    assert_int_equal(n, TEXTS);
    for (size_t i = 0; i < TEXTS; i++)
        assert_true(od_str_is(od_csv_plain(fields[i]), texts[i]));
    assert_int_equal(od_csv_next(&csv, &a, 64, &fields, &n, &err), 0);
    od_arena_fini(&a);
    od_buf_fini(&b);
}

static void texts_are_no_formulas_and_numbers_stay_numbers(void **state)
{
    (void)state;
    struct od_buf b;
    od_buf_init(&b, 4096);
    struct od_csv_writer w = {.buf = &b};
    od_csv_text(&w, OD_STR("=cmd|' /C calc'!A0"));
    od_csv_text(&w, OD_STR("-1"));
    od_csv_text(&w, OD_STR("\uFF1D1+1"));
    od_csv_text(&w, OD_STR("\n=1+1"));
    od_csv_number(&w, OD_STR("-1.00"));
    od_csv_i64(&w, -7);
    od_csv_text(&w, OD_STR_NONE);
    od_csv_end(&w);
    assert_true(
        od_str_is(od_buf_view(&b), "'=cmd|' /C calc'!A0,'-1,'\uFF1D1+1,\"'\n=1+1\",-1.00,-7,\r\n"));
    od_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(texts_are_no_formulas_and_numbers_stay_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
