#include "store/write/write.h"

#include "base/buf.h"
#include "base/digest.h"
#include "order/ledger/event.h"
#include "order/machine/command_kind.h"
#include "order/model/event.h"
#include "order/model/parts.h"
#include "store/server/position.h"
#include "store/rows/rows.h"
#include "store/write/parts.h"

enum { EVENT_DATA_MAX = 4 << 20 };

static const uint32_t rows_oids[] = {0}; /* the statement says it */
static const struct od_pg_stmt insert_events = {
    .name = "insert_events",
    .sql =
        "insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy,"
        " reason, overruled, from_status, to_status, from_payment_status, to_payment_status,"
        " from_shipment_status, to_shipment_status, data, policy_reason)"
        " select order_id, seq, type, at, recorded_at, actor, bundle_id, policy,"
        " reason, overruled, from_status, to_status, from_payment_status, to_payment_status,"
        " from_shipment_status, to_shipment_status, data, policy_reason"
        " from unnest($1::order_event[])",
    .nparams = 1,
    .param_oids = rows_oids,
};

static const uint32_t key_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_BYTEA_ARRAY,
                                    OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY,
                                    OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY,
                                    OD_PG_INT8_ARRAY, OD_PG_TEXT_ARRAY};
/* Sorted, so that two processes that use the same keys wait for each other instead of deadlocking.
 * They expire by the database's clock (server/upkeep.c), and so are made by it. */
static const struct od_pg_stmt insert_keys = {
    .name = "insert_keys",
    .sql = "insert into idempotency_key (principal, key, request_hash, order_id, version, command,"
           " ref_id, sku, on_hand, reserved, location, created_at)"
           " select *, now() from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
           " order by 1, 2",
    .nparams = 11,
    .param_oids = key_oids,
};

void od_write_init(struct od_write *w, struct od_arena *arena, struct od_set *set,
                   const struct od_row_types *types)
{
    *w = (struct od_write){.arena = arena, .set = set, .types = types};
}

void od_write_placed(struct od_write *w, const struct od_order *o)
{
    w->placed = od_arena_grow(w->arena, w->placed, w->placed_count, &w->placed_cap,
                              sizeof(const struct od_order *));
    w->placed[w->placed_count++] = o;
}

static const uint32_t cause_oids[] = {OD_PG_INT8_ARRAY, OD_PG_INT4_ARRAY, OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt insert_causes = {
    .name = "write_causes",
    .sql = "insert into event_cause (order_id, seq, cause)"
           " select order_id, seq, cause from unnest($1, $2, $3) as u (order_id, seq, cause)",
    .nparams = 3,
    .param_oids = cause_oids,
};

void od_write_events(struct od_write *w, const struct od_event *events, uint32_t count,
                     struct od_str cause)
{
    for (uint32_t i = 0; i < count; i++) {
        w->causes =
            od_arena_grow(w->arena, w->causes, w->event_count, &w->cause_cap, sizeof *w->causes);
        w->causes[w->event_count] = cause;
        w->events = od_arena_grow(w->arena, w->events, w->event_count, &w->event_cap,
                                  sizeof(const struct od_event *));
        w->events[w->event_count++] = &events[i];
    }
}

void od_write_key(struct od_write *w, const struct od_key_write *k)
{
    w->keys = od_arena_grow(w->arena, w->keys, w->key_count, &w->key_cap, sizeof *w->keys);
    w->keys[w->key_count++] = *k;
}

static void put_text(struct od_pg_params *p, struct od_str s)
{
    od_pg_row_column(p, OD_PG_TEXT);
    od_pg_array_text(p, s);
}

static void put_i32(struct od_pg_params *p, int32_t v)
{
    od_pg_row_column(p, OD_PG_INT4);
    od_pg_array_i32(p, v);
}

static void put_time(struct od_pg_params *p, int64_t us)
{
    od_pg_row_column(p, OD_PG_TIMESTAMPTZ);
    od_pg_array_time(p, us);
}

/* All columns of order_event, in the order of the table. */
static void put_event(struct od_pg_params *p, const struct od_event *e, struct od_str data)
{
    enum { COLUMNS = 19 };
    od_pg_row_begin(p, COLUMNS);
    od_pg_row_column(p, OD_PG_INT8);
    od_pg_array_i64(p, e->order_id);
    put_i32(p, e->seq);
    put_text(p, od_event_type_name(e->type));
    put_time(p, e->at);
    put_time(p, e->recorded_at);
    put_text(p, e->actor);
    put_i32(p, e->bundle_id);
    put_text(p, e->policy);
    put_text(p, e->reason);
    put_text(p, e->overruled);
    for (int k = 0; k < OD_STATUS_KINDS; k++) {
        put_text(p, e->status[k].to.ptr ? e->status[k].from : OD_STR_NONE);
        put_text(p, e->status[k].to);
    }
    od_pg_row_column(p, OD_PG_XID8); /* txid: the table's default */
    od_pg_array_null(p);
    od_pg_row_column(p, OD_PG_JSON);
    od_pg_array_text(p, data);
    put_text(p, e->policy_reason);
    od_pg_row_end(p);
}

static void send_events(struct od_write *w, struct od_pg_conn *conn)
{
    if (!w->event_count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    struct od_buf data;
    od_buf_init(&data, EVENT_DATA_MAX);
    od_pg_array_begin(p, w->types->event);
    for (size_t i = 0; i < w->event_count; i++) {
        od_buf_reset(&data);
        od_event_encode(w->events[i], &data);
        put_event(p, w->events[i], od_buf_view(&data));
    }
    od_pg_array_end(p);
    od_buf_fini(&data);
    od_pg_send(conn, &insert_events, p, NULL, NULL);
}

#define CAUSE_ARRAY(oid, put)                                                                      \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        for (size_t i = 0; i < w->event_count; i++) {                                              \
            if (w->causes[i].ptr)                                                                  \
                put;                                                                               \
        }                                                                                          \
        od_pg_array_end(p);                                                                        \
    } while (0)

/* Most events have no cause but their actor. They have no row, so that nothing is paid for them. */
static void send_causes(const struct od_write *w, struct od_pg_conn *conn)
{
    size_t count = 0;
    for (size_t i = 0; i < w->event_count; i++)
        count += w->causes[i].ptr != NULL;
    if (!count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    CAUSE_ARRAY(OD_PG_INT8, od_pg_array_i64(p, w->events[i]->order_id));
    CAUSE_ARRAY(OD_PG_INT4, od_pg_array_i32(p, w->events[i]->seq));
    CAUSE_ARRAY(OD_PG_TEXT, od_pg_array_text(p, w->causes[i]));
    od_pg_send(conn, &insert_causes, p, NULL, NULL);
}

/* See store/server/position.h. */
static void raise_positions(const struct od_write *w, struct od_pg_conn *conn)
{
    const struct od_set *set = w->set;
    size_t behind = 0;
    for (size_t i = 0; i < set->order_count; i++)
        behind += set->orders[i]->behind;
    if (!behind || !w->event_count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < set->order_count; i++) {
        if (set->orders[i]->behind)
            od_pg_array_i64(p, set->orders[i]->order_id);
    }
    od_pg_array_end(p);
    od_pg_array_begin(p, OD_PG_INT4);
    for (size_t i = 0; i < set->order_count; i++) {
        if (set->orders[i]->behind)
            od_pg_array_i32(p, set->orders[i]->version);
    }
    od_pg_array_end(p);
    od_pg_send(conn, &od_position_raise, p, NULL, NULL);
}

static void send_rows(const struct od_write *w, struct od_pg_conn *conn,
                      const struct od_pg_stmt *stmt, const struct od_rows *rows,
                      enum od_entity_kind kind, enum od_columns columns)
{
    if (!rows->count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    od_rows_param(rows, kind, columns, w->types, p);
    od_pg_send(conn, stmt, p, NULL, NULL);
}

/* The rows of a batch, by kind and by what happened to them. */
struct dirty_rows {
    struct od_rows created[OD_ENTITY_COUNT], changed[OD_ENTITY_COUNT], deleted[OD_ENTITY_COUNT];
};

static void add(struct dirty_rows *d, struct od_arena *a, enum od_entity_kind kind,
                enum od_dirty dirty, int64_t order_id, const void *entity)
{
    switch (dirty) {
    case OD_CLEAN:
        return;
    case OD_DIRTY_NEW:
        od_rows_add(&d->created[kind], a, order_id, entity);
        return;
    case OD_DIRTY_CHANGED:
        od_rows_add(&d->changed[kind], a, order_id, entity);
        return;
    case OD_DIRTY_DELETED:
        od_rows_add(&d->deleted[kind], a, order_id, entity);
        return;
    }
}

/* The list of an owner that is new, or was there. Everything that belongs to a new part is new with
 * it. */
static void collect_list(struct dirty_rows *d, struct od_arena *a, int64_t order_id,
                         const struct od_part_kind *p, const void *owner, bool owner_is_new)
{
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        const void *part = od_part_at(p, owner, i);
        enum od_dirty dirty = owner_is_new ? OD_DIRTY_NEW : od_part_dirty(p, part);
        add(d, a, p->kind, dirty, order_id, part);
        OD_EACH_LIST_OF_PART (items, p)
            collect_list(d, a, order_id, items, part, dirty == OD_DIRTY_NEW);
    }
}

static void collect_order(struct dirty_rows *d, struct od_arena *a, const struct od_order *o)
{
    if (o->dirty == OD_CLEAN)
        return;
    add(d, a, OD_ENTITY_ORDER, o->dirty, o->order_id, o);
    OD_EACH_LIST_OF_ORDER (p)
        collect_list(d, a, o->order_id, p, o, false);
}

static void send_dirty(const struct od_write *w, const struct dirty_rows *d,
                       struct od_pg_conn *conn)
{
    for (enum od_entity_kind k = 0; k < OD_ENTITY_COUNT; k++) {
        const struct od_entity_sql *sql = od_store_sql(k);
        send_rows(w, conn, &sql->remove, &d->deleted[k], k, OD_COLUMNS_KEY);
        send_rows(w, conn, &sql->insert, &d->created[k], k, OD_COLUMNS_ALL);
        send_rows(w, conn, &sql->update, &d->changed[k], k, OD_COLUMNS_MUTABLE);
    }
}

#define KEY_ARRAY(oid, put)                                                                        \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        for (size_t i = 0; i < w->key_count; i++) {                                                \
            const struct od_key_write *k = &w->keys[i];                                            \
            const struct od_order *o = k->decision->order;                                         \
            const struct od_stock *s = k->decision->stock;                                         \
            (void)o, (void)s;                                                                      \
            put;                                                                                   \
        }                                                                                          \
        od_pg_array_end(p);                                                                        \
    } while (0)
#define OR_NULL(condition, put)                                                                    \
    do {                                                                                           \
        if (condition)                                                                             \
            put;                                                                                   \
        else                                                                                       \
            od_pg_array_null(p);                                                                   \
    } while (0)

static void send_keys(struct od_write *w, struct od_pg_conn *conn)
{
    if (!w->key_count)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    KEY_ARRAY(OD_PG_TEXT, od_pg_array_text(p, k->principal));
    KEY_ARRAY(OD_PG_TEXT, od_pg_array_text(p, k->key));
    KEY_ARRAY(OD_PG_BYTEA, od_pg_array_text(p, od_str_n((const char *)k->request_hash, OD_SHA256)));
    KEY_ARRAY(OD_PG_INT8, OR_NULL(!s, od_pg_array_i64(p, o->order_id)));
    KEY_ARRAY(OD_PG_INT4, OR_NULL(!s, od_pg_array_i32(p, k->version)));
    KEY_ARRAY(OD_PG_TEXT, od_pg_array_text(p, od_str_of(od_command_name(k->command))));
    KEY_ARRAY(OD_PG_INT4, od_pg_array_i32(p, k->ref_id));
    KEY_ARRAY(OD_PG_TEXT, od_pg_array_text(p, s ? s->sku : OD_STR_NONE));
    KEY_ARRAY(OD_PG_INT8, OR_NULL(s, od_pg_array_i64(p, k->on_hand)));
    KEY_ARRAY(OD_PG_INT8, OR_NULL(s, od_pg_array_i64(p, k->reserved)));
    KEY_ARRAY(OD_PG_TEXT, od_pg_array_text(p, s ? s->location : OD_STR_NONE));
    od_pg_send(conn, &insert_keys, p, NULL, NULL);
}

bool od_write_send(struct od_write *w, struct od_pg_conn *conn)
{
    struct dirty_rows *dirty = OD_NEW(w->arena, struct dirty_rows);
    for (size_t i = 0; i < w->placed_count; i++)
        collect_order(dirty, w->arena, w->placed[i]);
    for (size_t i = 0; i < w->set->order_count; i++) {
        if (w->set->orders[i]->order)
            collect_order(dirty, w->arena, w->set->orders[i]->order);
    }
    send_dirty(w, dirty, conn);
    send_events(w, conn);
    send_causes(w, conn);
    raise_positions(w, conn);
    send_keys(w, conn);
    od_numbers_send_unused(&w->set->numbers, conn);
    /* Last, because its rows are what lanes contend for: they are held for the commit alone. */
    bool stock = od_write_send_stock(w, conn);
    return stock || w->event_count || w->key_count;
}
