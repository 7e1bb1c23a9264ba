#include "read/projection/rebuild.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/terminal/progress.h"
#include "pg/transaction.h"
#include "pg/wait.h"
#include "read/projection/projection.h"
#include "store/read/rebuild.h"

enum {
    PAGE = 2000,      /* orders in one fold */
    NEARLY = 200,     /* so few may be folded while folds elsewhere wait */
    SWAP_TRIES = 100, /* each waits half a second at most for readers */
    CONNECT_MS = 30000,
};

struct rebuild {
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_projection_stmts stmts;
    struct od_rebuild_stmts rebuild;
    struct od_str start; /* the position from which events may be missing */
    int64_t orders;
    int64_t ids[PAGE];
    size_t count;
};

static void on_start(void *ctx, const struct od_pg_result *r)
{
    struct rebuild *b = ctx;
    b->start = od_arena_str(&b->arena, od_pg_get_text(r, 0, 0));
    b->orders = od_pg_get_i64(r, 0, 1);
}

static void on_ids(void *ctx, const struct od_pg_result *r)
{
    struct rebuild *b = ctx;
    for (b->count = 0; b->count < (size_t)r->rows; b->count++)
        b->ids[b->count] = od_pg_get_i64(r, (int)b->count, 0);
}

static int fold(struct rebuild *b, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(b->conn);
    if (!b->count)
        return 0;
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < b->count; i++)
        od_pg_array_i64(p, b->ids[i]);
    od_pg_array_end(p);
    return od_pg_exec_wait(b->conn, &b->stmts.fold, p, NULL, NULL, err);
}

static int fold_all(struct rebuild *b, struct od_progress *progress, struct od_err *err)
{
    int64_t last = 0, done = 0;
    do {
        struct od_pg_params *p = od_pg_params(b->conn);
        od_pg_i64(p, last);
        od_pg_i32(p, PAGE);
        if (od_pg_exec_wait(b->conn, &b->rebuild.ids, p, on_ids, b, err) || fold(b, err))
            return -1;
        last = b->count ? b->ids[b->count - 1] : last;
        done += (int64_t)b->count;
        if (progress)
            od_progress_show(progress, done, b->orders > done ? b->orders : done);
    } while (b->count == PAGE);
    return 0;
}

/* Folds orders that have changed since the start, until at most `left` are left. */
static int catch_up(struct rebuild *b, size_t left, struct od_err *err)
{
    do {
        struct od_pg_params *p = od_pg_params(b->conn);
        od_pg_text(p, b->start);
        od_pg_i32(p, PAGE);
        if (od_pg_exec_wait(b->conn, &b->rebuild.behind, p, on_ids, b, err))
            return -1;
        if (b->count && fold(b, err))
            return -1;
    } while (b->count > left);
    return 0;
}

static int run(struct rebuild *b, const struct od_pg_stmt *stmt, struct od_err *err)
{
    return od_pg_exec_wait(b->conn, stmt, NULL, NULL, NULL, err);
}

/* Readers that hold the old tables are waited for only a moment at a time, because others queue
 * behind this wait. */
static int swap_once(struct rebuild *b, struct od_err *err)
{
    if (run(b, &od_pg_begin, err) || run(b, &b->stmts.lock, err) || catch_up(b, 0, err) ||
        od_pg_script_wait(b->conn, "set local lock_timeout = 500", err) ||
        run(b, &b->rebuild.lock_tables, err) ||
        od_pg_script_wait(b->conn, b->rebuild.swap_script, err))
        return -1;
    struct od_pg_params *p = od_pg_params(b->conn);
    od_pg_text(p, b->start);
    if (od_pg_exec_wait(b->conn, &b->rebuild.built, p, NULL, NULL, err))
        return -1;
    return run(b, &od_pg_commit, err);
}

static int swap(struct rebuild *b, struct od_err *err)
{
    struct od_err ignored;
    for (int i = 0; i < SWAP_TRIES; i++) {
        if (swap_once(b, err) == 0)
            return 0;
        (void)!run(b, &od_pg_rollback, &ignored);
        if (strcmp(err->sqlstate, "55P03") != 0 && strcmp(err->sqlstate, "40P01") != 0)
            return -1;
    }
    return -1;
}

static int rebuild(struct rebuild *b, struct od_progress *progress, struct od_err *err)
{
    return run(b, &b->rebuild.one_at_a_time, err) ||
                   od_pg_script_wait(b->conn, b->rebuild.begin_script, err) ||
                   od_pg_exec_wait(b->conn, &b->rebuild.start, NULL, on_start, b, err) ||
                   fold_all(b, progress, err) || catch_up(b, NEARLY, err) ||
                   od_pg_script_wait(b->conn, b->rebuild.analyze_script, err) ||
                   catch_up(b, NEARLY, err) || swap(b, err)
               ? -1
               : 0;
}

int od_projection_rebuild(struct od_pg_conn *conn, const struct od_projection *projection,
                          struct od_progress *progress, struct od_err *err)
{
    struct rebuild b = {.conn = conn};
    struct od_err ignored;
    od_arena_init(&b.arena);
    od_projection_stmts_init(&b.stmts, &b.arena, projection->name, projection->tables[0],
                             projection->fold);
    od_rebuild_stmts_init(&b.rebuild, &b.arena, projection->name, projection->tables);
    int failed = rebuild(&b, progress, err);
    (void)!od_pg_script_wait(conn, b.rebuild.end_script, &ignored);
    od_arena_fini(&b.arena);
    return failed ? od_err_wrap(err, "projection %s", projection->name) : 0;
}

static void on_cursor(void *ctx, const struct od_pg_result *r)
{
    struct rebuild *b = ctx;
    b->start = od_arena_str(&b->arena, od_pg_get_text(r, 0, 0));
}

static int fold_page(struct rebuild *b, struct od_err *err)
{
    struct od_pg_params *p;
    if (run(b, &od_pg_begin, err) || run(b, &b->stmts.lock, err))
        return -1;
    p = od_pg_params(b->conn);
    od_pg_text(p, b->start);
    od_pg_i32(p, PAGE);
    return od_pg_exec_wait(b->conn, &b->rebuild.behind, p, on_ids, b, err) || fold(b, err) ||
                   run(b, &od_pg_commit, err)
               ? -1
               : 0;
}

/* The sweep's work, without the cursor. */
static int fold_rest(struct od_pg_conn *conn, const struct od_projection *projection,
                     struct od_err *err)
{
    struct rebuild b = {.conn = conn};
    od_arena_init(&b.arena);
    od_projection_stmts_init(&b.stmts, &b.arena, projection->name, projection->tables[0],
                             projection->fold);
    od_rebuild_stmts_init(&b.rebuild, &b.arena, projection->name, projection->tables);
    int failed = od_pg_exec_wait(conn, &b.rebuild.cursor, NULL, on_cursor, &b, err);
    do {
        failed = failed || fold_page(&b, err);
    } while (!failed && b.count == PAGE);
    od_arena_fini(&b.arena);
    return failed ? od_err_wrap(err, "projection %s", projection->name) : 0;
}

static void on_built(void *ctx, const struct od_pg_result *r)
{
    *(bool *)ctx = r->rows == 1 && od_pg_get_bool(r, 0, 0);
}

static int name_only(struct od_pg_conn *conn, const struct od_pg_stmt *stmt, const char *name,
                     void (*read)(void *ctx, const struct od_pg_result *r), void *ctx,
                     struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, od_str_of(name));
    return od_pg_exec_wait(conn, stmt, p, read, ctx, err);
}

static int make_ready(struct od_loop *loop, struct od_pg_server *server,
                      const struct od_projection *projection, struct od_err *err)
{
    static const char *const setup[] = {"set application_name = 'orderd rebuild'", "set jit = off",
                                        NULL};
    struct od_pg_conn_conf conf = {.server = server, .setup = setup};
    struct od_pg_conn *conn = od_pg_conn_new(loop, &conf);
    bool built = false;
    int failed = od_pg_wait_up(conn, CONNECT_MS, err) ||
                 name_only(conn, &od_projection_know, projection->name, NULL, NULL, err) ||
                 name_only(conn, &od_projection_begin_empty, projection->name, NULL, NULL, err) ||
                 name_only(conn, &od_projection_is_built, projection->name, on_built, &built, err);
    if (!failed && !built) {
        od_info("projection_build", "projection=%s", projection->name);
        failed = od_projection_rebuild(conn, projection, NULL, err);
    } else if (!failed) {
        failed = fold_rest(conn, projection, err);
    }
    od_pg_conn_free_wait(conn, loop);
    return failed ? -1 : 0;
}

int od_projections_ready(struct od_loop *loop, struct od_pg_server *server, struct od_err *err)
{
    for (size_t i = 0; od_projections[i]; i++) {
        if (make_ready(loop, server, od_projections[i], err))
            return -1;
    }
    return 0;
}
