#include "access/keys.h"

#include <stdlib.h>

#include "access/permission.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "store/access/keys.h"
#include "store/access/sessions.h"

/* Without an answer for that long the connection is given up for another one: its other end may be
 * gone without a word. */
enum { PATIENCE_MS = 3000 };

/* One generation of what is known. */
struct generation {
    struct od_arena arena;
    struct od_map by_hash; /* struct od_key */
    struct od_map logins;  /* struct od_login */
};

/* Ids that were used and not yet written. */
enum { USED_KEYS = 0, USED_PREVIOUS, USED_LOGINS, USED_KINDS };
struct used {
    struct od_arena arena;
    struct od_map ids;
};

/* Who waits for the next answer. */
struct waiter {
    struct od_list link;
    void (*done)(void *ctx);
    void *ctx;
};

struct od_keys {
    struct od_keys_conf conf;
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct generation *known, *coming;
    int64_t known_us; /* monotonic: `known` was asked for then, and was true then or later */
    int64_t asked_us; /* of the question under way */
    bool asked;       /* a question is under way */
    bool again;       /* something changed behind its back */
    bool told;        /* that what is known is too old has been logged */
    struct used used[USED_KINDS];
    struct od_list waiting, served; /* for a question to come; for the one under way */
    bool freed;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static void generation_free(struct generation *g)
{
    if (!g)
        return;
    od_map_fini(&g->by_hash);
    od_map_fini(&g->logins);
    od_arena_fini(&g->arena);
    free(g);
}

/* ---- asking */

static void ask(struct od_keys *k);

static int64_t time_of(const struct od_pg_result *r, int row, int col)
{
    return od_pg_is_null(r, row, col) ? 0 : od_pg_get_time(r, row, col);
}

static struct generation *coming(struct od_keys *k)
{
    if (k->coming)
        return k->coming;
    k->coming = calloc(1, sizeof *k->coming);
    if (!k->coming)
        abort();
    od_arena_init(&k->coming->arena);
    od_map_init(&k->coming->by_hash);
    od_map_init(&k->coming->logins);
    return k->coming;
}

/* Absent: all. A word that this version does not know leaves nothing: it cannot tell what was
 * meant. */
static uint64_t read_scopes(struct od_str list)
{
    uint64_t set = 0;
    struct od_err err;
    if (!list.ptr)
        return OD_PERMISSIONS_ALL;
    return od_permissions_read(list, &set, &err) ? 0 : set;
}

static void read_stores(struct od_arena *a, struct od_str list, struct od_key *key)
{
    struct od_str rest = od_arena_str(a, list), store;
    size_t cap = 0;
    if (!list.ptr)
        return;
    key->stores = OD_NEW_ARRAY(a, struct od_str, 1);
    while (od_str_cut(&rest, ',', &store)) {
        key->stores = od_arena_grow(a, key->stores, key->store_count, &cap, sizeof *key->stores);
        key->stores[key->store_count++] = store;
    }
}

static void on_keys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_keys *k = ctx;
    if (err)
        return;
    struct generation *g = coming(k);
    for (int i = 0; i < r->rows; i++) {
        struct od_str hash = od_arena_str(&g->arena, od_pg_get_bytea(r, i, 0));
        struct od_key *key = OD_NEW(&g->arena, struct od_key);
        if (hash.len != OD_SHA256)
            continue;
        key->role = od_arena_str(&g->arena, od_pg_get_text(r, i, 2));
        key->name = od_arena_str(&g->arena, od_pg_get_text(r, i, 1));
        key->id = od_pg_get_i32(r, i, 3);
        key->expires_us = time_of(r, i, 4);
        key->used_us = time_of(r, i, 5);
        key->previous = od_pg_get_bool(r, i, 6);
        key->scopes = read_scopes(od_pg_get_text(r, i, 7));
        read_stores(&g->arena, od_pg_get_text(r, i, 8), key);
        od_map_put(&g->by_hash, hash, key);
    }
}

static void on_logins(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_keys *k = ctx;
    if (err)
        return;
    struct generation *g = coming(k);
    for (int i = 0; i < r->rows; i++) {
        struct od_str hash = od_arena_str(&g->arena, od_pg_get_bytea(r, i, 0));
        struct od_login *login = OD_NEW(&g->arena, struct od_login);
        if (hash.len != OD_SHA256)
            continue;
        login->role = od_arena_str(&g->arena, od_pg_get_text(r, i, 5));
        login->session_id = od_pg_get_i64(r, i, 1);
        login->user_id = od_pg_get_i64(r, i, 2);
        login->email = od_arena_str(&g->arena, od_pg_get_text(r, i, 3));
        login->name = od_arena_str(&g->arena, od_pg_get_text(r, i, 4));
        login->used_us = od_pg_get_time(r, i, 6);
        login->expires_us = od_pg_get_time(r, i, 7);
        od_map_put(&g->logins, hash, login);
    }
}

static void serve(struct od_list *waiters)
{
    struct od_list all;
    od_list_init(&all);
    od_list_splice(&all, waiters);
    for (struct od_list *first = od_list_shift(&all); first; first = od_list_shift(&all)) {
        struct waiter *w = OD_LIST_ENTRY(first, struct waiter, link);
        w->done(w->ctx);
        free(w);
    }
}

static void on_answered(void *ctx, bool failed)
{
    struct od_keys *k = ctx;
    k->asked = false;
    if (failed) {
        generation_free(k->coming);
    } else {
        generation_free(k->known);
        k->known = k->coming;
        k->known_us = k->asked_us;
    }
    k->coming = NULL;
    serve(&k->served);
    /* An answer that took too long tells of a time too long ago. */
    if (k->again || (!failed && !od_keys_fresh(k)))
        ask(k);
}

static void put_ids(struct od_pg_params *p, const struct used *u)
{
    od_pg_array_begin(p, OD_PG_INT8);
    for (struct od_map_slot *s = od_map_first(&u->ids); s; s = od_map_next(&u->ids, s))
        od_pg_array_i64(p, *(const int64_t *)s->key.ptr);
    od_pg_array_end(p);
}

/* Before what is known is read anew. It is a transaction of its own, which waits for no standby and
 * for no row that somebody holds (see `setup`), so that it cannot hold up the reading. */
static void write_uses(struct od_keys *k)
{
    struct od_pg_params *p;
    if (k->used[USED_KEYS].ids.count + k->used[USED_PREVIOUS].ids.count > 0) {
        p = od_pg_params(k->conn);
        put_ids(p, &k->used[USED_KEYS]);
        put_ids(p, &k->used[USED_PREVIOUS]);
        od_pg_send(k->conn, &od_keys_touch, p, NULL, NULL);
        od_pg_sync(k->conn, NULL, NULL);
    }
    if (k->used[USED_LOGINS].ids.count > 0) {
        p = od_pg_params(k->conn);
        put_ids(p, &k->used[USED_LOGINS]);
        od_pg_send(k->conn, &od_sessions_touch, p, NULL, NULL);
        od_pg_sync(k->conn, NULL, NULL);
    }
    for (int i = 0; i < USED_KINDS; i++) {
        od_map_clear(&k->used[i].ids);
        od_arena_reset(&k->used[i].arena);
    }
}

static void ask(struct od_keys *k)
{
    k->again = k->asked;
    if (k->asked || k->freed || !od_pg_conn_up(k->conn))
        return;
    k->asked = true;
    k->asked_us = od_clock_monotonic_us();
    od_list_splice(&k->served, &k->waiting);
    write_uses(k);
    od_pg_send(k->conn, &od_keys_select, NULL, on_keys, k);
    od_pg_send(k->conn, &od_sessions_select, NULL, on_logins, k);
    od_pg_sync(k->conn, on_answered, k);
}

static void on_up(void *ctx)
{
    ask(ctx);
}

static void on_notify(void *ctx, const char *channel, const char *payload)
{
    (void)channel, (void)payload;
    ask(ctx);
}

static void on_error(void *ctx, const struct od_err *err)
{
    (void)ctx;
    od_warn("keys_not_read", "sqlstate=%s message=\"%s\"", err->sqlstate, err->message);
}

static void on_closed(void *ctx)
{
    struct od_keys *k = ctx;
    void (*closed)(void *ctx) = k->closed;
    void *closed_ctx = k->closed_ctx;
    generation_free(k->known);
    generation_free(k->coming);
    for (int i = 0; i < USED_KINDS; i++) {
        od_map_fini(&k->used[i].ids);
        od_arena_fini(&k->used[i].arena);
    }
    free(k);
    if (closed)
        closed(closed_ctx);
}

/* ---- time passes */

static void tell(struct od_keys *k)
{
    bool fresh = od_keys_fresh(k);
    if (fresh == !k->told || !k->known) /* the start says by itself what it waits for */
        return;
    k->told = !fresh;
    if (fresh)
        od_info("keys_known", "age_ms=%lld", (long long)(od_keys_age_us(k) / 1000));
    else
        od_warn("keys_unknown",
                "age_ms=%lld reason=\"the database does not answer; callers get 503\"",
                (long long)(od_keys_age_us(k) / 1000));
}

static void on_tick(void *ctx)
{
    struct od_keys *k = ctx;
    tell(k);
    if (!od_pg_conn_up(k->conn)) /* nobody waits for a database that is gone */
        serve(&k->waiting);
    if (!k->asked)
        ask(k);
}

struct od_keys *od_keys_new(struct od_loop *loop, const struct od_keys_conf *keys)
{
    static const char *const setup[] = {"listen " OD_KEYS_CHANNEL, "set statement_timeout = '2s'",
                                        "set synchronous_commit = off", NULL};
    struct od_keys *k = calloc(1, sizeof *k);
    if (!k)
        abort();
    const struct od_pg_conn_conf conf = {
        .server = keys->server,
        .setup = setup,
        .connect_timeout_ms = keys->connect_timeout_ms,
        .answer_timeout_ms = PATIENCE_MS,
        .ctx = k,
        .on_up = on_up,
        .on_notify = on_notify,
        .on_error = on_error,
    };
    k->conf = *keys;
    for (int i = 0; i < USED_KINDS; i++) {
        od_map_init(&k->used[i].ids);
        od_arena_init(&k->used[i].arena);
    }
    od_list_init(&k->waiting);
    od_list_init(&k->served);
    k->conn = od_pg_conn_new(loop, &conf);
    k->timer = od_timer_new(loop, on_tick, k);
    od_timer_start(k->timer, OD_KEYS_POLL_MS, OD_KEYS_POLL_MS);
    return k;
}

void od_keys_free(struct od_keys *k, void (*closed)(void *ctx), void *ctx)
{
    k->freed = true;
    k->closed = closed;
    k->closed_ctx = ctx;
    od_timer_free(k->timer);
    serve(&k->waiting);
    od_pg_conn_free(k->conn, on_closed, k);
}

/* ---- looking */

int64_t od_keys_age_us(const struct od_keys *k)
{
    return k->known ? od_clock_monotonic_us() - k->known_us : -1;
}

bool od_keys_fresh(const struct od_keys *k)
{
    return k->known && od_keys_age_us(k) <= OD_KEYS_FRESH_MS * 1000LL;
}

/* Looked up by digest: how long that takes tells nothing about any key. */
static void *find(const struct od_map *map, struct od_str token)
{
    uint8_t hash[OD_SHA256];
    od_sha256_of(token, hash);
    return od_map_get(map, od_str_n((const char *)hash, OD_SHA256));
}

const struct od_key *od_keys_find(const struct od_keys *k, struct od_str token)
{
    const struct od_key *key = find(&k->known->by_hash, token);
    return key && (key->expires_us == 0 || key->expires_us > od_clock_us()) ? key : NULL;
}

const struct od_login *od_keys_find_login(const struct od_keys *k, struct od_str token)
{
    const struct od_login *login = find(&k->known->logins, token);
    int64_t now_us = od_clock_us();
    bool works = login && login->expires_us > now_us &&
                 now_us - login->used_us < k->conf.session_idle_ms * 1000;
    return works ? login : NULL;
}

/* ---- last use */

static void note(struct od_keys *k, int kind, int64_t id, int64_t used_us)
{
    struct used *u = &k->used[kind];
    if (od_clock_us() - used_us < OD_KEYS_USED_S * INT64_C(1000000) ||
        od_map_get(&u->ids, od_map_id(&id)))
        return;
    int64_t *kept = OD_NEW(&u->arena, int64_t);
    *kept = id;
    od_map_put(&u->ids, od_map_id(kept), kept);
}

void od_keys_used(struct od_keys *k, const struct od_key *key)
{
    note(k, key->previous ? USED_PREVIOUS : USED_KEYS, key->id, key->used_us);
}

void od_keys_used_login(struct od_keys *k, const struct od_login *login)
{
    note(k, USED_LOGINS, login->session_id, login->used_us);
}

void od_keys_renew(struct od_keys *k, void (*done)(void *ctx), void *ctx)
{
    struct waiter *w = malloc(sizeof *w);
    if (!w)
        abort();
    w->done = done;
    w->ctx = ctx;
    od_list_push(&k->waiting, &w->link);
    ask(k);
}

void od_key_make(char out[OD_KEY_TEXT + 1])
{
    uint8_t bytes[20];
    od_random(bytes, sizeof bytes);
    memcpy(out, "od_", 3);
    od_hex(bytes, sizeof bytes, out + 3);
}

void od_token_make(char out[OD_TOKEN_TEXT + 1])
{
    uint8_t bytes[OD_TOKEN_TEXT / 2];
    od_random(bytes, sizeof bytes);
    od_hex(bytes, sizeof bytes, out);
}
