#include "rules/activate/activate.h"

#include <stdlib.h>

#include "rules/make/rules.h"
#include "rules/make/ini.h"
#include "rules/make/statuses.h"
#include "base/log.h"
#include "conf/conf.h"
#include "store/rules/activation.h"

enum { TRIES = 10, NOTES_MAX = 16 << 10 };

struct activating {
    struct od_pg_conn *conn;
    struct od_activate what;
    void (*done)(void *ctx, const struct od_err *err, const struct od_activated *a);
    void *ctx;
    struct od_arena arena; /* of the strings in `what`, and of one try */
    int tries;

    int32_t last_id, last_bundle;
    struct od_str last_hash;
    struct od_status_sets before; /* of the last activation; empty when they are not known */
    struct od_status_codes codes; /* that the new rules lack */
    struct od_buf notes;
    struct od_err refusal;
    struct od_activated result;
};

static void finish(struct activating *a, const struct od_err *err)
{
    a->result.notes = od_buf_view(&a->notes);
    a->done(a->ctx, err, &a->result);
    od_buf_fini(&a->notes);
    od_arena_fini(&a->arena);
    free(a);
}

static void fail_database(struct activating *a)
{
    struct od_err err;
    (void)od_err_set(&err, OD_ERR_UNAVAILABLE,
                     "the database cannot be reached, or refused to store the rules");
    finish(a, &err);
}

/* ---- statuses that are gone */

static void add_code(struct activating *a, enum od_status_kind k, struct od_str code)
{
    struct od_status_codes *c = &a->codes;
    for (uint32_t i = 0; i < c->count[k]; i++) {
        if (od_str_eq(c->codes[k][i], code))
            return;
    }
    c->codes[k][c->count[k]++] = code;
}

/* Looks for statuses that served before and that the rules lack, and for those that they move. */
static bool find_codes(struct activating *a)
{
    const struct od_rules *r = a->what.rules;
    bool any = false;
    a->codes = (struct od_status_codes){0};
    for (enum od_status_kind k = OD_STATUS_ORDER; k < OD_STATUS_KINDS; k++) {
        const struct od_status_set *old = &a->before.of[k];
        a->codes.codes[k] = OD_NEW_ARRAY(&a->arena, struct od_str, old->count + r->move_count + 1);
        for (uint32_t i = 0; i < old->count; i++) {
            if (!od_status_find(&r->statuses.of[k], old->statuses[i].code))
                add_code(a, k, old->statuses[i].code);
        }
        for (uint32_t i = 0; i < r->move_count; i++) {
            if (r->moves[i].kind == k)
                add_code(a, k, r->moves[i].from);
        }
        any = any || a->codes.count[k];
    }
    return any;
}

static const struct od_status_move *move_of(const struct od_rules *r, enum od_status_kind k,
                                            struct od_str code)
{
    for (uint32_t i = 0; i < r->move_count; i++) {
        if (r->moves[i].kind == k && od_str_eq(r->moves[i].from, code))
            return &r->moves[i];
    }
    return NULL;
}

/* Where such orders could go: the first move the old configuration knew that there still is. */
static struct od_str likely_target(const struct activating *a, enum od_status_kind k,
                                   struct od_str code)
{
    const struct od_status_set *now = &a->what.rules->statuses.of[k];
    const struct od_status *old = od_status_find(&a->before.of[k], code);
    for (uint32_t i = 0; old && i < old->next_count; i++) {
        if (od_status_find(now, old->next[i]))
            return old->next[i];
    }
    return od_status_default(now)->code;
}

static void refuse(struct activating *a, enum od_status_kind k, struct od_str code, int64_t n)
{
    const char *kind = od_status_kind_name(k), *are = n == 1 ? "order is" : "orders are";
    struct od_str to = likely_target(a, k, code);
    struct od_err err;
    if (od_str_is(od_str_of(a->what.kind), "reload") || od_str_is(od_str_of(a->what.kind), "start"))
        (void)od_err_set_at(&err, OD_ERR_CONFIG, a->what.rules->conf->file.ptr,
                            "%s \"%.*s\" is removed, but %lld %s in it: keep it, or say where they "
                            "go: [migrate] %s.%.*s = %.*s",
                            kind, OD_STR_ARG(code), (long long)n, are, kind, OD_STR_ARG(code),
                            OD_STR_ARG(to));
    else
        (void)od_err_set(&err, OD_ERR_CONFIG,
                         "bundle %.12s has no %s \"%.*s\", but %lld %s in it: move them first, or "
                         "reload changed files",
                         a->what.rules->hash, kind, OD_STR_ARG(code), (long long)n, are);
    if (a->refusal.code == OD_ERR_NONE)
        a->refusal = err;
    od_buf_printf(&a->notes, "%s%s%s\n", err.origin, err.origin[0] ? ": " : "", err.message);
}

static void on_counts(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct activating *a = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        enum od_status_kind k = (enum od_status_kind)od_pg_get_i32(r, i, 0);
        struct od_str code = od_pg_get_text(r, i, 1);
        int64_t n = od_pg_get_i64(r, i, 2);
        const struct od_status_move *m = move_of(a->what.rules, k, code);
        if (m)
            od_buf_printf(&a->notes, "%lld order%s from %s \"%.*s\" to \"%.*s\"\n", (long long)n,
                          n == 1 ? " goes" : "s go", od_status_kind_name(k), OD_STR_ARG(code),
                          OD_STR_ARG(m->to));
        else
            refuse(a, k, code, n);
    }
}

/* ---- the transaction */

static void look(struct activating *a);

static void on_inserted(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct activating *a = ctx;
    if (err || r->rows == 0)
        return;
    a->result.activation_id = od_pg_get_i32(r, 0, 0);
    a->what.rules->policies.bundle_id = od_pg_get_i32(r, 0, 1);
    a->result.made = true;
}

static void on_written(void *ctx, bool failed)
{
    struct activating *a = ctx;
    if (failed)
        a->result.made = false;
    if (failed || (!a->result.made && ++a->tries == TRIES))
        fail_database(a);
    else if (a->result.made || a->what.after)
        finish(a, NULL);
    else
        look(a);
}

static void on_bundle_id(void *ctx, int32_t bundle_id)
{
    (void)ctx, (void)bundle_id; /* the activation's row names it */
}

static void write_rows(struct activating *a)
{
    size_t count;
    struct od_str hash = od_str_of(a->what.rules->hash);
    const struct od_stored_source *sources = od_rules_sources(a->what.rules, &a->arena, &count);
    struct od_new_activation row = {
        .hash = hash,
        .actor = a->what.actor,
        .kind = od_str_of(a->what.kind),
        .reason = a->what.reason,
        .after = a->last_id,
    };
    od_bundle_store(a->conn, hash, sources, count, on_bundle_id, a);
    od_activation_insert(a->conn, &row, on_inserted, a);
    od_pg_sync(a->conn, on_written, a);
}

static void decide(struct activating *a)
{
    bool same = od_str_is(a->last_hash, a->what.rules->hash);
    if (a->refusal.code != OD_ERR_NONE) {
        finish(a, &a->refusal);
    } else if (a->what.dry_run) {
        finish(a, NULL);
    } else if (same || (a->what.after && a->what.after != a->last_id)) {
        a->result.activation_id = a->last_id;
        if (same)
            a->what.rules->policies.bundle_id = a->last_bundle;
        finish(a, NULL);
    } else {
        a->result.age_us = 0;
        write_rows(a);
    }
}

static void on_counted(void *ctx, bool failed)
{
    struct activating *a = ctx;
    if (failed)
        fail_database(a);
    else
        decide(a);
}

/* ---- what serves now */

static void on_last(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct activating *a = ctx;
    struct od_activation_row row;
    if (err || r->rows == 0)
        return;
    od_activation_row_read(r, &row);
    a->last_id = row.activation_id;
    a->last_bundle = row.bundle_id;
    a->last_hash = od_arena_str(&a->arena, row.hash);
    a->result.age_us = row.age_us;
}

static void on_rules_ini(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct activating *a = ctx;
    struct od_conf *conf;
    struct od_err bad;
    if (err || r->rows == 0)
        return;
    if (od_rules_ini_parse(a->what.rules->conf, od_pg_get_text(r, 0, 0), &conf, &bad)) {
        od_warn("statuses_not_compared", "reason=\"rules.ini of the last activation: %s\"",
                bad.message);
        return;
    }
    if (od_statuses_build(conf, &a->arena, &a->before, &bad))
        a->before = (struct od_status_sets){0};
    od_conf_unref(conf);
}

static void on_looked(void *ctx, bool failed)
{
    struct activating *a = ctx;
    bool same = od_str_is(a->last_hash, a->what.rules->hash);
    if (failed) {
        fail_database(a);
    } else if ((same && !a->what.dry_run) || !find_codes(a)) {
        decide(a);
    } else {
        od_orders_in_statuses(a->conn, &a->codes, on_counts, a);
        od_pg_sync(a->conn, on_counted, a);
    }
}

static void look(struct activating *a)
{
    a->last_id = a->last_bundle = 0;
    a->last_hash = OD_STR_NONE;
    a->before = (struct od_status_sets){0};
    od_buf_reset(&a->notes);
    od_activation_last(a->conn, on_last, a);
    od_activation_rules_ini(a->conn, on_rules_ini, a);
    od_pg_sync(a->conn, on_looked, a);
}

void od_activate(struct od_pg_conn *conn, const struct od_activate *what,
                 void (*done)(void *ctx, const struct od_err *err, const struct od_activated *a),
                 void *ctx)
{
    struct activating *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->conn = conn;
    a->what = *what;
    a->done = done;
    a->ctx = ctx;
    od_arena_init(&a->arena);
    od_buf_init(&a->notes, NOTES_MAX);
    a->what.actor = od_arena_str(&a->arena, what->actor);
    a->what.reason = od_arena_str(&a->arena, what->reason);
    look(a);
}
