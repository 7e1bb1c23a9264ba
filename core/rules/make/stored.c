#include "rules/make/stored.h"

#include <stdlib.h>

#include "rules/make/rules.h"
#include "conf/conf.h"
#include "store/rules/activation.h"
#include "store/rules/bundles.h"

struct finding {
    struct od_pg_conn *conn;
    struct od_conf *base; /* counted */
    struct od_stored_choice which;
    void (*done)(void *ctx, const struct od_err *err, struct od_rules *rules);
    void *ctx;
    struct od_arena arena;
    int found; /* bundles that match */
    int32_t bundle_id;
    struct od_stored_source *sources;
    size_t count;
};

static void finish(struct finding *f, const struct od_err *err, struct od_rules *rules)
{
    f->done(f->ctx, err, rules);
    od_conf_unref(f->base);
    od_arena_fini(&f->arena);
    free(f);
}

static void on_sources(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct finding *f = ctx;
    if (err)
        return;
    f->sources = od_bundle_sources_read(r, &f->arena);
    f->count = (size_t)r->rows;
}

static void on_read(void *ctx, bool failed)
{
    struct finding *f = ctx;
    struct od_rules_source source;
    struct od_rules *rules = NULL;
    struct od_err err;
    if (failed) {
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
        finish(f, &err, NULL);
        return;
    }
    int bad = od_rules_source_stored(f->base, f->sources, f->count, &source, &err);
    if (!bad) {
        bad = od_rules_make(&source, &rules, &err);
        od_rules_source_fini(&source);
    }
    if (!bad)
        rules->policies.bundle_id = f->bundle_id;
    finish(f, bad ? &err : NULL, rules);
}

static void read_sources(struct finding *f)
{
    od_bundle_sources(f->conn, f->bundle_id, on_sources, f);
    od_pg_sync(f->conn, on_read, f);
}

static void on_bundle(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct finding *f = ctx;
    if (err)
        return;
    f->found = r->rows;
    if (r->rows)
        f->bundle_id = od_pg_get_i32(r, 0, 0);
}

static void on_found(void *ctx, bool failed)
{
    struct finding *f = ctx;
    struct od_err err;
    if (!failed && f->found == 1) {
        read_sources(f);
        return;
    }
    if (failed)
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
    else if (f->which.before)
        (void)od_err_set(
            &err, OD_ERR_NOT_FOUND,
            "nothing is left to go back to: no bundle that served before this one, or they "
            "were rolled back automatically; `orderd bundle list` shows all");
    else
        (void)od_bundle_unknown(&err, f->which.hash);
    finish(f, &err, NULL);
}

void od_stored_rules(struct od_pg_conn *conn, struct od_conf *base,
                     const struct od_stored_choice *which,
                     void (*done)(void *ctx, const struct od_err *err, struct od_rules *rules),
                     void *ctx)
{
    struct finding *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->conn = conn;
    f->base = od_conf_ref(base);
    f->done = done;
    f->ctx = ctx;
    f->which = *which;
    f->bundle_id = which->bundle_id;
    od_arena_init(&f->arena);
    f->which.hash = od_arena_str(&f->arena, which->hash);
    if (f->bundle_id) {
        read_sources(f);
        return;
    }
    if (which->before)
        od_activation_before(conn, which->automatic, on_bundle, f);
    else
        od_bundle_find(conn, f->which.hash, on_bundle, f);
    od_pg_sync(conn, on_found, f);
}

/* ---- storing */

static void on_id(void *ctx, int32_t bundle_id)
{
    struct od_rules *rules = ctx;
    rules->policies.bundle_id = bundle_id;
}

struct stored {
    bool done, failed;
};

static void on_stored(void *ctx, bool failed)
{
    struct stored *s = ctx;
    s->failed = failed;
    s->done = true;
}

int od_rules_store(struct od_loop *loop, struct od_pg_conn *conn, struct od_rules *rules,
                   struct od_err *err)
{
    struct stored s = {0};
    struct od_arena arena;
    size_t count;
    od_arena_init(&arena);
    const struct od_stored_source *sources = od_rules_sources(rules, &arena, &count);
    od_bundle_store(conn, od_str_of(rules->hash), sources, count, on_id, rules);
    od_pg_sync(conn, on_stored, &s);
    while (!s.done && od_loop_run_once(loop))
        ;
    od_arena_fini(&arena);
    if (s.failed || !rules->policies.bundle_id)
        return od_err_set(err, OD_ERR_DB, "the database could not store the rules");
    return 0;
}
