#include "rules/make/candidate.h"

#include "base/files.h"
#include "conf/conf.h"
#include "pg/wait.h"
#include "store/rules/activation.h"

enum { OVERRIDES = 3 };

int od_candidate_build(const struct od_conf *conf, const struct od_candidate *c,
                       struct od_rules **out, struct od_err *err)
{
    static const char *const keys[OVERRIDES] = {"plugins.dir", "plugins.scripts", "plugins.load"};
    const char *const values[OVERRIDES] = {c->plugins, c->scripts, c->load};
    struct od_arena a;
    struct od_conf *changed;
    if ((c->plugins && od_path_is_dir(c->plugins, err)) ||
        (c->scripts && od_path_is_dir(c->scripts, err)))
        return -1;
    od_arena_init(&a);
    const char **overrides = OD_NEW_ARRAY(&a, const char *, conf->override_count + OVERRIDES);
    size_t n = 0;
    for (; n < conf->override_count; n++)
        overrides[n] = conf->overrides[n];
    for (int i = 0; i < OVERRIDES; i++) {
        if (values[i])
            overrides[n++] = od_arena_printf(&a, "%s=%s", keys[i], values[i]).ptr;
    }
    int failed = od_conf_load(conf->file.ptr, overrides, n, &changed, err);
    od_arena_fini(&a);
    if (failed)
        return -1;
    if (c->plugins && !od_str_trim(changed->plugins.load).len)
        failed = od_err_set(err, OD_ERR_INVALID,
                            "no plugin of %s is loaded: name those that are to be (--load NAMES, "
                            "or the key load)",
                            c->plugins);
    else
        failed = od_rules_build(changed, out, err);
    od_conf_unref(changed);
    return failed;
}

struct stored {
    struct od_arena arena;
    int rows;
    int32_t bundle_id;
    struct od_stored_source *sources;
    size_t count;
    struct od_err err;
};

static void on_found(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct stored *s = ctx;
    if (err) {
        s->err = *err;
        return;
    }
    s->rows = r->rows;
    s->bundle_id = r->rows > 0 ? od_pg_get_i32(r, 0, 0) : 0;
}

static void on_sources(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct stored *s = ctx;
    if (err) {
        s->err = *err;
        return;
    }
    s->sources = od_bundle_sources_read(r, &s->arena);
    s->count = (size_t)r->rows;
}

static int make_stored(struct od_pg_conn *conn, const struct od_conf *conf, struct stored *s,
                       struct od_rules **out, struct od_err *err)
{
    struct od_rules_source source;
    od_bundle_sources(conn, s->bundle_id, on_sources, s);
    od_pg_sync(conn, NULL, NULL);
    od_pg_wait(conn);
    if (s->err.code) {
        *err = s->err;
        return -1;
    }
    if (od_rules_source_stored(conf, s->sources, s->count, &source, err))
        return -1;
    int failed = od_rules_make(&source, out, err);
    od_rules_source_fini(&source);
    if (!failed)
        (*out)->policies.bundle_id = s->bundle_id;
    return failed;
}

static int load_stored(struct od_pg_conn *conn, const struct od_conf *conf, const char *hash,
                       struct od_rules **out, struct od_err *err)
{
    struct stored s = {0};
    int failed = -1;
    od_arena_init(&s.arena);
    od_bundle_find(conn, od_str_of(hash), on_found, &s);
    od_pg_sync(conn, NULL, NULL);
    od_pg_wait(conn);
    if (s.err.code)
        *err = s.err;
    else if (s.rows != 1)
        (void)od_bundle_unknown(err, od_str_of(hash));
    else
        failed = make_stored(conn, conf, &s, out, err);
    od_arena_fini(&s.arena);
    return failed;
}

int od_candidate_load(struct od_pg_conn *conn, const struct od_conf *conf,
                      const struct od_candidate *c, struct od_rules **out, struct od_err *err)
{
    if (c->bundle)
        return load_stored(conn, conf, c->bundle, out, err);
    return od_candidate_build(conf, c, out, err);
}

static void on_active(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct stored *s = ctx;
    struct od_activation_row row;
    if (err) {
        s->err = *err;
        return;
    }
    s->rows = r->rows;
    if (r->rows == 0)
        return;
    od_activation_row_read(r, &row);
    s->bundle_id = row.bundle_id;
}

int od_active_rules_load(struct od_pg_conn *conn, struct od_conf *conf, struct od_rules **out,
                         bool *active, struct od_err *err)
{
    struct stored s = {0};
    od_activation_last(conn, on_active, &s);
    od_pg_sync(conn, NULL, NULL);
    od_pg_wait(conn);
    if (s.err.code) {
        *err = s.err;
        return -1;
    }
    *active = s.rows == 1;
    if (!*active)
        return od_rules_build(conf, out, err);
    od_arena_init(&s.arena);
    int failed = make_stored(conn, conf, &s, out, err);
    od_arena_fini(&s.arena);
    return failed ? od_err_wrap(err, "the rules that serve") : 0;
}
