#include "loop/loop.h"

#include <stdio.h>

#include "base/assert.h"

/* Only what was deferred before this round runs in it; the rest keeps the idle handle active. */
static void run_deferred(uv_idle_t *idle)
{
    struct od_loop *loop = idle->data;
    struct od_list round;
    od_list_init(&round);
    od_list_splice(&round, &loop->deferred);

    for (struct od_list *node; (node = od_list_shift(&round)) != NULL;) {
        struct od_deferred *d = OD_LIST_ENTRY(node, struct od_deferred, node);
        d->cb(d->ctx);
    }
    if (od_list_empty(&loop->deferred))
        uv_idle_stop(&loop->idle);
}

void od_loop_init(struct od_loop *loop)
{
    int rc = uv_loop_init(&loop->uv);
    OD_ASSERT(rc == 0);
    rc = uv_idle_init(&loop->uv, &loop->idle);
    OD_ASSERT(rc == 0);
    (void)rc;
    loop->idle.data = loop;
    od_list_init(&loop->deferred);
    loop->running = false;
}

static bool run(struct od_loop *loop, uv_run_mode mode)
{
    OD_ASSERT(!loop->running);
    loop->running = true;
    int active = uv_run(&loop->uv, mode);
    loop->running = false;
    return active != 0;
}

void od_loop_run(struct od_loop *loop)
{
    run(loop, UV_RUN_DEFAULT);
}

bool od_loop_run_once(struct od_loop *loop)
{
    return run(loop, UV_RUN_ONCE);
}

void od_loop_stop(struct od_loop *loop)
{
    uv_stop(&loop->uv);
}

static void name_leftover(uv_handle_t *handle, void *ctx)
{
    int *left = ctx;
    if (uv_is_closing(handle))
        return;
    fprintf(stderr, "od_loop_fini: a %s handle was not closed\n",
            uv_handle_type_name(uv_handle_get_type(handle)));
    (*left)++;
}

void od_loop_fini(struct od_loop *loop)
{
    int left = 0;

    while (!od_list_empty(&loop->deferred))
        run(loop, UV_RUN_NOWAIT);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    uv_walk(&loop->uv, name_leftover, &left);
    OD_ASSERT(left == 0);
    run(loop, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&loop->uv);
    OD_ASSERT(rc == 0);
    (void)rc;
}

uint64_t od_loop_now_ms(const struct od_loop *loop)
{
    return uv_now(&loop->uv);
}

void od_deferred_init(struct od_deferred *d, struct od_loop *loop, void (*cb)(void *ctx), void *ctx)
{
    od_list_init(&d->node);
    d->loop = loop;
    d->cb = cb;
    d->ctx = ctx;
}

void od_deferred_arm(struct od_deferred *d)
{
    if (!od_list_empty(&d->node))
        return;
    od_list_push(&d->loop->deferred, &d->node);
    uv_idle_start(&d->loop->idle, run_deferred);
}

void od_deferred_cancel(struct od_deferred *d)
{
    od_list_remove(&d->node);
}
