#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/str.h"
#include "loop/child.h"
#include "pg/cluster/cluster.h"
#include "pg/cluster/programs.h"

/* The major version of the cluster on disk, 0 when there is none yet. */
static int cluster_version(const struct od_pg_cluster *cl)
{
    char path[PATH_MAX + 32];
    int version = 0;
    snprintf(path, sizeof path, "%s/PG_VERSION", cl->pgdata);
    FILE *f = fopen(path, "re");
    if (f && fscanf(f, "%d", &version) != 1)
        version = 0;
    if (f)
        fclose(f);
    return version;
}

static int find_programs(struct od_pg_cluster *cl, struct od_err *err)
{
    static const char *const programs[] = {"initdb", "postgres", NULL};
    int version = cluster_version(cl);
    if (od_pg_programs_find(version, programs, cl->bin))
        return 0;
    if (version > 0)
        return od_err_set(
            err, OD_ERR_CONFIG,
            "%s was made by PostgreSQL %d, which is not installed: install the Debian "
            "package postgresql-%d",
            cl->pgdata, version, version);
    return od_err_set(err, OD_ERR_CONFIG,
                      "PostgreSQL is not installed: install the Debian package postgresql, or set "
                      "database.url to a server");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

/* A private directory of the user that runs PostgreSQL. One that is there already must be just
 * that: in /tmp, somebody else may have been first. */
static int make_owned(const struct od_pg_cluster *cl, const char *path, struct od_err *err)
{
    struct stat st;
    if (mkdir(path, 0700) == 0) {
        if (cl->switch_user && lchown(path, cl->uid, cl->gid) != 0)
            return od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
        return 0;
    }
    if (errno != EEXIST || lstat(path, &st) != 0)
        return od_err_set(err, OD_ERR_IO, "cannot make %s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode) || st.st_uid != cl->uid || (st.st_mode & 077) != 0)
        return od_err_set(err, OD_ERR_CONFIG,
                          "%s must be a directory of the user with id %u and mode 0700", path,
                          (unsigned)cl->uid);
    return 0;
}

static int write_file(const char *path, int flags, struct od_str text, struct od_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0644);
    if (fd < 0)
        return od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
    ssize_t n = write(fd, text.ptr, text.len);
    int rc = n == (ssize_t)text.len ? 0
                                    : od_err_set(err, OD_ERR_IO, "cannot write %s: %s", path,
                                                 n < 0 ? strerror(errno) : "disk full");
    close(fd);
    return rc;
}

struct ending {
    bool over;
    int status;
};

static void on_initdb_exit(void *ctx, int status, int signum)
{
    struct ending *e = ctx;
    e->over = true;
    e->status = signum ? 128 + signum : status;
}

static int run_initdb(const struct od_pg_cluster *cl, const char *pgdata, struct od_loop *loop,
                      struct od_err *err)
{
    char program[PATH_MAX + 16], log[PATH_MAX + 16], reason[512];
    struct ending ending = {false, 0};

    snprintf(program, sizeof program, "%s/initdb", cl->bin);
    snprintf(log, sizeof log, "%s/initdb.log", cl->data);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return od_err_set(err, OD_ERR_IO, "%s: %s", log, strerror(errno));
    /* Byte order for collation: indexes survive an upgrade of the C library, and compare faster. */
    char *argv[] = {program,
                    "-D",
                    (char *)pgdata,
                    "--username=orderd",
                    "--auth-local=trust",
                    "--auth-host=reject",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--lc-collate=C",
                    "--lc-messages=C",
                    "--data-checksums",
                    NULL};
    struct od_child_options options = {.file = program,
                                       .argv = argv,
                                       .cwd = "/",
                                       .out_fd = fd,
                                       .switch_user = cl->switch_user,
                                       .uid = cl->uid,
                                       .gid = cl->gid};
    struct od_child *child = od_child_spawn(loop, &options, on_initdb_exit, &ending, err);
    close(fd);
    while (child && !ending.over)
        od_loop_run_once(loop);
    od_child_free(child);
    if (!child)
        return -1;
    if (ending.status == 0)
        return 0;
    od_pg_last_line(log, 0, reason, sizeof reason);
    return od_err_set(err, OD_ERR_IO, "initdb failed: %s (see %s)", reason, log);
}

/* Under another name until it is complete, so that a kill in between leaves nothing half made. */
static int make_cluster(const struct od_pg_cluster *cl, struct od_loop *loop, struct od_err *err)
{
    char fresh[PATH_MAX + 16], conf[PATH_MAX + 64];
    snprintf(fresh, sizeof fresh, "%s.new", cl->pgdata);
    snprintf(conf, sizeof conf, "%s/postgresql.conf", fresh);

    nftw(fresh, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    od_info("database_create", "directory=\"%s\"", cl->pgdata);
    if (make_owned(cl, fresh, err) != 0 || run_initdb(cl, fresh, loop, err) != 0 ||
        write_file(conf, O_APPEND, OD_STR("\ninclude 'orderd.conf'\n"), err) != 0)
        return -1;
    if (rename(fresh, cl->pgdata) != 0)
        return od_err_set(err, OD_ERR_IO, "cannot make %s: %s", cl->pgdata, strerror(errno));
    return 0;
}

static const char settings[] =
    "# Written by orderd at each start. Use `alter system` for settings of your own.\n"
    "listen_addresses = ''\n"
    "port = 5432\n"
    "unix_socket_permissions = 0700\n"
    "max_connections = 100\n"
    "synchronous_commit = on\n"
    "wal_compression = lz4\n"
    "max_wal_size = 4GB\n"
    "min_wal_size = 1GB\n"
    "checkpoint_timeout = 15min\n"
    "checkpoint_completion_target = 0.9\n"
    "jit = off\n"
    "# Small hot tables (stock, counters, cursors) collect dead rows by the second.\n"
    "autovacuum_naptime = 10s\n"
    "autovacuum_vacuum_scale_factor = 0.05\n"
    "autovacuum_analyze_scale_factor = 0.05\n"
    "autovacuum_vacuum_cost_limit = 1000\n"
    "logging_collector = off\n"
    "log_destination = 'stderr'\n"
    "log_line_prefix = '%m [%p] '\n"
    "log_checkpoints = off\n"
    "lc_messages = 'C'\n";

/* An eighth of the memory: a laptop keeps its own, a server's busy orders stay in reach. */
static long shared_buffers_mb(void)
{
    enum { LEAST = 128, MOST = 1024 };
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    long mb = pages > 0 && page > 0 ? pages / 8 / ((1 << 20) / page) : LEAST;
    return mb < LEAST ? LEAST : mb > MOST ? MOST : mb;
}

static int configure(const struct od_pg_cluster *cl, struct od_err *err)
{
    char path[PATH_MAX + 32];
    struct od_buf text;

    od_buf_init(&text, 65536);
    od_buf_str(&text, od_str_of(settings));
    od_buf_printf(&text, "shared_buffers = %ldMB\n", shared_buffers_mb());
    od_buf_str(&text, OD_STR("unix_socket_directories = '\""));
    for (const char *c = cl->run; *c; c++) {
        if (*c == '\'' || *c == '"') /* doubled, each inside its own kind of quotes */
            od_buf_char(&text, *c);
        od_buf_char(&text, *c);
    }
    od_buf_str(&text, OD_STR("\"'\n"));
    snprintf(path, sizeof path, "%s/orderd.conf", cl->pgdata);
    int rc = write_file(path, O_TRUNC, od_buf_view(&text), err);
    od_buf_fini(&text);
    return rc;
}

int od_pg_cluster_prepare(struct od_pg_cluster *cl, struct od_loop *loop, struct od_err *err)
{
    if (find_programs(cl, err) != 0)
        return -1;
    if (cluster_version(cl) == 0 && make_cluster(cl, loop, err) != 0)
        return -1;
    if (make_owned(cl, cl->run, err) != 0)
        return -1;
    return configure(cl, err);
}
