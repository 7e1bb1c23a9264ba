#include "pg/server.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/log.h"
#include "loop/timer.h"
#include "pg/lookup.h"
#include "pg/server_impl.h"
#include "pg/wait.h"

enum { MAX_HOSTS = OD_PG_HOSTS_MAX };

struct od_pg_server {
    struct od_loop *loop;
    char *conninfo, *path;
    struct od_pg_identity known; /* timeline 0: nothing is known */
    bool settled;                /* by a session of this process: no other cluster is taken */
    bool given_up;
    struct od_list sessions; /* od_pg_conn.member */
    struct od_list trying;   /* the same, of connections that have none, but for scouts */
    unsigned rotation;       /* the host that the session which came about last is on */
    struct od_err trouble;   /* code NONE: the last session came about */

    /* While it chooses, identities are collected and nobody is refused. */
    bool choosing;
    struct seen {
        struct od_pg_identity id;
        unsigned rotation;
    } seen[MAX_HOSTS];
    size_t seen_count;

    struct od_timer *timer; /* of the scouts */
    uint32_t interval_ms;
    size_t host_count, next; /* whose turn it is */
    struct od_pg_conn *scouts[MAX_HOSTS];
};

/* ---- the file: system identifier and timeline in decimal */

static bool read_file(const struct od_pg_server *s, struct od_pg_identity *out)
{
    FILE *f = s->path ? fopen(s->path, "re") : NULL;
    bool read = f && fscanf(f, "%" SCNu64 " %" SCNu32, &out->system, &out->timeline) == 2;
    if (f)
        fclose(f);
    return read;
}

/* Renamed into place, so that a reader sees all of it. */
static void write_file(const struct od_pg_server *s)
{
    char temporary[PATH_MAX];
    if (!s->path || snprintf(temporary, sizeof temporary, "%s.new", s->path) >= PATH_MAX)
        return;
    FILE *f = fopen(temporary, "we");
    bool written =
        f && fprintf(f, "%" PRIu64 " %" PRIu32 "\n", s->known.system, s->known.timeline) > 0;
    written = f && fclose(f) == 0 && written && rename(temporary, s->path) == 0;
    if (!written)
        od_warn("database_server_not_kept", "file=%s", s->path);
}

/* ---- one for all */

static void settle(struct od_pg_server *s, struct od_pg_identity id)
{
    struct od_pg_identity before = s->known;
    bool news = before.system != id.system || before.timeline != id.timeline;
    s->known = id;
    s->settled = true;
    if (before.timeline && before.system != id.system)
        od_warn("database_replaced", "before=%" PRIu64 " system=%" PRIu64, before.system,
                id.system);
    if (!news)
        return;
    od_info("database_server", "system=%" PRIu64 " timeline=%" PRIu32, id.system, id.timeline);
    write_file(s);
}

static void end_sessions(struct od_pg_server *s, const struct od_err *why)
{
    for (struct od_list *n; (n = od_list_shift(&s->sessions));)
        od_pg_conn_end(OD_LIST_ENTRY(n, struct od_pg_conn, member), why);
}

static void move_on(struct od_pg_server *s, uint32_t timeline)
{
    struct od_err err;
    od_err_set_at(&err, OD_ERR_UNAVAILABLE, OD_PG_OURS,
                  "the server was replaced by one on timeline %" PRIu32, timeline);
    end_sessions(s, &err);
}

void od_pg_server_give_up(struct od_pg_server *s)
{
    struct od_err err;
    od_err_set_at(&err, OD_ERR_UNAVAILABLE, OD_PG_OURS, "orderd is being stopped");
    s->given_up = true;
    end_sessions(s, &err);
}

bool od_pg_server_trouble_is_new(struct od_pg_server *s, const struct od_err *why)
{
    bool news = !s->trouble.code || strcmp(s->trouble.message, why->message) != 0;
    s->trouble = *why;
    return news;
}

const char *od_pg_server_trouble(const struct od_pg_server *s)
{
    if (!s->trouble.code)
        return "";
    /* libpq's words name hosts and ports. */
    return strcmp(s->trouble.origin, OD_PG_OURS) == 0 ? s->trouble.message
                                                      : "the database cannot be reached";
}

static int refuse(const struct od_pg_server *s, struct od_pg_identity id, struct od_err *err)
{
    if (s->given_up)
        return od_err_set_at(err, OD_ERR_UNAVAILABLE, OD_PG_OURS, "orderd is being stopped");
    if (id.timeline == 0)
        return od_err_set_at(err, OD_ERR_UNAVAILABLE, OD_PG_OURS, "the server is a standby");
    if (id.system != s->known.system)
        return od_err_set_at(err, OD_ERR_UNAVAILABLE, OD_PG_OURS,
                             "the server is another cluster (system identifier %" PRIu64
                             ") than the one in use (%" PRIu64 "); orderd takes it after a restart",
                             id.system, s->known.system);
    return od_err_set_at(err, OD_ERR_UNAVAILABLE, OD_PG_OURS,
                         "the server is an old primary: it is on timeline %" PRIu32
                         ", another one on %" PRIu32,
                         id.timeline, s->known.timeline);
}

void od_pg_server_await(struct od_pg_server *s, struct od_pg_conn *c)
{
    if (c->conf.scout)
        return;
    od_list_remove(&c->member);
    od_list_push(&s->trying, &c->member);
}

unsigned od_pg_server_rotation(const struct od_pg_server *s)
{
    return s->rotation;
}

static unsigned rotation_of(const struct od_pg_server *s, const struct od_pg_conn *c)
{
    return c->pg ? od_pg_lookup_rotation(s->conninfo, PQhost(c->pg), PQport(c->pg)) : 0;
}

/* A host that has vanished answers no attempt; whoever tries one need not wait for its end. */
static void hurry(struct od_pg_server *s)
{
    struct od_list all;
    od_list_init(&all);
    od_list_splice(&all, &s->trying);
    for (struct od_list *n; (n = od_list_shift(&all));) {
        struct od_pg_conn *c = OD_LIST_ENTRY(n, struct od_pg_conn, member);
        od_pg_conn_hurry(c);
        od_pg_server_await(s, c);
    }
}

int od_pg_server_admit(struct od_pg_server *s, struct od_pg_conn *c, struct od_pg_identity id,
                       struct od_err *err)
{
    if (s->choosing) {
        if (s->seen_count < MAX_HOSTS)
            s->seen[s->seen_count++] = (struct seen){id, rotation_of(s, c)};
        return 0;
    }
    bool same = id.system == s->known.system;
    bool first = !s->known.timeline || (!same && !s->settled);
    if (s->given_up || id.timeline == 0 || (!first && (!same || id.timeline < s->known.timeline)))
        return refuse(s, id, err);
    if (!first && id.timeline > s->known.timeline)
        move_on(s, id.timeline);
    settle(s, id);
    s->rotation = rotation_of(s, c);
    od_list_remove(&c->member);
    od_list_push(&s->sessions, &c->member);
    if (s->trouble.code)
        hurry(s);
    od_err_clear(&s->trouble);
    return 0;
}

struct od_pg_identity od_pg_server_identity(const struct od_pg_server *s)
{
    return s->known;
}

const char *od_pg_server_conninfo(const struct od_pg_server *s)
{
    return s->conninfo;
}

struct od_pg_server *od_pg_server_new(struct od_loop *loop, const char *conninfo, const char *path)
{
    struct od_pg_server *s = calloc(1, sizeof *s);
    if (!s || !(s->conninfo = strdup(conninfo)) || (path && !(s->path = strdup(path))))
        abort();
    s->loop = loop;
    od_list_init(&s->sessions);
    od_list_init(&s->trying);
    s->host_count = od_pg_lookup_hosts(conninfo);
    if (!read_file(s, &s->known))
        s->known = (struct od_pg_identity){0};
    return s;
}

/* ---- choosing */

static void on_time_over(void *ctx)
{
    *(bool *)ctx = true;
}

static struct od_pg_conn *look_at(struct od_pg_server *s, unsigned rotation, uint32_t timeout_ms)
{
    struct od_pg_conn_conf conf = {
        .server = s,
        .connect_timeout_ms = timeout_ms,
        .rotation = rotation,
        .scout = true,
        .quiet = true,
    };
    return od_pg_conn_new(s->loop, &conf);
}

static void survey(struct od_pg_server *s, uint32_t timeout_ms)
{
    struct od_pg_conn *conns[MAX_HOSTS];
    size_t count = s->host_count, waiting = count;
    bool over = false;
    struct od_timer *timer = od_timer_new(s->loop, on_time_over, &over);

    s->choosing = true;
    for (size_t i = 0; i < count; i++)
        conns[i] = look_at(s, (unsigned)i, timeout_ms);
    od_timer_start(timer, timeout_ms, 0);
    while (!over && waiting) {
        od_loop_run_once(s->loop);
        waiting = 0;
        for (size_t i = 0; i < count; i++)
            waiting += !od_pg_conn_up(conns[i]) && conns[i]->failures == 0;
    }
    for (size_t i = 0; i < count; i++)
        od_pg_conn_free_wait(conns[i], s->loop);
    od_timer_free(timer);
    s->choosing = false;
}

/* The newest timeline of the cluster, or of any when system is 0. */
static struct seen newest(const struct od_pg_server *s, uint64_t system)
{
    struct seen best = {0};
    for (size_t i = 0; i < s->seen_count; i++) {
        const struct od_pg_identity *id = &s->seen[i].id;
        if ((!system || id->system == system) && id->timeline > best.id.timeline)
            best = s->seen[i];
    }
    return best;
}

static bool is_one_cluster(const struct od_pg_server *s, uint64_t system)
{
    for (size_t i = 0; i < s->seen_count; i++) {
        if (s->seen[i].id.timeline && s->seen[i].id.system != system)
            return false;
    }
    return true;
}

int od_pg_server_choose(struct od_pg_server *s, uint32_t timeout_ms, struct od_err *err)
{
    s->seen_count = 0;
    survey(s, timeout_ms);
    struct seen best = newest(s, s->known.system);
    if (best.id.timeline && best.id.timeline < s->known.timeline)
        return od_err_set(err, OD_ERR_CONFIG,
                          "the database is an old primary: it is on timeline %" PRIu32
                          ", but orderd has been on timeline %" PRIu32
                          " of it; if it is to be used all the same, remove %s",
                          best.id.timeline, s->known.timeline, s->path);
    if (!best.id.timeline)
        best = newest(s, 0);
    if (!best.id.timeline)
        return 0;
    if (best.id.system != s->known.system && !is_one_cluster(s, best.id.system))
        return od_err_set(err, OD_ERR_CONFIG,
                          "the hosts of database.url are different clusters: name those of one");
    settle(s, best.id);
    s->rotation = best.rotation;
    return 0;
}

/* ---- the scouts */

/* Another process on the same data directory may have seen more. */
static void follow_file(struct od_pg_server *s)
{
    struct od_pg_identity id;
    if (!read_file(s, &id) || id.system != s->known.system || id.timeline <= s->known.timeline)
        return;
    s->known = id;
    move_on(s, id.timeline);
}

static void on_timer(void *ctx)
{
    struct od_pg_server *s = ctx;
    size_t i = s->next++ % s->host_count;
    follow_file(s);
    od_pg_conn_free(s->scouts[i], NULL, NULL);
    s->scouts[i] = look_at(s, (unsigned)i, s->interval_ms);
}

void od_pg_server_watch(struct od_pg_server *s, uint32_t interval_ms)
{
    uint32_t turn = interval_ms / (uint32_t)s->host_count;
    s->interval_ms = interval_ms;
    s->timer = od_timer_new(s->loop, on_timer, s);
    od_timer_start(s->timer, turn, turn);
}

void od_pg_server_free(struct od_pg_server *s)
{
    if (!s)
        return;
    if (s->timer)
        od_timer_free(s->timer);
    for (size_t i = 0; i < s->host_count; i++)
        od_pg_conn_free_wait(s->scouts[i], s->loop);
    OD_ASSERT(od_list_empty(&s->sessions));
    free(s->conninfo);
    free(s->path);
    free(s);
}
