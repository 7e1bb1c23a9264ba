#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "order/model/codec.h"
#include "order/model/parts.h"
#include "script/bundle/loaded.h"
#include "script/testing/test.h"

/*
 * Answers oms.orders() in a test, over the orders that the test has made, as PostgreSQL answers it
 * over those of a shop; store/query.c is the other half. An absent value is not equal to any value;
 * every other comparison with it is false. Texts are in the order of their bytes.
 */

#define ROWS_MAX 100000 /* of all joins together */

/* As of the view order_activity. */
struct activity {
    int32_t activity_id;
    int64_t created_at;
    struct od_str username, comment;
    bool customer_notified;
};

static const struct od_field activity_fields[] = {
    {"activity_id", "", OD_FIELD_I32, offsetof(struct activity, activity_id), 0, 0},
    {"created_at", "", OD_FIELD_TIME, offsetof(struct activity, created_at), 0, 0},
    {"username", "", OD_FIELD_STR, offsetof(struct activity, username), 0, 0},
    {"comment", "", OD_FIELD_STR, offsetof(struct activity, comment), 0, 0},
    {"customer_notified", "", OD_FIELD_BOOL, offsetof(struct activity, customer_notified), 0, 0},
};
static const struct od_entity activity_entity = {"activity", "order_activity", activity_fields, 5,
                                                 sizeof(struct activity)};

/* An order and one of each that is joined; NULL: a left join that found none. */
struct row {
    const void *of[OD_QUERY_SOURCES];
};

struct query {
    struct od_test *t;
    const struct od_query *q;
    struct row *rows;
    uint32_t count;
    size_t cap;
};

static const struct od_entity *entity_of(enum od_query_source source)
{
    const struct od_entity *e = od_query_entity(source);

    return e ? e : &activity_entity;
}

static const struct activity *activities_of(struct od_test *t, const struct od_test_order *o,
                                            uint32_t *count)
{
    struct activity *all = OD_NEW_ARRAY(&t->arena, struct activity, o->event_count);

    for (uint32_t i = 0; i < o->event_count; i++) {
        const struct od_event *e = &o->events[i];
        if (e->type == OD_EVENT_ACTIVITY_ADDED)
            all[(*count)++] =
                (struct activity){e->seq, e->at, e->actor, e->comment, e->customer_notified};
    }
    return all;
}

/* The order's rows of that source, as elements of an array. */
static const void *rows_of(struct od_test *t, const struct od_test_order *o,
                           enum od_query_source source, uint32_t *count)
{
    const struct od_part_kind *p;
    size_t size = entity_of(source)->size;
    char *rows;

    *count = source == OD_QUERY_ORDER;
    if (source == OD_QUERY_ORDER)
        return o->order;
    if (source == OD_QUERY_ACTIVITIES)
        return activities_of(t, o, count);
    p = &od_part_kinds[source];
    rows = od_arena_array(&t->arena, od_part_count(p, o->order), size);
    for (uint32_t i = 0; i < od_part_count(p, o->order); i++) {
        const void *part = od_part_at(p, o->order, i);
        if (od_part_stands(p, part))
            memcpy(rows + size * (*count)++, part, size);
    }
    return rows;
}

/* -1, 0, 1. The member is not absent. */
static int compare_member(const struct od_field *f, const void *x, const void *y)
{
    const void *a = (const char *)x + f->offset, *b = (const char *)y + f->offset;
    int64_t m = 0, n = 0;

    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        return od_str_cmp(*(const struct od_str *)a, *(const struct od_str *)b);
    case OD_FIELD_UUID:
        return memcmp(a, b, sizeof(struct od_uuid));
    case OD_FIELD_I32:
        m = *(const int32_t *)a;
        n = *(const int32_t *)b;
        break;
    case OD_FIELD_BOOL:
        m = *(const bool *)a;
        n = *(const bool *)b;
        break;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
    case OD_FIELD_TIME:
        m = *(const int64_t *)a;
        n = *(const int64_t *)b;
        break;
    }
    return (m > n) - (m < n);
}

/* The text of a condition into the member of an entity: l_query_push_value has checked it. */
static void read_member(const struct od_field *f, struct od_str text, void *entity)
{
    void *to = (char *)entity + f->offset;
    int64_t n = 0;

    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        *(struct od_str *)to = text;
        return;
    case OD_FIELD_UUID:
        (void)!od_uuid_parse(text, to);
        return;
    case OD_FIELD_TIME:
        (void)!od_time_parse(text, to);
        return;
    case OD_FIELD_BOOL:
        *(bool *)to = od_str_is(text, "true");
        return;
    case OD_FIELD_I32:
        (void)!od_str_to_i64(text, INT32_MIN, INT32_MAX, &n);
        *(int32_t *)to = (int32_t)n;
        return;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        (void)!od_str_to_i64(text, INT64_MIN, INT64_MAX, to);
        return;
    }
}

/* LIKE: % is any run of bytes, _ one character, a backslash takes what follows as it is. */
static bool is_like(struct od_str s, struct od_str p)
{
    size_t i = 0, k = 0, star = SIZE_MAX, from = 0;

    while (i < s.len) {
        bool escaped = k + 1 < p.len && p.ptr[k] == '\\';
        if (k < p.len && p.ptr[k] == '%') {
            star = k++;
            from = i;
        } else if (k < p.len && p.ptr[k] == '_') {
            for (i++, k++; i < s.len && ((unsigned char)s.ptr[i] & 0xc0) == 0x80;)
                i++;
        } else if (k < p.len && p.ptr[k + escaped] == s.ptr[i]) {
            i++;
            k += 1 + (size_t)escaped;
        } else if (star != SIZE_MAX) { /* let the last % take one byte more */
            k = star + 1;
            i = ++from;
        } else {
            return false;
        }
    }
    while (k < p.len && p.ptr[k] == '%')
        k++;
    return k == p.len;
}

/* A to Z, as lower() of PostgreSQL has them. */
static struct od_str lowered(struct od_arena *a, struct od_str s)
{
    char *copy = od_arena_alloc(a, s.len + 1);

    for (size_t i = 0; i < s.len; i++)
        copy[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] | 0x20 : s.ptr[i]);
    return od_str_n(copy, s.len);
}

/* The entity with the text that a condition compares in the case in which it does. */
static const void *as_compared(struct od_arena *a, const struct od_query_where *w,
                               const struct od_entity *e, const struct od_field *f,
                               const void *entity)
{
    char *copy = w->column.any_case ? od_arena_zalloc(a, e->size) : NULL;

    if (!copy)
        return entity;
    *(struct od_str *)(copy + f->offset) =
        lowered(a, *(const struct od_str *)((const char *)entity + f->offset));
    return copy;
}

static struct od_str value_of(struct od_arena *a, const struct od_query_where *w, uint32_t i)
{
    return w->column.any_case ? lowered(a, w->values[i]) : w->values[i];
}

static bool holds(const struct query *run, const struct row *r, const struct od_query_where *w)
{
    const struct od_entity *e = entity_of(w->column.source);
    const struct od_field *f = od_entity_field(e, od_str_of(w->column.name));
    const void *entity = r->of[w->column.source];
    bool absent = !entity || od_field_absent(f, entity);
    struct od_arena *arena = &run->t->arena;
    void *wanted = od_arena_zalloc(arena, e->size);
    int order;

    if (w->compare == OD_QUERY_NULL || w->compare == OD_QUERY_NOT_NULL)
        return absent == (w->compare == OD_QUERY_NULL);
    if (absent)
        return w->compare == OD_QUERY_NE;
    entity = as_compared(arena, w, e, f, entity);
    if (w->compare == OD_QUERY_LIKE)
        return is_like(*(const struct od_str *)((const char *)entity + f->offset),
                       value_of(arena, w, 0));
    for (uint32_t i = 0; w->compare == OD_QUERY_IN && i < w->value_count; i++) {
        read_member(f, value_of(arena, w, i), wanted);
        if (compare_member(f, entity, wanted) == 0)
            return true;
    }
    if (w->compare == OD_QUERY_IN)
        return false;
    read_member(f, value_of(arena, w, 0), wanted);
    order = compare_member(f, entity, wanted);
    return w->compare == OD_QUERY_EQ   ? order == 0
           : w->compare == OD_QUERY_NE ? order != 0
           : w->compare == OD_QUERY_LT ? order < 0
           : w->compare == OD_QUERY_LE ? order <= 0
           : w->compare == OD_QUERY_GT ? order > 0
                                       : order >= 0;
}

/* `or` binds weaker: one of the runs of conditions between them must hold. */
static bool fits(const struct query *run, const struct row *r)
{
    bool all = true;

    for (uint32_t i = 0; i < run->q->where_count; i++) {
        const struct od_query_where *w = &run->q->where[i];
        if (i > 0 && w->or_) {
            if (all)
                return true;
            all = true;
        }
        all = all && holds(run, r, w);
    }
    return all;
}

static void join(struct query *run, const struct od_test_order *o, struct row r, uint32_t at)
{
    enum od_query_source source;
    const char *rows;
    uint32_t count;

    if (at == run->q->join_count) {
        if (run->count < ROWS_MAX && fits(run, &r)) {
            run->rows =
                od_arena_grow(&run->t->arena, run->rows, run->count, &run->cap, sizeof *run->rows);
            run->rows[run->count++] = r;
        }
        return;
    }
    source = run->q->joins[at].source;
    rows = rows_of(run->t, o, source, &count);
    if (count == 0 && run->q->joins[at].left)
        join(run, o, r, at + 1);
    for (uint32_t i = 0; i < count; i++) {
        r.of[source] = rows + (size_t)i * entity_of(source)->size;
        join(run, o, r, at + 1);
    }
}

/* Absent values come last, or first when descending. */
static int compare_column(const struct row *x, const struct row *y, const struct od_query_column *c)
{
    const struct od_field *f = od_entity_field(entity_of(c->source), od_str_of(c->name));
    const void *a = x->of[c->source], *b = y->of[c->source];
    bool no_a = !a || od_field_absent(f, a), no_b = !b || od_field_absent(f, b);

    return no_a || no_b ? no_a - no_b : compare_member(f, a, b);
}

/* Rows stand in the order of their orders and parts already. */
static void sort(struct query *run)
{
    for (uint32_t k = run->q->order_count; k-- > 0;) {
        const struct od_query_column *c = &run->q->order_by[k].column;
        int sign = run->q->order_by[k].descending ? -1 : 1;

        for (uint32_t i = 1; i < run->count; i++) { /* stable, and tests have few rows */
            struct row r = run->rows[i];
            uint32_t j = i;
            for (; j > 0 && sign * compare_column(&run->rows[j - 1], &r, c) > 0; j--)
                run->rows[j] = run->rows[j - 1];
            run->rows[j] = r;
        }
    }
}

static struct od_str write_row(const struct query *run, const struct row *r)
{
    struct od_json_writer w;
    struct od_str text;
    struct od_buf b;

    od_buf_init(&b, 4 << 20);
    od_jw_init(&w, &b);
    od_jw_object(&w);
    od_entity_write(&w, entity_of(OD_QUERY_ORDER), r->of[OD_QUERY_ORDER], OD_JSON_SCRIPT, 0,
                    ~UINT64_C(0));
    for (uint32_t i = 0; i < run->q->join_count; i++) {
        enum od_query_source source = run->q->joins[i].source;
        if (!r->of[source])
            continue;
        od_jw_key(&w, od_query_source_name(source));
        od_jw_object(&w);
        od_entity_write(&w, entity_of(source), r->of[source], OD_JSON_SCRIPT, 0, ~UINT64_C(0));
        od_jw_object_end(&w);
    }
    od_jw_object_end(&w);
    text = od_arena_str(&run->t->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

struct od_str *od_test_query(struct od_test *t, const struct od_query *q, uint32_t *count)
{
    struct query run = {.t = t, .q = q};
    struct od_str *texts;
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->order_count; i++)
        join(&run, t->orders[i], (struct row){{t->orders[i]->order}}, 0);
    if (q->count) {
        texts = OD_NEW(&t->arena, struct od_str);
        *texts = od_arena_printf(&t->arena, "{\"count\":%u}", run.count);
        *count = 1;
        return texts;
    }
    sort(&run);
    texts = OD_NEW_ARRAY(&t->arena, struct od_str, q->limit);
    for (uint32_t i = q->offset; i < run.count && n < q->limit; i++)
        texts[n++] = write_row(&run, &run.rows[i]);
    *count = n;
    return texts;
}
