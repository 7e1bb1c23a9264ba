#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

static const struct od_uuid uuid = {
    {0x01, 0x90, 0xab, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255}};

static void read_scalars(void *ctx, const struct od_pg_result *r)
{
    struct od_uuid u;
    assert_int_equal(r->rows, 1);
    assert_int_equal(r->cols, 11);
    assert_int_equal(r->affected, 1);
    assert_string_equal(r->tag, "SELECT 1");
    assert_int_equal(od_pg_get_i32(r, 0, 0), INT32_MIN);
    assert_int_equal(od_pg_get_i64(r, 0, 1), INT64_MAX);
    assert_true(od_pg_get_bool(r, 0, 2));
    assert_true(od_str_is(od_pg_get_text(r, 0, 3), "naïve"));
    assert_true(od_str_eq(od_pg_get_bytea(r, 0, 4), OD_STR("\0\xff")));
    od_pg_get_uuid(r, 0, 5, &u);
    assert_memory_equal(&u, &uuid, sizeof u);
    assert_int_equal(od_pg_get_time(r, 0, 6), INT64_C(1499637425123456));
    assert_true(od_str_is(od_pg_get_text(r, 0, 7), "{\"a\": 1}"));
    assert_true(od_str_is(od_pg_get_jsonb(r, 0, 8), "[1, 2]"));
    assert_int_equal(od_pg_get_i64(r, 0, 9), 42);
    assert_true(od_pg_is_null(r, 0, 10));
    assert_null(od_pg_get_text(r, 0, 10).ptr);
    *(bool *)ctx = true;
}

static void every_scalar_type_comes_back_as_it_went(void **state)
{
    static const uint32_t oids[] = {OD_PG_INT4,  OD_PG_INT8, OD_PG_BOOL,        OD_PG_TEXT,
                                    OD_PG_BYTEA, OD_PG_UUID, OD_PG_TIMESTAMPTZ, OD_PG_JSON,
                                    OD_PG_JSONB, OD_PG_XID8, OD_PG_TEXT};
    static const struct od_pg_stmt stmt = {
        "scalars", "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11", 11, oids};
    struct fixture *f = *state;
    struct od_err err;
    bool seen = false;
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    struct od_pg_params *p = od_pg_params(c);
    od_pg_i32(p, INT32_MIN);
    od_pg_i64(p, INT64_MAX);
    od_pg_bool(p, true);
    od_pg_text(p, OD_STR("naïve"));
    od_pg_bytea(p, OD_STR("\0\xff"));
    od_pg_uuid(p, &uuid);
    od_pg_time(p, INT64_C(1499637425123456));
    od_pg_text(p, OD_STR("{\"a\": 1}"));
    od_pg_jsonb(p, OD_STR("[1,2]"));
    od_pg_i64(p, 42);
    od_pg_text(p, OD_STR_NONE);
    assert_int_equal(od_pg_exec_wait(c, &stmt, p, read_scalars, &seen, &err), 0);
    assert_true(seen);
    od_pg_conn_free_wait(c, &f->loop);
}

/* rows[3]: one array's elements each column, unnested side by side; row 1 is all null */
static void read_arrays(void *ctx, const struct od_pg_result *r)
{
    struct od_uuid u;
    assert_int_equal(r->rows, 3);
    assert_int_equal(r->cols, 9);
    for (int col = 0; col < r->cols; col++)
        assert_true(od_pg_is_null(r, 1, col));
    for (int row = 0; row < 3; row += 2) {
        assert_int_equal(od_pg_get_i32(r, row, 0), row - 1);
        assert_int_equal(od_pg_get_i64(r, row, 1), row ? INT64_MAX : INT64_MIN);
        assert_int_equal(od_pg_get_bool(r, row, 2), row == 0);
        assert_true(od_str_is(od_pg_get_text(r, row, 3), row ? "" : "a,\"{}\\"));
        assert_true(od_str_eq(od_pg_get_bytea(r, row, 4), row ? OD_STR("") : OD_STR("\0\1")));
        od_pg_get_uuid(r, row, 5, &u);
        assert_memory_equal(&u, &uuid, sizeof u);
        assert_int_equal(od_pg_get_time(r, row, 6), row);
        assert_true(od_str_is(od_pg_get_text(r, row, 7), "{ }"));
        assert_true(od_str_is(od_pg_get_jsonb(r, row, 8), "{}"));
    }
    *(bool *)ctx = true;
}

#define ARRAY(oid, first, second)                                                                  \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        first;                                                                                     \
        od_pg_array_null(p);                                                                       \
        second;                                                                                    \
        od_pg_array_end(p);                                                                        \
    } while (0)

static const uint32_t array_oids[] = {
    OD_PG_INT4_ARRAY,        OD_PG_INT8_ARRAY,  OD_PG_BOOL_ARRAY,
    OD_PG_TEXT_ARRAY,        OD_PG_BYTEA_ARRAY, OD_PG_UUID_ARRAY,
    OD_PG_TIMESTAMPTZ_ARRAY, OD_PG_JSON_ARRAY,  OD_PG_JSONB_ARRAY};

static void every_array_type_comes_back_with_its_nulls(void **state)
{
    static const struct od_pg_stmt stmt = {
        "arrays", "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)", 9, array_oids};
    struct fixture *f = *state;
    struct od_err err;
    bool seen = false;
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    struct od_pg_params *p = od_pg_params(c);
    ARRAY(OD_PG_INT4, od_pg_array_i32(p, -1), od_pg_array_i32(p, 1));
    ARRAY(OD_PG_INT8, od_pg_array_i64(p, INT64_MIN), od_pg_array_i64(p, INT64_MAX));
    ARRAY(OD_PG_BOOL, od_pg_array_bool(p, true), od_pg_array_bool(p, false));
    ARRAY(OD_PG_TEXT, od_pg_array_text(p, OD_STR("a,\"{}\\")), od_pg_array_text(p, OD_STR("")));
    ARRAY(OD_PG_BYTEA, od_pg_array_text(p, OD_STR("\0\1")), od_pg_array_text(p, OD_STR("")));
    ARRAY(OD_PG_UUID, od_pg_array_uuid(p, &uuid), od_pg_array_uuid(p, &uuid));
    ARRAY(OD_PG_TIMESTAMPTZ, od_pg_array_time(p, 0), od_pg_array_time(p, 2));
    ARRAY(OD_PG_JSON, od_pg_array_text(p, OD_STR("{ }")), od_pg_array_text(p, OD_STR("{ }")));
    ARRAY(OD_PG_JSONB, od_pg_array_text(p, OD_STR("{ }")), od_pg_array_text(p, OD_STR("{ }")));
    if (od_pg_exec_wait(c, &stmt, p, read_arrays, &seen, &err) != 0)
        fail_msg("%s", err.message);
    assert_true(seen);
    od_pg_conn_free_wait(c, &f->loop);
}

static void empty_arrays_have_no_elements(void **state)
{
    static const struct od_pg_stmt stmt = {
        "empty_arrays",
        "select (cardinality($1) + cardinality($2) + cardinality($3) + cardinality($4) + "
        "cardinality($5) + cardinality($6) + cardinality($7) + cardinality($8) + "
        "cardinality($9))::int8",
        9, array_oids};
    static const uint32_t elements[] = {OD_PG_INT4,        OD_PG_INT8,  OD_PG_BOOL,
                                        OD_PG_TEXT,        OD_PG_BYTEA, OD_PG_UUID,
                                        OD_PG_TIMESTAMPTZ, OD_PG_JSON,  OD_PG_JSONB};
    struct fixture *f = *state;
    struct od_err err;
    int64_t total = -1;
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    struct od_pg_params *p = od_pg_params(c);
    for (size_t i = 0; i < 9; i++) {
        od_pg_array_begin(p, elements[i]);
        od_pg_array_end(p);
    }
    if (od_pg_exec_wait(c, &stmt, p, fixture_read_i64, &total, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(total, 0);
    od_pg_conn_free_wait(c, &f->loop);
}

static void read_affected(void *ctx, const struct od_pg_result *r)
{
    *(int64_t *)ctx = r->affected;
    assert_string_equal(r->tag, "INSERT 0 1000");
}

static void affected_rows_are_counted(void **state)
{
    static const uint32_t oids[] = {OD_PG_INT8_ARRAY};
    static const struct od_pg_stmt stmt = {"insert_many",
                                           "insert into many select * from unnest($1)", 1, oids};
    struct fixture *f = *state;
    struct od_err err;
    int64_t affected = 0;
    struct od_pg_conn *c = fixture_connect(&f->loop, od_pg_private_conninfo(f->private));
    fixture_exec(c, "create table many (a int8)");
    struct od_pg_params *p = od_pg_params(c);
    od_pg_array_begin(p, OD_PG_INT8);
    for (int64_t i = 1; i <= 1000; i++)
        od_pg_array_i64(p, i);
    od_pg_array_end(p);
    assert_int_equal(od_pg_exec_wait(c, &stmt, p, read_affected, &affected, &err), 0);
    assert_int_equal(affected, 1000);
    assert_int_equal(fixture_i64(c, "select sum(a)::int8 from many"), 500500);
    od_pg_conn_free_wait(c, &f->loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scalar_type_comes_back_as_it_went),
        cmocka_unit_test(every_array_type_comes_back_with_its_nulls),
        cmocka_unit_test(empty_arrays_have_no_elements),
        cmocka_unit_test(affected_rows_are_counted),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
