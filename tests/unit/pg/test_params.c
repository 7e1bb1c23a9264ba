#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pg/params.h"
#include "pg/stmt.h"

static struct od_pg_params p;

static int setup(void **state)
{
    (void)state;
    od_pg_params_init(&p, 4096);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    od_pg_params_fini(&p);
    return 0;
}

static void expect(int param, const char *bytes, int len)
{
    assert_int_equal(p.lengths[param], len);
    assert_memory_equal(p.buf.ptr + p.offsets[param], bytes, (size_t)len);
}

static void scalars_are_in_network_byte_order(void **state)
{
    (void)state;
    od_pg_i32(&p, -2);
    od_pg_i64(&p, 258);
    od_pg_bool(&p, true);
    od_pg_text(&p, OD_STR("hé"));
    od_pg_jsonb(&p, OD_STR("{}"));
    od_pg_time(&p, INT64_C(946684800000001));
    assert_int_equal(p.count, 6);
    expect(0, "\xff\xff\xff\xfe", 4);
    expect(1, "\0\0\0\0\0\0\x01\x02", 8);
    expect(2, "\x01", 1);
    expect(3, "hé", 3);
    expect(4, "\x01{}", 3);
    expect(5, "\0\0\0\0\0\0\0\x01", 8);
}

static void absent_values_are_null(void **state)
{
    (void)state;
    od_pg_null(&p);
    od_pg_text(&p, OD_STR_NONE);
    od_pg_jsonb(&p, OD_STR_NONE);
    od_pg_uuid(&p, NULL);
    od_pg_text(&p, OD_STR(""));
    for (int i = 0; i < 4; i++)
        assert_int_equal(p.lengths[i], -1);
    assert_int_equal(p.lengths[4], 0);
}

static void an_array_carries_its_nulls(void **state)
{
    (void)state;
    od_pg_array_begin(&p, OD_PG_INT4);
    od_pg_array_i32(&p, 7);
    od_pg_array_null(&p);
    od_pg_array_end(&p);
    expect(0,
           "\0\0\0\x01\0\0\0\x01\0\0\0\x17\0\0\0\x02\0\0\0\x01"
           "\0\0\0\x04\0\0\0\x07\xff\xff\xff\xff",
           32);
}

static void an_empty_array_has_no_dimension(void **state)
{
    (void)state;
    od_pg_array_begin(&p, OD_PG_TEXT);
    od_pg_array_end(&p);
    od_pg_i32(&p, 1);
    expect(0, "\0\0\0\0\0\0\0\0\0\0\0\x19", 12);
    expect(1, "\0\0\0\x01", 4);
}

static void jsonb_elements_have_their_version_byte(void **state)
{
    (void)state;
    od_pg_array_begin(&p, OD_PG_JSONB);
    od_pg_array_text(&p, OD_STR("1"));
    od_pg_array_end(&p);
    assert_memory_equal(p.buf.ptr + 20,
                        "\0\0\0\x02\x01"
                        "1",
                        6);
}

static void outgrowing_the_maximum_is_remembered_until_reset(void **state)
{
    (void)state;
    od_pg_array_begin(&p, OD_PG_INT8);
    for (int i = 0; i < 1000; i++)
        od_pg_array_i64(&p, i);
    od_pg_array_end(&p);
    assert_true(p.buf.overflow);
    od_pg_params_reset(&p);
    assert_false(p.buf.overflow);
    assert_int_equal(p.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scalars_are_in_network_byte_order, setup, teardown),
        cmocka_unit_test_setup_teardown(absent_values_are_null, setup, teardown),
        cmocka_unit_test_setup_teardown(an_array_carries_its_nulls, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_array_has_no_dimension, setup, teardown),
        cmocka_unit_test_setup_teardown(jsonb_elements_have_their_version_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(outgrowing_the_maximum_is_remembered_until_reset, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
