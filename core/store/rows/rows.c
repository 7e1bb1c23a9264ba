#include "store/rows/rows.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "store/server/position.h"

enum { SQL_MAX = 8192 };

static const uint32_t type_oids[] = {
    [OD_FIELD_STR] = OD_PG_TEXT,         [OD_FIELD_I32] = OD_PG_INT4,
    [OD_FIELD_I64] = OD_PG_INT8,         [OD_FIELD_BOOL] = OD_PG_BOOL,
    [OD_FIELD_MONEY] = OD_PG_INT8,       [OD_FIELD_DECIMAL] = OD_PG_INT8,
    [OD_FIELD_TIME] = OD_PG_TIMESTAMPTZ, [OD_FIELD_UUID] = OD_PG_UUID,
    [OD_FIELD_JSON] = OD_PG_JSON,
};

static struct od_entity_sql statements[OD_ENTITY_COUNT];
static bool made;
/* Statements live as long as the process. */
static struct od_arena sql_arena;

/* orders.order_id is a field of the entity and stands first in every statement anyway. */
static bool is_order_id(enum od_entity_kind kind, uint32_t i)
{
    return kind == OD_ENTITY_ORDER && i == 0;
}

static bool selected(enum od_entity_kind kind, uint32_t i, enum od_columns columns)
{
    uint16_t flags = od_entities[kind].fields[i].flags;
    if (is_order_id(kind, i))
        return false;
    switch (columns) {
    case OD_COLUMNS_ALL:
        return true;
    case OD_COLUMNS_MUTABLE:
        return flags & (OD_FIELD_KEY | OD_FIELD_MUTABLE | OD_FIELD_CHANGED);
    case OD_COLUMNS_KEY:
        return flags & OD_FIELD_KEY;
    }
    return false;
}

/* Writes `before``name`, once per selected column, with ", " between. */
static void names(struct od_buf *b, enum od_entity_kind kind, enum od_columns columns,
                  const char *before)
{
    for (uint32_t i = 0; i < od_entities[kind].field_count; i++) {
        if (selected(kind, i, columns))
            od_buf_printf(b, ", %s%s", before, od_entities[kind].fields[i].name);
    }
}

/* param: the type of $1; 0 where the statement says it. */
static struct od_pg_stmt finish(struct od_buf *b, const char *verb, enum od_entity_kind kind,
                                const uint32_t *param)
{
    OD_ASSERT(!b->overflow);
    struct od_pg_stmt stmt = {
        .name = od_arena_printf(&sql_arena, "%s_%s", verb, od_entities[kind].table).ptr,
        .sql = od_arena_str(&sql_arena, od_buf_view(b)).ptr,
        .nparams = 1,
        .param_oids = param,
    };
    od_buf_reset(b);
    return stmt;
}

static const uint32_t ids_type = OD_PG_INT8_ARRAY, rows_type = 0;

static struct od_pg_stmt make_select(struct od_buf *b, enum od_entity_kind kind, const char *verb,
                                     const char *more, const char *suffix)
{
    od_buf_printf(b, "select order_id");
    names(b, kind, OD_COLUMNS_ALL, "");
    od_buf_printf(b, "%s from %s where order_id = any($1) order by order_id", more,
                  od_entities[kind].table);
    for (uint32_t i = 0; i < od_entities[kind].field_count; i++) {
        const struct od_field *f = &od_entities[kind].fields[i];
        /* As fold orders them, whatever the database's collation. */
        if (selected(kind, i, OD_COLUMNS_KEY))
            od_buf_printf(b, ", %s%s", f->name, f->type == OD_FIELD_STR ? " collate \"C\"" : "");
    }
    od_buf_printf(b, "%s", suffix);
    return finish(b, verb, kind, &ids_type);
}

static struct od_pg_stmt make_insert(struct od_buf *b, enum od_entity_kind kind)
{
    const char *table = od_entities[kind].table;
    od_buf_printf(b, "insert into %s select * from unnest($1::%s[])", table, table);
    return finish(b, "insert", kind, &rows_type);
}

static void match(struct od_buf *b, enum od_entity_kind kind)
{
    const struct od_entity *e = &od_entities[kind];
    od_buf_printf(b, " where t.order_id = u.order_id");
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (selected(kind, i, OD_COLUMNS_KEY))
            od_buf_printf(b, " and t.%s = u.%s", e->fields[i].name, e->fields[i].name);
    }
}

static struct od_pg_stmt make_update(struct od_buf *b, enum od_entity_kind kind)
{
    const struct od_entity *e = &od_entities[kind];
    od_buf_printf(b, "update %s t set ", e->table);
    const char *comma = "";
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!(e->fields[i].flags & (OD_FIELD_MUTABLE | OD_FIELD_CHANGED)))
            continue;
        od_buf_printf(b, "%s%s = u.%s", comma, e->fields[i].name, e->fields[i].name);
        comma = ", ";
    }
    od_buf_printf(b, " from unnest($1::%s[]) u", e->table);
    match(b, kind);
    return finish(b, "update", kind, &rows_type);
}

static struct od_pg_stmt make_remove(struct od_buf *b, enum od_entity_kind kind)
{
    const char *table = od_entities[kind].table;
    od_buf_printf(b, "delete from %s t using unnest($1::%s[]) u", table, table);
    match(b, kind);
    return finish(b, "remove", kind, &rows_type);
}

static bool has_mutable(enum od_entity_kind kind)
{
    for (uint32_t i = 0; i < od_entities[kind].field_count; i++) {
        if (od_entities[kind].fields[i].flags & (OD_FIELD_MUTABLE | OD_FIELD_CHANGED))
            return true;
    }
    return false;
}

static void make_all(void)
{
    struct od_buf b;
    od_buf_init(&b, SQL_MAX);
    od_arena_init(&sql_arena);
    for (enum od_entity_kind k = 0; k < OD_ENTITY_COUNT; k++) {
        statements[k].select = make_select(&b, k, "select", "", "");
        statements[k].insert = make_insert(&b, k);
        if (k == OD_ENTITY_ORDER)
            statements[k].lock = make_select(&b, k, "lock", ", " OD_POSITION_BEHIND, " for update");
        else
            statements[k].remove = make_remove(&b, k);
        if (has_mutable(k))
            statements[k].update = make_update(&b, k);
    }
    od_buf_fini(&b);
    made = true;
}

const struct od_entity_sql *od_store_sql(enum od_entity_kind kind)
{
    if (!made)
        make_all();
    return &statements[kind];
}

void od_rows_add(struct od_rows *r, struct od_arena *a, int64_t order_id, const void *entity)
{
    r->rows = od_arena_grow(a, r->rows, r->count, &r->cap, sizeof *r->rows);
    r->rows[r->count++] = (struct od_row){order_id, entity};
}

static void put_field(struct od_pg_params *p, const struct od_field *f, const void *entity)
{
    const char *at = (const char *)entity + f->offset;
    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        od_pg_array_text(p, *(const struct od_str *)(const void *)at);
        return;
    case OD_FIELD_I32:
        od_pg_array_i32(p, *(const int32_t *)(const void *)at);
        return;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        od_pg_array_i64(p, *(const int64_t *)(const void *)at);
        return;
    case OD_FIELD_BOOL:
        od_pg_array_bool(p, *(const bool *)at);
        return;
    case OD_FIELD_TIME:
        if (*(const int64_t *)(const void *)at)
            od_pg_array_time(p, *(const int64_t *)(const void *)at);
        else
            od_pg_array_null(p);
        return;
    case OD_FIELD_UUID:
        if (od_uuid_is_zero((const struct od_uuid *)(const void *)at))
            od_pg_array_null(p);
        else
            od_pg_array_uuid(p, (const struct od_uuid *)(const void *)at);
        return;
    }
}

static void put_row(struct od_pg_params *p, enum od_entity_kind kind, enum od_columns columns,
                    const struct od_row *row)
{
    const struct od_entity *e = &od_entities[kind];
    bool own_id = kind == OD_ENTITY_ORDER;
    od_pg_row_begin(p, (int32_t)e->field_count + !own_id);
    od_pg_row_column(p, OD_PG_INT8);
    od_pg_array_i64(p, row->order_id);
    for (uint32_t i = own_id; i < e->field_count; i++) {
        od_pg_row_column(p, type_oids[e->fields[i].type]);
        if (selected(kind, i, columns))
            put_field(p, &e->fields[i], row->entity);
        else
            od_pg_array_null(p);
    }
    od_pg_row_end(p);
}

void od_rows_param(const struct od_rows *r, enum od_entity_kind kind, enum od_columns columns,
                   const struct od_row_types *types, struct od_pg_params *params)
{
    od_pg_array_begin(params, types->entity[kind]);
    for (size_t i = 0; i < r->count; i++)
        put_row(params, kind, columns, &r->rows[i]);
    od_pg_array_end(params);
}

static void read_types(void *ctx, const struct od_pg_result *r)
{
    struct od_row_types *types = ctx;
    for (int i = 0; i < r->rows; i++) {
        struct od_str table = od_pg_get_text(r, i, 0);
        uint32_t oid = (uint32_t)od_pg_get_i64(r, i, 1);
        for (enum od_entity_kind k = 0; k < OD_ENTITY_COUNT; k++) {
            if (od_str_is(table, od_entities[k].table))
                types->entity[k] = oid;
        }
        if (od_str_is(table, "order_event"))
            types->event = oid;
    }
}

int od_row_types_load(struct od_pg_conn *conn, struct od_row_types *out, struct od_err *err)
{
    static const struct od_pg_stmt select_types = {
        .sql = "select relname::text, reltype::int8 from pg_class"
               " where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')",
    };
    *out = (struct od_row_types){0};
    if (od_pg_exec_wait(conn, &select_types, NULL, read_types, out, err))
        return -1;
    for (enum od_entity_kind k = 0; k < OD_ENTITY_COUNT; k++) {
        if (!out->entity[k])
            return od_err_set(err, OD_ERR_DB, "the database has no table %s", od_entities[k].table);
    }
    return 0;
}

static void get_field(const struct od_pg_result *r, int row, int col, const struct od_field *f,
                      void *entity, struct od_arena *a)
{
    char *at = (char *)entity + f->offset;
    bool null = od_pg_is_null(r, row, col);
    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        *(struct od_str *)(void *)at =
            null ? OD_STR_NONE : od_arena_str(a, od_pg_get_text(r, row, col));
        return;
    case OD_FIELD_I32:
        *(int32_t *)(void *)at = null ? 0 : od_pg_get_i32(r, row, col);
        return;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        *(int64_t *)(void *)at = null ? 0 : od_pg_get_i64(r, row, col);
        return;
    case OD_FIELD_BOOL:
        *(bool *)at = !null && od_pg_get_bool(r, row, col);
        return;
    case OD_FIELD_TIME:
        *(int64_t *)(void *)at = null ? 0 : od_pg_get_time(r, row, col);
        return;
    case OD_FIELD_UUID:
        if (null)
            memset(at, 0, sizeof(struct od_uuid));
        else
            od_pg_get_uuid(r, row, col, (struct od_uuid *)(void *)at);
        return;
    }
}

void od_row_read(const struct od_pg_result *r, int row, enum od_entity_kind kind, void *entity,
                 struct od_arena *a)
{
    const struct od_entity *e = &od_entities[kind];
    int col = 1;
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (is_order_id(kind, i))
            get_field(r, row, 0, &e->fields[i], entity, a);
        else
            get_field(r, row, col++, &e->fields[i], entity, a);
    }
}
