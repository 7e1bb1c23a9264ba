#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/terminal/progress.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "pg/wait.h"
#include "read/projection/projection.h"
#include "read/projection/rebuild.h"
#include "server/database.h"
#include "store/read/rebuild.h"

/* orderd projection list | rebuild NAME */

static void print_status(void *ctx, const struct od_pg_result *r)
{
    struct od_buf built;
    (void)ctx;
    if (r->rows == 0)
        return;
    od_buf_init(&built, 100);
    if (od_pg_is_null(r, 0, 3))
        od_buf_printf(&built, "never");
    else
        od_time_format(&built, od_pg_get_time(r, 0, 3));
    printf("%-10.*s %12lld %10lld %10lld  %-27.*s %8.1f MB\n", OD_STR_ARG(od_pg_get_text(r, 0, 0)),
           (long long)od_pg_get_i64(r, 0, 1), (long long)od_pg_get_i64(r, 0, 2),
           (long long)od_pg_get_i64(r, 0, 5), OD_STR_ARG(od_buf_view(&built)),
           (double)od_pg_get_i64(r, 0, 4) / 1e6);
    od_buf_fini(&built);
}

static int list(struct od_pg_conn *conn, struct od_err *err)
{
    struct od_arena a;
    int failed = 0;
    od_arena_init(&a);
    printf("%-10s %12s %10s %10s  %-27s %11s\n", "NAME", "ORDERS", "BEHIND", "UNSWEPT", "BUILT",
           "SIZE");
    for (size_t i = 0; !failed && od_projections[i]; i++) {
        struct od_pg_stmt stmt;
        od_projection_status_stmt(&stmt, &a, od_projections[i]->name, od_projections[i]->tables);
        failed = od_pg_exec_wait(conn, &stmt, NULL, print_status, NULL, err);
    }
    od_arena_fini(&a);
    return failed;
}

static int rebuild(struct od_pg_conn *conn, const char *name, struct od_err *err)
{
    int index = od_projection_find(name);
    struct od_progress progress;
    if (index < 0)
        return od_err_set(err, OD_ERR_NOT_FOUND,
                          "there is no projection %s; `orderd projection list` names them", name);
    od_progress_init(&progress, "rebuild", isatty(STDERR_FILENO));
    int failed = od_projection_rebuild(conn, od_projections[index], &progress, err);
    od_progress_end(&progress);
    if (!failed)
        printf("projection %s was made anew\n", name);
    return failed;
}

int od_cli_projection(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_pg_conn *conn = NULL;
    struct od_err err;
    bool lists = cli->argc == 1 && strcmp(cli->argv[0], "list") == 0;
    if (!lists && (cli->argc != 2 || strcmp(cli->argv[0], "rebuild") != 0))
        return od_cli_misuse(cli, "needs list, or rebuild and the name of a projection");
    int failed = od_session_open(&s, cli, false, &err) || !(conn = od_session_connect(&s, &err)) ||
                 (lists ? list(conn, &err) : rebuild(conn, cli->argv[1], &err));
    if (conn)
        od_pg_conn_free_wait(conn, &s.loop);
    od_session_close(&s);
    return failed ? od_cli_fail(&err) : 0;
}
