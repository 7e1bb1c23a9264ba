#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/search.h"

/* The statement that a search becomes. */

static struct od_arena arena;
static struct od_pg_params params;

static int set_up(void **state)
{
    (void)state;
    od_arena_init(&arena);
    od_pg_params_init(&params, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    od_pg_params_fini(&params);
    od_arena_fini(&arena);
    return 0;
}

static const char *sql_of(const char *name, const char *value)
{
    struct od_search s = {.arena = &arena, .limit = 20};
    struct od_err err;
    const char *sql;
    od_pg_params_reset(&params);
    assert_int_equal(od_search_filter(&s, od_str_of(name), od_str_of(value), &err), 0);
    assert_int_equal(od_search_sql(&s, &params, &sql, &err), 0);
    return sql;
}

static void orders_are_found_by_their_store(void **state)
{
    (void)state;
    assert_non_null(strstr(sql_of("store", "basel"), " and o.store = $1::text"));
    assert_int_equal(params.count, 1);
    assert_non_null(strstr(sql_of("store.in", "basel,bern"), " and o.store = any($1::text[])"));
}

static void a_store_has_no_range(void **state)
{
    struct od_search s = {.arena = &arena, .limit = 20};
    struct od_err err;
    (void)state;
    assert_int_equal(od_search_filter(&s, OD_STR("store.gte"), OD_STR("a"), &err), -1);
    assert_int_equal(err.code, OD_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(orders_are_found_by_their_store, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_store_has_no_range, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
