#include "rules/activate/first_rules.h"

#include <stdio.h>

#include "rules/activate/activate.h"
#include "rules/trial/checks.h"
#include "rules/make/files_bundle.h"
#include "rules/activate/serving.h"
#include "rules/make/stored.h"
#include "base/log.h"
#include "conf/conf.h"
#include "pg/wait.h"
#include "store/rules/activation.h"

/* The last activation, as the database has it. */
struct last {
    struct od_activation_row row; /* without its strings */
    char hash[65];
    bool automatic;
};

static void on_last(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct last *l = ctx;
    if (err || r->rows == 0)
        return;
    od_activation_row_read(r, &l->row);
    snprintf(l->hash, sizeof l->hash, "%.*s", OD_STR_ARG(l->row.hash));
    l->automatic = od_str_is(l->row.kind, "auto_rollback");
    l->row.hash = l->row.kind = OD_STR_NONE;
}

static void on_synced(void *ctx, bool failed)
{
    *(bool *)ctx = failed;
}

static int read_last(const struct od_serving *serving, struct last *l, struct od_err *err)
{
    bool failed = false;
    *l = (struct last){0};
    od_activation_last(serving->query, on_last, l);
    od_pg_sync(serving->query, on_synced, &failed);
    od_pg_wait(serving->query);
    return failed ? od_err_set(err, OD_ERR_DB, "the database does not tell what served last") : 0;
}

/* ---- the files' rules */

/* Each finding is a line of the log, but for the first that refuses: that is the error. */
static int check(struct od_files *files, struct od_err *err)
{
    struct od_checks checks;
    struct od_arena arena;
    od_arena_init(&arena);
    int failed = od_checks_run(&files->source, files->rules, &arena, &checks, err);
    for (size_t i = 0; !failed && i < checks.said_count; i++) {
        const struct od_check_said *s = &checks.said[i];
        if (!s->refuses)
            od_warn("check", "finding=\"%.*s\"", OD_STR_ARG(s->text));
        else if (s->text.ptr != checks.refusal.ptr)
            od_error("check", "finding=\"%.*s\"", OD_STR_ARG(s->text));
    }
    if (!failed && checks.refusals)
        failed = od_err_set(err, OD_ERR_SCRIPT, "%.*s", OD_STR_ARG(checks.refusal));
    od_arena_fini(&arena);
    od_arena_pool_trim(); /* 70 MB that serving does not need */
    return failed;
}

struct activated {
    bool done;
    struct od_err err; /* code NONE: it went well */
    struct od_activated result;
};

static void on_activated(void *ctx, const struct od_err *err, const struct od_activated *a)
{
    struct activated *r = ctx;
    r->done = true;
    r->result = *a;
    if (!err)
        return;
    r->err = *err;
    struct od_str rest = a->notes, line;
    od_str_cut(&rest, '\n', &line); /* the first is the error itself */
    while (od_str_cut(&rest, '\n', &line)) {
        if (line.len)
            od_error("refused", "reason=\"%.*s\"", OD_STR_ARG(line));
    }
}

static int activate(const struct od_serving *serving, struct od_rules *files, struct od_str reason,
                    struct od_first_rules *out, struct od_err *err)
{
    struct activated r = {0};
    struct od_activate what = {
        .rules = files, .kind = "start", .actor = OD_STR("orderd serve"), .reason = reason};
    od_activate(serving->query, &what, on_activated, &r);
    while (!r.done && od_loop_run_once(serving->loop))
        ;
    if (r.err.code != OD_ERR_NONE) {
        *err = r.err;
        return -1;
    }
    out->rules = od_rules_ref(files);
    out->activation_id = r.result.activation_id;
    out->age_us = r.result.age_us;
    return 0;
}

/* ---- the last activation's */

struct loaded {
    bool done;
    struct od_rules *rules;
    struct od_err *err;
};

static void on_loaded(void *ctx, const struct od_err *err, struct od_rules *rules)
{
    struct loaded *l = ctx;
    l->done = true;
    l->rules = rules;
    if (err)
        *l->err = *err;
}

/* Rules that were activated and do not load here (limits, another version) must not keep a server
 * from starting: it begins with its files, if they are rules, and everybody is told. */
static int use_last(const struct od_serving *serving, const struct last *last,
                    struct od_rules *files, struct od_first_rules *out, struct od_err *err)
{
    struct loaded l = {.err = &out->failed};
    struct od_stored_choice which = {.bundle_id = last->row.bundle_id};
    out->activation_id = last->row.activation_id;
    out->age_us = last->row.age_us;
    out->automatic = last->automatic;
    if (files && od_str_is(od_str_of(last->hash), files->hash)) {
        files->policies.bundle_id = last->row.bundle_id;
        out->rules = od_rules_ref(files);
        return 0;
    }
    od_stored_rules(serving->query, serving->conf, &which, on_loaded, &l);
    while (!l.done && od_loop_run_once(serving->loop))
        ;
    out->rules = l.rules;
    if (l.rules)
        return 0;
    if (!files) {
        *err = out->failed;
        return -1;
    }
    out->rules = od_rules_ref(files);
    return od_rules_store(serving->loop, serving->query, files, err);
}

/* Broken files must not keep a shop closed whose last rules are known to be good. */
static int use_last_instead(const struct od_serving *serving, const struct last *last,
                            const struct od_err *why, struct od_first_rules *out,
                            struct od_err *err)
{
    out->refused = *why;
    if (!last->row.activation_id || use_last(serving, last, NULL, out, err)) {
        *err = *why;
        return -1;
    }
    od_error("files_refused", "reason=\"%s%s%s\" serving=%.12s activation=%d", why->origin,
             why->origin[0] ? ": " : "", why->message, out->rules->hash, out->activation_id);
    return 0;
}

static int take_files(const struct od_serving *serving, struct od_files *files,
                      const struct last *last, struct od_str why, struct od_first_rules *out,
                      struct od_err *err)
{
    if (check(files, err) == 0 && activate(serving, files->rules, why, out, err) == 0)
        return 0;
    if (err->code == OD_ERR_UNAVAILABLE)
        return -1;
    struct od_err refused = *err;
    return use_last_instead(serving, last, &refused, out, err);
}

int od_first_rules_choose(const struct od_serving *serving, struct od_files *files,
                          struct od_first_rules *out, struct od_err *err)
{
    const char *dir = serving->conf->database.data_dir.ptr;
    struct last last;
    *out = (struct od_first_rules){0};
    if (read_last(serving, &last, err))
        return -1;
    if (!files->rules)
        return use_last_instead(serving, &last, &files->err, out, err);
    bool edited = !od_files_bundle_is(dir, files->rules->hash);
    bool same = od_str_is(od_str_of(last.hash), files->rules->hash);
    struct od_str why = !last.row.activation_id ? OD_STR("nothing is active yet")
                        : same                  ? OD_STR("the files are what is active")
                        : edited                ? OD_STR("the files were edited")
                                                : OD_STR("the files were not edited");
    int failed = !last.row.activation_id || (edited && !same)
                     ? take_files(serving, files, &last, why, out, err)
                     : use_last(serving, &last, files->rules, out, err);
    if (failed || out->refused.code != OD_ERR_NONE)
        return failed;
    od_info("rules", "bundle=%.12s activation=%d reason=\"%.*s\"", out->rules->hash,
            out->activation_id, OD_STR_ARG(why));
    od_files_bundle_write(dir, files->rules->hash);
    return 0;
}
