#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "server/database.h"
#include "base/money.h"
#include "conf/conf.h"
#include "loop/loop.h"
#include "order/show/export.h"
#include "pg/conn.h"
#include "pg/transaction.h"
#include "pg/wait.h"
#include "read/projection/rebuild.h"
#include "store/export.h"

/* orderd export: all orders as CSV, from one snapshot, beside a running server. */

enum { CONNECT_MS = 30000, PAGE = 200, PAGE_BYTES = 64 << 20 };

struct export
{
    const char *path;
    char part[4096]; /* what is written until it is complete; empty: standard output */
    FILE *file;
    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_buf buf;
    struct od_export rows;
    bool done, failed;
};

static const char *const setup[] = {"set jit = off", "set default_transaction_read_only = on",
                                    "set application_name = 'orderd export'", NULL};

static int open_file(struct export *x, struct od_err *err)
{
    x->file = stdout;
    if (strcmp(x->path, "-") == 0)
        return 0;
    if (snprintf(x->part, sizeof x->part, "%s.part", x->path) >= (int)sizeof x->part)
        return od_err_set(err, OD_ERR_INVALID, "the file's name is too long");
    x->file = fopen(x->part, "we");
    if (x->file)
        return 0;
    return od_err_set(err, OD_ERR_IO, "cannot write %s: %s", x->part, strerror(errno));
}

static int close_file(struct export *x, struct od_err *err)
{
    bool failed = fflush(x->file) != 0 || ferror(x->file);
    if (!x->part[0])
        return failed ? od_err_set(err, OD_ERR_IO, "cannot write: %s", strerror(errno)) : 0;
    failed = fclose(x->file) != 0 || failed;
    x->file = NULL;
    if (failed || rename(x->part, x->path) != 0)
        return od_err_set(err, OD_ERR_IO, "cannot write %s: %s", x->path, strerror(errno));
    return 0;
}

static int flush_rows(struct export *x, struct od_err *err)
{
    if (x->buf.overflow)
        return od_err_set(err, OD_ERR_LIMIT, "a page of orders is larger than %d MiB",
                          PAGE_BYTES >> 20);
    if (fwrite(x->buf.ptr, 1, x->buf.len, x->file) != x->buf.len)
        return od_err_set(err, OD_ERR_IO, "cannot write %s: %s", x->path, strerror(errno));
    od_buf_reset(&x->buf);
    return 0;
}

static void on_page(void *ctx, bool failed)
{
    struct export *x = ctx;
    x->done = true;
    x->failed = failed;
}

static int read_page(struct export *x, struct od_err *err)
{
    x->done = false;
    if (od_export_page(&x->rows, err))
        return -1;
    while (!x->done && od_loop_run_once(&x->loop))
        ;
    if (!x->done || x->failed)
        return od_err_set(err, OD_ERR_UNAVAILABLE, "the database could not be read");
    return flush_rows(x, err);
}

static int connect_database(struct export *x, struct od_err *err)
{
    struct od_pg_conn_conf conf = {.setup = setup};
    if (od_database_open_existing(&x->loop, x->conf, &x->database, err))
        return -1;
    conf.server = od_database_server(x->database);
    if (od_projections_ready(&x->loop, conf.server, err))
        return -1;
    x->conn = od_pg_conn_new(&x->loop, &conf);
    x->rows.conn = x->conn;
    return od_pg_wait_up(x->conn, CONNECT_MS, err) ||
                   od_pg_exec_wait(x->conn, &od_pg_begin_snapshot, NULL, NULL, NULL, err)
               ? -1
               : 0;
}

static int run(struct export *x, struct od_err *err)
{
    if (connect_database(x, err) || open_file(x, err))
        return -1;
    od_export_header(&x->buf, x->rows.items);
    do {
        if (read_page(x, err))
            return -1;
    } while (x->rows.more);
    return close_file(x, err);
}

static void finish(struct export *x)
{
    if (x->conn)
        od_pg_conn_free_wait(x->conn, &x->loop);
    od_database_close(x->database);
    if (x->part[0] && x->file) {
        fclose(x->file);
        remove(x->part);
    }
    od_export_fini(&x->rows);
    od_buf_fini(&x->buf);
    od_arena_fini(&x->arena);
    od_loop_fini(&x->loop);
    od_conf_unref(x->conf);
}

static int read_filter(struct export *x, struct od_cli *cli, const char *option, const char *filter,
                       struct od_err *err)
{
    const char *value = od_cli_option(cli, option);
    if (!value || od_search_filter(&x->rows.search, od_str_of(filter), od_str_of(value), err) == 0)
        return 0;
    return od_err_set(err, OD_ERR_INVALID, "%s is a time like 2026-01-01T00:00:00Z, not \"%s\"",
                      option, value);
}

int od_cli_export(struct od_cli *cli)
{
    struct export x = {0};
    struct od_err err;
    od_arena_init(&x.arena);
    od_buf_init(&x.buf, PAGE_BYTES);
    od_export_init(&x.rows);
    x.rows.search =
        (struct od_search){.arena = &x.arena, .limit = PAGE, .sort = OD_STR("createdAt")};
    x.rows.out = &x.buf;
    x.rows.ctx = &x;
    x.rows.page = on_page;
    x.rows.items = od_cli_flag(cli, "--items");
    int failed = read_filter(&x, cli, "--from", "createdAt.gte", &err) ||
                 read_filter(&x, cli, "--to", "createdAt.lt", &err);
    if (!failed && cli->argc != 1) {
        od_arena_fini(&x.arena);
        return od_cli_misuse(cli, "needs one file, or - for standard output");
    }
    x.conf = failed ? NULL : od_cli_conf(cli);
    if (!x.conf) {
        od_arena_fini(&x.arena);
        return failed ? od_cli_fail(&err) : 1;
    }
    x.path = cli->argv[0];
    od_cli_quiet(x.conf);
    od_loop_init(&x.loop);
    failed = run(&x, &err);
    finish(&x);
    if (failed)
        return od_cli_fail(&err);
    fprintf(stderr, "exported %u orders\n", x.rows.orders);
    return 0;
}
