#include "store/search/search.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "order/model/fields.h"
#include "order/model/model.h"
#include "store/read/list.h"
#include "store/search/filter.h"

/*
 * A search has up to two ways to its page.
 *
 * It first walks: it looks at the next WALK orders in the order of the sort key, whatever they are,
 * and keeps those that pass. Where much passes, the page is full after a few, and nothing is
 * faster.
 *
 * When the page is not full then, it searches: a filter on values that few words take has become a
 * set of classes, each of which has its orders in the order of every sort key, so a page is merged
 * from the first rows of each; and a filter on a value of its own (a customer, an SKU) has the
 * orders of that value in the order of their creation.
 *
 * Both stand in one statement. The second is not executed when the first has filled the page.
 */
enum { SQL_MAX = 128 << 10, WALK = 2000, WALK_WITH_VALUE = 300 };

/* The keys that lists may be sorted by. Ties are broken by order_id in the same direction. */
static const struct {
    const char *name, *column;
    bool time;
} sortables[] = {
    {"createdAt", "created_at", true},
    {"updatedAt", "updated_at", true},
    {"grandTotal", "amount", false},
    {"orderId", "order_id", false},
};

static int find_sort(const struct od_search *s, bool *descending)
{
    struct od_str name = s->sort.ptr ? s->sort : OD_STR("-createdAt");
    *descending = name.len > 0 && name.ptr[0] == '-';
    if (*descending)
        name = od_str_slice(name, 1, name.len);
    for (int i = 0; i < (int)(sizeof sortables / sizeof *sortables); i++) {
        if (od_str_is(name, sortables[i].name))
            return i;
    }
    return -1;
}

/* A cursor is hex of "<sort>|<sort key>|<order id>": opaque to callers, checked on the way back. */
struct od_str od_search_cursor(const struct od_search *s, struct od_str sort_key, int64_t order_id)
{
    struct od_str sort = s->sort.ptr ? s->sort : OD_STR("-createdAt");
    struct od_str plain = od_arena_printf(s->arena, "%.*s|%.*s|%lld", OD_STR_ARG(sort),
                                          OD_STR_ARG(sort_key), (long long)order_id);
    char *hex = od_arena_alloc(s->arena, plain.len * 2 + 1);
    od_hex((const uint8_t *)plain.ptr, plain.len, hex);
    return od_str_n(hex, plain.len * 2);
}

static bool read_cursor(const struct od_search *s, struct od_str *key, int64_t *order_id)
{
    struct od_str sort = s->sort.ptr ? s->sort : OD_STR("-createdAt"), named, last;
    if (s->after.len % 2 || s->after.len > 256)
        return false;
    uint8_t *plain = od_arena_alloc(s->arena, s->after.len / 2 + 1);
    if (!od_unhex(s->after, plain, s->after.len / 2))
        return false;
    struct od_str rest = od_str_n((const char *)plain, s->after.len / 2);
    return od_utf8_valid(rest) && !od_str_has_nul(rest) && od_str_cut(&rest, '|', &named) &&
           od_str_eq(named, sort) && od_str_cut(&rest, '|', key) && od_str_cut(&rest, '|', &last) &&
           !rest.ptr && key->len > 0 && od_str_to_i64(last, 1, INT64_MAX, order_id);
}

/* The parts of the statement, each " and …" or empty. */
struct parts {
    const struct od_search *search;
    const char *column;
    bool time;
    const char *direction; /* "" or " desc" */
    const char *class;     /* conditions on list_class k */
    const char *row;       /* on order_list l */
    const char *bounds;    /* the same, on the sort key itself */
    const char *cursor;    /* where the page begins: "(%s, order_id) < (…)" behind " and " */
    const struct od_filter *lead; /* a filter on a value; NULL: there is none */
    const char *value;            /* its condition on order_list_value v, without " and" */
    const char *has_value;        /* its condition on order_list l */
    const char *figure; /* without a lead, a figure's condition on report_fact r; or NULL */
    const char *values; /* its values as an array */
    bool lead_list;     /* it names several values */
    bool lead_by_class; /* they stand by class */
    const char *cursor_of_value; /* the cursor for order_list_value v */
    const char *candidates;      /* orders that may pass a filter on a part of a value, or empty */
    uint32_t few;
    uint32_t rows; /* enough for the page, and one more */
};

static const char *text_of(const struct od_search *s, struct od_buf *b)
{
    const char *text = od_arena_str(s->arena, od_buf_view(b)).ptr;
    od_buf_fini(b);
    return text;
}

/* The filter on values from which orders are looked up: one whose values few orders have, such as a
 * customer's, rather than one that many may, and a bundle, which most may have, last. */
static const struct od_filter *find_lead(const struct od_search *s)
{
    const struct od_filter *lead = NULL;
    for (uint32_t i = 0; i < s->filter_count; i++) {
        const struct od_filter *f = &s->filters[i];
        if (od_search_place_of(f) != OD_SEARCH_VALUE)
            continue;
        if (!od_list_by_class(od_search_kind(f)))
            return f;
        if (!lead || od_search_kind(lead) == OD_LIST_BUNDLE)
            lead = f;
    }
    return lead;
}

/* A figure, unless a value leads to fewer orders. */
static const struct od_filter *find_figure(const struct parts *q)
{
    const struct od_search *s = q->search;
    for (uint32_t i = 0; i < s->filter_count && !q->lead; i++) {
        const struct od_filter *f = &s->filters[i];
        if (f->field == OD_FILTER_OF_FIGURE && !od_filter_negated(f))
            return f;
    }
    return NULL;
}

static void read_filters(struct parts *q, struct od_pg_params *p)
{
    const struct od_search *s = q->search;
    struct od_buf class, row, bounds, value, has, candidates;
    od_buf_init(&class, SQL_MAX);
    od_buf_init(&row, SQL_MAX);
    od_buf_init(&bounds, SQL_MAX);
    od_buf_init(&value, SQL_MAX);
    od_buf_init(&has, SQL_MAX);
    od_buf_init(&candidates, SQL_MAX);
    q->lead = find_lead(s);
    const struct od_filter *figure = find_figure(q);
    for (uint32_t i = 0; i < s->filter_count; i++) {
        const struct od_filter *f = &s->filters[i];
        enum od_search_place place = od_search_place_of(f);
        const char *column = od_search_column(f->field);
        if (f == q->lead) {
            q->lead_list = f->operation == OD_FILTER_IN;
            q->lead_by_class = od_list_by_class(od_search_kind(f));
            od_search_put_value(&value, f, p);
            q->values = od_arena_printf(s->arena, q->lead_list ? "$%d::text[]" : "array[$%d::text]",
                                        p->count)
                            .ptr;
        } else if (f == figure) {
            od_search_put_figure(&value, f, p);
        } else if (place == OD_SEARCH_CLASS) {
            od_search_put_filter(&class, f, p);
        } else if (column && q->column && strcmp(column, q->column) == 0) {
            od_search_put_filter(&bounds, f, p);
        } else {
            od_search_put_filter(&row, f, p);
        }
        if (!q->lead && !candidates.len && od_search_by_document(f))
            od_search_put_candidates(&candidates, f, p);
    }
    q->value = text_of(s, &value);
    if (q->lead)
        od_buf_printf(&has,
                      " and exists (select from order_list_value v where v.order_id = l.order_id"
                      " and %s)",
                      q->value);
    if (figure)
        od_buf_printf(&has,
                      " and exists (select from report_fact r where r.order_id = l.order_id"
                      " and %s)",
                      q->value);
    q->figure = figure ? q->value : NULL;
    q->has_value = text_of(s, &has);
    q->class = text_of(s, &class);
    q->row = text_of(s, &row);
    q->bounds = text_of(s, &bounds);
    q->candidates = text_of(s, &candidates);
}

/* " and l.class_id in …" where classes are asked for. Behind `is true` it is looked up in a hash
 * table: as a join, the planner took a loop over all classes for each order (25 s instead of 0.3
 * s). */
static const char *in_class(const struct parts *q)
{
    return q->class[0] ? " and (l.class_id in (select class_id from k)) is true" : "";
}

static void put_order(struct od_buf *sql, const struct parts *q, const char *table)
{
    od_buf_printf(sql, " order by %s%s%s, %sorder_id%s", table, q->column, q->direction, table,
                  q->direction);
}

static void put_columns(struct od_buf *sql, const struct parts *q)
{
    od_buf_printf(sql, "select l.order_id, l.%s as key, l.version from ", q->column);
}

static bool by_creation(const struct parts *q)
{
    return strcmp(q->column, "created_at") == 0;
}

/* With conditions on each order besides, many orders of a class may have to be looked at before one
 * passes, and the planner finds a better way. */
static bool merges_by_class(const struct parts *q)
{
    return q->lead && q->lead_by_class && by_creation(q) && !q->row[0];
}

/* The walk of orders of one value. A value that stands by class has no order over all of them. */
static bool walks_along_value(const struct parts *q)
{
    return q->lead && !q->lead_list && !q->lead_by_class && by_creation(q);
}

static void put_walk(struct od_buf *sql, const struct parts *q)
{
    uint32_t walk = (q->lead || q->figure) && !walks_along_value(q) ? WALK_WITH_VALUE : WALK;
    walk = walk > q->rows ? walk : q->rows;
    put_columns(sql, q);
    if (walks_along_value(q)) {
        od_buf_printf(sql,
                      "(select v.order_id from order_list_value v where %s and v.class_id = 0%s",
                      q->value, q->cursor);
        put_order(sql, q, "v.");
        od_buf_printf(sql, " limit %u) v join order_list l using (order_id) where true%s", walk,
                      q->bounds);
    } else {
        od_buf_printf(sql, "(select l.* from order_list l where true%s%s", q->bounds, q->cursor);
        put_order(sql, q, "l.");
        od_buf_printf(sql, " limit %u) l where true%s", walk, q->has_value);
    }
    od_buf_printf(sql, "%s%s", q->row, in_class(q));
    put_order(sql, q, "l.");
    od_buf_printf(sql, " limit %u", q->rows);
}

/* All orders of the lead's values, before the limit: few pass, or the walk had found them. */
static void put_all_of_value(struct od_buf *sql, const struct parts *q, const char *from)
{
    od_buf_printf(sql, "select * from (");
    put_columns(sql, q);
    od_buf_printf(sql,
                  "%s v join order_list l using (order_id) where true%s%s%s%s offset 0) x"
                  " order by x.key%s, x.order_id%s limit %u",
                  from, q->bounds, q->row, q->cursor, in_class(q), q->direction, q->direction,
                  q->rows);
}

/* The first orders of each value in each class, in the order of creation. */
static void put_values_by_class(struct od_buf *sql, const struct parts *q)
{
    od_buf_printf(sql,
                  "select distinct x.key, x.order_id, x.version from (%s) k cross join lateral (",
                  q->class[0] ? "select class_id from k" : "select class_id from list_class");
    od_buf_printf(sql, "select y.* from unnest(%s) u cross join lateral (", q->values);
    od_buf_printf(sql,
                  "select v.order_id, v.created_at as key, l.version from order_list_value v"
                  " join order_list l on l.order_id = v.order_id where v.kind = %d and v.value = u"
                  " and v.class_id = k.class_id%s%s%s",
                  od_search_kind(q->lead), q->bounds, q->row, q->cursor_of_value);
    put_order(sql, q, "v.");
    od_buf_printf(sql, " limit %u) y) x order by x.key%s, x.order_id%s limit %u", q->rows,
                  q->direction, q->direction, q->rows);
}

static void put_search(struct od_buf *sql, const struct parts *q)
{
    if (merges_by_class(q)) {
        od_buf_printf(sql, "select * from (");
        put_all_of_value(sql, q, "(select distinct order_id from few)");
        od_buf_printf(sql,
                      ") a where (select count(*) from few) <= %u union all select order_id, key,"
                      " version from (",
                      q->few);
        put_values_by_class(sql, q);
        od_buf_printf(sql, ") b where (select count(*) from few) > %u", q->few);
    } else if (q->lead) {
        put_all_of_value(sql, q,
                         od_arena_printf(q->search->arena,
                                         "(select %sv.order_id from order_list_value v where %s)",
                                         q->lead_list ? "distinct " : "", q->value)
                             .ptr);
    } else if (q->figure) {
        put_all_of_value(sql, q,
                         od_arena_printf(q->search->arena,
                                         "(select distinct r.order_id from report_fact r where %s)",
                                         q->figure)
                             .ptr);
    } else if (q->candidates[0]) {
        put_all_of_value(sql, q, q->candidates);
    } else if (q->class[0]) {
        od_buf_printf(sql, "select x.* from k cross join lateral (");
        put_columns(sql, q);
        od_buf_printf(sql, "order_list l where l.class_id = k.class_id%s%s%s", q->bounds, q->row,
                      q->cursor);
        put_order(sql, q, "l.");
        od_buf_printf(sql, " limit %u) x order by x.key%s, x.order_id%s limit %u", q->rows,
                      q->direction, q->direction, q->rows);
    } else if (q->row[0]) { /* as orders of a value: few pass */
        od_buf_printf(sql, "select * from (");
        put_columns(sql, q);
        od_buf_printf(sql,
                      "order_list l where true%s%s%s offset 0) x order by x.key%s, x.order_id%s"
                      " limit %u",
                      q->bounds, q->row, q->cursor, q->direction, q->direction, q->rows);
    } else {
        put_columns(sql, q);
        od_buf_printf(sql, "order_list l where true%s%s%s", q->bounds, q->row, q->cursor);
        put_order(sql, q, "l.");
        od_buf_printf(sql, " limit %u", q->rows);
    }
}

static void put_classes(struct od_buf *sql, const struct parts *q)
{
    if (q->class[0])
        od_buf_printf(sql, "k as materialized (select class_id from list_class k where true%s)",
                      q->class);
}

static void put_statement(struct od_buf *sql, const struct parts *q)
{
    bool plain = !q->lead && !q->figure && !q->class[0] && !q->row[0];
    if (!plain) {
        od_buf_printf(sql, "with ");
        put_classes(sql, q);
        if (merges_by_class(q))
            od_buf_printf(sql,
                          "%sfew as materialized (select v.order_id from order_list_value v"
                          " where %s limit %u)",
                          q->class[0] ? ", " : "", q->value, q->few + 1);
        od_buf_printf(sql, "%swalk as materialized (",
                      q->class[0] || merges_by_class(q) ? ", " : "");
        put_walk(sql, q);
        od_buf_printf(sql, ") ");
    }
    /* Times as their microseconds: text of a timestamptz would depend on session settings. */
    od_buf_printf(sql, "select x.order_id, %s::text, x.version from (",
                  q->time ? "(extract(epoch from x.key) * 1000000)::int8" : "x.key");
    if (!plain)
        od_buf_printf(sql,
                      "select * from walk where (select count(*) from walk) >= %u"
                      " union all select * from (",
                      q->rows);
    put_search(sql, q);
    if (!plain)
        od_buf_printf(sql, ") s where (select count(*) from walk) < %u", q->rows);
    od_buf_printf(sql, ") x order by x.key%s, x.order_id%s limit %u offset %u", q->direction,
                  q->direction, q->search->limit + 1, q->search->offset);
}

static int read_after(struct parts *q, bool descending, struct od_pg_params *p, struct od_err *err)
{
    const struct od_search *s = q->search;
    struct od_str key;
    int64_t order_id, number;
    q->cursor = q->cursor_of_value = "";
    if (!s->after.ptr)
        return 0;
    if (!read_cursor(s, &key, &order_id) || !od_str_to_i64(key, INT64_MIN, INT64_MAX, &number))
        return od_err_set(err, OD_ERR_INVALID,
                          "after is not a cursor of this list; take it from `next`.");
    if (q->time)
        od_pg_time(p, number);
    else
        od_pg_i64(p, number);
    od_pg_i64(p, order_id);
    q->cursor = od_arena_printf(s->arena, " and (%s, order_id) %s ($%d::%s, $%d::int8)", q->column,
                                descending ? "<" : ">", p->count - 1,
                                q->time ? "timestamptz" : "int8", p->count)
                    .ptr;
    q->cursor_of_value =
        od_arena_printf(s->arena, " and (v.%s, v.order_id) %s ($%d::%s, $%d::int8)", q->column,
                        descending ? "<" : ">", p->count - 1, q->time ? "timestamptz" : "int8",
                        p->count)
            .ptr;
    return 0;
}

int od_search_sql(const struct od_search *s, struct od_pg_params *p, const char **out,
                  struct od_err *err)
{
    struct parts q = {
        .search = s, .few = s->few ? s->few : OD_SEARCH_FEW, .rows = s->limit + 1 + s->offset};
    bool descending;
    int sort = find_sort(s, &descending);
    if (sort < 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "sort must be createdAt, updatedAt, grandTotal or orderId, with - before "
                          "it for descending.");
    q.column = sortables[sort].column;
    q.time = sortables[sort].time;
    q.direction = descending ? " desc" : "";
    read_filters(&q, p);
    if (read_after(&q, descending, p, err))
        return -1;
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    put_statement(&sql, &q);
    *out = text_of(s, &sql);
    return 0;
}

void od_search_count_sql(const struct od_search *s, struct od_pg_params *p, const char **out)
{
    struct parts q = {.search = s, .cursor = ""};
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    read_filters(&q, p);
    if (q.class[0])
        od_buf_printf(&sql, "with ");
    put_classes(&sql, &q);
    od_buf_printf(&sql, " select count(*) from (select 1 from ");
    if (q.lead)
        od_buf_printf(&sql,
                      "(select %sv.order_id from order_list_value v where %s) v"
                      " join order_list l using (order_id) where true%s",
                      q.lead_list ? "distinct " : "", q.value, in_class(&q));
    else if (q.figure)
        od_buf_printf(&sql,
                      "(select distinct r.order_id from report_fact r where %s) r"
                      " join order_list l using (order_id) where true%s",
                      q.figure, in_class(&q));
    else if (q.candidates[0])
        od_buf_printf(&sql, "%s v join order_list l using (order_id) where true%s", q.candidates,
                      in_class(&q));
    else if (q.class[0])
        od_buf_printf(&sql, "k join order_list l using (class_id) where true");
    else
        od_buf_printf(&sql, "order_list l where true");
    od_buf_printf(&sql, "%s limit %d) counted", q.row, OD_SEARCH_COUNT + 1);
    *out = text_of(s, &sql);
}

bool od_search_finds(const struct od_filter *filters, uint32_t count, const struct od_order *o,
                     const struct od_filter_trail *trail)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct od_filter *f = &filters[i];
        if (od_filter_of_trail(f) ? !od_filter_finds_trail(f, trail) : !od_filter_finds(f, o))
            return false;
    }
    return true;
}

bool od_search_reads_documents(const struct od_filter *filters, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (od_search_by_document(&filters[i]))
            return true;
    }
    return false;
}

uint32_t od_search_parts(const struct od_filter *filters, uint32_t count)
{
    static const enum od_entity_kind parts[OD_FILTER_FIELD_COUNT] = {
        [OD_FILTER_OF_COUNTRY] = OD_ENTITY_ADDRESS,
        [OD_FILTER_OF_SKU] = OD_ENTITY_ITEM,
        [OD_FILTER_OF_CARRIER] = OD_ENTITY_SHIPMENT,
        [OD_FILTER_OF_TRACKING_NUMBER] = OD_ENTITY_SHIPMENT,
        [OD_FILTER_OF_HOLD] = OD_ENTITY_HOLD,
    };
    uint32_t bits = 0;
    for (uint32_t i = 0; i < count; i++) {
        enum od_entity_kind part = parts[filters[i].field];
        bits |= part ? 1u << part : 0; /* 0 is the order itself */
    }
    return bits;
}
