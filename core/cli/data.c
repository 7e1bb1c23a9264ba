#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/auth.h"
#include "cli/cli.h"
#include "server/database.h"
#include "cli/import/import.h"
#include "rules/make/rules.h"
#include "rules/make/stored.h"
#include "cli/verify/verify.h"
#include "server/part_conf.h"
#include "base/digest.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "pg/conn.h"
#include "pg/wait.h"

/* import, verify, key: what works on the database from the command line. */

struct session {
    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
};

/* makes: a database where there is none. */
static int open_session(struct session *s, const struct od_cli *cli, bool makes, struct od_err *err)
{
    s->conf = od_cli_conf(cli);
    if (!s->conf)
        exit(1);
    od_cli_quiet(s->conf);
    od_loop_init(&s->loop);
    return makes ? od_database_open(&s->loop, s->conf, &s->database, err)
                 : od_database_open_existing(&s->loop, s->conf, &s->database, err);
}

static void close_session(struct session *s)
{
    od_database_close(s->database);
    od_loop_fini(&s->loop);
    od_conf_unref(s->conf);
}

static struct od_pg_conn *open_connection(struct session *s, struct od_err *err)
{
    struct od_pg_conn_conf conf = {.conninfo = od_database_conninfo(s->database)};
    struct od_pg_conn *conn = od_pg_conn_new(&s->loop, &conf);
    if (od_pg_wait_up(conn, 30000, err) == 0)
        return conn;
    od_pg_conn_free_wait(conn, &s->loop);
    return NULL;
}

static void on_stopped(void *ctx)
{
    *(bool *)ctx = true;
}

/* An engine with the configuration's rules, up. */
static int start_engine(struct session *s, struct od_engine **out, struct od_err *err)
{
    struct od_engine_conf conf;
    struct od_rules *rules;
    if (od_rules_build(s->conf, &rules, err))
        return -1;
    struct od_pg_conn *conn = open_connection(s, err);
    od_wire_engine(s->conf, od_database_conninfo(s->database), &conf);
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

static int import(struct session *s, const struct od_import_options *options,
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
    return failed;
}

int od_cli_import(struct od_cli *cli)
{
    struct session s = {0};
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
    int failed = open_session(&s, cli, true, &err) || import(&s, &options, &summary, &err);
    close_session(&s);
    if (failed)
        return od_cli_fail(&err);
    return summary.failed ? 1 : 0;
}

int od_cli_verify(struct od_cli *cli)
{
    struct session s = {0};
    struct od_verify_result result = {0};
    struct od_err err;
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    int failed = open_session(&s, cli, false, &err) ||
                 od_verify_run(&s.loop, od_database_conninfo(s.database), stdout,
                               isatty(STDERR_FILENO), &result, &err);
    close_session(&s);
    if (failed)
        return od_cli_fail(&err);
    printf("verified %llu orders, %llu differ (%llu events)\n", (unsigned long long)result.orders,
           (unsigned long long)result.differing, (unsigned long long)result.events);
    return result.differing ? 1 : 0;
}

static const uint32_t add_oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_BYTEA};
static const struct od_pg_stmt insert_key = {
    .sql = "insert into api_key (name, role, key_hash) values ($1, $2, $3)"
           " on conflict (name) do nothing",
    .nparams = 3,
    .param_oids = add_oids,
};
static const struct od_pg_stmt revoke_key = {
    .sql = "update api_key set revoked_at = now() where name = $1 and revoked_at is null",
    .nparams = 1,
    .param_oids = add_oids,
};
static const struct od_pg_stmt list_keys = {
    .sql = "select name, role, to_char(created_at at time zone 'UTC', "
           "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
           " revoked_at is not null from api_key order by name",
};

static void on_affected(void *ctx, const struct od_pg_result *r)
{
    *(int64_t *)ctx = r->affected;
}

static void on_key_list(void *ctx, const struct od_pg_result *r)
{
    (void)ctx;
    for (int i = 0; i < r->rows; i++)
        printf("%-24.*s %-8.*s %.*s%s\n", OD_STR_ARG(od_pg_get_text(r, i, 0)),
               OD_STR_ARG(od_pg_get_text(r, i, 1)), OD_STR_ARG(od_pg_get_text(r, i, 2)),
               od_pg_get_bool(r, i, 3) ? "  revoked" : "");
}

static int add_key(struct od_pg_conn *conn, const char *name, enum od_role role, struct od_err *err)
{
    char key[OD_KEY_TEXT + 1];
    uint8_t hash[OD_SHA256];
    int64_t affected = 0;
    od_key_make(key);
    od_sha256_of(od_str_of(key), hash);
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, od_str_of(name));
    od_pg_text(p, od_str_of(od_role_name(role)));
    od_pg_bytea(p, od_str_n((const char *)hash, sizeof hash));
    if (od_pg_exec_wait(conn, &insert_key, p, on_affected, &affected, err))
        return -1;
    if (affected == 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "there is (or was) a key named %s; choose another name", name);
    printf("%s\n", key);
    fflush(stdout);
    fprintf(stderr, "Running servers know it within %d s.\n", OD_KEYS_REFRESH_S);
    return 0;
}

static int revoke_named(struct od_pg_conn *conn, const char *name, struct od_err *err)
{
    int64_t affected = 0;
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, od_str_of(name));
    if (od_pg_exec_wait(conn, &revoke_key, p, on_affected, &affected, err))
        return -1;
    if (affected == 0)
        return od_err_set(err, OD_ERR_NOT_FOUND, "there is no working key named %s", name);
    printf("revoked %s; running servers refuse it within %d s\n", name, OD_KEYS_REFRESH_S);
    return 0;
}

int od_cli_key(struct od_cli *cli)
{
    struct session s = {0};
    struct od_err err;
    enum od_role role = OD_ROLE_READER;
    const char *role_name = od_cli_option(cli, "--role");
    const char *verb = cli->argc > 0 ? cli->argv[0] : "";
    bool adds = strcmp(verb, "add") == 0, revokes = strcmp(verb, "revoke") == 0;
    bool lists = strcmp(verb, "list") == 0;
    if ((!adds && !revokes && !lists) || cli->argc != (lists ? 1 : 2))
        return od_cli_misuse(cli, "needs add NAME, list or revoke NAME");
    if (adds && (!role_name || !od_role_parse(od_str_of(role_name), &role)))
        return od_cli_misuse(cli, "add needs --role reader, staff or admin");
    int failed = open_session(&s, cli, adds, &err);
    struct od_pg_conn *conn = failed ? NULL : open_connection(&s, &err);
    if (!conn)
        failed = -1;
    else if (adds)
        failed = add_key(conn, cli->argv[1], role, &err);
    else if (revokes)
        failed = revoke_named(conn, cli->argv[1], &err);
    else
        failed = od_pg_exec_wait(conn, &list_keys, NULL, on_key_list, NULL, &err);
    if (conn)
        od_pg_conn_free_wait(conn, &s.loop);
    close_session(&s);
    return failed ? od_cli_fail(&err) : 0;
}
