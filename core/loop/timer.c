#include "loop/timer.h"

#include <stdlib.h>

static void on_timer(uv_timer_t *uv)
{
    struct od_timer *t = uv->data;
    t->cb(t->ctx);
}

static void on_close(uv_handle_t *handle)
{
    struct od_timer *t = handle->data;
    if (t->closed)
        t->closed(t->ctx);
}

static void on_close_heap(uv_handle_t *handle)
{
    free(handle->data);
}

void od_timer_init(struct od_timer *t, struct od_loop *loop, void (*cb)(void *ctx), void *ctx)
{
    uv_timer_init(&loop->uv, &t->uv);
    t->uv.data = t;
    t->cb = cb;
    t->closed = NULL;
    t->ctx = ctx;
}

void od_timer_start(struct od_timer *t, uint64_t after_ms, uint64_t repeat_ms)
{
    /* libuv runs a timer of 0 ms that its callback restarts again and again in one round. */
    uv_timer_start(&t->uv, on_timer, after_ms ? after_ms : 1, repeat_ms);
}

void od_timer_stop(struct od_timer *t)
{
    uv_timer_stop(&t->uv);
}

bool od_timer_active(const struct od_timer *t)
{
    return uv_is_active((const uv_handle_t *)&t->uv) != 0;
}

void od_timer_close(struct od_timer *t, void (*closed)(void *ctx))
{
    if (uv_is_closing((uv_handle_t *)&t->uv))
        return;
    t->closed = closed;
    uv_close((uv_handle_t *)&t->uv, on_close);
}

struct od_timer *od_timer_new(struct od_loop *loop, void (*cb)(void *ctx), void *ctx)
{
    struct od_timer *t = malloc(sizeof *t);
    if (!t)
        abort();
    od_timer_init(t, loop, cb, ctx);
    return t;
}

void od_timer_free(struct od_timer *t)
{
    if (t && !uv_is_closing((uv_handle_t *)&t->uv))
        uv_close((uv_handle_t *)&t->uv, on_close_heap);
}
