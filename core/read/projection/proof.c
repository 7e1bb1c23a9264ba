#include "read/projection/proof.h"

#include "base/arena.h"
#include "pg/wait.h"
#include "read/projection/projection.h"
#include "store/read/rebuild.h"

enum { PAGE = 500 };

struct proof {
    struct od_pg_conn *conn;
    const struct od_projection *projection;
    struct od_arena arena;
    struct od_rebuild_stmts stmts;
    struct od_pg_stmt differ, sums;
    int64_t last, ids[PAGE];
    size_t seen, count;
    void (*tell)(void *ctx, const struct od_projection *projection, int64_t order_id,
                 const char *what);
    void *ctx;
};

static void on_settled(void *ctx, const struct od_pg_result *r)
{
    struct proof *p = ctx;
    p->seen = (size_t)r->rows;
    p->count = 0;
    for (int i = 0; i < r->rows; i++) {
        p->last = od_pg_get_i64(r, i, 0);
        if (od_pg_get_bool(r, i, 1))
            p->ids[p->count++] = p->last;
    }
}

static void on_differ(void *ctx, const struct od_pg_result *r)
{
    struct proof *p = ctx;
    struct od_arena a;
    od_arena_init(&a);
    for (int i = 0; i < r->rows; i++)
        p->tell(p->ctx, p->projection, od_pg_get_i64(r, i, 0),
                od_arena_str(&a, od_pg_get_text(r, i, 1)).ptr);
    od_arena_fini(&a);
}

static void on_orphans(void *ctx, const struct od_pg_result *r)
{
    struct proof *p = ctx;
    for (int i = 0; i < r->rows; i++)
        p->tell(p->ctx, p->projection, od_pg_get_i64(r, i, 0), "has rows, but is no order");
}

static void on_sums(void *ctx, const struct od_pg_result *r)
{
    struct proof *p = ctx;
    struct od_arena a;
    od_arena_init(&a);
    for (int i = 0; i < r->rows; i++)
        p->tell(p->ctx, p->projection, 0, od_arena_str(&a, od_pg_get_text(r, i, 0)).ptr);
    od_arena_fini(&a);
}

static int prove_page(struct proof *p, struct od_err *err)
{
    struct od_pg_params *params = od_pg_params(p->conn);
    od_pg_i64(params, p->last);
    od_pg_i32(params, PAGE);
    if (od_pg_exec_wait(p->conn, &p->stmts.settled, params, on_settled, p, err))
        return -1;
    if (!p->count)
        return 0;
    params = od_pg_params(p->conn);
    od_pg_array_begin(params, OD_PG_INT8);
    for (size_t i = 0; i < p->count; i++)
        od_pg_array_i64(params, p->ids[i]);
    od_pg_array_end(params);
    return od_pg_exec_wait(p->conn, &p->differ, params, on_differ, p, err);
}

static int prove(struct proof *p, struct od_err *err)
{
    do {
        if (prove_page(p, err))
            return -1;
    } while (p->seen == PAGE);
    if (od_pg_exec_wait(p->conn, &p->stmts.orphans, NULL, on_orphans, p, err))
        return -1;
    return p->projection->sums_differ ? od_pg_exec_wait(p->conn, &p->sums, NULL, on_sums, p, err)
                                      : 0;
}

int od_projection_prove(struct od_pg_conn *conn, const struct od_projection *projection,
                        void (*tell)(void *ctx, const struct od_projection *projection,
                                     int64_t order_id, const char *what),
                        void *ctx, struct od_err *err)
{
    struct proof p = {.conn = conn, .projection = projection, .tell = tell, .ctx = ctx};
    od_arena_init(&p.arena);
    od_rebuild_stmts_init(&p.stmts, &p.arena, projection->name, projection->tables);
    od_projection_proof_stmts(&p.differ, &p.sums, projection->differ, projection->sums_differ);
    int failed = prove(&p, err);
    od_arena_fini(&p.arena);
    return failed ? od_err_wrap(err, "projection %s", projection->name) : 0;
}
