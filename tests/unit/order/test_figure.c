#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "order/show/figure.h"

/* Figures as filters of lists name them. */

static void assert_text(const struct od_figure *f, const char *text)
{
    struct od_buf b;
    od_buf_init(&b, 1 << 10);
    od_figure_format(&b, f);
    assert_true(od_str_is(od_buf_view(&b), text));
    od_buf_fini(&b);
}

static void a_figure_is_read_as_it_is_written(void **state)
{
    static const char *const texts[] = {
        "sale,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z",
        "sale+refund,2026-03-28T23:00:00Z,2026-03-29T22:00:00Z",
        "product,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,SKU, with a comma",
        "tax-refund,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,", /* an empty key is a key */
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct od_figure f;
        assert_true(od_figure_parse(od_str_of(texts[i]), &f));
        assert_text(&f, texts[i]);
    }
}

static void its_parts_are_told_apart(void **state)
{
    struct od_figure f;
    (void)state;
    assert_true(od_figure_parse(
        OD_STR("capture+repayment,1970-01-01T00:00:01Z,1970-01-01T00:00:02+00:00"), &f));
    assert_int_equal(f.kinds, 1u << OD_FACT_CAPTURE | 1u << OD_FACT_REPAYMENT);
    assert_int_equal(f.from_us, 1000000);
    assert_int_equal(f.to_us, 2000000);
    assert_null(f.key.ptr);
}

static void what_is_no_figure_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "sale",
        "sale,2026-03-01T00:00:00Z",
        "sale,yesterday,today",
        "wish,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z",
        "sale+,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z",
        "+sale,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z",
        ",2026-03-01T00:00:00Z,2026-04-01T00:00:00Z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct od_figure f;
        assert_false(od_figure_parse(od_str_of(texts[i]), &f));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_is_read_as_it_is_written),
        cmocka_unit_test(its_parts_are_told_apart),
        cmocka_unit_test(what_is_no_figure_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
