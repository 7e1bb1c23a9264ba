#ifndef OD_PG_CLUSTER_H
#define OD_PG_CLUSTER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "loop/loop.h"

/* The private cluster on disk: where its parts are, who owns them, and how it is made and
 * configured. */
struct od_pg_cluster {
    char data[PATH_MAX];   /* absolute, no symbolic links */
    char pgdata[PATH_MAX]; /* DATA/pg */
    char run[PATH_MAX];    /* the socket's directory */
    char log[PATH_MAX];
    char bin[PATH_MAX]; /* where PostgreSQL's programs are */
    bool switch_user;   /* orderd is root, so PostgreSQL's programs run as uid and gid */
    uid_t uid;
    gid_t gid;
    char conninfo[2 * PATH_MAX];       /* database orderd */
    char admin_conninfo[2 * PATH_MAX]; /* database postgres, which always exists */
};

/* Says where the socket of a data directory is: in DATA/run, or in a directory below /tmp when the
 * address of a socket (108 bytes, unix(7)) would not hold the path. */
void od_pg_cluster_run_dir(const char *data, uid_t uid, char *out, size_t size);

/* Makes the data directory if it is not there, and fills *cl. */
int od_pg_cluster_find(struct od_pg_cluster *cl, const char *data_dir,
                       struct od_err *err) OD_MUST_CHECK;

/* Runs initdb unless that has been done, then writes the configuration and makes the socket's
 * directory. It runs the loop. The caller holds start.lock. */
int od_pg_cluster_prepare(struct od_pg_cluster *cl, struct od_loop *loop,
                          struct od_err *err) OD_MUST_CHECK;

/* Whether the process is alive and is the cluster's postmaster. A zombie is not. */
bool od_pg_cluster_is_run_by(const struct od_pg_cluster *cl, pid_t pid);

/* Returns the process id of the postmaster that runs on this cluster; 0 when there is none. */
pid_t od_pg_cluster_postmaster(const struct od_pg_cluster *cl);

/*
 * Takes the process id out of what a dead postmaster left. The system may have given that id to
 * another process since, and postgres would take that process for its predecessor. The file
 * postmaster.pid itself must stay: it names the shared memory by which postgres notices backends
 * that outlived a killed postmaster. The socket's lock file may go.
 */
void od_pg_cluster_disown(const struct od_pg_cluster *cl);

/* Returns a close-on-exec descriptor for appending to the log, or -1, and the log's present
 * size. */
int od_pg_cluster_open_log(const struct od_pg_cluster *cl, off_t *size);

/* Copies the last line of a file behind offset that tells a reason, without its time stamp. That is
 * a line with FATAL, PANIC or ERROR, or else the last line; "" when there is none. */
void od_pg_last_line(const char *path, off_t offset, char *out, size_t size);

#endif
