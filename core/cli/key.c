#include <stdio.h>

#include "access/keys.h"
#include "access/role.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "base/digest.h"
#include "pg/wait.h"
#include "store/api_keys.h"

/* orderd key: who may call the API. */

struct answer {
    int rows;
    struct od_err err; /* code NONE: there was none */
};

static void on_answer(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct answer *a = ctx;
    if (err)
        a->err = *err;
    else
        a->rows = r->rows;
}

/* The outcome of the statement that was sent. */
static int finish(struct od_pg_conn *conn, const struct answer *a, struct od_err *err)
{
    od_pg_sync(conn, NULL, NULL);
    od_pg_wait(conn);
    if (a->err.code == OD_ERR_NONE)
        return 0;
    *err = a->err;
    return -1;
}

static int add(struct od_pg_conn *conn, const char *name, const char *role, struct od_err *err)
{
    char key[OD_KEY_TEXT + 1];
    uint8_t hash[OD_SHA256];
    struct answer a = {0};
    od_key_make(key);
    od_sha256_of(od_str_of(key), hash);
    od_key_insert(conn, od_str_of(name), od_str_of(role), od_str_n((const char *)hash, sizeof hash),
                  on_answer, &a);
    if (finish(conn, &a, err))
        return -1;
    if (a.rows == 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "there is (or was) a key named %s; choose another name", name);
    printf("%s\n", key);
    fflush(stdout);
    fprintf(stderr, "Running servers know it within %d s.\n", OD_KEYS_FRESH_MS / 1000);
    return 0;
}

static int revoke_named(struct od_pg_conn *conn, const char *name, struct od_err *err)
{
    struct answer a = {0};
    od_key_revoke(conn, od_str_of(name), on_answer, &a);
    if (finish(conn, &a, err))
        return -1;
    if (a.rows == 0)
        return od_err_set(err, OD_ERR_NOT_FOUND, "there is no working key named %s", name);
    printf("revoked %s; running servers refuse it at once, and after %d s at the latest\n", name,
           OD_KEYS_FRESH_MS / 1000);
    return 0;
}

static void on_list(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    on_answer(ctx, r, err);
    for (int i = 0; !err && i < r->rows; i++)
        printf("%-24.*s %-8.*s %.*s%s\n", OD_STR_ARG(od_pg_get_text(r, i, 0)),
               OD_STR_ARG(od_pg_get_text(r, i, 1)), OD_STR_ARG(od_pg_get_text(r, i, 2)),
               od_pg_get_bool(r, i, 3) ? "  revoked" : "");
}

static int list(struct od_pg_conn *conn, struct od_err *err)
{
    struct answer a = {0};
    od_keys_list(conn, on_list, &a);
    return finish(conn, &a, err);
}

static int check_role(const struct od_conf *conf, const char *name, struct od_err *err)
{
    struct od_roles *roles;
    if (od_roles_new(conf, &roles, err))
        return -1;
    bool known = od_roles_find(roles, od_str_of(name)) != NULL;
    od_roles_unref(roles);
    return known ? 0
                 : od_err_set(err, OD_ERR_INVALID,
                              "there is no role %s; `orderd access roles` lists them", name);
}

int od_cli_key(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_err err;
    const char *role = od_cli_option(cli, "--role");
    const char *verb = cli->argc > 0 ? cli->argv[0] : "";
    bool adds = strcmp(verb, "add") == 0, revokes = strcmp(verb, "revoke") == 0;
    bool lists = strcmp(verb, "list") == 0;
    if ((!adds && !revokes && !lists) || cli->argc != (lists ? 1 : 2))
        return od_cli_misuse(cli, "needs add NAME, list or revoke NAME");
    if (adds && !role)
        return od_cli_misuse(cli, "add needs --role NAME; `orderd access roles` lists them");
    int failed = od_session_open(&s, cli, adds, &err);
    if (!failed && adds)
        failed = check_role(s.conf, role, &err);
    struct od_pg_conn *conn = failed ? NULL : od_session_connect(&s, &err);
    if (!conn)
        failed = -1;
    else if (adds)
        failed = add(conn, cli->argv[1], role, &err);
    else if (revokes)
        failed = revoke_named(conn, cli->argv[1], &err);
    else
        failed = list(conn, &err);
    if (conn)
        od_pg_conn_free_wait(conn, &s.loop);
    od_session_close(&s);
    return failed ? od_cli_fail(&err) : 0;
}
