#include "server/control.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"

enum { PATH_BYTES = 100, ANSWER_MAX = 64 << 10, TIMEOUT_MS = 60000 };

/* Socket paths are limited to 107 bytes, data directories are not: the directory is named by a
 * digest. */
static int make_dir(const char *data_dir, char out[PATH_BYTES], struct od_err *err)
{
    char real[4096];
    uint8_t digest[OD_SHA256];
    char hex[17];
    if (!realpath(data_dir, real))
        return od_err_set(err, OD_ERR_NOT_FOUND, "the data directory %s: %m", data_dir);
    od_sha256_of(od_str_of(real), digest);
    od_hex(digest, 8, hex);
    snprintf(out, PATH_BYTES, "/tmp/orderd-%u-%s", (unsigned)geteuid(), hex);
    if (mkdir(out, 0700) && errno != EEXIST)
        return od_err_set(err, OD_ERR_IO, "cannot make %s: %m", out);
    struct stat st;
    if (lstat(out, &st) || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
        return od_err_set(err, OD_ERR_IO, "%s must be a directory of this user with mode 0700",
                          out);
    return 0;
}

struct od_local_server *od_control_listen(struct od_loop *loop, const char *data_dir,
                                          void (*request)(void *ctx, struct od_local_request *r,
                                                          struct od_str line),
                                          void *ctx, struct od_err *err)
{
    char dir[PATH_BYTES], path[PATH_BYTES + 32];
    if (make_dir(data_dir, dir, err))
        return NULL;
    snprintf(path, sizeof path, "%s/%ld.sock", dir, (long)getpid());
    return od_local_listen(loop, path, request, ctx, err);
}

static int ask_one(const char *dir, const char *name, struct od_str line,
                   void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                   struct od_err *err)
{
    char path[PATH_BYTES + 32], *end;
    long pid = strtol(name, &end, 10);
    if (pid <= 0 || strcmp(end, ".sock") != 0)
        return 0;
    snprintf(path, sizeof path, "%s/%ld.sock", dir, pid);
    struct od_buf text;
    od_buf_init(&text, ANSWER_MAX);
    int failed = od_local_ask(path, line, TIMEOUT_MS, &text, err);
    int answered = 0;
    if (!failed) {
        answer(ctx, pid, od_buf_view(&text));
        answered = 1;
    } else if (err->code == OD_ERR_NOT_FOUND) {
        unlink(path);
    } else {
        answered = od_err_wrap(err, "the server with pid %ld", pid);
    }
    od_buf_fini(&text);
    return answered;
}

static int ask(const char *data_dir, struct od_str line, int enough,
               void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
               struct od_err *err)
{
    char dir[PATH_BYTES];
    if (make_dir(data_dir, dir, err))
        return -1;
    DIR *d = opendir(dir);
    if (!d)
        return od_err_set(err, OD_ERR_IO, "cannot read %s: %m", dir);
    int count = 0;
    struct dirent *e;
    while (count >= 0 && count < enough && (e = readdir(d))) {
        int n = ask_one(dir, e->d_name, line, answer, ctx, err);
        count = n < 0 ? -1 : count + n;
    }
    closedir(d);
    return count;
}

int od_control_ask(const char *data_dir, struct od_str line,
                   void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                   struct od_err *err)
{
    return ask(data_dir, line, INT_MAX, answer, ctx, err);
}

int od_control_ask_one(const char *data_dir, struct od_str line,
                       void (*answer)(void *ctx, long pid, struct od_str text), void *ctx,
                       struct od_err *err)
{
    return ask(data_dir, line, 1, answer, ctx, err);
}
