#include "loop/child.h"

#include <stdlib.h>

struct od_child {
    uv_process_t uv;
    void (*on_exit)(void *ctx, int status, int signum);
    void *ctx;
    bool alive;
};

static void on_exit_cb(uv_process_t *uv, int64_t status, int signum)
{
    struct od_child *c = uv->data;
    c->alive = false;
    if (c->on_exit)
        c->on_exit(c->ctx, (int)status, signum);
}

static void on_close(uv_handle_t *handle)
{
    free(handle->data);
}

struct od_child *od_child_spawn(struct od_loop *loop, const struct od_child_options *options,
                                void (*on_exit)(void *ctx, int status, int signum), void *ctx,
                                struct od_err *err)
{
    struct od_child *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->on_exit = on_exit;
    c->ctx = ctx;
    c->uv.data = c;

    bool output = options->out_fd >= 0;
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
    for (int i = 1; i < 3 && output; i++)
        stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = options->out_fd};
    if (options->in_fd > 0)
        stdio[0] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = options->in_fd};
    if (options->err_fd > 0)
        stdio[2] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = options->err_fd};

    uv_process_options_t uv = {
        .exit_cb = on_exit_cb,
        .file = options->file,
        .args = (char **)options->argv,
        .env = (char **)options->env,
        .cwd = options->cwd,
        .stdio = stdio,
        .stdio_count = 3,
        .uid = options->uid,
        .gid = options->gid,
    };
    if (options->switch_user)
        uv.flags |= UV_PROCESS_SETUID | UV_PROCESS_SETGID;
    if (options->detached)
        uv.flags |= UV_PROCESS_DETACHED;

    int rc = uv_spawn(&loop->uv, &c->uv, &uv);
    if (rc < 0) {
        od_err_set(err, OD_ERR_IO, "cannot run %s: %s", options->file, uv_strerror(rc));
        od_child_free(c); /* uv_spawn leaves an initialised handle behind */
        return NULL;
    }
    c->alive = true;
    return c;
}

pid_t od_child_pid(const struct od_child *c)
{
    return c->uv.pid;
}

bool od_child_alive(const struct od_child *c)
{
    return c->alive;
}

void od_child_kill(struct od_child *c, int signum)
{
    if (c->alive)
        uv_process_kill(&c->uv, signum);
}

void od_child_free(struct od_child *c)
{
    if (!c)
        return;
    c->on_exit = NULL;
    if (!uv_is_closing((uv_handle_t *)&c->uv))
        uv_close((uv_handle_t *)&c->uv, on_close);
}
