#include "store/query.h"

#include <string.h>

#include "base/buf.h"
#include "pg/stmt.h"

enum { SQL_MAX = 256 << 10 };

static const char *const sql_types[] = {
    [OD_FIELD_STR] = "text",         [OD_FIELD_I32] = "int4",
    [OD_FIELD_I64] = "int8",         [OD_FIELD_BOOL] = "bool",
    [OD_FIELD_MONEY] = "int8",       [OD_FIELD_DECIMAL] = "int8",
    [OD_FIELD_TIME] = "timestamptz", [OD_FIELD_UUID] = "uuid",
    [OD_FIELD_JSON] = "text", /* json has no operators: its text is compared */
};

/* NULL: not a comparison with one value. */
static const char *const operators[] = {
    [OD_QUERY_EQ] = "=",      [OD_QUERY_NE] = "is distinct from",
    [OD_QUERY_LT] = "<",      [OD_QUERY_LE] = "<=",
    [OD_QUERY_GT] = ">",      [OD_QUERY_GE] = ">=",
    [OD_QUERY_LIKE] = "like", [OD_QUERY_NOT_NULL] = NULL,
};

/* Its alias in the statement is the name that rows have it under. */
static const char *table_of(enum od_query_source source)
{
    const struct od_entity *e = od_query_entity(source);
    return e ? e->table : "order_activity";
}

/* The column that tells a source's rows of one order apart: the first, for parts of an order. */
static const char *key_of(enum od_query_source source)
{
    struct od_query_column key = {0};
    (void)od_query_column_at(source, 0, &key);
    return key.name;
}

/* The fields of a source as one row: name each, times in milliseconds. */
static void put_fields(struct od_buf *b, enum od_query_source source)
{
    const char *alias = od_query_source_name(source);
    struct od_query_column c;
    for (uint32_t i = 0; od_query_column_at(source, i, &c); i++) {
        od_buf_str(b, i ? OD_STR(", ") : OD_STR(""));
        if (c.type == OD_FIELD_TIME)
            od_buf_printf(b, "floor(extract(epoch from %s.\"%s\") * 1000)::int8 as \"%s\"", alias,
                          c.name, c.name);
        else
            od_buf_printf(b, "%s.\"%s\"", alias, c.name);
    }
}

static void put_joined(struct od_buf *b, enum od_query_source source)
{
    const char *alias = od_query_source_name(source);
    od_buf_printf(
        b, ", case when %s.order_id is not null then (select row_to_json(j) from (select ", alias);
    put_fields(b, source);
    od_buf_printf(b, ") j) end as \"%s\"", alias);
}

static void put_from(struct od_buf *b, const struct od_query *q)
{
    od_buf_printf(b, " from orders");
    for (uint32_t i = 0; i < q->join_count; i++) {
        const char *alias = od_query_source_name(q->joins[i].source);
        od_buf_printf(b, " %sjoin %s %s on %s.order_id = orders.order_id",
                      q->joins[i].left ? "left " : "", table_of(q->joins[i].source), alias, alias);
    }
}

static void put_column(struct od_buf *b, const struct od_query_column *c, bool as_text)
{
    od_buf_printf(b, "%s.\"%s\"%s", od_query_source_name(c->source), c->name,
                  as_text && c->type != OD_FIELD_STR ? "::text" : "");
}

static void put_compared(struct od_buf *b, const struct od_query_where *w)
{
    od_buf_str(b, w->column.any_case ? OD_STR("lower(") : OD_STR(""));
    put_column(b, &w->column, w->compare == OD_QUERY_LIKE || w->column.type == OD_FIELD_JSON);
    od_buf_str(b, w->column.any_case ? OD_STR(")") : OD_STR(""));
}

/* Values travel as text and are read as the column's type by the server. */
static void put_condition(struct od_buf *b, const struct od_query_where *w, struct od_pg_params *p)
{
    bool like = w->compare == OD_QUERY_LIKE;
    const char *type = like ? "text" : sql_types[w->column.type];
    switch (w->compare) {
    case OD_QUERY_EQ:
    case OD_QUERY_NE:
    case OD_QUERY_LT:
    case OD_QUERY_LE:
    case OD_QUERY_GT:
    case OD_QUERY_GE:
    case OD_QUERY_LIKE:
        od_pg_text(p, w->values[0]);
        put_compared(b, w);
        od_buf_printf(b, w->column.any_case ? " %s lower($%d::text::%s)" : " %s $%d::text::%s",
                      operators[w->compare], p->count, type);
        return;
    case OD_QUERY_IN:
        od_pg_array_begin(p, OD_PG_TEXT);
        for (uint32_t i = 0; i < w->value_count; i++)
            od_pg_array_text(p, w->values[i]);
        od_pg_array_end(p);
        put_compared(b, w);
        od_buf_printf(b,
                      w->column.any_case
                          ? " = any(array(select lower(v) from unnest($%d::text[]::%s[]) v))"
                          : " = any($%d::text[]::%s[])",
                      p->count, type);
        return;
    case OD_QUERY_NULL:
        put_column(b, &w->column, false);
        od_buf_printf(b, " is null");
        return;
    case OD_QUERY_NOT_NULL:
        put_column(b, &w->column, false);
        od_buf_printf(b, " is not null");
        return;
    }
}

/* `or` binds weaker than `and` in SQL too, so what stands one after the other needs no brackets. */
static void put_where(struct od_buf *b, const struct od_query *q, struct od_pg_params *p)
{
    for (uint32_t i = 0; i < q->where_count; i++) {
        od_buf_str(b, od_str_of(i == 0 ? " where " : q->where[i].or_ ? " or " : " and "));
        put_condition(b, &q->where[i], p);
    }
}

/* Always the whole key of a row at the end, so that pages neither repeat nor skip one. */
static void put_order(struct od_buf *b, const struct od_query *q)
{
    od_buf_printf(b, " order by ");
    for (uint32_t i = 0; i < q->order_count; i++) {
        const struct od_query_column *c = &q->order_by[i].column;
        put_column(b, c, c->type == OD_FIELD_JSON);
        od_buf_printf(b, "%s, ", q->order_by[i].descending ? " desc" : "");
    }
    od_buf_printf(b, "orders.order_id");
    for (uint32_t i = 0; i < q->join_count; i++) {
        enum od_query_source source = q->joins[i].source;
        od_buf_printf(b, ", %s.%s", od_query_source_name(source), key_of(source));
    }
}

const char *od_query_sql(const struct od_query *q, struct od_arena *a, struct od_pg_params *params)
{
    struct od_buf b;
    if (q->where_count > OD_PG_PARAMS_MAX)
        return NULL;
    od_buf_init(&b, SQL_MAX);
    if (q->count) {
        od_buf_printf(&b, "select json_build_object('count', count(*))");
        put_from(&b, q);
        put_where(&b, q, params);
    } else {
        od_buf_printf(&b, "select row_to_json(r) from (select ");
        put_fields(&b, OD_QUERY_ORDER);
        for (uint32_t i = 0; i < q->join_count; i++)
            put_joined(&b, q->joins[i].source);
        put_from(&b, q);
        put_where(&b, q, params);
        put_order(&b, q);
        od_buf_printf(&b, " limit %u offset %u) r", q->limit, q->offset);
    }
    const char *sql = od_arena_str(a, od_buf_view(&b)).ptr;
    od_buf_fini(&b);
    return sql;
}
