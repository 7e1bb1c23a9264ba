#include "access/keys.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/map.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "store/api_keys.h"

/* Without an answer for that long the connection is given up for another one: its other end may be
 * gone without a word. */
enum { PATIENCE_MS = 3000 };

/* One generation of the keys. */
struct generation {
    struct od_arena arena;
    struct od_map by_hash;
};

struct od_keys {
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct generation *known, *coming;
    int64_t known_us; /* monotonic: `known` was asked for then, and was true then or later */
    int64_t asked_us; /* of the question under way */
    bool asked;       /* a question is under way */
    bool again;       /* something changed behind its back */
    bool told;        /* that what is known is too old has been logged */
    bool freed;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static void generation_free(struct generation *g)
{
    if (!g)
        return;
    od_map_fini(&g->by_hash);
    od_arena_fini(&g->arena);
    free(g);
}

/* ---- asking */

static void ask(struct od_keys *k);

static void on_keys(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_keys *k = ctx;
    if (err)
        return;
    struct generation *g = calloc(1, sizeof *g);
    if (!g)
        abort();
    od_arena_init(&g->arena);
    od_map_init(&g->by_hash);
    for (int i = 0; i < r->rows; i++) {
        struct od_str hash = od_arena_str(&g->arena, od_pg_get_bytea(r, i, 0));
        struct od_key *key = OD_NEW(&g->arena, struct od_key);
        if (hash.len != OD_SHA256)
            continue;
        key->role = od_arena_str(&g->arena, od_pg_get_text(r, i, 2));
        key->name = od_arena_str(&g->arena, od_pg_get_text(r, i, 1));
        od_map_put(&g->by_hash, hash, key);
    }
    k->coming = g;
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
    /* An answer that took too long tells of a time too long ago. */
    if (k->again || (!failed && !od_keys_fresh(k)))
        ask(k);
}

static void ask(struct od_keys *k)
{
    k->again = k->asked;
    if (k->asked || k->freed || !od_pg_conn_up(k->conn))
        return;
    k->asked = true;
    k->asked_us = od_clock_monotonic_us();
    od_keys_select(k->conn, on_keys, k);
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
    if (!k->asked)
        ask(k);
}

struct od_keys *od_keys_new(struct od_loop *loop, struct od_pg_server *server,
                            uint32_t connect_timeout_ms)
{
    static const char *const setup[] = {"listen " OD_KEYS_CHANNEL, "set statement_timeout = '2s'",
                                        NULL};
    struct od_keys *k = calloc(1, sizeof *k);
    if (!k)
        abort();
    const struct od_pg_conn_conf conf = {
        .server = server,
        .setup = setup,
        .connect_timeout_ms = connect_timeout_ms,
        .answer_timeout_ms = PATIENCE_MS,
        .ctx = k,
        .on_up = on_up,
        .on_notify = on_notify,
        .on_error = on_error,
    };
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
const struct od_key *od_keys_find(const struct od_keys *k, struct od_str token)
{
    uint8_t hash[OD_SHA256];
    od_sha256_of(token, hash);
    return od_map_get(&k->known->by_hash, od_str_n((const char *)hash, OD_SHA256));
}

void od_key_make(char out[OD_KEY_TEXT + 1])
{
    uint8_t bytes[20];
    od_random(bytes, sizeof bytes);
    memcpy(out, "od_", 3);
    od_hex(bytes, sizeof bytes, out + 3);
}
