#include "store/export.h"

#include "order/show/export.h"

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_export *e = ctx;
    if (!err)
        od_search_page_take(&e->found, r);
}

static void on_loaded(void *ctx, bool failed)
{
    struct od_export *e = ctx;
    for (size_t i = 0; !failed && i < e->set.order_count; i++) {
        if (!od_search_page_shows(&e->found, i))
            continue;
        od_export_order(e->out, e->set.orders[i]->order, e->items);
        e->orders++;
    }
    e->more = !failed && e->found.next.ptr;
    if (e->more)
        e->search.after = e->found.next;
    od_set_fini(&e->set);
    od_arena_reset(&e->arena);
    e->page(e->ctx, failed);
}

static void on_found(void *ctx, bool failed)
{
    struct od_export *e = ctx;
    if (failed) {
        on_loaded(e, true);
        return;
    }
    od_search_page_load(&e->found, e->conn);
    od_pg_sync(e->conn, on_loaded, e);
}

void od_export_init(struct od_export *e)
{
    od_arena_init(&e->arena);
}

void od_export_fini(struct od_export *e)
{
    od_arena_fini(&e->arena);
}

int od_export_page(struct od_export *e, struct od_err *err)
{
    struct od_pg_params *params = od_pg_params(e->conn);
    if (od_search_sql(&e->search, params, &e->stmt.sql, err))
        return -1;
    e->stmt.nparams = params->count;
    od_set_init(&e->set, &e->arena);
    od_search_page_init(&e->found, &e->search, &e->set);
    od_pg_send(e->conn, &e->stmt, params, on_ids, e);
    od_pg_sync(e->conn, on_found, e);
    return 0;
}
