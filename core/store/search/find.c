#include "store/search/find.h"

#include <string.h>

#include "base/buf.h"
#include "store/search/filter.h"

enum {
    SQL_MAX = 64 << 10,
    NEWEST = 8000, /* orders that are looked at before the index: some 10 ms */
    TRIGRAM = 3,   /* shorter terms are in the index only as the beginning of a word */
};

static const uint32_t fold_oids[] = {OD_PG_TEXT};
static const struct od_pg_stmt fold_text = {
    .name = "search_fold_text",
    .sql = "select search_fold($1), search_digits($1)",
    .nparams = 1,
    .param_oids = fold_oids,
};

static const uint32_t similar_oids[] = {OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt select_similar = {
    .name = "search_similar",
    .sql = "select t.place::int4, w.word from unnest($1) with ordinality t (term, place), lateral"
           " (select word from order_search_word where near && search_near(t.term)"
           " order by similarity(word, t.term) desc, abs(length(word) - length(t.term)), word"
           " limit 5) w where length(t.term) between 4 and 24 order by t.place",
    .nparams = 1,
    .param_oids = similar_oids,
};
_Static_assert(OD_SEARCH_SIMILAR_WORDS == 5, "the limit of search_similar");

void od_find_fold(struct od_pg_conn *conn, struct od_str q, od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, q);
    od_pg_send(conn, &fold_text, p, on_result, ctx);
}

bool od_find_terms(struct od_find *f)
{
    struct od_str rest = f->folded, term;
    while (od_str_cut(&rest, ' ', &term)) {
        if (term.len && f->term_count == OD_SEARCH_TERMS)
            return false;
        if (term.len)
            f->terms[f->term_count++] = term;
    }
    return true;
}

void od_find_similar(const struct od_find *f, struct od_pg_conn *conn, od_pg_on_result *on_result,
                     void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (uint32_t i = 0; i < f->term_count; i++)
        od_pg_array_text(p, f->terms[i]);
    od_pg_array_end(p);
    od_pg_send(conn, &select_similar, p, on_result, ctx);
}

/* ---- the statement */

struct writer {
    const struct od_find *f;
    struct od_buf *sql;
    struct od_pg_params *p;
};

/* A pattern of LIKE for text that may have its special characters in it. */
static void put_like(const struct writer *w, const char *before, struct od_str text)
{
    struct od_buf b;
    od_buf_init(&b, 4 * OD_SEARCH_Q_MAX + 16);
    od_buf_printf(&b, "%s", before);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' || text.ptr[i] == '_' || text.ptr[i] == '\\')
            od_buf_char(&b, '\\');
        od_buf_char(&b, text.ptr[i]);
    }
    od_buf_char(&b, '%');
    od_pg_text(w->p, od_arena_str(w->f->arena, od_buf_view(&b)));
    od_buf_fini(&b);
    od_buf_printf(w->sql, "s.doc like $%d", w->p->count);
}

static void put_terms(const struct writer *w, const char *before)
{
    od_buf_printf(w->sql, "(");
    for (uint32_t i = 0; i < w->f->term_count; i++) {
        od_buf_printf(w->sql, "%s", i ? " and " : "");
        put_like(w, before, w->f->terms[i]);
    }
    od_buf_printf(w->sql, ")");
}

static void put_similar(const struct writer *w)
{
    const struct od_find *f = w->f;
    for (uint32_t i = 0; i < f->term_count; i++) {
        od_buf_printf(w->sql, "%s(", i ? " and " : "");
        for (uint32_t k = 0; k < f->similar_count[i]; k++) {
            od_buf_printf(w->sql, "%s", k ? " or " : "");
            put_like(w, "% ", f->similar[i][k]);
        }
        if (!f->similar_count[i])
            put_like(w, "%", f->terms[i]);
        od_buf_printf(w->sql, ")");
    }
}

/* What the filters ask for, in the lists. `value`: what may lead to few orders, a value such as a
 * customer, stands where the planner can begin with it. */
static void put_filters(const struct writer *w, bool value)
{
    const struct od_find *f = w->f;
    uint32_t rest = 0;
    for (uint32_t i = 0; i < f->filter_count; i++) {
        if (!value || od_search_place_of(&f->filters[i]) != OD_SEARCH_VALUE) {
            rest++;
            continue;
        }
        od_buf_printf(w->sql,
                      " and s.order_id in (select v.order_id from order_list_value v where ");
        od_search_put_value(w->sql, &f->filters[i], w->p);
        od_buf_printf(w->sql, ")");
    }
    if (!rest)
        return;
    od_buf_printf(w->sql, " and exists (select from order_list l join list_class k using (class_id)"
                          " where l.order_id = s.order_id");
    for (uint32_t i = 0; i < f->filter_count; i++) {
        if (!value || od_search_place_of(&f->filters[i]) != OD_SEARCH_VALUE)
            od_search_put_filter(w->sql, &f->filters[i], w->p);
    }
    od_buf_printf(w->sql, ")");
}

/* Each rank leaves out what the ranks before it have. */
static void put_condition(const struct writer *w, enum od_search_rank rank)
{
    switch (rank) {
    case OD_SEARCH_PREFIX:
        put_terms(w, "% ");
        od_buf_printf(w->sql, " and s.number <> $1");
        break;
    case OD_SEARCH_PART:
        od_buf_printf(w->sql, "(");
        put_terms(w, "%");
        if (w->f->digits.ptr) {
            od_buf_printf(w->sql, " or ");
            put_like(w, "%", w->f->digits);
        }
        od_buf_printf(w->sql, ") and s.number <> $1 and not ");
        put_terms(w, "% ");
        break;
    case OD_SEARCH_SIMILAR:
        put_similar(w);
        break;
    case OD_SEARCH_EXACT:
    case OD_SEARCH_RANKS:
        break;
    }
}

/* Terms of which the index knows anything: a part of a word needs a trigram. */
static bool is_indexed(const struct od_find *f, enum od_search_rank rank)
{
    bool any = rank != OD_SEARCH_PART || f->digits.ptr;
    for (uint32_t i = 0; i < f->term_count; i++)
        any = any || f->terms[i].len >= TRIGRAM;
    return any;
}

/* The orders of one rank behind the cursor: of the newest, and of all others by the index. */
static void put_rank(const struct writer *w, enum od_search_rank rank)
{
    const struct od_find *f = w->f;
    od_buf_printf(
        w->sql,
        ", window%d as materialized (select s.order_id, s.number, s.doc from order_search s"
        " where %s",
        rank, f->rank == rank ? "s.order_id < $3::int8" : "not exists (select from found0)");
    /* Who typed a whole number means that order, and is not kept waiting for others. */
    if (f->rank < rank && rank > OD_SEARCH_PREFIX)
        od_buf_printf(w->sql, " and (select count(*) from found%d) < $2", rank - 1);
    od_buf_printf(w->sql,
                  " order by s.order_id desc limit %d), near%d as materialized"
                  " (select %d as rank, s.order_id, s.doc from window%d s where ",
                  NEWEST, rank, rank, rank);
    put_condition(w, rank);
    put_filters(w, false);
    od_buf_printf(w->sql, " order by s.order_id desc limit $2)");
    od_buf_printf(
        w->sql,
        ", far%d as materialized (select %d as rank, s.order_id, s.doc from order_search s"
        " where %s and (select count(*) from near%d) < $2"
        " and (select count(*) from window%d) = %d"
        " and s.order_id < (select min(order_id) from window%d) and ",
        rank, rank, is_indexed(f, rank) ? "true" : "false", rank, rank, NEWEST, rank);
    put_condition(w, rank);
    put_filters(w, true);
    /* "+ 0": not by a walk over all ids */
    od_buf_printf(w->sql, " order by s.order_id + 0 desc limit $2)");
    od_buf_printf(w->sql, ", found%d as materialized (", rank);
    if (f->rank < rank)
        od_buf_printf(w->sql, "select * from found%d union all ", rank - 1);
    od_buf_printf(w->sql, "select * from near%d union all select * from far%d)", rank, rank);
}

void od_find_send(const struct od_find *f, struct od_pg_stmt *stmt, struct od_pg_conn *conn,
                  od_pg_on_result *on_result, void *ctx)
{
    struct od_buf sql;
    struct od_pg_params *p = od_pg_params(conn);
    struct writer w = {f, &sql, p};
    enum od_search_rank last = f->rank == OD_SEARCH_SIMILAR ? OD_SEARCH_SIMILAR : OD_SEARCH_PART;

    od_buf_init(&sql, SQL_MAX);
    od_pg_text(p, f->folded);
    od_pg_i32(p, (int32_t)f->limit);
    od_pg_i64(p, f->below);
    od_buf_printf(&sql,
                  "with found0 as materialized (select 0 as rank, s.order_id, s.doc"
                  " from order_search s where s.number = $1::text and %s",
                  f->rank == OD_SEARCH_EXACT ? "s.order_id < $3::int8" : "false");
    put_filters(&w, false);
    od_buf_printf(&sql, " order by s.order_id desc limit $2::int4)");
    for (int r = f->rank > OD_SEARCH_PREFIX ? f->rank : OD_SEARCH_PREFIX; r <= (int)last; r++)
        put_rank(&w, (enum od_search_rank)r);
    od_buf_printf(&sql,
                  " select rank, order_id, doc from found%d order by rank, order_id desc"
                  " limit $2",
                  last);
    *stmt = (struct od_pg_stmt){.sql = od_arena_str(f->arena, od_buf_view(&sql)).ptr,
                                .nparams = p->count};
    od_buf_fini(&sql);
    od_pg_send(conn, stmt, p, on_result, ctx);
}

static bool has(struct od_str line, struct od_str text)
{
    return text.len && memmem(line.ptr, line.len, text.ptr, text.len) != NULL;
}

static bool line_has(const struct od_find *f, enum od_search_rank rank, struct od_str line)
{
    for (uint32_t i = 0; i < f->term_count; i++) {
        if (rank != OD_SEARCH_SIMILAR && has(line, f->terms[i]))
            return true;
        for (uint32_t k = 0; rank == OD_SEARCH_SIMILAR && k < f->similar_count[i]; k++) {
            if (has(line, f->similar[i][k]))
                return true;
        }
    }
    return false;
}

bool od_find_is_in(const struct od_find *f, enum od_search_rank rank, struct od_str doc,
                   enum od_search_field field)
{
    struct od_str line;
    if (rank == OD_SEARCH_EXACT)
        return field == OD_SEARCH_IN_NUMBER;
    /* The lines of all fields come two or three times, each time written otherwise. */
    for (int i = 0; od_str_cut(&doc, '\n', &line); i++) {
        if (i % OD_SEARCH_FIELD_COUNT != (int)field)
            continue;
        if (line_has(f, rank, line) ||
            (field == OD_SEARCH_IN_TELEPHONE && f->digits.ptr && has(line, f->digits)))
            return true;
    }
    return false;
}
