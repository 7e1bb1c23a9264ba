#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "pg/migrate.h"

struct migrating {
    struct fixture *f;
    struct od_pg_conn *c;
    char dir[64];
    int applied;
    struct od_err err;
};

static void write_sql(const struct migrating *m, const char *name, const char *sql)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", m->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(sql, file);
    fclose(file);
}

static void remove_sql(const struct migrating *m, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", m->dir, name);
    assert_int_equal(remove(path), 0);
}

static int migrate(struct migrating *m)
{
    return od_pg_migrate(m->c, m->dir, &m->applied, &m->err);
}

/* Two migrations and the bystander that editors leave. */
static struct migrating *begin(void **state)
{
    struct migrating *m = calloc(1, sizeof *m);
    m->f = *state;
    m->c = fixture_connect(&m->f->loop, od_pg_private_conninfo(m->f->private));
    fixture_exec(m->c, "drop schema public cascade; create schema public");
    fixture_make_dir(m->dir);
    write_sql(m, "001_first.sql", "create table one (a int);\ninsert into one values (1);\n");
    write_sql(m, "002_second.sql", "create table two (b text); -- the end");
    write_sql(m, "002_second.sql~", "not sql");
    return m;
}

static void end(struct migrating *m)
{
    od_pg_conn_free_wait(m->c, &m->f->loop);
    fixture_remove_dir(m->dir);
    free(m);
}

static void files_are_applied_once_in_order(void **state)
{
    struct migrating *m = begin(state);
    assert_int_equal(migrate(m), 0);
    assert_int_equal(m->applied, 2);
    assert_int_equal(migrate(m), 0);
    assert_int_equal(m->applied, 0);
    write_sql(m, "003_third.sql", "insert into one values (3)");
    assert_int_equal(migrate(m), 0);
    assert_int_equal(m->applied, 1);
    assert_int_equal(fixture_i64(m->c, "select sum(a)::int8 from one"), 4);
    assert_int_equal(fixture_i64(m->c, "select count(*) from schema_migration "
                                       "where name in ('first', 'second', 'third')"),
                     3);
    end(m);
}

static void a_failing_file_leaves_nothing_and_names_itself(void **state)
{
    struct migrating *m = begin(state);
    write_sql(m, "003_broken.sql", "create table three (c int); select no_such_column");
    assert_int_equal(migrate(m), -1);
    assert_non_null(strstr(m->err.message, "003_broken.sql"));
    assert_non_null(strstr(m->err.message, "no_such_column"));
    assert_int_equal(fixture_i64(m->c, "select max(version) from schema_migration"), 2);
    assert_int_equal(fixture_i64(m->c, "select count(*) from pg_tables where tablename = 'three'"),
                     0);
    write_sql(m, "003_broken.sql", "create table three (c int)");
    assert_int_equal(migrate(m), 0);
    end(m);
}

static void a_newer_database_is_refused(void **state)
{
    struct migrating *m = begin(state);
    assert_int_equal(migrate(m), 0);
    remove_sql(m, "002_second.sql");
    assert_int_equal(migrate(m), -1);
    assert_string_equal(m->err.message,
                        "database is at version 2, this orderd knows up to 1: use a "
                        "newer orderd");
    end(m);
}

static void a_changed_file_is_refused(void **state)
{
    struct migrating *m = begin(state);
    assert_int_equal(migrate(m), 0);
    write_sql(m, "001_first.sql", "create table one (a int8)");
    assert_int_equal(migrate(m), -1);
    assert_non_null(strstr(m->err.message, "001_first.sql has changed"));
    end(m);
}

static void gaps_and_double_numbers_are_refused(void **state)
{
    struct migrating *m = begin(state);
    write_sql(m, "004_gap.sql", "select 1");
    assert_int_equal(migrate(m), -1);
    assert_non_null(strstr(m->err.message, "no file with number 3"));
    remove_sql(m, "004_gap.sql");
    write_sql(m, "002_twice.sql", "select 1");
    assert_int_equal(migrate(m), -1);
    assert_non_null(strstr(m->err.message, "two files with number 2"));
    end(m);
}

static void another_process_is_waited_for(void **state)
{
    struct migrating *m = begin(state);
    struct od_pg_conn *other = fixture_connect(&m->f->loop, od_pg_private_conninfo(m->f->private));
    struct od_pg_stmt slow = {
        .sql = "select 1 from (select pg_advisory_lock(122537101324900)) a, pg_sleep(0.3), "
               "lateral (select pg_advisory_unlock(122537101324900)) b"};
    od_pg_send(other, &slow, NULL, NULL, NULL);
    od_pg_sync(other, NULL, NULL);
    assert_int_equal(migrate(m), 0);
    assert_int_equal(m->applied, 2);
    od_pg_conn_free_wait(other, &m->f->loop);
    end(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_applied_once_in_order),
        cmocka_unit_test(a_failing_file_leaves_nothing_and_names_itself),
        cmocka_unit_test(a_newer_database_is_refused),
        cmocka_unit_test(a_changed_file_is_refused),
        cmocka_unit_test(gaps_and_double_numbers_are_refused),
        cmocka_unit_test(another_process_is_waited_for),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
