#ifndef OD_PG_CLUSTER_H
#define OD_PG_CLUSTER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "loop/loop.h"

/* The private cluster on disk: where its parts are, who owns them, how it is made and configured.
 */
struct od_pg_cluster {
    char data[PATH_MAX];   /* absolute, no symbolic links */
    char pgdata[PATH_MAX]; /* DATA/pg */
    char run[PATH_MAX];    /* the socket's directory */
    char log[PATH_MAX];
    char bin[PATH_MAX]; /* of PostgreSQL's programs */
    bool switch_user;   /* we are root: PostgreSQL's programs run as uid and gid */
    uid_t uid;
    gid_t gid;
    char conninfo[2 * PATH_MAX];       /* database orderd */
    char admin_conninfo[2 * PATH_MAX]; /* database postgres, which always exists */
};

/* The socket's directory for a data directory: DATA/run, or one in /tmp when a socket's address
 * (108 bytes, unix(7)) would not hold it. */
void od_pg_cluster_run_dir(const char *data, uid_t uid, char *out, size_t size);

/* Makes the data directory if need be, and finds everything. */
int od_pg_cluster_find(struct od_pg_cluster *cl, const char *data_dir,
                       struct od_err *err) OD_MUST_CHECK;

/* initdb unless it has been done, then the configuration and the socket's directory. Runs the loop;
 * the caller holds start.lock. */
int od_pg_cluster_prepare(struct od_pg_cluster *cl, struct od_loop *loop,
                          struct od_err *err) OD_MUST_CHECK;

/* The process is alive and is the cluster's postmaster. A zombie is not. */
bool od_pg_cluster_is_run_by(const struct od_pg_cluster *cl, pid_t pid);

/* The postmaster that runs on this cluster, 0 when there is none. */
pid_t od_pg_cluster_postmaster(const struct od_pg_cluster *cl);

/*
 * When no postmaster is alive: frees what it left from its pid, which the system may have given to
 * somebody else since, for postgres would take that process for its predecessor. postmaster.pid
 * itself must stay: it names the shared memory by which postgres notices backends that outlived a
 * killed postmaster. The socket's lock file may go.
 */
void od_pg_cluster_disown(const struct od_pg_cluster *cl);

/* A descriptor for appending to the log, close-on-exec, and the log's size now; -1 on failure. */
int od_pg_cluster_open_log(const struct od_pg_cluster *cl, off_t *size);

/* The last line that tells a reason (FATAL, PANIC, ERROR or, failing those, any) of a file after
 * offset, without its time stamp; "" when there is none. */
void od_pg_last_line(const char *path, off_t offset, char *out, size_t size);

#endif
