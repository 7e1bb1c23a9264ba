#include "store/load/numbers.h"

#include <stdlib.h>

#include "base/assert.h"

static const uint32_t count_oids[] = {OD_PG_INT4};
static const struct od_pg_stmt take_numbers = {
    .name = "take_numbers",
    .sql = "select nextval('order_id_seq'), nextval('order_number_seq')"
           " from generate_series(1, $1)",
    .nparams = 1,
    .param_oids = count_oids,
};

static const uint32_t series_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY};
/* In order of names, as the arrays are: two batches that take from the same series wait for each
 * other instead of deadlocking. */
static const struct od_pg_stmt take_series = {
    .name = "take_series",
    .sql = "insert into counter (series, value)"
           " select u.series, u.n from unnest($1, $2) as u (series, n)"
           " on conflict (series) do update set value = counter.value + excluded.value"
           " returning series, value",
    .nparams = 2,
    .param_oids = series_oids,
};
static const struct od_pg_stmt return_series = {
    .name = "return_series",
    .sql = "update counter c set value = u.value from unnest($1, $2) as u (series, value)"
           " where c.series = u.series",
    .nparams = 2,
    .param_oids = series_oids,
};

static const uint32_t skip_oids[] = {OD_PG_TEXT, OD_PG_INT8, OD_PG_TEXT};
/* Only when it is the next one and an order has it; the batch that took it was rolled back. */
static const struct od_pg_stmt skip_number = {
    .name = "skip_number",
    .sql = "insert into counter as c (series, value) select $1, $2"
           " where exists (select from orders where order_number = $3)"
           " and ($2 = 1 or exists (select from counter where series = $1))"
           " on conflict (series) do update set value = excluded.value"
           " where c.value = excluded.value - 1",
    .nparams = 3,
    .param_oids = skip_oids,
};

static struct od_series *find(const struct od_series_list *l, struct od_str name)
{
    for (size_t i = 0; i < l->count; i++) {
        if (od_str_eq(l->all[i]->name, name))
            return l->all[i];
    }
    return NULL;
}

static void want(struct od_numbers *n, struct od_series_list *l, struct od_str name, bool dry_run)
{
    struct od_series *s = find(l, name);
    if (!s) {
        s = OD_NEW(n->arena, struct od_series);
        s->name = name;
        l->all = od_arena_grow(n->arena, l->all, l->count, &l->cap, sizeof(struct od_series *));
        l->all[l->count++] = s;
    }
    s->wanted += !dry_run;
}

void od_numbers_want(struct od_numbers *n, struct od_str series, bool dry_run)
{
    n->wanted++;
    if (series.ptr)
        want(n, &n->orders, series, dry_run);
}

static struct od_str document_series(const struct od_numbers *n,
                                     const struct od_document_number *doc)
{
    return od_arena_printf(n->arena, "%.*s:%.*s", OD_STR_ARG(od_document_name(doc->kind)),
                           OD_STR_ARG(doc->series));
}

void od_numbers_want_document(struct od_numbers *n, const struct od_document_number *doc,
                              bool dry_run)
{
    want(n, &n->documents, document_series(n, doc), dry_run);
}

static void on_numbers(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_numbers *n = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        n->order_ids[i] = od_pg_get_i64(r, i, 0);
        n->values[i] = od_pg_get_i64(r, i, 1);
    }
}

static void on_series(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_series_list *l = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_series *s = find(l, od_pg_get_text(r, i, 0));
        s->taken = od_pg_get_i64(r, i, 1);
        s->used = s->taken - s->wanted;
    }
}

static int by_name(const void *a, const void *b)
{
    return od_str_cmp((*(struct od_series *const *)a)->name, (*(struct od_series *const *)b)->name);
}

static void put_names(struct od_pg_params *p, struct od_series *const *series, size_t count)
{
    od_pg_array_begin(p, OD_PG_TEXT);
    for (size_t i = 0; i < count; i++)
        od_pg_array_text(p, series[i]->name);
    od_pg_array_end(p);
}

static void send_series(struct od_series_list *l, struct od_pg_conn *conn)
{
    if (!l->count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    qsort(l->all, l->count, sizeof(struct od_series *), by_name);
    put_names(p, l->all, l->count);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < l->count; i++)
        od_pg_array_i64(p, l->all[i]->wanted);
    od_pg_array_end(p);
    od_pg_send(conn, &take_series, p, on_series, l);
}

void od_numbers_send_documents(struct od_numbers *n, struct od_pg_conn *conn)
{
    send_series(&n->documents, conn);
}

void od_numbers_send(struct od_numbers *n, struct od_pg_conn *conn)
{
    if (!n->wanted)
        return;
    n->order_ids = OD_NEW_ARRAY(n->arena, int64_t, n->wanted);
    n->values = OD_NEW_ARRAY(n->arena, int64_t, n->wanted);
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_i32(p, (int32_t)n->wanted);
    od_pg_send(conn, &take_numbers, p, on_numbers, n);
    send_series(&n->orders, conn);
}

void od_numbers_use(struct od_numbers *n, struct od_str series, int64_t *order_id, int64_t *value)
{
    OD_ASSERT(n->used < n->wanted);
    *order_id = n->order_ids[n->used];
    *value = n->values[n->used++];
    if (series.ptr)
        *value = ++find(&n->orders, series)->used;
}

void od_numbers_unuse(struct od_numbers *n, struct od_str series)
{
    if (series.ptr)
        find(&n->orders, series)->used--;
}

void od_numbers_use_document(struct od_numbers *n, struct od_document_number *doc)
{
    doc->value = ++find(&n->documents, document_series(n, doc))->used;
}

void od_numbers_unuse_document(struct od_numbers *n, const struct od_document_number *doc)
{
    find(&n->documents, document_series(n, doc))->used--;
}

void od_numbers_send_skip(struct od_str series, int64_t value, struct od_str number,
                          struct od_pg_conn *conn)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, series);
    od_pg_i64(p, value);
    od_pg_text(p, number);
    od_pg_send(conn, &skip_number, p, NULL, NULL);
}

static void send_unused(const struct od_numbers *n, const struct od_series_list *l,
                        struct od_pg_conn *conn)
{
    struct od_series **unused = OD_NEW_ARRAY(n->arena, struct od_series *, l->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (l->all[i]->used < l->all[i]->taken)
            unused[count++] = l->all[i];
    }
    if (!count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    put_names(p, unused, count);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < count; i++)
        od_pg_array_i64(p, unused[i]->used);
    od_pg_array_end(p);
    od_pg_send(conn, &return_series, p, NULL, NULL);
}

void od_numbers_send_unused(const struct od_numbers *n, struct od_pg_conn *conn)
{
    send_unused(n, &n->orders, conn);
    send_unused(n, &n->documents, conn);
}
