#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "feed/targets/kinds.h"
#include "loop/work.h"

/*
 * A file of JSON lines, one for each delivery, for a program of the shop's that reads it. A line
 * may be written twice when the process dies between writing it and noting that, so each carries
 * its deliveryId.
 *
 * All lines of a batch are appended at once and synced to the disk before any is said to be
 * delivered, on a thread, because disks and file systems may hang. The path is the operator's: a
 * link is followed, but only a regular file is written to, and opening never waits. A file that was
 * renamed or removed is begun anew. A line that a full disk or a crash has torn is cut off before
 * the next is appended; it was not said to be delivered.
 */

enum { AT_ONCE = 500, LINES_MAX = 64 << 20, TAIL = 4096 };
#define LINE_BEGIN "{\"deliveryId\":"

struct log_conf {
    struct od_str file;
};
/* clang-format off */
static const struct od_conf_key keys[] = {
    {"target", "file", OD_CONF_PATH, offsetof(struct log_conf, file), "", 0, 0, NULL, true, "The file. Empty: [feed] log_file, for the target named log alone."},
};
/* clang-format on */

struct log {
    struct od_loop *loop;
    const char *path;
    int fd;    /* -1: not open */
    bool busy; /* a thread has it */
    struct od_buf lines;
    struct od_delivery *batch[AT_ONCE];
    size_t count;
    const char *failed_at; /* what was tried */
    int error;             /* errno, 0: the batch is on the disk */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static int check(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err)
{
    const struct log_conf *own = t->own;
    if (own->file.len || od_str_is(t->name, "log"))
        return 0;
    return od_conf_section_refuse(c, t->section, "file", "is needed", err);
}

/* ---- on the thread */

static int fail(struct log *l, const char *what, int error)
{
    l->failed_at = what;
    l->error = error;
    return -1;
}

static void close_file(struct log *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}

/* The path leads to another file by now, or to none: whoever rotates logs has moved ours. */
static bool moved(const struct log *l)
{
    struct stat ours, there;
    return fstat(l->fd, &ours) || stat(l->path, &there) || ours.st_ino != there.st_ino ||
           ours.st_dev != there.st_dev;
}

static int open_file(struct log *l)
{
    struct stat st;
    if (l->fd >= 0 && moved(l))
        close_file(l);
    if (l->fd >= 0)
        return 0;
    l->fd = open(l->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
    if (l->fd < 0)
        return fail(l, "open", errno);
    if (fstat(l->fd, &st))
        return fail(l, "open", errno);
    if (S_ISREG(st.st_mode))
        return 0;
    close_file(l);
    return fail(l, "not a regular file", EINVAL);
}

/* Where the last line begins that has no end; size: it has one. */
static int64_t torn_at(const struct log *l, int64_t size)
{
    char tail[TAIL];
    int64_t at = size;
    while (at > 0) {
        size_t want = at < TAIL ? (size_t)at : TAIL;
        ssize_t n = pread(l->fd, tail, want, at - (int64_t)want);
        if (n != (ssize_t)want)
            return size;
        for (size_t i = want; i > 0; i--) {
            if (tail[i - 1] == '\n')
                return at - (int64_t)(want - i);
        }
        at -= (int64_t)want;
    }
    return 0;
}

/* Cuts off a line of ours that has no end; one of somebody else's is given its end. */
static int repair(struct log *l)
{
    struct stat st;
    char begin[sizeof LINE_BEGIN - 1];
    if (fstat(l->fd, &st))
        return fail(l, "stat", errno);
    int64_t at = torn_at(l, st.st_size);
    if (at == st.st_size)
        return 0;
    ssize_t n = pread(l->fd, begin, sizeof begin, at);
    size_t seen = n > 0 ? (size_t)n : 0;
    if (memcmp(begin, LINE_BEGIN, seen) == 0)
        return ftruncate(l->fd, at) ? fail(l, "truncate", errno) : 0;
    return write(l->fd, "\n", 1) == 1 ? 0 : fail(l, "write", errno);
}

/* All of the lines, or none of them. */
static int append(struct log *l)
{
    struct stat st;
    if (fstat(l->fd, &st))
        return fail(l, "stat", errno);
    for (size_t at = 0; at < l->lines.len;) {
        ssize_t n = write(l->fd, l->lines.ptr + at, l->lines.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int error = errno;
            (void)!ftruncate(l->fd, st.st_size); /* a line that stays torn is repaired later */
            return fail(l, "write", error);
        }
        at += (size_t)n;
    }
    return fdatasync(l->fd) ? fail(l, "fdatasync", errno) : 0;
}

static void run(void *ctx)
{
    struct log *l = ctx;
    l->error = 0;
    if (open_file(l) || repair(l) || append(l))
        close_file(l);
}

/* ---- on the loop */

static void end(struct log *l)
{
    void (*closed)(void *ctx) = l->closed;
    void *ctx = l->closed_ctx;
    close_file(l);
    od_buf_fini(&l->lines);
    free(l);
    closed(ctx);
}

static void on_done(void *ctx)
{
    struct log *l = ctx;
    struct od_delivery_result result = {0};
    char why[200];
    if (l->error) {
        int n = snprintf(why, sizeof why, "%s: %s", l->failed_at, strerror(l->error));
        result.outcome = OD_DELIVERY_LATER;
        result.why = od_str_n(why, (size_t)n);
    }
    size_t count = l->count;
    l->count = 0;
    l->busy = false;
    for (size_t i = 0; i < count; i++)
        od_delivery_done(l->batch[i], &result);
    if (l->closed)
        end(l);
}

static void write_line(struct od_buf *out, const struct od_delivery *d)
{
    struct od_json_writer w;
    od_jw_init(&w, out);
    od_jw_object(&w);
    od_jw_key(&w, "deliveryId");
    od_jw_i64(&w, d->delivery_id);
    od_jw_key(&w, "at");
    od_jw_time(&w, od_clock_us());
    od_jw_key(&w, "topic");
    od_jw_str(&w, d->topic);
    od_jw_key(&w, "orderId");
    od_jw_i64(&w, d->order_id);
    od_jw_key(&w, "seq");
    od_jw_i64(&w, d->seq);
    od_jw_key(&w, "hook");
    od_jw_str(&w, d->hook);
    od_jw_key(&w, "kind");
    od_jw_str(&w, d->intent);
    od_jw_key(&w, "target");
    od_jw_str(&w, d->recipient);
    od_jw_key(&w, "name");
    od_jw_str(&w, d->name);
    od_jw_key(&w, "payload");
    od_jw_raw(&w, d->payload);
    od_jw_object_end(&w);
    od_buf_char(out, '\n');
}

static void deliver(void *target, struct od_delivery *const *batch, size_t n)
{
    struct log *l = target;
    OD_ASSERT(!l->busy && n <= AT_ONCE);
    od_buf_reset(&l->lines);
    for (size_t i = 0; i < n; i++) {
        size_t before = l->lines.len;
        write_line(&l->lines, batch[i]);
        if (!l->lines.overflow) {
            l->batch[l->count++] = batch[i];
            continue;
        }
        /* There is no room for it among the others; the next batch begins with it. */
        l->lines.len = before;
        l->lines.overflow = false;
        od_delivery_done(batch[i], &(struct od_delivery_result){.outcome = OD_DELIVERY_DROPPED});
    }
    l->busy = true;
    od_work_start(l->loop, run, on_done, l);
}

static void *open_target(const struct od_target_host *host, const struct od_target_conf *conf)
{
    const struct log_conf *own = conf->own;
    struct log *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->loop = host->loop;
    l->path = own->file.len ? own->file.ptr : conf->default_file.ptr;
    l->fd = -1;
    od_buf_init(&l->lines, LINES_MAX);
    return l;
}

static void close_target(void *target, void (*closed)(void *ctx), void *ctx)
{
    struct log *l = target;
    l->closed = closed;
    l->closed_ctx = ctx;
    if (!l->busy)
        end(l);
}

const struct od_target_kind od_target_log = {
    .name = "log",
    .file_only = "it writes to a file of this machine.",
    .help = "A file of JSON lines, for a program that reads it.",
    .keys = keys,
    .key_count = sizeof keys / sizeof *keys,
    .conf_size = sizeof(struct log_conf),
    .concurrency = AT_ONCE,
    .whole = true,
    .builtin = true,
    .leaves = true,
    .check = check,
    .open = open_target,
    .deliver = deliver,
    .close = close_target,
};
