#include "api/reads/find.h"

#include <string.h>

#include "api/handler.h"
#include "api/reach.h"
#include "api/reads/filters.h"
#include "base/json/json.h"
#include "pg/conn.h"
#include "store/load/load.h"
#include "store/search/find.h"
#include "store/search/search.h"
#include "store/search/trail.h"

/*
 * Search of orders by what a person typed: folded by the database as its documents are, then looked
 * for by rank. Only when nothing at all is found are words looked for that are like the terms. The
 * orders are loaded as they stand; one that does not pass the filters any more is left out.
 */

struct search {
    struct od_api *api;
    struct od_http_request *req;
    struct od_rules *rules;
    struct od_find find;
    struct od_filter filters[OD_FILTERS_MAX];
    struct od_str q, fields;
    uint32_t limit;
    bool further; /* it begins behind a cursor */
    struct od_pg_stmt stmt;
    struct od_set set;
    struct match {
        enum od_search_rank rank;
        int64_t order_id;
        struct od_str doc;
    } matches[OD_SEARCH_LIMIT + 1];
    uint32_t count;
    struct od_filter_trail trails[OD_SEARCH_LIMIT]; /* of the matches, where a filter asks */
};

static const char *const ranks[] = {"exact", "prefix", "part", "similar"};
static const char *const fields[] = {
#define OD_SEARCH_FIELD(NAME, name) name,
    OD_SEARCH_FIELDS(OD_SEARCH_FIELD)
#undef OD_SEARCH_FIELD
};

static void end(struct search *s)
{
    od_set_fini(&s->set);
    od_rules_unref(s->rules);
}

static void fail(struct search *s)
{
    end(s);
    od_api_send_unavailable(s->req);
}

/* "2-4711": the rank and the order behind which the next page begins. */
static struct od_str cursor(struct search *s, const struct match *m)
{
    return od_arena_printf(&s->req->arena, "%d-%lld", (int)m->rank, (long long)m->order_id);
}

static bool read_cursor(struct search *s, struct od_str text)
{
    struct od_str rank;
    int64_t number;
    if (!od_str_cut(&text, '-', &rank) || !text.ptr ||
        !od_str_to_i64(rank, 0, OD_SEARCH_RANKS - 1, &number) ||
        !od_str_to_i64(text, 1, INT64_MAX, &s->find.below))
        return false;
    s->find.rank = (enum od_search_rank)number;
    s->further = true;
    return true;
}

static void write_match(const struct search *s, struct od_json_writer *w, const struct match *m)
{
    od_jw_object(w);
    od_jw_key(w, "orderId");
    od_jw_i64(w, m->order_id);
    od_jw_key(w, "how");
    od_jw_cstr(w, ranks[m->rank]);
    od_jw_key(w, "fields");
    od_jw_array(w);
    for (int f = 0; f < OD_SEARCH_FIELD_COUNT; f++) {
        if (od_find_is_in(&s->find, m->rank, m->doc, (enum od_search_field)f))
            od_jw_cstr(w, fields[f]);
    }
    od_jw_array_end(w);
    od_jw_object_end(w);
}

static bool passes(const struct search *s, uint32_t i)
{
    const struct od_order *o = s->set.orders[i]->order;
    return o && od_search_finds(s->filters, s->find.filter_count, o, &s->trails[i]);
}

static void on_loaded(void *ctx, bool failed)
{
    struct search *s = ctx;
    if (failed) {
        fail(s);
        return;
    }
    uint32_t shown = s->count < s->limit ? s->count : s->limit;
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(s->req));
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (uint32_t i = 0; i < shown; i++) {
        if (passes(s, i))
            od_api_write_order(&w, s->req, s->fields, s->rules, s->set.orders[i]);
    }
    od_jw_array_end(&w);
    od_jw_key(&w, "matched");
    od_jw_array(&w);
    for (uint32_t i = 0; i < shown; i++) {
        if (passes(s, i))
            write_match(s, &w, &s->matches[i]);
    }
    od_jw_array_end(&w);
    /* Behind an exact number come the others, if somebody asks for them. */
    bool more = s->count > s->limit || (shown && s->matches[shown - 1].rank == OD_SEARCH_EXACT);
    od_jw_key(&w, "next");
    od_jw_str(&w, more ? cursor(s, &s->matches[shown - 1]) : OD_STR_NONE);
    od_jw_object_end(&w);
    end(s);
    od_http_send(s->req, 200);
}

static void on_trails(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct search *s = ctx;
    for (int i = 0; !err && i < r->rows; i++)
        od_trail_row_read(r, i, &s->req->arena, &s->trails[i]);
}

static void load(struct search *s)
{
    int64_t ids[OD_SEARCH_LIMIT];
    uint32_t count = 0;
    for (; count < s->count && count < s->limit; count++) {
        ids[count] = s->matches[count].order_id;
        (void)od_set_want_order(&s->set, ids[count]);
    }
    od_set_send(&s->set, s->api->query, false);
    if (count && od_trail_is_asked(s->filters, s->find.filter_count))
        od_trail_send(s->api->query, ids, count, on_trails, s);
    od_pg_sync(s->api->query, on_loaded, s);
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct search *s = ctx;
    for (int i = 0; !err && i < r->rows && s->count <= s->limit; i++)
        s->matches[s->count++] = (struct match){
            .rank = (enum od_search_rank)od_pg_get_i32(r, i, 0),
            .order_id = od_pg_get_i64(r, i, 1),
            .doc = od_arena_str(&s->req->arena, od_pg_get_text(r, i, 2)),
        };
}

static void on_similar(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_find *f = &((struct search *)ctx)->find;
    for (int i = 0; !err && i < r->rows; i++) {
        uint32_t term = (uint32_t)od_pg_get_i32(r, i, 0) - 1;
        if (f->similar_count[term] < OD_SEARCH_SIMILAR_WORDS)
            f->similar[term][f->similar_count[term]++] =
                od_arena_str(f->arena, od_pg_get_text(r, i, 1));
    }
}

static void look(struct search *s);

static void on_similar_known(void *ctx, bool failed)
{
    struct search *s = ctx;
    bool any = false;
    if (failed) {
        fail(s);
        return;
    }
    for (uint32_t i = 0; i < s->find.term_count; i++)
        any = any || s->find.similar_count[i];
    if (any)
        look(s);
    else
        load(s);
}

static void look_for_similar(struct search *s)
{
    s->find.rank = OD_SEARCH_SIMILAR;
    od_find_similar(&s->find, s->api->query, on_similar, s);
    od_pg_sync(s->api->query, on_similar_known, s);
}

static void on_found(void *ctx, bool failed)
{
    struct search *s = ctx;
    if (failed)
        fail(s);
    else if (!s->count && !s->further && s->find.rank != OD_SEARCH_SIMILAR)
        look_for_similar(s);
    else
        load(s);
}

static void look(struct search *s)
{
    od_find_send(&s->find, &s->stmt, s->api->query, on_rows, s);
    od_pg_sync(s->api->query, on_found, s);
}

enum { TELEPHONE_MIN = 5 }; /* digits */

/* Whether it reads as a telephone number: digits, and marks that people write between them. */
static bool is_telephone(struct od_str q)
{
    size_t digits = 0;
    for (size_t i = 0; i < q.len; i++) {
        if (q.ptr[i] >= '0' && q.ptr[i] <= '9')
            digits++;
        else if (!strchr("+()/ .-", q.ptr[i]))
            return false;
    }
    return digits >= TELEPHONE_MIN;
}

static void on_text(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct search *s = ctx;
    if (err)
        return;
    s->find.folded = od_arena_str(s->find.arena, od_pg_get_text(r, 0, 0));
    if (!is_telephone(s->find.folded))
        return;
    /* Without the zeros that a call inside the country, or out of it, begins with. */
    struct od_str digits = od_arena_str(s->find.arena, od_pg_get_text(r, 0, 1));
    while (digits.len && digits.ptr[0] == '0')
        digits = od_str_slice(digits, 1, digits.len);
    if (digits.len >= TELEPHONE_MIN)
        s->find.digits = digits;
}

static void on_folded(void *ctx, bool failed)
{
    struct search *s = ctx;
    if (failed) {
        fail(s);
    } else if (!od_find_terms(&s->find)) {
        end(s);
        od_problem_sendf(s->req, 422, "bad_query", "q may have %d words at most.", OD_SEARCH_TERMS);
    } else if (!s->find.term_count) {
        load(s);
    } else if (s->find.rank == OD_SEARCH_SIMILAR) {
        look_for_similar(s);
    } else {
        look(s);
    }
}

static bool read_one(struct search *s, struct od_str name, struct od_str value, struct od_err *err)
{
    int64_t limit;
    if (od_str_is(name, "q"))
        return true;
    if (od_str_is(name, "fields")) {
        s->fields = value;
        return true;
    }
    if (od_str_is(name, "sort") || od_str_is(name, "count")) {
        (void)od_err_set(err, OD_ERR_INVALID,
                         "What is found with q is ranked, and not counted; leave %.*s out.",
                         OD_STR_ARG(name));
        return false;
    }
    if (od_str_is(name, "after")) {
        if (read_cursor(s, value))
            return true;
        (void)od_err_set(err, OD_ERR_INVALID, "after must be the next of a page of this search.");
        return false;
    }
    if (od_str_is(name, "limit")) {
        if (od_str_to_i64(value, 1, OD_SEARCH_LIMIT, &limit)) {
            s->limit = (uint32_t)limit;
            return true;
        }
        (void)od_err_set(err, OD_ERR_INVALID, "limit must be 1 to %d.", OD_SEARCH_LIMIT);
        return false;
    }
    if (s->find.filter_count == OD_FILTERS_MAX) {
        (void)od_err_set(err, OD_ERR_INVALID, "There are too many filters.");
        return false;
    }
    return od_filter_read(name, value, &od_engine_rules(s->api->engine)->statuses,
                          &s->filters[s->find.filter_count++], err) == 0;
}

static bool read_query(struct search *s)
{
    struct od_err err = {0};
    bool fits = s->q.len <= OD_SEARCH_Q_MAX && !od_str_has_nul(s->q) && od_utf8_valid(s->q);
    if (!fits)
        (void)od_err_set(&err, OD_ERR_INVALID, "q must be text of at most %d bytes.",
                         OD_SEARCH_Q_MAX);
    for (size_t i = 0; fits && i < s->req->query_count; i++)
        fits = read_one(s, s->req->query[i].name, s->req->query[i].value, &err);
    if (!fits)
        od_problem_sendf(s->req, 422, "bad_query", "%s", err.message);
    return fits;
}

static void begin(void *ctx, const struct od_err *wrong)
{
    struct search *s = ctx;
    if (wrong) {
        od_set_fini(&s->set);
        od_api_send_query_err(s->req, wrong);
        return;
    }
    s->rules = od_rules_ref(od_engine_rules(s->api->engine));
    od_find_fold(s->api->query, s->q, on_text, s);
    od_pg_sync(s->api->query, on_folded, s);
}

static void ready_filters(void *ctx)
{
    struct search *s = ctx;
    od_api_filters_ready(s->api, s->req, s->filters, s->find.filter_count, begin, s);
}

/* Filters are looked up in the lists. */
static void reach_lists(void *ctx)
{
    struct search *s = ctx;
    if (s->find.filter_count)
        od_api_reach(s->api, s->req, "list", ready_filters, s);
    else
        begin(s, NULL);
}

void od_api_find(struct od_api *api, struct od_http_request *req, struct od_str q)
{
    struct search *s = OD_NEW(&req->arena, struct search);
    s->api = api;
    s->req = req;
    s->q = q;
    s->limit = OD_SEARCH_DEFAULT_LIMIT;
    s->find.arena = &req->arena;
    s->find.filters = s->filters;
    s->find.below = INT64_MAX;
    if (!read_query(s) || !od_api_fields_known(req, s->fields, od_engine_rules(api->engine)))
        return;
    s->find.limit = s->limit + 1;
    od_set_init(&s->set, &req->arena);
    od_api_reach(api, req, "search", reach_lists, s);
}
