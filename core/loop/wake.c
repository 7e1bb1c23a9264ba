#include "loop/wake.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct od_wake {
    uv_poll_t uv;
    int fd;
    void (*cb)(void *ctx);
    void *ctx;
};

static void on_readable(uv_poll_t *uv, int status, int events)
{
    struct od_wake *w = uv->data;
    eventfd_t count;
    (void)status, (void)events;
    (void)eventfd_read(w->fd, &count);
    w->cb(w->ctx);
}

struct od_wake *od_wake_new(struct od_loop *loop, void (*cb)(void *ctx), void *ctx)
{
    struct od_wake *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->cb = cb;
    w->ctx = ctx;
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->fd < 0 || uv_poll_init(&loop->uv, &w->uv, w->fd) ||
        uv_poll_start(&w->uv, UV_READABLE, on_readable))
        abort(); /* there are no descriptors left */
    w->uv.data = w;
    return w;
}

int od_wake_fd(const struct od_wake *w)
{
    return w->fd;
}

static void on_closed(uv_handle_t *uv)
{
    struct od_wake *w = uv->data;
    close(w->fd);
    free(w);
}

void od_wake_free(struct od_wake *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->uv, on_closed);
}
