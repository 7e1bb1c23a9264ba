#include "pg/cluster/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "loop/child.h"
#include "loop/timer.h"
#include "pg/cluster/cluster.h"
#include "pg/conn.h"

#define START_TIMEOUT_MS 60000
#define LOCK_RETRY_MS    20
#define WATCH_MS         1000
#define BACKOFF_MIN_MS   100
#define BACKOFF_MAX_MS   5000
#define FAST_STOP_MS     30000 /* SIGINT: disconnect everybody, checkpoint, end */
#define QUICK_STOP_MS    5000  /* SIGQUIT: end, recover at the next start */
#define PROBE_BACKOFF_MS 100

enum private_state {
    PRIVATE_RESTING = 0, /* nothing is under way: not begun, or failed */
    PRIVATE_LOCKING,     /* waiting for start.lock (or for a back-off to pass) */
    PRIVATE_STARTING,    /* a postmaster is there; waiting until it lets us in */
    PRIVATE_READY,
};

struct od_pg_private {
    struct od_loop *loop;
    struct od_pg_cluster cluster;
    enum private_state state;
    bool serving; /* it was ready once: from now on failures are retried, not returned */
    int users_fd, start_fd;
    struct od_timer timer;
    struct od_child *child; /* the postmaster if we started it */
    struct od_pg_conn *probe;
    off_t log_offset; /* where the log of this start begins */
    uint64_t deadline_ms;
    unsigned failures;
    struct od_err err;
    bool closed;
};

/* Descriptors of the same file in one process are separate to flock, as in separate processes. */
static int open_lock(const struct od_pg_private *p, const char *name, struct od_err *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", p->cluster.data, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
    return fd;
}

static void free_probe(struct od_pg_private *p)
{
    od_pg_conn_free(p->probe, NULL, NULL);
    p->probe = NULL;
}

static void release_child(struct od_pg_private *p)
{
    od_child_free(p->child);
    p->child = NULL;
}

static bool is_alive(const struct od_pg_private *p)
{
    if (p->child)
        return od_child_alive(p->child);
    return od_pg_cluster_postmaster(&p->cluster) != 0;
}

/* While serving, tries again later; at the first start, gives up with the reason. */
static void start_failed(struct od_pg_private *p, const struct od_err *err)
{
    free_probe(p);
    flock(p->start_fd, LOCK_UN);
    p->err = *err;
    if (!p->serving) {
        p->state = PRIVATE_RESTING;
        return;
    }
    uint64_t delay = BACKOFF_MIN_MS;
    for (unsigned i = 0; i < p->failures && delay < BACKOFF_MAX_MS; i++)
        delay *= 2;
    p->failures++;
    od_error("database_start_failed", "attempt=%u reason=\"%s\"", p->failures, err->message);
    p->state = PRIVATE_LOCKING;
    od_timer_start(&p->timer, delay < BACKOFF_MAX_MS ? delay : BACKOFF_MAX_MS, 0);
}

static void become_ready(struct od_pg_private *p)
{
    free_probe(p);
    flock(p->start_fd, LOCK_UN);
    p->state = PRIVATE_READY;
    p->serving = true;
    p->failures = 0;
    od_info("database_ready", "pid=%d", (int)od_pg_cluster_postmaster(&p->cluster));
    od_timer_start(&p->timer, WATCH_MS, WATCH_MS);
}

static void on_database_made(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)r;
    if (err && err->code != OD_ERR_UNAVAILABLE)
        start_failed(ctx, err);
    else if (!err)
        become_ready(ctx);
}

static void on_database_looked_up(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    static const struct od_pg_stmt make_database = {.sql = "create database orderd"};
    struct od_pg_private *p = ctx;

    if (err) {
        if (err->code != OD_ERR_UNAVAILABLE)
            start_failed(p, err);
        return;
    }
    if (r->rows > 0) {
        become_ready(p);
        return;
    }
    od_pg_send(p->probe, &make_database, NULL, on_database_made, p);
    od_pg_sync(p->probe, NULL, NULL);
}

/* Unanswered when the connection breaks; the probe comes back and asks again. */
static void on_probe_up(void *ctx)
{
    static const struct od_pg_stmt look_up = {
        .sql = "select 1 from pg_database where datname = 'orderd'"};
    struct od_pg_private *p = ctx;
    od_pg_send(p->probe, &look_up, NULL, on_database_looked_up, p);
    od_pg_sync(p->probe, NULL, NULL);
}

static void probe(struct od_pg_private *p)
{
    struct od_pg_conn_conf conf = {.conninfo = p->cluster.admin_conninfo,
                                   .ctx = p,
                                   .on_up = on_probe_up,
                                   .backoff_max_ms = PROBE_BACKOFF_MS,
                                   .quiet = true};
    p->state = PRIVATE_STARTING;
    p->probe = od_pg_conn_new(p->loop, &conf);
    od_timer_start(&p->timer, WATCH_MS / 10, WATCH_MS / 10);
}

/* A killed postmaster's backends take a moment to notice; until they are gone its memory is in use.
 */
static bool is_passing(const char *reason)
{
    return strstr(reason, "pre-existing shared memory block") || strstr(reason, "lock file");
}

static void begin(struct od_pg_private *p)
{
    p->state = PRIVATE_LOCKING;
    p->deadline_ms = od_loop_now_ms(p->loop) + START_TIMEOUT_MS;
    od_timer_start(&p->timer, 0, 0);
}

static void postmaster_gone(struct od_pg_private *p)
{
    char reason[400];
    struct od_err err;

    release_child(p);
    if (p->state == PRIVATE_READY) {
        od_warn("database_died", "directory=\"%s\"", p->cluster.pgdata);
        begin(p);
        return;
    }
    od_pg_last_line(p->cluster.log, p->log_offset, reason, sizeof reason);
    bool patient = p->serving || od_loop_now_ms(p->loop) < p->deadline_ms;
    if (!is_passing(reason) || !patient) {
        od_err_set(&err, OD_ERR_UNAVAILABLE, "PostgreSQL did not start: %s (see %s)", reason,
                   p->cluster.log);
        start_failed(p, &err);
        return;
    }
    free_probe(p);
    p->state = PRIVATE_LOCKING; /* start.lock stays ours meanwhile */
    od_timer_start(&p->timer, BACKOFF_MIN_MS, 0);
}

static void on_exit_child(void *ctx, int status, int signum)
{
    struct od_pg_private *p = ctx;
    od_debug("postgres_exit", "status=%d signal=%d", status, signum);
    if (p->state == PRIVATE_STARTING || p->state == PRIVATE_READY)
        postmaster_gone(p);
}

static int spawn(struct od_pg_private *p, struct od_err *err)
{
    char program[PATH_MAX + 16];
    const struct od_pg_cluster *cl = &p->cluster;

    release_child(p);
    od_pg_cluster_disown(cl);
    snprintf(program, sizeof program, "%s/postgres", cl->bin);
    int fd = od_pg_cluster_open_log(cl, &p->log_offset);
    if (fd < 0)
        return od_err_set(err, OD_ERR_IO, "%s: %s", cl->log, strerror(errno));
    char *argv[] = {program, "-D", (char *)cl->pgdata, NULL};
    struct od_child_options options = {.file = program,
                                       .argv = argv,
                                       .cwd = "/",
                                       .out_fd = fd,
                                       .switch_user = cl->switch_user,
                                       .uid = cl->uid,
                                       .gid = cl->gid,
                                       .detached = true};
    p->child = od_child_spawn(p->loop, &options, on_exit_child, p, err);
    close(fd);
    return p->child ? 0 : -1;
}

/* start.lock is held: whoever held it before may have started the postmaster. */
static void launch(struct od_pg_private *p)
{
    struct od_err err;
    if (!is_alive(p) && spawn(p, &err) != 0)
        start_failed(p, &err);
    else
        probe(p);
}

static void on_timer(void *ctx)
{
    struct od_pg_private *p = ctx;
    struct od_err err;

    switch (p->state) {
    case PRIVATE_RESTING:
        return;
    case PRIVATE_LOCKING:
        if (flock(p->start_fd, LOCK_EX | LOCK_NB) == 0)
            launch(p);
        else
            od_timer_start(&p->timer, LOCK_RETRY_MS, 0);
        return;
    case PRIVATE_STARTING:
        if (!is_alive(p)) {
            postmaster_gone(p);
        } else if (!p->serving && od_loop_now_ms(p->loop) > p->deadline_ms) {
            od_err_set(&err, OD_ERR_UNAVAILABLE,
                       "PostgreSQL did not accept connections within %d s "
                       "(see %s)",
                       START_TIMEOUT_MS / 1000, p->cluster.log);
            start_failed(p, &err);
        }
        return;
    case PRIVATE_READY:
        od_pg_private_check(p);
        return;
    }
}

void od_pg_private_check(struct od_pg_private *p)
{
    if (p->state == PRIVATE_READY && !is_alive(p))
        postmaster_gone(p);
}

static void on_tick(void *ctx)
{
    (void)ctx; /* it only ends the loop's sleep */
}

/* Waits for a flock without blocking the loop: whoever holds it may be a child's parent. */
static int wait_for_lock(struct od_pg_private *p, int fd, int how, struct od_err *err)
{
    struct od_timer *tick = od_timer_new(p->loop, on_tick, NULL);
    int rc = 0;
    od_timer_start(tick, LOCK_RETRY_MS, LOCK_RETRY_MS);
    while (rc == 0 && flock(fd, how | LOCK_NB) != 0) {
        if (od_loop_now_ms(p->loop) > p->deadline_ms)
            rc = od_err_set(err, OD_ERR_UNAVAILABLE,
                            "another orderd has been starting or stopping "
                            "PostgreSQL in %s for %d s",
                            p->cluster.data, START_TIMEOUT_MS / 1000);
        od_loop_run_once(p->loop);
    }
    od_timer_free(tick);
    return rc;
}

static int start(struct od_pg_private *p, const char *data_dir, struct od_err *err)
{
    if (od_pg_cluster_find(&p->cluster, data_dir, err) != 0)
        return -1;
    p->users_fd = open_lock(p, "users.lock", err);
    p->start_fd = open_lock(p, "start.lock", err);
    if (p->users_fd < 0 || p->start_fd < 0)
        return -1;
    p->deadline_ms = od_loop_now_ms(p->loop) + START_TIMEOUT_MS;
    /* In this order: who is leaving for good holds users.lock and takes no other. */
    if (wait_for_lock(p, p->start_fd, LOCK_EX, err) != 0 ||
        wait_for_lock(p, p->users_fd, LOCK_SH, err) != 0 ||
        od_pg_cluster_prepare(&p->cluster, p->loop, err) != 0)
        return -1;
    begin(p);
    while (p->state != PRIVATE_READY && p->state != PRIVATE_RESTING)
        od_loop_run_once(p->loop);
    if (p->state == PRIVATE_READY)
        return 0;
    *err = p->err;
    return -1;
}

struct od_pg_private *od_pg_private_start(struct od_loop *loop, const char *data_dir,
                                          struct od_err *err)
{
    struct od_pg_private *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->loop = loop;
    p->users_fd = p->start_fd = -1;
    od_timer_init(&p->timer, loop, on_timer, p);
    if (start(p, data_dir, err) == 0)
        return p;
    od_pg_private_stop(p);
    return NULL;
}

const char *od_pg_private_conninfo(const struct od_pg_private *p)
{
    return p->cluster.conninfo;
}

/* Signals the postmaster and waits until it is gone; false: it is still there. */
static bool end_postmaster(struct od_pg_private *p, int signum, uint32_t timeout_ms)
{
    pid_t pid = p->child ? od_child_pid(p->child) : od_pg_cluster_postmaster(&p->cluster);
    struct od_timer *tick = od_timer_new(p->loop, on_tick, NULL);
    uint64_t deadline = od_loop_now_ms(p->loop) + timeout_ms;

    if (is_alive(p))
        kill(pid, signum);
    od_timer_start(tick, LOCK_RETRY_MS, LOCK_RETRY_MS);
    /* It removes postmaster.pid a moment before it ends. */
    while ((is_alive(p) || od_pg_cluster_is_run_by(&p->cluster, pid)) &&
           od_loop_now_ms(p->loop) < deadline)
        od_loop_run_once(p->loop);
    od_timer_free(tick);
    return !is_alive(p);
}

static void on_timer_closed(void *ctx)
{
    ((struct od_pg_private *)ctx)->closed = true;
}

void od_pg_private_stop(struct od_pg_private *p)
{
    if (!p)
        return;
    p->state = PRIVATE_RESTING;
    free_probe(p);
    od_timer_close(&p->timer, on_timer_closed);
    while (!p->closed)
        od_loop_run_once(p->loop);

    /* Turning a shared flock into an exclusive one lets go of it first, so of several that leave at
     * once the last to try finds itself alone. */
    bool last = p->users_fd >= 0 && flock(p->users_fd, LOCK_EX | LOCK_NB) == 0;
    if (last && !end_postmaster(p, SIGINT, FAST_STOP_MS) &&
        !end_postmaster(p, SIGQUIT, QUICK_STOP_MS))
        od_error("database_stop_failed", "directory=\"%s\"", p->cluster.pgdata);
    release_child(p);
    if (p->start_fd >= 0)
        close(p->start_fd);
    if (p->users_fd >= 0)
        close(p->users_fd);
    free(p);
}
