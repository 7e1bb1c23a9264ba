#include "order/model/parts.h"
#include "store/load/parts.h"
#include "store/rows/rows.h"

/* The rows that belong to orders, set-wise: one statement for each kind. */

int od_set_run_end(const struct od_pg_result *r, int i)
{
    int64_t order_id = od_pg_get_i64(r, i, 0);
    int end = i + 1;
    while (end < r->rows && od_pg_get_i64(r, end, 0) == order_id)
        end++;
    return end;
}

/* Reads one order's rows of a kind into a fresh array. */
static void *read_run(struct od_set *s, const struct od_pg_result *r, int from, int to,
                      enum od_entity_kind kind)
{
    size_t size = od_entities[kind].size;
    char *array = od_arena_array(s->arena, (size_t)(to - from), size);
    for (int i = from; i < to; i++)
        od_row_read(r, i, kind, array + (size_t)(i - from) * size, s->arena);
    return array;
}

/* Addresses are the only part with a slot for each kind. */
static void attach_addresses(struct od_order *o, const struct od_address *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int at = od_str_is(rows[i].kind, "billing") ? OD_BILLING : OD_SHIPPING;
        o->addresses[at] = rows[i];
        o->addresses[at].present = true;
    }
}

static void *find_part(const struct od_part_kind *p, const struct od_order *o, int32_t id)
{
    for (uint32_t i = 0; i < od_part_count(p, o); i++) {
        void *part = od_part_at(p, o, i);
        if (od_part_id(part) == id)
            return part;
    }
    return NULL;
}

/* Rows come sorted by the parts they belong to. */
static void attach_to_parts(struct od_order *o, const struct od_part_kind *p, char *rows,
                            uint32_t count)
{
    size_t size = od_entities[p->kind].size;
    for (uint32_t i = 0, n; i < count; i += n) {
        char *first = rows + i * size;
        for (n = 1; i + n < count && od_part_id(first + n * size) == od_part_id(first); n++)
            ;
        void *part = find_part(&od_part_kinds[p->owner], o, od_part_id(first));
        if (part)
            od_part_put(p, part, first, n);
    }
}

struct reading {
    struct od_set *set;
    const struct od_part_kind *kind;
};

/* An order placed after the orders statement ran would have children without a header; they are
 * skipped. */
static void on_children(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    if (err) /* the arena with the reading may be gone */
        return;
    const struct reading *reading = ctx;
    const struct od_part_kind *p = reading->kind;
    for (int i = 0, end; i < r->rows; i = end) {
        end = od_set_run_end(r, i);
        struct od_loaded *l = od_set_order(reading->set, od_pg_get_i64(r, i, 0));
        if (!l || !l->order)
            continue;
        void *rows = read_run(reading->set, r, i, end, p->kind);
        uint32_t count = (uint32_t)(end - i);
        if (p->owner != OD_ENTITY_ORDER)
            attach_to_parts(l->order, p, rows, count);
        else if (p->slots)
            attach_addresses(l->order, rows, count);
        else
            od_part_put(p, l->order, rows, count);
    }
}

/* A part is there before its items come. */
void od_set_send_children(struct od_set *s, struct od_pg_conn *conn)
{
    OD_EACH_PART_KIND (kind) {
        if (s->left_out & 1U << kind->kind)
            continue;
        struct reading *reading = OD_NEW(s->arena, struct reading);
        *reading = (struct reading){s, kind};
        struct od_pg_params *p = od_pg_params(conn);
        od_set_put_ids(s, p);
        od_pg_send(conn, &od_store_sql(kind->kind)->select, p, on_children, reading);
    }
}
