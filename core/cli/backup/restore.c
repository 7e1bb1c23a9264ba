#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "server/database.h"
#include "cli/backup/dump_tool.h"
#include "base/terminal/progress.h"
#include "cli/verify/verify.h"
#include "conf/conf.h"
#include "pg/conninfo.h"
#include "pg/server.h"
#include "pg/wait.h"
#include "store/server/whole_database.h"

/*
 * orderd restore: a backup becomes the database, brought up to date, settled and verified.
 *
 * An empty database is filled in one transaction, so that a backup which was cut short changes
 * nothing. With --replace a database is made beside the present one, which it replaces only once
 * the restored books have been verified.
 */

enum { CONNECT_MS = 30000 };

#define LIST_MAX (1 << 20)

struct restore {
    const char *path;
    bool replace;
    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
    struct od_arena arena;
    struct od_whole_database whole;
    struct od_progress progress;
    char bin[PATH_MAX];
    int fd; /* of the backup */
    int64_t size;
    struct od_verify_result verified;
};

static struct od_pg_conn *connect_to(struct restore *r, const char *conninfo, struct od_err *err)
{
    struct od_pg_conn_conf conf = {.conninfo = conninfo};
    struct od_pg_conn *conn = od_pg_conn_new(&r->loop, &conf);
    if (od_pg_wait_up(conn, CONNECT_MS, err) == 0)
        return conn;
    od_pg_conn_free_wait(conn, &r->loop);
    return NULL;
}

static int open_file(struct restore *r, struct od_err *err)
{
    struct stat st;
    r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (r->fd < 0 || fstat(r->fd, &st) != 0)
        return od_err_set(err, OD_ERR_IO, "cannot read %s: %s", r->path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return od_err_set(err, OD_ERR_INVALID, "%s is not a file", r->path);
    r->size = st.st_size;
    return 0;
}

static int look(struct restore *r, struct od_err *err)
{
    struct od_pg_conn *conn = connect_to(r, od_database_conninfo(r->database), err);
    if (!conn)
        return -1;
    int failed = od_whole_database_look(conn, &r->arena, &r->whole, err);
    od_pg_conn_free_wait(conn, &r->loop);
    return failed || od_dump_tools_find(r->whole.server_version, r->bin, err) ? -1 : 0;
}

static int run_restore(struct restore *r, const char *const *args, const char *conninfo, int out_fd,
                       void (*tick)(void *ctx), struct od_err *err)
{
    struct od_dump_tool tool = {
        .bin = r->bin,
        .name = "pg_restore",
        .args = args,
        .conninfo = conninfo,
        .in_fd = r->fd,
        .out_fd = out_fd,
        .tick = tick,
        .ctx = r,
    };
    if (lseek(r->fd, 0, SEEK_SET) != 0)
        return od_err_set(err, OD_ERR_IO, "%s: %s", r->path, strerror(errno));
    return od_dump_tool_run(&r->loop, &tool, err);
}

/* Whether the archive is one of orderd, by its table of contents. */
static int check_contents(struct restore *r, struct od_err *err)
{
    static const char *const args[] = {"--list", NULL};
    int rc = -1, fd = memfd_create("list", MFD_CLOEXEC);
    char *list = calloc(1, LIST_MAX);
    if (!list)
        abort();
    if (fd < 0) {
        od_err_set(err, OD_ERR_IO, "memfd_create: %s", strerror(errno));
    } else if (run_restore(r, args, NULL, fd, NULL, err)) {
        od_err_wrap(err, "%s is not a backup, or was cut short", r->path);
    } else if (pread(fd, list, LIST_MAX - 1, 0) < 0 ||
               !strstr(list, " TABLE DATA public order_event ")) {
        od_err_set(err, OD_ERR_INVALID, "%s is not a backup of orderd: it has no order_event",
                   r->path);
    } else {
        rc = 0;
    }
    if (fd >= 0)
        close(fd);
    free(list);
    return rc;
}

static int check_target(const struct restore *r, struct od_err *err)
{
    const struct od_whole_database *w = &r->whole;
    if (!r->replace && w->tables)
        return od_err_set(err, OD_ERR_INVALID,
                          "the database %.*s is not empty: --replace puts the backup in its place",
                          OD_STR_ARG(w->name));
    if (r->replace && w->sessions)
        return od_err_set(
            err, OD_ERR_INVALID,
            "the database %.*s is in use by %lld sessions, one of them %.*s: stop the "
            "servers first",
            OD_STR_ARG(w->name), (long long)w->sessions, OD_STR_ARG(w->session));
    return 0;
}

static void on_read(void *ctx)
{
    struct restore *r = ctx;
    od_progress_show(&r->progress, lseek(r->fd, 0, SEEK_CUR) >> 20, (r->size >> 20) + 1);
}

/* The backup becomes the contents of an empty database, all or none. */
static int fill(struct restore *r, const char *conninfo, struct od_err *err)
{
    static const char *const args[] = {"--single-transaction", "--exit-on-error", "--no-owner",
                                       "--no-privileges", NULL};
    od_progress_init(&r->progress, "restore: MB", isatty(STDERR_FILENO));
    int rc = run_restore(r, args, conninfo, -1, on_read, err);
    od_progress_end(&r->progress);
    return rc ? od_err_wrap(err, "%s was not restored, nothing was changed", r->path) : 0;
}

static int analyze(struct restore *r, const char *conninfo, struct od_err *err)
{
    struct od_pg_conn *conn = connect_to(r, conninfo, err);
    int rc = conn ? od_whole_database_analyze(conn, err) : -1;
    if (conn)
        od_pg_conn_free_wait(conn, &r->loop);
    return rc;
}

/* An empty database becomes one that a server can be started on. */
static int make(struct restore *r, const char *conninfo, struct od_err *err)
{
    struct od_pg_server *server = od_pg_server_new(&r->loop, conninfo, NULL);
    int rc =
        fill(r, conninfo, err) || od_database_prepare(&r->loop, server, err) ||
                analyze(r, conninfo, err) ||
                od_verify_run(&r->loop, server, stdout, isatty(STDERR_FILENO), &r->verified, err)
            ? -1
            : 0;
    od_pg_server_free(server);
    return rc;
}

static struct od_str beside(struct restore *r, const char *suffix)
{
    return od_arena_printf(&r->arena, "%.*s%s", OD_STR_ARG(r->whole.name), suffix);
}

static int make_beside(struct restore *r, struct od_str fresh, struct od_err *err)
{
    const char *own = od_database_conninfo(r->database);
    struct od_pg_conn *conn = connect_to(r, own, err);
    int rc = conn ? od_whole_database_make_beside(conn, fresh, err) : -1;
    if (conn)
        od_pg_conn_free_wait(conn, &r->loop);
    if (rc)
        return -1;
    char *conninfo = od_pg_conninfo_with(own, "dbname", fresh.ptr);
    rc = make(r, conninfo, err);
    free(conninfo);
    if (rc == 0 && r->verified.differing)
        rc = od_err_set(err, OD_ERR_INVALID,
                        "the books of %s do not add up; %.*s was left as it was. Restore into an "
                        "empty database to look into them",
                        r->path, OD_STR_ARG(r->whole.name));
    return rc;
}

/* Over the database "postgres", where neither of the two is in the way. */
static int replace(struct restore *r, struct od_err *err)
{
    struct od_str fresh = beside(r, "_restoring"), replaced = beside(r, "_replaced");
    struct od_err ignored;
    char *conninfo = od_pg_conninfo_with(od_database_conninfo(r->database), "dbname", "postgres");
    struct od_pg_conn *outside = connect_to(r, conninfo, err);
    free(conninfo);
    if (!outside)
        return od_err_wrap(err, "--replace works from the database postgres");
    int rc = make_beside(r, fresh, err);
    if (rc == 0)
        rc = od_whole_database_drop(outside, replaced, err) ||
                     od_whole_database_swap(outside, r->whole.name, fresh, replaced, err)
                 ? -1
                 : 0;
    (void)!od_whole_database_drop(outside, rc ? fresh : replaced, rc ? &ignored : err);
    od_pg_conn_free_wait(outside, &r->loop);
    return rc;
}

static int run(struct restore *r, struct od_err *err)
{
    if (open_file(r, err) || od_database_reach(&r->loop, r->conf, &r->database, err) ||
        look(r, err) || check_contents(r, err) || check_target(r, err))
        return -1;
    return r->whole.tables ? replace(r, err) : make(r, od_database_conninfo(r->database), err);
}

int od_cli_restore(struct od_cli *cli)
{
    struct restore r = {.fd = -1, .replace = od_cli_flag(cli, "--replace")};
    struct od_err err;
    if (cli->argc != 1)
        return od_cli_misuse(cli, "needs one file");
    r.path = cli->argv[0];
    r.conf = od_cli_conf(cli);
    if (!r.conf)
        return 1;
    od_cli_quiet(r.conf);
    od_loop_init(&r.loop);
    od_arena_init(&r.arena);
    int failed = run(&r, &err);
    if (!failed)
        printf("restored %s into %.*s: verified %llu orders, %llu differ (%llu events)\n", r.path,
               OD_STR_ARG(r.whole.name), (unsigned long long)r.verified.orders,
               (unsigned long long)r.verified.differing, (unsigned long long)r.verified.events);
    if (r.fd >= 0)
        close(r.fd);
    od_database_close(r.database);
    od_arena_fini(&r.arena);
    od_loop_fini(&r.loop);
    od_conf_unref(r.conf);
    return failed ? od_cli_fail(&err) : r.verified.differing ? 1 : 0;
}
