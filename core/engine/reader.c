#include "engine/reader.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "loop/loop.h"
#include "order/event.h"
#include "pg/conn.h"
#include "pg/sqlstate.h"
#include "store/events.h"
#include "store/load.h"

enum reader_state { READER_DOWN = 0, READER_IDLE, READER_BUSY };

enum { REMEMBERED = 1 << 14, MAX_ROUND = 512 };

struct remembered {
    struct od_uuid uuid;
    int64_t order_id;
};

/* The events of one order, for a read at an earlier version. */
struct history {
    int64_t order_id;
    int32_t version;
    struct od_loaded past; /* the order and its activities up to that version */
    struct od_err err;
    struct history *next;
};

struct od_reader {
    struct od_reader_host host;
    struct od_pg_conn *conn;
    enum reader_state state;
    struct od_list reads, submissions; /* waiting */
    uint32_t queued;
    struct od_deferred start;
    struct od_err failure;

    /* The round. */
    struct od_arena arena;
    struct od_rules *rules;
    struct od_list round_reads, round_submissions;
    struct od_set set;
    struct od_map found; /* uuid bytes or number -> int64_t * */
    struct history *histories;

    struct remembered *memory; /* [REMEMBERED], by hash of the uuid */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static const uint32_t uuid_oids[] = {OD_PG_UUID_ARRAY};
static const struct od_pg_stmt resolve_uuids = {
    .name = "resolve_uuids",
    .sql = "select uuid, order_id from orders where uuid = any($1)",
    .nparams = 1,
    .param_oids = uuid_oids,
};
static const uint32_t number_oids[] = {OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt resolve_numbers = {
    .name = "resolve_numbers",
    .sql = "select order_number, order_id from orders where order_number = any($1)",
    .nparams = 1,
    .param_oids = number_oids,
};

static struct remembered *slot(const struct od_reader *r, const struct od_uuid *uuid)
{
    return &r->memory[od_hash(uuid->bytes, sizeof uuid->bytes) & (REMEMBERED - 1)];
}

int64_t od_reader_recall(const struct od_reader *r, const struct od_uuid *uuid)
{
    const struct remembered *m = slot(r, uuid);
    return memcmp(m->uuid.bytes, uuid->bytes, sizeof uuid->bytes) == 0 ? m->order_id : 0;
}

void od_reader_remember(struct od_reader *r, const struct od_uuid *uuid, int64_t order_id)
{
    *slot(r, uuid) = (struct remembered){*uuid, order_id};
}

static struct od_str ref_key(const struct od_order_ref *ref)
{
    if (ref->order_number.ptr)
        return ref->order_number;
    return od_str_n((const char *)ref->uuid.bytes, sizeof ref->uuid.bytes);
}

static void kick(struct od_reader *r)
{
    if (r->state == READER_IDLE && r->queued)
        od_deferred_arm(&r->start);
}

static void on_uuids(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_reader *r = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        struct od_uuid *uuid = OD_NEW(&r->arena, struct od_uuid);
        int64_t *id = OD_NEW(&r->arena, int64_t);
        od_pg_get_uuid(res, i, 0, uuid);
        *id = od_pg_get_i64(res, i, 1);
        od_map_put(&r->found, od_str_n((const char *)uuid->bytes, sizeof uuid->bytes), id);
        od_reader_remember(r, uuid, *id);
    }
}

static void on_numbers(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_reader *r = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        int64_t *id = OD_NEW(&r->arena, int64_t);
        *id = od_pg_get_i64(res, i, 1);
        od_map_put(&r->found, od_arena_str(&r->arena, od_pg_get_text(res, i, 0)), id);
    }
}

static struct history *history_of(struct od_reader *r, int64_t order_id, int32_t version)
{
    for (struct history *h = r->histories; h; h = h->next) {
        if (h->order_id == order_id && h->version == version)
            return h;
    }
    return NULL;
}

static void on_events(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_reader *r = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        struct od_event *e = OD_NEW(&r->arena, struct od_event);
        struct od_err bad;
        int64_t order_id = od_pg_get_i64(res, i, 0);
        int failed = od_event_row_read(res, i, e, NULL, &r->arena, &bad);
        for (struct history *h = r->histories; h; h = h->next) {
            if (h->order_id != order_id || e->seq > h->version || h->err.code)
                continue;
            if (!h->past.order)
                h->past.order = OD_NEW(&r->arena, struct od_order);
            if (failed || od_fold(h->past.order, e, &r->arena, &bad))
                h->err = bad;
            else if (e->type == OD_EVENT_ACTIVITY_ADDED)
                od_loaded_add_activity(&h->past, &r->arena, e);
        }
    }
}

static void begin_round(struct od_reader *r)
{
    r->state = READER_BUSY;
    r->rules = od_rules_ref(*r->host.rules);
    r->histories = NULL;
    od_set_init(&r->set, &r->arena);
    od_map_init(&r->found);
    od_err_clear(&r->failure);
}

static void end_round(struct od_reader *r)
{
    od_set_fini(&r->set);
    od_map_fini(&r->found);
    od_rules_unref(r->rules);
    r->rules = NULL;
    od_arena_reset(&r->arena);
}

/* How a read of the round stands: answered, refused, or (its order's id just found) to be read
 * next. */
static void answer_read(struct od_reader *r, struct od_read *read)
{
    struct od_outcome outcome = {.rules = r->rules, .activities = OD_STR_INIT("[]")};
    if (!read->order_id) {
        const int64_t *id = od_map_get(&r->found, ref_key(&read->ref));
        if (id) {
            read->order_id = *id;
            od_reader_read(r, read);
        } else {
            read->done(read->ctx, &outcome, NULL);
        }
        return;
    }
    if (read->version) {
        struct history *h = history_of(r, read->order_id, read->version);
        outcome.order = h->past.order;
        outcome.activities = h->past.activities;
        read->done(read->ctx, &outcome, h->err.code ? &h->err : NULL);
        return;
    }
    struct od_loaded *l = od_set_order(&r->set, read->order_id);
    outcome.order = l->order;
    outcome.activities = l->activities;
    read->done(read->ctx, &outcome, NULL);
}

static void finish_round(struct od_reader *r, const struct od_err *err)
{
    struct od_list reads, submissions;
    od_list_init(&reads);
    od_list_init(&submissions);
    od_list_splice(&reads, &r->round_reads);
    od_list_splice(&submissions, &r->round_submissions);
    for (struct od_list *n; (n = od_list_shift(&submissions));) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        const int64_t *id = err ? NULL : od_map_get(&r->found, ref_key(&s->ref));
        s->order_id = id ? *id : -1;
        r->host.resolved(r->host.ctx, s, err);
    }
    for (struct od_list *n; (n = od_list_shift(&reads));) {
        struct od_read *read = OD_LIST_ENTRY(n, struct od_read, node);
        if (err)
            read->done(read->ctx, NULL, err);
        else
            answer_read(r, read);
    }
    end_round(r);
}

static void on_round(void *ctx, bool failed)
{
    struct od_reader *r = ctx;
    if (r->state != READER_BUSY)
        return;
    struct od_err err = r->failure;
    if (failed && err.code == OD_ERR_NONE)
        od_err_set(&err, OD_ERR_UNAVAILABLE, "the read failed");
    if (od_pg_is_temporary(&err))
        err.code = OD_ERR_UNAVAILABLE;
    if (failed)
        od_warn("read_failed", "sqlstate=%s message=\"%s\"", err.sqlstate, err.message);
    r->state = READER_IDLE;
    finish_round(r, failed ? &err : NULL);
    kick(r);
    r->host.changed(r->host.ctx);
}

/* Collects the refs of the round that must be looked up and sends the statements for them. */
static void send_resolve(struct od_reader *r, const struct od_order_ref **refs, size_t n,
                         bool number)
{
    struct od_pg_params *p = NULL;
    for (size_t i = 0; i < n; i++) {
        if ((refs[i]->order_number.ptr != NULL) != number)
            continue;
        if (!p) {
            p = od_pg_params(r->conn);
            od_pg_array_begin(p, number ? OD_PG_TEXT : OD_PG_UUID);
        }
        if (number)
            od_pg_array_text(p, refs[i]->order_number);
        else
            od_pg_array_uuid(p, &refs[i]->uuid);
    }
    if (!p)
        return;
    od_pg_array_end(p);
    od_pg_send(r->conn, number ? &resolve_numbers : &resolve_uuids, p,
               number ? on_numbers : on_uuids, r);
}

static void send_histories(struct od_reader *r)
{
    if (!r->histories)
        return;
    struct od_pg_params *p = od_pg_params(r->conn);
    od_pg_array_begin(p, OD_PG_INT8);
    for (struct history *h = r->histories; h; h = h->next)
        od_pg_array_i64(p, h->order_id);
    od_pg_array_end(p);
    od_pg_send(r->conn, &od_select_events, p, on_events, r);
}

static void want_read(struct od_reader *r, const struct od_read *read)
{
    if (!read->version) {
        od_set_want_order(&r->set, read->order_id);
    } else if (!history_of(r, read->order_id, read->version)) {
        struct history *h = OD_NEW(&r->arena, struct history);
        *h = (struct history){read->order_id, read->version, .next = r->histories};
        h->past.activities = OD_STR("[]");
        r->histories = h;
    }
    r->host.stats->reads++;
}

static void on_begin_round(void *ctx)
{
    struct od_reader *r = ctx;
    if (r->state != READER_IDLE || !r->queued)
        return;
    begin_round(r);
    const struct od_order_ref **refs =
        OD_NEW_ARRAY(&r->arena, const struct od_order_ref *, MAX_ROUND);
    size_t n = 0, taken = 0;
    for (struct od_list *l; taken < MAX_ROUND && (l = od_list_shift(&r->submissions)); taken++) {
        od_list_push(&r->round_submissions, l);
        refs[n++] = &OD_LIST_ENTRY(l, struct od_submission, node)->ref;
    }
    for (struct od_list *l; taken < MAX_ROUND && (l = od_list_shift(&r->reads)); taken++) {
        struct od_read *read = OD_LIST_ENTRY(l, struct od_read, node);
        od_list_push(&r->round_reads, l);
        if (read->order_id)
            want_read(r, read);
        else
            refs[n++] = &read->ref;
    }
    r->queued -= (uint32_t)taken;
    send_resolve(r, refs, n, false);
    send_resolve(r, refs, n, true);
    od_set_send(&r->set, r->conn, false);
    send_histories(r);
    od_pg_sync(r->conn, on_round, r);
}

static void on_up(void *ctx)
{
    struct od_reader *r = ctx;
    r->state = READER_IDLE;
    kick(r);
    r->host.changed(r->host.ctx);
}

static void on_down(void *ctx, const struct od_err *why)
{
    struct od_reader *r = ctx;
    struct od_err err = *why;
    err.code = OD_ERR_UNAVAILABLE;
    bool in_flight = r->state == READER_BUSY;
    r->state = READER_DOWN;
    if (in_flight)
        finish_round(r, &err);
    od_list_splice(&r->round_reads, &r->reads);
    od_list_splice(&r->round_submissions, &r->submissions);
    if (r->queued) {
        r->queued = 0;
        begin_round(r);
        r->state = READER_DOWN;
        finish_round(r, &err);
    }
    r->host.changed(r->host.ctx);
}

static void on_error(void *ctx, const struct od_err *err)
{
    struct od_reader *r = ctx;
    if (r->failure.code == OD_ERR_NONE)
        r->failure = *err;
}

struct od_reader *od_reader_new(const struct od_reader_host *host)
{
    struct od_reader *r = calloc(1, sizeof *r);
    if (!r || !(r->memory = calloc(REMEMBERED, sizeof *r->memory)))
        abort();
    r->host = *host;
    od_arena_init(&r->arena);
    od_list_init(&r->reads);
    od_list_init(&r->submissions);
    od_list_init(&r->round_reads);
    od_list_init(&r->round_submissions);
    od_deferred_init(&r->start, host->loop, on_begin_round, r);
    struct od_pg_conn_conf conf = {
        .conninfo = host->conf->conninfo,
        .setup = host->setup,
        .connect_timeout_ms = host->conf->connect_timeout_ms,
        .ctx = r,
        .on_up = on_up,
        .on_down = on_down,
        .on_error = on_error,
    };
    r->conn = od_pg_conn_new(host->loop, &conf);
    return r;
}

void od_reader_read(struct od_reader *r, struct od_read *read)
{
    if (!read->order_id)
        read->order_id = read->ref.order_id;
    if (!read->order_id && !read->ref.order_number.ptr)
        read->order_id = od_reader_recall(r, &read->ref.uuid);
    od_list_push(&r->reads, &read->node);
    r->queued++;
    kick(r);
}

void od_reader_resolve(struct od_reader *r, struct od_submission *s)
{
    od_list_push(&r->submissions, &s->node);
    r->queued++;
    kick(r);
}

bool od_reader_up(const struct od_reader *r)
{
    return r->state != READER_DOWN;
}

bool od_reader_idle(const struct od_reader *r)
{
    return r->queued == 0 && r->state != READER_BUSY;
}

uint32_t od_reader_queued(const struct od_reader *r)
{
    return r->queued;
}

static void on_closed(void *ctx)
{
    struct od_reader *r = ctx;
    r->closed(r->closed_ctx);
    free(r->memory);
    free(r);
}

void od_reader_free(struct od_reader *r, void (*closed)(void *ctx), void *ctx)
{
    assert(od_reader_idle(r));
    r->closed = closed;
    r->closed_ctx = ctx;
    od_deferred_cancel(&r->start);
    od_arena_fini(&r->arena);
    od_pg_conn_free(r->conn, on_closed, r);
}
