#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pg/conninfo.h"
#include "pg/conn.h"

static void check(const char *conninfo, const char *keyword, const char *expected)
{
    char *value = od_pg_conninfo_option(conninfo, keyword);
    if (expected)
        assert_string_equal(value, expected);
    else
        assert_null(value);
    free(value);
}

static void another_database_is_the_only_change(void **state)
{
    (void)state;
    static const char *const same[] = {
        "postgresql://ana:p%20w%27%5C@a.example,b.example:6432/shop?sslmode=require",
        "host=a.example,b.example port=5432,6432 user=ana password='p w\\'\\\\' dbname=shop "
        "sslmode=require",
    };
    for (size_t i = 0; i < 2; i++) {
        char *other = od_pg_conninfo_with(same[i], "dbname", "the other's");
        struct od_err err;
        assert_int_equal(od_pg_conninfo_check(other, &err), 0);
        check(other, "dbname", "the other's");
        check(other, "user", "ana");
        check(other, "password", "p w'\\");
        check(other, "host", "a.example,b.example");
        check(other, "sslmode", "require");
        free(other);
    }
}

static void a_password_is_left_out(void **state)
{
    (void)state;
    char *other = od_pg_conninfo_with("postgresql://ana:secret@h/shop", "password", NULL);
    assert_null(strstr(other, "secret"));
    check(other, "dbname", "shop");
    check(other, "password", NULL);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_database_is_the_only_change),
        cmocka_unit_test(a_password_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
