#include "store/search/search.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "store/search/filter.h"

enum { SQL_MAX = 32 << 10 };

/* The keys that lists may be sorted by. Ties are broken by order_id in the same direction. */
static const struct {
    const char *name, *column, *cast;
} sortables[] = {
    {"createdAt", "o.created_at", "timestamptz"},
    {"updatedAt", "o.updated_at", "timestamptz"},
    {"grandTotal", "o.grand_total", "int8"},
    {"orderId", "o.order_id", "int8"},
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

int od_search_sql(const struct od_search *s, struct od_pg_params *p, const char **out,
                  struct od_err *err)
{
    bool descending;
    int sort = find_sort(s, &descending);
    if (sort < 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "sort must be createdAt, updatedAt, grandTotal or orderId, with - before "
                          "it for descending.");
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    /* Times as their microseconds: text of a timestamptz would depend on session settings. */
    bool time = strcmp(sortables[sort].cast, "timestamptz") == 0;
    od_buf_printf(&sql,
                  time ? "select o.order_id, (extract(epoch from %s) * 1000000)::int8::text"
                       : "select o.order_id, %s::text",
                  sortables[sort].column);
    od_buf_printf(&sql, " from orders o where true");
    for (uint32_t i = 0; i < s->filter_count; i++)
        od_search_put_filter(&sql, &s->filters[i], p);
    if (s->after.ptr) {
        struct od_str key;
        int64_t order_id, number;
        if (!read_cursor(s, &key, &order_id) ||
            !od_str_to_i64(key, INT64_MIN, INT64_MAX, &number)) {
            od_buf_fini(&sql);
            return od_err_set(err, OD_ERR_INVALID,
                              "after is not a cursor of this list; take it from `next`.");
        }
        if (time)
            od_pg_time(p, number);
        else
            od_pg_i64(p, number);
        od_pg_i64(p, order_id);
        od_buf_printf(&sql, " and (%s, o.order_id) %s ($%d::%s, $%d::int8)", sortables[sort].column,
                      descending ? "<" : ">", p->count - 1, sortables[sort].cast, p->count);
    }
    const char *direction = descending ? " desc" : "";
    od_buf_printf(&sql, " order by %s%s, o.order_id%s limit %u", sortables[sort].column, direction,
                  direction, s->limit + 1);
    if (s->offset)
        od_buf_printf(&sql, " offset %u", s->offset);
    *out = od_arena_str(s->arena, od_buf_view(&sql)).ptr;
    od_buf_fini(&sql);
    return 0;
}

void od_search_count_sql(const struct od_search *s, struct od_pg_params *p, const char **out)
{
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    od_buf_printf(&sql, "select count(*) from (select 1 from orders o where true");
    for (uint32_t i = 0; i < s->filter_count; i++)
        od_search_put_filter(&sql, &s->filters[i], p);
    od_buf_printf(&sql, " limit %d) counted", OD_SEARCH_COUNT + 1);
    *out = od_arena_str(s->arena, od_buf_view(&sql)).ptr;
    od_buf_fini(&sql);
}
