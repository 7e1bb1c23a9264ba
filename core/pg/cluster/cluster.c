#include "pg/cluster/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/files.h"
#include "base/str.h"
#include "pg/conninfo.h"

#define SOCKET  "/.s.PGSQL.5432"
#define LONGEST 100

static int join(char out[PATH_MAX], const char *dir, const char *name, struct od_err *err)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_MAX)
        return od_err_set(err, OD_ERR_CONFIG, "path too long: %s/%s", dir, name);
    return 0;
}

static bool may_enter(const struct stat *st, uid_t uid, gid_t gid)
{
    if (st->st_uid == uid)
        return st->st_mode & S_IXUSR;
    if (st->st_gid == gid)
        return st->st_mode & S_IXGRP;
    return st->st_mode & S_IXOTH;
}

/* The data directory is ours to open: what is inside has its own, tight modes. Its parents are not.
 */
static int check_reachable(const struct od_pg_cluster *cl, struct od_err *err)
{
    char part[PATH_MAX];
    struct stat st;

    if (stat(cl->data, &st) != 0 || chmod(cl->data, (st.st_mode & 07777) | 0111) != 0)
        return od_err_set(err, OD_ERR_IO, "%s: %s", cl->data, strerror(errno));
    snprintf(part, sizeof part, "%s", cl->data);
    for (char *slash; (slash = strrchr(part, '/')) != NULL && slash != part;) {
        *slash = '\0';
        if (stat(part, &st) == 0 && !may_enter(&st, cl->uid, cl->gid))
            return od_err_set(err, OD_ERR_CONFIG,
                              "data directory %s is not reachable by the user postgres, which runs "
                              "PostgreSQL for root: %s is closed to it (mode %04o); choose another "
                              "database.data_dir",
                              cl->data, part, st.st_mode & 07777);
    }
    return 0;
}

static int find_user(struct od_pg_cluster *cl, struct od_err *err)
{
    cl->uid = geteuid();
    cl->gid = getegid();
    if (cl->uid != 0)
        return 0;
    const struct passwd *user = getpwnam("postgres");
    if (!user)
        return od_err_set(
            err, OD_ERR_CONFIG,
            "there is no user postgres to run PostgreSQL for root: install the Debian "
            "package postgresql");
    cl->switch_user = true;
    cl->uid = user->pw_uid;
    cl->gid = user->pw_gid;
    return check_reachable(cl, err);
}

void od_pg_cluster_run_dir(const char *data, uid_t uid, char *out, size_t size)
{
    uint8_t digest[OD_SHA256];
    char hex[OD_SHA256_HEX + 1];

    if (strlen(data) + strlen("/run" SOCKET) <= LONGEST) {
        snprintf(out, size, "%s/run", data);
        return;
    }
    od_sha256_of(od_str_of(data), digest);
    od_hex(digest, sizeof digest, hex);
    snprintf(out, size, "/tmp/orderd-%u-%.16s", (unsigned)uid, hex);
}

static int make_conninfo(char *out, size_t size, const char *run, const char *database,
                         struct od_err *err)
{
    struct od_buf b;
    od_buf_init(&b, size - 1);
    od_pg_conninfo_put(&b, "host", run);
    od_pg_conninfo_put(&b, "port", "5432");
    od_pg_conninfo_put(&b, "user", "orderd");
    od_pg_conninfo_put(&b, "dbname", database);
    bool fits = !b.overflow;
    if (fits) {
        memcpy(out, b.ptr, b.len);
        out[b.len] = '\0';
    }
    od_buf_fini(&b);
    return fits ? 0 : od_err_set(err, OD_ERR_CONFIG, "path too long: %s", run);
}

int od_pg_cluster_find(struct od_pg_cluster *cl, const char *data_dir, struct od_err *err)
{
    memset(cl, 0, sizeof *cl);
    if (od_path_make(data_dir, err) != 0)
        return -1;
    if (!realpath(data_dir, cl->data))
        return od_err_set(err, OD_ERR_IO, "%s: %s", data_dir, strerror(errno));
    if (find_user(cl, err) != 0 || join(cl->pgdata, cl->data, "pg", err) != 0 ||
        join(cl->log, cl->data, "postgres.log", err) != 0)
        return -1;
    od_pg_cluster_run_dir(cl->data, cl->uid, cl->run, sizeof cl->run);
    if (make_conninfo(cl->conninfo, sizeof cl->conninfo, cl->run, "orderd", err) != 0)
        return -1;
    return make_conninfo(cl->admin_conninfo, sizeof cl->admin_conninfo, cl->run, "postgres", err);
}

/* The system may have given the pid to somebody else since, even to another postmaster; ours has
 * the cluster as its working directory (ChangeToDataDir). */
bool od_pg_cluster_is_run_by(const struct od_pg_cluster *cl, pid_t pid)
{
    char path[32], cwd[PATH_MAX];

    if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
        return false;
    snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
    ssize_t n = readlink(path, cwd, sizeof cwd - 1);
    if (n < 0)
        return errno != ENOENT;
    cwd[n] = '\0';
    return strcmp(cwd, cl->pgdata) == 0;
}

pid_t od_pg_cluster_postmaster(const struct od_pg_cluster *cl)
{
    char path[PATH_MAX + 32];
    int pid = 0;

    snprintf(path, sizeof path, "%s/postmaster.pid", cl->pgdata);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    if (fscanf(f, "%d", &pid) != 1 || pid <= 1)
        pid = 0;
    fclose(f);
    return od_pg_cluster_is_run_by(cl, pid) ? pid : 0;
}

void od_pg_cluster_disown(const struct od_pg_cluster *cl)
{
    char path[PATH_MAX + 32], text[4096];
    int pid = 0;

    snprintf(path, sizeof path, "%s" SOCKET ".lock", cl->run);
    unlink(path);
    snprintf(path, sizeof path, "%s/postmaster.pid", cl->pgdata);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    ssize_t n = read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    const char *rest = strchr(text, '\n');
    if (rest && sscanf(text, "%d", &pid) == 1 && pid > 1 && kill(pid, 0) == 0) {
        /* A pid that cannot be: pid_max is at most 2^22 (proc(5)). */
        if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
            dprintf(fd, "%d%s", INT_MAX, rest) < 0)
            od_warn("database_pid_file", "reason=\"%s\"", strerror(errno));
    }
    close(fd);
}

int od_pg_cluster_open_log(const struct od_pg_cluster *cl, off_t *size)
{
    struct stat st;
    int fd = open(cl->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    *size = fd >= 0 && fstat(fd, &st) == 0 ? st.st_size : 0;
    return fd;
}

void od_pg_last_line(const char *path, off_t offset, char *out, size_t size)
{
    char line[1024];
    bool found = false;
    FILE *f = fopen(path, "re");

    out[0] = '\0';
    if (!f)
        return;
    fseeko(f, offset, SEEK_SET);
    while (fgets(line, sizeof line, f)) {
        const char *reason = NULL;
        static const char *const severities[] = {"PANIC: ", "FATAL: ", "error: "};
        for (size_t i = 0; i < sizeof severities / sizeof severities[0] && !reason; i++)
            reason = strstr(line, severities[i]);
        struct od_str text = od_str_trim(od_str_of(reason ? strchr(reason, ' ') : line));
        if (text.len == 0 || (found && !reason))
            continue;
        found = reason != NULL;
        snprintf(out, size, "%.*s", OD_STR_ARG(text));
    }
    fclose(f);
}
