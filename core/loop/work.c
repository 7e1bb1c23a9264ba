#include "loop/work.h"

#include <stdlib.h>

#include "base/arena.h"

struct work {
    uv_work_t uv;
    void (*run)(void *ctx);
    void (*done)(void *ctx);
    void *ctx;
};

static void on_thread(uv_work_t *uv)
{
    struct work *w = uv->data;
    w->run(w->ctx);
    od_arena_pool_trim(); /* this thread's; it may not be asked again */
}

static void on_loop(uv_work_t *uv, int status)
{
    struct work *w = uv->data;
    void (*done)(void *ctx) = w->done;
    void *ctx = w->ctx;
    (void)status; /* nobody cancels it */
    free(w);
    done(ctx);
}

void od_work_start(struct od_loop *loop, void (*run)(void *ctx), void (*done)(void *ctx), void *ctx)
{
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->uv.data = w;
    w->run = run;
    w->done = done;
    w->ctx = ctx;
    if (uv_queue_work(&loop->uv, &w->uv, on_thread, on_loop))
        abort(); /* only for a NULL callback */
}

unsigned od_work_cores(void)
{
    return uv_available_parallelism();
}
