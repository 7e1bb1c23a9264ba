#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/import/import.h"
#include "cli/session.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "rules/make/rules.h"
#include "read/projection/rebuild.h"
#include "rules/make/stored.h"
#include "server/database.h"
#include "server/part_conf.h"

/* orderd import: starts an engine with the rules of the configuration, and imports through it. */

static void on_stopped(void *ctx)
{
    *(bool *)ctx = true;
}

/* An engine with the configuration's rules, up. */
static int start_engine(struct od_session *s, struct od_engine **out, struct od_err *err)
{
    struct od_engine_conf conf;
    struct od_rules *rules;
    if (od_rules_build(s->conf, &rules, err))
        return -1;
    struct od_pg_conn *conn = od_session_connect(s, err);
    od_wire_engine(s->conf, od_database_server(s->database), &conf);
    int failed = !conn || od_rules_store(&s->loop, conn, rules, err) ||
                 od_row_types_load(conn, &conf.types, err);
    if (conn)
        od_pg_conn_free_wait(conn, &s->loop);
    if (!failed) {
        *out = od_engine_new(&s->loop, &conf);
        od_engine_set_rules(*out, rules);
        while (!od_engine_ready(*out) && od_loop_run_once(&s->loop))
            ;
    }
    od_rules_unref(rules);
    return failed ? -1 : 0;
}

static int import(struct od_session *s, const struct od_import_options *options,
                  struct od_import_summary *summary, struct od_err *err)
{
    struct od_engine *engine = NULL;
    if (start_engine(s, &engine, err))
        return -1;
    int failed = od_import_run(&s->loop, engine, options, summary, err);
    bool stopped = false;
    od_engine_stop(engine, on_stopped, &stopped);
    while (!stopped && od_loop_run_once(&s->loop))
        ;
    if (!failed)
        od_import_print(summary, stdout);
    /* Lists show what was imported as soon as the command has ended. */
    return failed ? failed : od_projections_ready(&s->loop, od_database_server(s->database), err);
}

int od_cli_import(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_import_summary summary = {0};
    struct od_err err;
    struct od_import_options options = {
        .format = od_cli_option(cli, "--format"),
        .report_path = od_cli_option(cli, "--report"),
        .progress = isatty(STDERR_FILENO),
        .in_flight = 512,
    };
    if (!options.format || cli->argc != 1)
        return od_cli_misuse(cli, "needs --format and one path");
    options.path = cli->argv[0];
    int failed = od_session_open(&s, cli, true, &err) || import(&s, &options, &summary, &err);
    od_session_close(&s);
    if (failed)
        return od_cli_fail(&err);
    return summary.failed ? 1 : 0;
}
