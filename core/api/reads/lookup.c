#include "api/reads/lookup.h"

#include <string.h>

#include "api/reach.h"
#include "api/reads/filters.h"
#include "engine/engine.h"
#include "pg/conn.h"
#include "store/search/trail.h"

static const char *const ranks[] = {"exact", "prefix", "part", "similar"};
static const char *const fields[] = {
#define OD_SEARCH_FIELD(NAME, name) name,
    OD_SEARCH_FIELDS(OD_SEARCH_FIELD)
#undef OD_SEARCH_FIELD
};

static void fail(struct od_lookup *l)
{
    struct od_err err;
    od_set_fini(&l->set);
    (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "query failed");
    l->done(l->ctx, &err);
}

/* Ends the pipeline of what was sent since `before` (od_pg_statements). */
static void end_pipeline(struct od_lookup *l, uint64_t before, void (*on_sync)(void *, bool))
{
    l->statements += od_pg_statements(l->api->query) - before;
    od_pg_sync(l->api->query, on_sync, l);
}

/* "2-4711": the rank and the order behind which the next page begins. */
static struct od_str cursor(struct od_lookup *l, const struct od_lookup_match *m)
{
    return od_arena_printf(&l->req->arena, "%d-%lld", (int)m->rank, (long long)m->order_id);
}

static bool read_cursor(struct od_lookup *l, struct od_str text)
{
    struct od_str rank;
    int64_t number;
    if (!od_str_cut(&text, '-', &rank) || !text.ptr ||
        !od_str_to_i64(rank, 0, OD_SEARCH_RANKS - 1, &number) ||
        !od_str_to_i64(text, 1, INT64_MAX, &l->find.below))
        return false;
    l->find.rank = (enum od_search_rank)number;
    l->further = true;
    return true;
}

static void write_match(const struct od_lookup *l, struct od_json_writer *w,
                        const struct od_lookup_match *m)
{
    od_jw_object(w);
    od_jw_key(w, "orderId");
    od_jw_i64(w, m->order_id);
    od_jw_key(w, "how");
    od_jw_cstr(w, ranks[m->rank]);
    od_jw_key(w, "fields");
    od_jw_array(w);
    for (int f = 0; f < OD_SEARCH_FIELD_COUNT; f++) {
        if (od_find_is_in(&l->find, m->rank, m->doc, (enum od_search_field)f))
            od_jw_cstr(w, fields[f]);
    }
    od_jw_array_end(w);
    od_jw_object_end(w);
}

void od_lookup_write_matches(const struct od_lookup *l, struct od_json_writer *w)
{
    od_jw_array(w);
    for (uint32_t i = 0; i < l->shown; i++) {
        if (od_lookup_shows(l, i))
            write_match(l, w, &l->matches[i]);
    }
    od_jw_array_end(w);
}

bool od_lookup_shows(const struct od_lookup *l, uint32_t i)
{
    const struct od_order *o = l->set.orders[i]->order;
    return o && od_search_finds(l->filters, l->filter_count, o, &l->trails[i]);
}

static void on_loaded(void *ctx, bool failed)
{
    struct od_lookup *l = ctx;
    if (failed) {
        fail(l);
        return;
    }
    /* Behind an exact number come the others, if somebody asks for them. */
    if (l->count > l->limit || (l->shown && l->matches[l->shown - 1].rank == OD_SEARCH_EXACT))
        l->next = cursor(l, &l->matches[l->shown - 1]);
    l->done(l->ctx, NULL);
}

static void on_trails(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_lookup *l = ctx;
    for (int i = 0; !err && i < r->rows; i++)
        od_trail_row_read(r, i, &l->req->arena, &l->trails[i]);
}

static void load(struct od_lookup *l)
{
    int64_t ids[OD_SEARCH_LIMIT];
    uint64_t before = od_pg_statements(l->api->query);
    for (; l->shown < l->count && l->shown < l->limit; l->shown++) {
        ids[l->shown] = l->matches[l->shown].order_id;
        (void)od_set_want_order(&l->set, ids[l->shown]);
    }
    l->set.left_out = l->left_out & ~od_search_parts(l->filters, l->filter_count);
    od_set_send(&l->set, l->api->query, false);
    if (l->shown && od_trail_is_asked(l->filters, l->filter_count))
        od_trail_send(l->api->query, ids, l->shown, on_trails, l);
    end_pipeline(l, before, on_loaded);
}

static void on_rows(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_lookup *l = ctx;
    for (int i = 0; !err && i < r->rows && l->count <= l->limit; i++)
        l->matches[l->count++] = (struct od_lookup_match){
            .rank = (enum od_search_rank)od_pg_get_i32(r, i, 0),
            .order_id = od_pg_get_i64(r, i, 1),
            .doc = od_arena_str(&l->req->arena, od_pg_get_text(r, i, 2)),
        };
}

static void on_similar(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_find *f = &((struct od_lookup *)ctx)->find;
    for (int i = 0; !err && i < r->rows; i++) {
        uint32_t term = (uint32_t)od_pg_get_i32(r, i, 0) - 1;
        if (f->similar_count[term] < OD_SEARCH_SIMILAR_WORDS)
            f->similar[term][f->similar_count[term]++] =
                od_arena_str(f->arena, od_pg_get_text(r, i, 1));
    }
}

static void look(struct od_lookup *l);

static void on_similar_known(void *ctx, bool failed)
{
    struct od_lookup *l = ctx;
    bool any = false;
    if (failed) {
        fail(l);
        return;
    }
    for (uint32_t i = 0; i < l->find.term_count; i++)
        any = any || l->find.similar_count[i];
    if (any)
        look(l);
    else
        load(l);
}

static void look_for_similar(struct od_lookup *l)
{
    uint64_t before = od_pg_statements(l->api->query);
    l->find.rank = OD_SEARCH_SIMILAR;
    od_find_similar(&l->find, l->api->query, on_similar, l);
    end_pipeline(l, before, on_similar_known);
}

static void on_found(void *ctx, bool failed)
{
    struct od_lookup *l = ctx;
    if (failed)
        fail(l);
    else if (!l->count && !l->further && l->find.rank != OD_SEARCH_SIMILAR)
        look_for_similar(l);
    else
        load(l);
}

static void look(struct od_lookup *l)
{
    uint64_t before = od_pg_statements(l->api->query);
    od_find_send(&l->find, &l->stmt, l->api->query, on_rows, l);
    end_pipeline(l, before, on_found);
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
    struct od_lookup *l = ctx;
    if (err)
        return;
    l->find.folded = od_arena_str(l->find.arena, od_pg_get_text(r, 0, 0));
    if (!is_telephone(l->find.folded))
        return;
    /* Without the zeros that a call inside the country, or out of it, begins with. */
    struct od_str digits = od_arena_str(l->find.arena, od_pg_get_text(r, 0, 1));
    while (digits.len && digits.ptr[0] == '0')
        digits = od_str_slice(digits, 1, digits.len);
    if (digits.len >= TELEPHONE_MIN)
        l->find.digits = digits;
}

static void on_folded(void *ctx, bool failed)
{
    struct od_lookup *l = ctx;
    struct od_err err;
    if (failed) {
        fail(l);
    } else if (!od_find_terms(&l->find)) {
        od_set_fini(&l->set);
        (void)od_err_set(&err, OD_ERR_INVALID, "q may have %d words at most.", OD_SEARCH_TERMS);
        l->done(l->ctx, &err);
    } else if (!l->find.term_count) {
        load(l);
    } else if (l->find.rank == OD_SEARCH_SIMILAR) {
        look_for_similar(l);
    } else {
        look(l);
    }
}

int od_lookup_filter(struct od_lookup *l, struct od_str name, struct od_str value,
                     struct od_err *err)
{
    if (l->filter_count == OD_FILTERS_MAX)
        return od_err_set(err, OD_ERR_INVALID, "There are too many filters.");
    return od_filter_read(name, value, &od_engine_rules(l->api->engine)->statuses,
                          &l->filters[l->filter_count++], err);
}

static void begin(void *ctx, const struct od_err *wrong)
{
    struct od_lookup *l = ctx;
    if (wrong) {
        od_set_fini(&l->set);
        l->done(l->ctx, wrong);
        return;
    }
    l->find.filter_count = l->filter_count;
    uint64_t before = od_pg_statements(l->api->query);
    od_find_fold(l->api->query, l->q, on_text, l);
    end_pipeline(l, before, on_folded);
}

/* status: of od_api_await. */
static int check_status(struct od_lookup *l, int status)
{
    struct od_err err;
    if (!status)
        return 0;
    od_set_fini(&l->set);
    if (status == 503)
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "what must be found is not there yet");
    else
        (void)od_err_set(&err, OD_ERR_INVALID,
                         "Orderd-At-Least must be the Orderd-Position of a command's answer.");
    l->done(l->ctx, &err);
    return -1;
}

static void on_lists(void *ctx, int status)
{
    struct od_lookup *l = ctx;
    if (check_status(l, status) == 0)
        od_api_filters_ready(l->api, l->req, l->filters, l->filter_count, begin, l);
}

/* Filters are looked up in the lists. */
static void on_documents(void *ctx, int status)
{
    struct od_lookup *l = ctx;
    if (check_status(l, status))
        return;
    if (l->filter_count)
        od_api_await(l->api, l->req, "list", on_lists, l);
    else
        begin(l, NULL);
}

int od_lookup_begin(struct od_lookup *l, struct od_err *err)
{
    l->find.arena = &l->req->arena;
    l->find.filters = l->filters;
    l->find.below = INT64_MAX;
    l->find.limit = l->limit + 1;
    if (l->q.len > OD_SEARCH_Q_MAX || od_str_has_nul(l->q) || !od_utf8_valid(l->q))
        return od_err_set(err, OD_ERR_INVALID, "q must be text of at most %d bytes.",
                          OD_SEARCH_Q_MAX);
    if (l->after.ptr && !read_cursor(l, l->after))
        return od_err_set(err, OD_ERR_INVALID, "after must be the next of a page of this search.");
    od_set_init(&l->set, &l->req->arena);
    od_api_await(l->api, l->req, "search", on_documents, l);
    return 0;
}
