#include "store/search/page.h"

#include "store/search/trail.h"

void od_search_page_init(struct od_search_page *p, const struct od_search *s, struct od_set *set)
{
    *p = (struct od_search_page){
        .search = s, .set = set, .versions = OD_NEW_ARRAY(set->arena, int32_t, s->limit)};
    if (od_trail_is_asked(s->filters, s->filter_count))
        p->trails = OD_NEW_ARRAY(set->arena, struct od_filter_trail, s->limit);
}

void od_search_page_take(struct od_search_page *p, const struct od_pg_result *r)
{
    for (int i = 0; i < r->rows; i++) {
        if (i == (int)p->search->limit) {
            p->next = od_search_cursor(p->search, od_pg_get_text(r, i - 1, 1),
                                       od_pg_get_i64(r, i - 1, 0));
            return;
        }
        p->versions[i] = od_pg_get_i32(r, i, 2);
        (void)od_set_want_order(p->set, od_pg_get_i64(r, i, 0));
    }
}

static void on_trails(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_search_page *p = ctx;
    for (int i = 0; !err && i < r->rows; i++)
        od_trail_row_read(r, i, p->set->arena, &p->trails[i]);
}

/* The trails are read behind the orders: they may know of a decision that the orders do not show
 * yet, but never the other way round. */
void od_search_page_load(struct od_search_page *p, struct od_pg_conn *conn)
{
    p->set->left_out &= ~od_search_parts(p->search->filters, p->search->filter_count);
    od_set_send(p->set, conn, false);
    if (!p->trails || !p->set->order_count)
        return;
    int64_t *ids = OD_NEW_ARRAY(p->set->arena, int64_t, p->set->order_count);
    for (size_t i = 0; i < p->set->order_count; i++)
        ids[i] = p->set->orders[i]->order_id;
    od_trail_send(conn, ids, p->set->order_count, on_trails, p);
}

bool od_search_page_shows(const struct od_search_page *p, size_t i)
{
    const struct od_order *o = p->set->orders[i]->order;
    return o && (o->version == p->versions[i] ||
                 od_search_finds(p->search->filters, p->search->filter_count, o,
                                 p->trails ? &p->trails[i] : NULL));
}
