#include "rules/activate/migrate.h"

#include <stdlib.h>

#include "rules/activate/serving.h"
#include "base/json/json.h"
#include "base/log.h"
#include "engine/engine.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "store/rules/activation.h"

enum {
    IN_FLIGHT = 64, /* commands; a batch of them is done before the next */
    RETRY_MS = 5000,
    LOG_US = 5000000,
};

enum state {
    IDLE = 0,  /* nothing to move; or to be looked at again when the timer fires */
    LOCKING,   /* asks whether another process does it */
    COUNTING,  /* how many there are */
    PAGING,    /* the next orders */
    COMMANDING /* until they are moved */
};

struct od_migrate {
    struct od_serving *serving;
    int32_t activation_id; /* that serves */
    struct od_timer *timer;
    enum state state;
    const char *status;
    bool again; /* the rules changed meanwhile */
    bool sure;  /* nothing can come in any more that was decided by earlier rules */
    bool stopped, locked;

    struct od_rules *rules; /* counted; of this look */
    uint32_t move;          /* index of the one under way */
    int64_t after;          /* order_id */
    int64_t pass_moved;     /* in this walk through all moves */
    int64_t page_moved;     /* not yet told to the database */
    int64_t moved, left, failed, logged_us;

    struct slot {
        struct od_migrate *m;
        struct od_command command;
        struct od_submission submission;
        bool refused;
    } slots[IN_FLIGHT];
    unsigned found, open;
};

static void count(struct od_migrate *m);
static void page(struct od_migrate *m);

static void come_back(struct od_migrate *m, const char *status)
{
    m->state = IDLE;
    m->status = status;
    if (!m->stopped)
        od_timer_start(m->timer, RETRY_MS, 0);
}

static void end_look(struct od_migrate *m)
{
    if (m->locked && od_pg_conn_up(m->serving->query)) {
        od_migrate_unlock(m->serving->query);
        od_pg_sync(m->serving->query, NULL, NULL);
    }
    m->locked = false;
    m->state = IDLE;
    od_rules_unref(m->rules);
    m->rules = NULL;
}

/* True when this look is over because of something else. */
static bool interrupted(struct od_migrate *m, bool lost)
{
    if (!lost && !m->again && !m->stopped)
        return false;
    end_look(m);
    if (m->again && !m->stopped)
        od_migrate_look(m, m->activation_id);
    else
        come_back(m, "waiting");
    return true;
}

static void log_progress(struct od_migrate *m, bool always)
{
    int64_t now = (int64_t)od_loop_now_ms(m->serving->loop) * 1000;
    if (!always && now - m->logged_us < LOG_US)
        return;
    m->logged_us = now;
    od_info("migration", "status=%s moved=%lld left=%lld failed=%lld", m->status,
            (long long)m->moved, (long long)m->left, (long long)m->failed);
}

/* ---- commands */

static void on_page_done(struct od_migrate *m)
{
    log_progress(m, false);
    if (m->page_moved && od_pg_conn_up(m->serving->query)) {
        od_migrate_moved(m->serving->query, m->activation_id, m->page_moved);
        od_pg_sync(m->serving->query, NULL, NULL);
    }
    m->page_moved = 0;
    if (!interrupted(m, false))
        page(m);
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct slot *s = ctx;
    s->refused =
        outcome->kind != OD_OUTCOME_DECIDED || outcome->decision->verdict != OD_VERDICT_DONE;
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct slot *s = ctx;
    struct od_migrate *m = s->m;
    if (err || s->refused) {
        m->failed++;
        od_debug("migration_failed", "order=%lld reason=\"%s\"",
                 (long long)s->submission.ref.order_id, err ? err->message : "refused");
    } else {
        m->moved++;
        m->pass_moved++;
        m->page_moved++;
        m->left -= m->left > 0;
    }
    if (--m->open == 0)
        on_page_done(m);
}

static void submit(struct od_migrate *m)
{
    const struct od_status_move *move = &m->rules->moves[m->move];
    m->state = COMMANDING;
    m->open = m->found;
    for (unsigned i = 0; i < m->found; i++) {
        struct slot *s = &m->slots[i];
        int64_t order_id = s->submission.ref.order_id;
        s->m = m;
        s->refused = false;
        s->command = (struct od_command){
            .type = OD_COMMAND_MIGRATE_STATUS,
            .actor = OD_STR("migrate"),
            .status_kind = move->kind,
            .status_from = move->from,
            .status_to = move->to,
        };
        s->submission = (struct od_submission){
            .command = &s->command,
            .ref = {.order_id = order_id},
            .principal = OD_STR("migrate"),
            .ctx = s,
            .decided = on_decided,
            .done = on_done,
        };
        od_engine_submit(m->serving->engine, &s->submission);
    }
}

/* ---- finding orders */

static void on_page(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_migrate *m = ctx;
    m->found = 0;
    for (int i = 0; !err && i < r->rows; i++)
        m->slots[m->found++].submission.ref.order_id = od_pg_get_i64(r, i, 0);
    if (m->found)
        m->after = m->slots[m->found - 1].submission.ref.order_id;
}

static void on_paged(void *ctx, bool failed)
{
    struct od_migrate *m = ctx;
    if (interrupted(m, failed))
        return;
    if (m->found) {
        submit(m);
        return;
    }
    m->after = 0;
    if (++m->move < m->rules->move_count)
        page(m);
    else
        count(m);
}

static void page(struct od_migrate *m)
{
    const struct od_status_move *move = &m->rules->moves[m->move];
    m->state = PAGING;
    od_orders_in_status(m->serving->query, move->kind, move->from, m->after, IN_FLIGHT, on_page, m);
    od_pg_sync(m->serving->query, on_paged, m);
}

static void on_count(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_migrate *m = ctx;
    m->left = 0;
    for (int i = 0; !err && i < r->rows; i++)
        m->left += od_pg_get_i64(r, i, 2);
}

static void on_counted(void *ctx, bool failed)
{
    struct od_migrate *m = ctx;
    bool progress = m->pass_moved > 0;
    if (interrupted(m, failed))
        return;
    if (m->left > 0 && progress) {
        m->status = "running";
        m->move = 0;
        m->after = m->pass_moved = 0;
        m->failed = 0;
        page(m);
        return;
    }
    bool sure = m->sure;
    m->status = m->left ? "incomplete" : "done";
    log_progress(m, m->moved || m->left);
    end_look(m);
    m->sure = true;
    if (m->left || !sure)
        come_back(m, m->status);
}

static void send_count(struct od_pg_conn *conn, const struct od_rules *rules,
                       od_pg_on_result *on_result, void *ctx)
{
    struct od_status_codes codes = {0};
    struct od_arena arena;
    od_arena_init(&arena);
    for (int k = 0; k < OD_STATUS_KINDS; k++)
        codes.codes[k] = OD_NEW_ARRAY(&arena, struct od_str, rules->move_count);
    for (uint32_t i = 0; i < rules->move_count; i++) {
        const struct od_status_move *move = &rules->moves[i];
        codes.codes[move->kind][codes.count[move->kind]++] = move->from;
    }
    od_orders_in_statuses(conn, &codes, on_result, ctx);
    od_arena_fini(&arena);
}

static void count(struct od_migrate *m)
{
    m->state = COUNTING;
    send_count(m->serving->query, m->rules, on_count, m);
    od_pg_sync(m->serving->query, on_counted, m);
}

/* ---- looking */

static void on_lock(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_migrate *m = ctx;
    m->locked = !err && od_pg_get_bool(r, 0, 0);
}

static void on_lock_asked(void *ctx, bool failed)
{
    struct od_migrate *m = ctx;
    if (interrupted(m, failed || !m->locked))
        return;
    m->failed = 0;
    m->pass_moved = 1; /* the first walk needs no progress before it */
    count(m);
}

static void look(struct od_migrate *m)
{
    struct od_rules *rules = od_engine_rules(m->serving->engine);
    od_timer_stop(m->timer);
    m->again = false;
    if (!rules->move_count) {
        m->status = "none";
        return;
    }
    if (!od_pg_conn_up(m->serving->query)) {
        come_back(m, "waiting");
        return;
    }
    m->rules = od_rules_ref(rules);
    m->state = LOCKING;
    od_migrate_lock(m->serving->query, on_lock, m);
    od_pg_sync(m->serving->query, on_lock_asked, m);
}

/* Batches that began with the rules before may commit behind the first look: there is a second. */
void od_migrate_look(struct od_migrate *m, int32_t activation_id)
{
    m->activation_id = activation_id;
    m->sure = false;
    if (m->state != IDLE) {
        m->again = od_engine_rules(m->serving->engine) != m->rules;
        return;
    }
    m->moved = m->left = m->failed = 0;
    look(m);
}

static void on_timer(void *ctx)
{
    look(ctx);
}

struct od_migrate *od_migrate_new(struct od_serving *serving)
{
    struct od_migrate *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    m->serving = serving;
    m->status = "none";
    m->timer = od_timer_new(serving->loop, on_timer, m);
    return m;
}

void od_migrate_stats(const struct od_migrate *m, struct od_migrate_stats *out)
{
    *out = (struct od_migrate_stats){m->status, m->moved, m->left, m->failed};
}

/* ---- telling, the same in every process */

struct telling {
    struct od_migrate *m;
    struct od_buf *json;
    void (*done)(void *ctx, const struct od_err *err);
    void *ctx;
    int64_t moved, left;
    bool running;
};

static void write_progress(const struct telling *t, const char *status)
{
    struct od_json_writer w;
    od_jw_init(&w, t->json);
    od_jw_object(&w);
    od_jw_key(&w, "status");
    od_jw_cstr(&w, status);
    od_jw_key(&w, "moved");
    od_jw_i64(&w, t->moved);
    od_jw_key(&w, "left");
    od_jw_i64(&w, t->left);
    od_jw_key(&w, "failed");
    od_jw_i64(&w, t->m->failed);
    od_jw_object_end(&w);
}

static void on_left(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct telling *t = ctx;
    for (int i = 0; !err && i < r->rows; i++)
        t->left += od_pg_get_i64(r, i, 2);
}

static void on_progress(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct telling *t = ctx;
    if (err)
        return;
    t->moved = od_pg_is_null(r, 0, 0) ? 0 : od_pg_get_i64(r, 0, 0);
    t->running = od_pg_get_bool(r, 0, 1);
}

static void on_told(void *ctx, bool failed)
{
    struct telling *t = ctx;
    struct od_err err;
    bool stuck = od_str_is(OD_STR("incomplete"), t->m->status);
    if (failed)
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
    else
        write_progress(t, !t->left     ? "done"
                          : t->running ? "running"
                          : stuck      ? "incomplete"
                                       : "waiting");
    t->done(t->ctx, failed ? &err : NULL);
    free(t);
}

void od_migrate_json(struct od_migrate *m, struct od_buf *json,
                     void (*done)(void *ctx, const struct od_err *err), void *ctx)
{
    const struct od_rules *rules = od_engine_rules(m->serving->engine);
    struct telling *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    *t = (struct telling){.m = m, .json = json, .done = done, .ctx = ctx};
    if (!rules->move_count) {
        write_progress(t, "none");
        done(ctx, NULL);
        free(t);
        return;
    }
    send_count(m->serving->query, rules, on_left, t);
    od_migrate_progress(m->serving->query, m->activation_id, on_progress, t);
    od_pg_sync(m->serving->query, on_told, t);
}

bool od_migrate_busy(const struct od_migrate *m)
{
    return m->state != IDLE;
}

void od_migrate_stop(struct od_migrate *m)
{
    m->stopped = true;
    od_timer_stop(m->timer);
}

void od_migrate_free(struct od_migrate *m)
{
    if (!m)
        return;
    od_timer_free(m->timer);
    od_rules_unref(m->rules);
    free(m);
}
