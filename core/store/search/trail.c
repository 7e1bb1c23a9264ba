#include "store/search/trail.h"

#include "base/buf.h"
#include "base/nearest.h"
#include "order/model/policy.h"
#include "store/read/trail.h"

enum { VALUES_BYTES = 1 << 20, HASH_SHOWN = 12 };

struct od_trail_bundle {
    struct od_str prefix, hash, id;
};

bool od_trail_is_asked(const struct od_filter *filters, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (od_filter_of_trail(&filters[i]))
            return true;
    }
    return false;
}

/* Classes are few, and each of their policies has decided something. */
static const struct od_pg_stmt select_names = {
    .name = "trail_names",
    .sql = "select distinct d from list_class k, unnest(k.decided) d order by 1",
};

static const uint32_t prefixes_oids[] = {OD_PG_TEXT_ARRAY};
/* Two of each show that it is not unique. */
static const struct od_pg_stmt select_bundles = {
    .name = "trail_bundles",
    .sql = "select u.prefix, b.hash, b.bundle_id::text from unnest($1) u (prefix)"
           " cross join lateral (select * from bundle b where starts_with(b.hash, u.prefix)"
           " order by b.hash limit 2) b",
    .nparams = 1,
    .param_oids = prefixes_oids,
};

static const uint32_t ids_oids[] = {OD_PG_INT8_ARRAY};
static const struct od_pg_stmt select_trails = {
    .name = "trail_of_orders",
    .sql = "select array_to_string(t.decided, ' '), array_to_string(t.refused, ' '),"
           " array_to_string(t.bundles, ' ') from unnest($1) with ordinality u (id, nr)"
           " cross join lateral " OD_TRAIL_OF("u.id") " t order by u.nr",
    .nparams = 1,
    .param_oids = ids_oids,
};

void od_trail_send(struct od_pg_conn *conn, const int64_t *order_ids, size_t count,
                   od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < count; i++)
        od_pg_array_i64(p, order_ids[i]);
    od_pg_array_end(p);
    od_pg_send(conn, &select_trails, p, on_result, ctx);
}

void od_trail_row_read(const struct od_pg_result *r, int row, struct od_arena *a,
                       struct od_filter_trail *out)
{
    *out = (struct od_filter_trail){
        .decided = od_arena_str(a, od_pg_get_text(r, row, 0)),
        .refused = od_arena_str(a, od_pg_get_text(r, row, 1)),
        .bundles = od_arena_str(a, od_pg_get_text(r, row, 2)),
    };
}

/* ---- values */

/* "order.cancel@net30" → "order.cancel" */
static struct od_str question_of(struct od_str policy)
{
    struct od_str question = policy;
    (void)od_str_cut(&policy, '@', &question);
    return question;
}

/* "order.cancel@net30" → "@net30"; absent: no plugin answered. */
static struct od_str plugin_of(struct od_str policy)
{
    size_t question = question_of(policy).len;
    return question < policy.len ? od_str_slice(policy, question, policy.len) : OD_STR_NONE;
}

/* Whether a value, "order.cancel@net30", "order.cancel" or "@net30", means the policy. */
static bool means(struct od_str value, struct od_str policy)
{
    return od_str_eq(value, policy) || od_str_eq(value, question_of(policy)) ||
           od_str_eq(value, plugin_of(policy));
}

/* The part of a known policy that a value of that form is about; absent: it has none. */
static struct od_str part_like(struct od_str value, struct od_str policy)
{
    struct od_str plugin = plugin_of(value);
    if (!plugin.ptr)
        return question_of(policy);
    return plugin.len == value.len ? plugin_of(policy) : policy;
}

static int refuse_policy(const struct od_trail_values *v, struct od_str value, struct od_err *err)
{
    struct od_nearest near;
    od_nearest_init(&near, value);
    for (int q = 0; q < OD_QUESTIONS; q++)
        od_nearest_try(&near, part_like(value, od_question_name((enum od_question)q)));
    for (uint32_t i = 0; i < v->name_count; i++)
        od_nearest_try(&near, part_like(value, v->names[i]));
    for (uint32_t i = 0; i < v->serving_count; i++)
        od_nearest_try(&near, part_like(value, v->serving[i]));
    return od_err_set(err, OD_ERR_INVALID, "no policy \"%.*s\" serves or has decided anything%s",
                      OD_STR_ARG(value), od_nearest_hint(&near));
}

/* Appends the complete names that a value means. -1: nobody knows it. */
static int put_names(const struct od_trail_values *v, struct od_str value, struct od_buf *out,
                     struct od_err *err)
{
    bool known = false;
    for (int q = 0; q < OD_QUESTIONS; q++)
        known = known || od_str_eq(value, od_question_name((enum od_question)q));
    for (uint32_t i = 0; i < v->serving_count; i++)
        known = known || means(value, v->serving[i]);
    for (uint32_t i = 0; i < v->name_count; i++) {
        if (!means(value, v->names[i]))
            continue;
        known = true;
        od_buf_printf(out, "%s%.*s", out->len ? "," : "", OD_STR_ARG(v->names[i]));
    }
    return known ? 0 : refuse_policy(v, value, err);
}

/* Appends the id of the bundle whose hash begins so. */
static int put_bundle(const struct od_trail_values *v, struct od_str value, struct od_buf *out,
                      struct od_err *err)
{
    const struct od_trail_bundle *found = NULL;
    for (uint32_t i = 0; i < v->bundle_count; i++) {
        const struct od_trail_bundle *b = &v->bundles[i];
        if (!od_str_eq(b->prefix, value) || (found && od_str_eq(found->hash, b->hash)))
            continue;
        if (found)
            return od_err_set(err, OD_ERR_INVALID,
                              "several bundles begin with %.*s, such as %.*s and %.*s",
                              OD_STR_ARG(value), HASH_SHOWN + (int)value.len, found->hash.ptr,
                              HASH_SHOWN + (int)value.len, b->hash.ptr);
        found = b;
    }
    if (!found)
        return od_err_set(err, OD_ERR_INVALID,
                          "no bundle begins with %.*s; %.*s serves now, and `orderd bundle list` "
                          "shows them all",
                          OD_STR_ARG(value), HASH_SHOWN, v->hash.ptr ? v->hash.ptr : "none");
    od_buf_printf(out, "%s%.*s", out->len ? "," : "", OD_STR_ARG(found->id));
    return 0;
}

static const char *name_of(enum od_filter_field field)
{
    return field == OD_FILTER_OF_BUNDLE       ? "bundle"
           : field == OD_FILTER_OF_REFUSED_BY ? "refusedBy"
                                              : "decidedBy";
}

static int rewrite(const struct od_trail_values *v, struct od_filter *f, struct od_err *err)
{
    bool bundle = od_filter_type_of(f->field) == OD_FILTER_BUNDLE;
    struct od_str rest = f->value, value;
    struct od_buf out;
    int rc = 0;
    od_buf_init(&out, VALUES_BYTES);
    while (rc == 0 && od_filter_next_value(f, &rest, &value))
        rc = bundle ? put_bundle(v, value, &out, err) : put_names(v, value, &out, err);
    if (rc == 0) {
        f->operation = od_filter_negated(f) ? OD_FILTER_NIN : OD_FILTER_IN;
        f->value = od_arena_str(v->arena, od_buf_view(&out));
    }
    od_buf_fini(&out);
    return rc ? od_err_wrap(err, "%s", name_of(f->field)) : 0;
}

static void on_names(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_trail_values *v = ctx;
    if (err)
        return;
    v->names = OD_NEW_ARRAY(v->arena, struct od_str, (size_t)r->rows + 1);
    for (int i = 0; i < r->rows; i++)
        v->names[v->name_count++] = od_arena_str(v->arena, od_pg_get_text(r, i, 0));
}

static void on_bundles(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_trail_values *v = ctx;
    if (err)
        return;
    v->bundles = OD_NEW_ARRAY(v->arena, struct od_trail_bundle, (size_t)r->rows + 1);
    for (int i = 0; i < r->rows; i++)
        v->bundles[v->bundle_count++] = (struct od_trail_bundle){
            .prefix = od_arena_str(v->arena, od_pg_get_text(r, i, 0)),
            .hash = od_arena_str(v->arena, od_pg_get_text(r, i, 1)),
            .id = od_arena_str(v->arena, od_pg_get_text(r, i, 2)),
        };
}

static bool has_values(const struct od_filter *f)
{
    return od_filter_of_trail(f) && f->operation != OD_FILTER_EXISTS;
}

static void on_read(void *ctx, bool failed)
{
    struct od_trail_values *v = ctx;
    struct od_err err;
    int rc = failed ? od_err_set(&err, OD_ERR_UNAVAILABLE, "query failed") : 0;
    for (uint32_t i = 0; rc == 0 && i < v->count; i++) {
        if (has_values(&v->filters[i]))
            rc = rewrite(v, &v->filters[i], &err);
    }
    v->done(v->ctx, rc ? &err : NULL);
}

void od_trail_values_read(struct od_trail_values *v)
{
    struct od_pg_params *p;
    od_pg_send(v->conn, &select_names, NULL, on_names, v);
    p = od_pg_params(v->conn);
    od_pg_array_begin(p, OD_PG_TEXT);
    for (uint32_t i = 0; i < v->count; i++) {
        struct od_str rest = v->filters[i].value, value;
        if (!has_values(&v->filters[i]) || v->filters[i].field != OD_FILTER_OF_BUNDLE)
            continue;
        while (od_filter_next_value(&v->filters[i], &rest, &value))
            od_pg_array_text(p, value);
    }
    od_pg_array_end(p);
    od_pg_send(v->conn, &select_bundles, p, on_bundles, v);
    od_pg_sync(v->conn, on_read, v);
}
