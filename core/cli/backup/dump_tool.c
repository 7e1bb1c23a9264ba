#include "cli/backup/dump_tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loop/child.h"
#include "loop/timer.h"
#include "pg/cluster/cluster.h"
#include "pg/conninfo.h"
#include "pg/cluster/programs.h"

enum { TICK_MS = 100, ARGS_MAX = 16 };

int od_dump_tools_find(int32_t server_version, char bin[PATH_MAX], struct od_err *err)
{
    static const char *const programs[] = {"pg_dump", "pg_restore", NULL};
    if (od_pg_programs_find(server_version, programs, bin) || od_pg_programs_find(0, programs, bin))
        return 0;
    return od_err_set(err, OD_ERR_CONFIG,
                      "pg_dump and pg_restore are not installed: install the Debian package "
                      "postgresql-client-%d",
                      (int)server_version);
}

struct running {
    const struct od_dump_tool *tool;
    bool over;
    int status, signum;
};

static void on_exit_tool(void *ctx, int status, int signum)
{
    struct running *r = ctx;
    r->over = true;
    r->status = status;
    r->signum = signum;
}

static void on_tick(void *ctx)
{
    struct running *r = ctx;
    if (r->tool->tick)
        r->tool->tick(r->tool->ctx);
}

static int run(struct od_loop *loop, const struct od_dump_tool *t, char *database, int err_fd,
               struct od_err *err)
{
    struct running running = {.tool = t};
    char program[PATH_MAX + 16], *argv[ARGS_MAX + 3] = {program};
    size_t n = 1;
    snprintf(program, sizeof program, "%s/%s", t->bin, t->name);
    if (database)
        argv[n++] = database;
    for (const char *const *arg = t->args; *arg && n < ARGS_MAX; arg++)
        argv[n++] = (char *)*arg;
    struct od_child_options options = {
        .file = program, .argv = argv, .in_fd = t->in_fd, .out_fd = t->out_fd, .err_fd = err_fd};
    struct od_child *child = od_child_spawn(loop, &options, on_exit_tool, &running, err);
    struct od_timer *timer = od_timer_new(loop, on_tick, &running);
    od_timer_start(timer, TICK_MS, TICK_MS);
    while (child && !running.over)
        od_loop_run_once(loop);
    od_timer_free(timer);
    od_child_free(child);
    if (!child)
        return -1;
    if (running.signum)
        return od_err_set(err, OD_ERR_IO, "%s was ended by signal %d", t->name, running.signum);
    if (running.status)
        return od_err_set(err, OD_ERR_IO, "%s ended with %d", t->name, running.status);
    return 0;
}

int od_dump_tool_run(struct od_loop *loop, const struct od_dump_tool *t, struct od_err *err)
{
    char *password = t->conninfo ? od_pg_conninfo_option(t->conninfo, "password") : NULL;
    char *shown = t->conninfo ? od_pg_conninfo_with(t->conninfo, "password", NULL) : NULL;
    char *database = NULL, path[32], reason[400];
    int rc = -1;
    int err_fd = memfd_create("stderr", MFD_CLOEXEC);
    if (err_fd < 0) {
        od_err_set(err, OD_ERR_IO, "memfd_create: %s", strerror(errno));
        goto out;
    }
    if (shown && asprintf(&database, "--dbname=%s", shown) < 0)
        abort();
    if (password) /* inherited: a command line is shown to everybody */
        setenv("PGPASSWORD", password, 1);
    rc = run(loop, t, database, err_fd, err);
    if (rc) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", err_fd);
        od_pg_last_line(path, 0, reason, sizeof reason);
        if (reason[0])
            od_err_set(err, OD_ERR_IO, "%s: %s", t->name, reason);
    }
    close(err_fd);
out:
    free(database);
    free(shown);
    free(password);
    return rc;
}
