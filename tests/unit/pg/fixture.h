#ifndef TEST_PG_FIXTURE_H
#define TEST_PG_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/cluster/private.h"
#include "pg/wait.h"

/* A loop and a private cluster in a directory of its own, for one test program. */
struct fixture {
    struct od_loop loop;
    struct od_pg_private *private;
    char dir[64];
};

static inline int fixture_remove_entry(const char *path, const struct stat *st, int type,
                                       struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void fixture_make_dir(char dir[64])
{
    snprintf(dir, 64, "/tmp/orderd-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    /* the user that runs PostgreSQL has to get through */
    assert_int_equal(chmod(dir, 0755), 0);
}

static inline void fixture_remove_dir(const char *dir)
{
    nftw(dir, fixture_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct od_pg_private *fixture_start(struct od_loop *loop, const char *dir)
{
    struct od_err err;
    struct od_pg_private *p = od_pg_private_start(loop, dir, &err);
    if (!p)
        fail_msg("%s", err.message);
    return p;
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    od_log_set_level(OD_LOG_ERROR);
    fixture_make_dir(f->dir);
    od_loop_init(&f->loop);
    f->private = fixture_start(&f->loop, f->dir);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    od_pg_private_stop(f->private);
    od_loop_fini(&f->loop);
    fixture_remove_dir(f->dir);
    free(f);
    return 0;
}

static inline struct od_pg_conn *fixture_connect(struct od_loop *loop, const char *conninfo)
{
    struct od_err err;
    struct od_pg_conn_conf conf = {.conninfo = conninfo};
    struct od_pg_conn *c = od_pg_conn_new(loop, &conf);
    if (od_pg_wait_up(c, 20000, &err) != 0)
        fail_msg("%s", err.message);
    return c;
}

static inline void fixture_exec(struct od_pg_conn *c, const char *sql)
{
    struct od_err err;
    if (od_pg_script_wait(c, sql, &err) != 0)
        fail_msg("%s: %s", sql, err.message);
}

static inline void fixture_read_i64(void *ctx, const struct od_pg_result *r)
{
    *(int64_t *)ctx = od_pg_get_i64(r, 0, 0);
}

static inline int64_t fixture_i64(struct od_pg_conn *c, const char *sql)
{
    struct od_err err;
    struct od_pg_stmt stmt = {.sql = sql};
    int64_t value = 0;
    if (od_pg_exec_wait(c, &stmt, NULL, fixture_read_i64, &value, &err) != 0)
        fail_msg("%s: %s", sql, err.message);
    return value;
}

static inline void fixture_tick(void *ctx)
{
    ++*(int *)ctx;
}

/* Runs the loop until *condition, at most 20 s. */
static inline void fixture_until(struct od_loop *loop, const bool *condition)
{
    int ticks = 0;
    struct od_timer *timer = od_timer_new(loop, fixture_tick, &ticks);
    od_timer_start(timer, 10, 10);
    while (!*condition && ticks < 2000)
        od_loop_run_once(loop);
    od_timer_free(timer);
    assert_true(*condition);
}

#endif
