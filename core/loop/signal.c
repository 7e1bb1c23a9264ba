#include "loop/signal.h"

#include <signal.h>
#include <stdlib.h>

static const int watched[] = {SIGTERM, SIGINT, SIGHUP};
#define WATCHED (sizeof watched / sizeof watched[0])

struct od_signals {
    uv_signal_t handles[WATCHED];
    size_t open;
    void (*cb)(void *ctx, int signum);
    void *ctx;
};

static void on_signal(uv_signal_t *handle, int signum)
{
    struct od_signals *s = handle->data;
    s->cb(s->ctx, signum);
}

static void on_close(uv_handle_t *handle)
{
    struct od_signals *s = handle->data;
    if (--s->open == 0)
        free(s);
}

struct od_signals *od_signals_new(struct od_loop *loop, void (*cb)(void *ctx, int signum),
                                  void *ctx, struct od_err *err)
{
    struct od_signals *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->cb = cb;
    s->ctx = ctx;

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < WATCHED; i++) {
        uv_signal_init(&loop->uv, &s->handles[i]);
        s->handles[i].data = s;
        s->open++;
        int rc = uv_signal_start(&s->handles[i], on_signal, watched[i]);
        if (rc < 0) {
            od_err_set(err, OD_ERR_IO, "cannot watch for signals: %s", uv_strerror(rc));
            od_signals_free(s);
            return NULL;
        }
    }
    return s;
}

void od_signals_free(struct od_signals *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->open; i++)
        uv_close((uv_handle_t *)&s->handles[i], on_close);
}
