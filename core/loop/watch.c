#include "loop/watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "loop/timer.h"

#define MAX_DEPTH   8
#define DEBOUNCE_MS 100
#define LONGEST_MS  1000

/* One per directory; freed by its close callback. */
struct directory {
    uv_fs_event_t uv;
    struct od_list node;
    struct od_watch *owner;
};

struct od_watch {
    struct od_loop *loop;
    struct od_timer timer;
    struct od_list directories;
    uint64_t burst_began_ms; /* 0: no burst under way */
    void (*cb)(void *ctx);
    void *ctx;
    char path[PATH_MAX];
};

static void on_directory_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_directories(struct od_list *directories)
{
    for (struct od_list *node; (node = od_list_shift(directories)) != NULL;) {
        struct directory *d = OD_LIST_ENTRY(node, struct directory, node);
        uv_close((uv_handle_t *)&d->uv, on_directory_closed);
    }
}

static void on_event(uv_fs_event_t *uv, const char *name, int events, int status)
{
    (void)name, (void)events, (void)status;
    struct od_watch *w = ((struct directory *)uv->data)->owner;
    uint64_t now = od_loop_now_ms(w->loop);

    if (w->burst_began_ms == 0)
        w->burst_began_ms = now;
    uint64_t latest = w->burst_began_ms + LONGEST_MS;
    uint64_t delay = now >= latest ? 0 : latest - now;
    od_timer_start(&w->timer, delay < DEBOUNCE_MS ? delay : DEBOUNCE_MS, 0);
}

static int watch_directory(struct od_watch *w, const char *path, struct od_err *err)
{
    struct directory *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    uv_fs_event_init(&w->loop->uv, &d->uv);
    d->uv.data = d;
    d->owner = w;
    od_list_push(&w->directories, &d->node);
    int rc = uv_fs_event_start(&d->uv, on_event, path, 0);
    if (rc < 0)
        return od_err_set(err, OD_ERR_IO, "cannot watch %s: %s", path, uv_strerror(rc));
    return 0;
}

/* Watches a directory before it reads it, so that nothing made in between is missed. */
static int scan(struct od_watch *w, const char *path, int depth, struct od_err *err)
{
    if (watch_directory(w, path, err) != 0)
        return -1;
    DIR *dir = opendir(path);
    if (!dir)
        return od_err_set(err, OD_ERR_IO, "cannot read %s: %s", path, strerror(errno));

    for (struct dirent *entry; depth < MAX_DEPTH && (entry = readdir(dir)) != NULL;) {
        char child[PATH_MAX];
        struct stat st;
        int n = snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof child)
            continue;
        /* Links are not followed, for nothing is read through them (base/files.h). */
        if (lstat(child, &st) == 0 && S_ISDIR(st.st_mode) && scan(w, child, depth + 1, err) != 0)
            od_warn("watch_failed", "reason=\"%s\"", err->message);
    }
    closedir(dir);
    return 0;
}

/* A directory removed and made again keeps its name but not its watch, so all are set up anew. The
 * old ones go after that: inotify merges two watches of one directory, and no moment is uncovered.
 */
static void on_burst_over(void *ctx)
{
    struct od_watch *w = ctx;
    struct od_list old;
    struct od_err err;

    w->burst_began_ms = 0;
    od_list_init(&old);
    od_list_splice(&old, &w->directories);
    if (scan(w, w->path, 0, &err) != 0)
        od_warn("watch_failed", "reason=\"%s\"", err.message);
    close_directories(&old);
    w->cb(w->ctx);
}

static void on_timer_closed(void *ctx)
{
    free(ctx);
}

struct od_watch *od_watch_new(struct od_loop *loop, const char *directory, void (*cb)(void *ctx),
                              void *ctx, struct od_err *err)
{
    struct od_watch *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->loop = loop;
    w->cb = cb;
    w->ctx = ctx;
    od_list_init(&w->directories);
    od_timer_init(&w->timer, loop, on_burst_over, w);

    int n = snprintf(w->path, sizeof w->path, "%s", directory);
    if (n < 0 || (size_t)n >= sizeof w->path)
        od_err_set(err, OD_ERR_INVALID, "directory name too long");
    else if (scan(w, w->path, 0, err) == 0)
        return w;
    od_watch_free(w);
    return NULL;
}

/* The timer's close callback frees w; an event cannot come any more once its handle is closing. */
void od_watch_free(struct od_watch *w)
{
    if (!w)
        return;
    close_directories(&w->directories);
    od_timer_close(&w->timer, on_timer_closed);
}
