#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "access/keys.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mail/address.h"
#include "cli/access/role.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "conf/conf.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "store/access/users.h"

/* orderd user: which people may log in. Nobody types a password here: whoever is added or reset
 * gets a one-time link by which he chooses his own. */

struct command {
    const struct od_conf *conf;
    struct od_pg_conn *conn;
    const char *email, *role, *name;
    bool totp; /* reset gives up the second factor as well */
    int64_t user_id;
};

static void on_id(void *ctx, const struct od_pg_result *r)
{
    struct command *c = ctx;
    c->user_id = r->rows == 1 ? od_pg_get_i64(r, 0, 0) : 0;
}

/* Fills user_id. */
static int find(struct command *c, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(c->conn);
    od_pg_text(p, od_str_of(c->email));
    od_pg_null(p);
    if (od_pg_exec_wait(c->conn, &od_user_find, p, on_id, c, err))
        return -1;
    return c->user_id ? 0 : od_err_set(err, OD_ERR_NOT_FOUND, "there is no user %s", c->email);
}

static int print_link(struct command *c, struct od_err *err)
{
    char token[OD_TOKEN_TEXT + 1];
    uint8_t hash[OD_SHA256];
    struct od_pg_params *p = od_pg_params(c->conn);
    od_token_make(token);
    od_sha256_of(od_str_of(token), hash);
    od_pg_bytea(p, od_str_n((const char *)hash, sizeof hash));
    od_pg_i64(p, c->user_id);
    od_pg_i64(p, c->conf->auth.link_life_ms / 1000);
    if (od_pg_exec_wait(c->conn, &od_link_insert, p, NULL, NULL, err))
        return -1;
    printf("http://%.*s/auth/reset?token=%s\n", OD_STR_ARG(c->conf->server.listen.text), token);
    fflush(stdout);
    fprintf(stderr,
            "Give this link to %s. It works once, for %" PRId64
            " minutes, and where the server is reached under another address, with that.\n",
            c->email, c->conf->auth.link_life_ms / 60000);
    return 0;
}

static int add(struct command *c, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(c->conn);
    if (od_cli_role_check(c->conf, c->role, err))
        return -1;
    if (!od_mail_address_valid(od_str_of(c->email)))
        return od_err_set(err, OD_ERR_INVALID, "%s is not an e-mail address", c->email);
    od_pg_text(p, od_str_of(c->email));
    od_pg_text(p, od_str_of(c->name ? c->name : ""));
    od_pg_text(p, od_str_of(c->role));
    if (od_pg_exec_wait(c->conn, &od_user_insert, p, on_id, c, err))
        return -1;
    if (!c->user_id)
        return od_err_set(err, OD_ERR_INVALID, "there is a user %s", c->email);
    return print_link(c, err);
}

static int change(struct command *c, const char *role, const bool *disabled, struct od_err *err)
{
    if (find(c, err))
        return -1;
    struct od_pg_params *p = od_pg_params(c->conn);
    od_pg_i64(p, c->user_id);
    od_pg_null(p);
    od_pg_text(p, od_str_of(role));
    if (disabled)
        od_pg_bool(p, *disabled);
    else
        od_pg_null(p);
    od_pg_null(p);
    return od_pg_exec_wait(c->conn, &od_user_change, p, NULL, NULL, err);
}

static int set_role(struct command *c, struct od_err *err)
{
    if (od_cli_role_check(c->conf, c->role, err) || change(c, c->role, NULL, err))
        return -1;
    printf("%s has the role %s now; running servers know it at once\n", c->email, c->role);
    return 0;
}

static int disable(struct command *c, struct od_err *err)
{
    static const bool yes = true;
    if (change(c, NULL, &yes, err))
        return -1;
    printf("%s cannot log in any more; all sessions have ended\n", c->email);
    return 0;
}

static int enable(struct command *c, struct od_err *err)
{
    static const bool no = false;
    if (change(c, NULL, &no, err))
        return -1;
    printf("%s can log in again\n", c->email);
    return 0;
}

static int reset(struct command *c, struct od_err *err)
{
    if (find(c, err))
        return -1;
    struct od_pg_params *p = od_pg_params(c->conn);
    od_pg_i64(p, c->user_id);
    if (c->totp && od_pg_exec_wait(c->conn, &od_totp_end, p, NULL, NULL, err))
        return -1;
    return print_link(c, err);
}

static void print_users(void *ctx, const struct od_pg_result *r)
{
    (void)ctx;
    for (int i = 0; i < r->rows; i++) {
        struct od_buf b;
        od_buf_init(&b, 64);
        if (!od_pg_is_null(r, i, 5))
            od_time_format(&b, od_pg_get_time(r, i, 5) / 1000000 * 1000000);
        printf("%-32.*s %-12.*s %-20.*s%s%s%s\n", OD_STR_ARG(od_pg_get_text(r, i, 1)),
               OD_STR_ARG(od_pg_get_text(r, i, 3)),
               OD_STR_ARG(b.len ? od_buf_view(&b) : OD_STR("never")),
               od_pg_get_bool(r, i, 7) ? "" : "  no password yet",
               od_pg_get_bool(r, i, 8) ? "  second factor" : "",
               od_pg_is_null(r, i, 6) ? "" : "  disabled");
        od_buf_fini(&b);
    }
}

static int list(struct command *c, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(c->conn);
    od_pg_null(p);
    return od_pg_exec_wait(c->conn, &od_users_list, p, print_users, NULL, err);
}

static const struct verb {
    const char *name;
    int arguments; /* the verb included */
    int (*run)(struct command *c, struct od_err *err);
} verbs[] = {
    {"add", 2, add},     {"list", 1, list},       {"role", 3, set_role},
    {"reset", 2, reset}, {"disable", 2, disable}, {"enable", 2, enable},
};

static const struct verb *verb_of(const struct od_cli *cli)
{
    for (size_t i = 0; cli->argc > 0 && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(cli->argv[0], verbs[i].name) == 0 && cli->argc == verbs[i].arguments)
            return &verbs[i];
    }
    return NULL;
}

int od_cli_user(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_err err;
    struct command c = {0};
    c.role = od_cli_option(cli, "--role");
    c.name = od_cli_option(cli, "--name");
    c.totp = od_cli_flag(cli, "--totp");
    const struct verb *verb = verb_of(cli);
    if (!verb)
        return od_cli_misuse(cli, "needs add EMAIL, list, role EMAIL ROLE, reset EMAIL, disable "
                                  "EMAIL or enable EMAIL");
    if (verb->run == set_role)
        c.role = cli->argv[2];
    if (verb->run == add && !c.role)
        return od_cli_misuse(cli, "add needs --role NAME; `orderd access roles` lists them");
    c.email = verb->arguments > 1 ? cli->argv[1] : "";
    int failed = od_session_open(&s, cli, verb->run == add, &err);
    c.conf = s.conf;
    c.conn = failed ? NULL : od_session_connect(&s, &err);
    failed = c.conn ? verb->run(&c, &err) : -1;
    if (c.conn)
        od_pg_conn_free_wait(c.conn, &s.loop);
    od_session_close(&s);
    return failed ? od_cli_fail(&err) : 0;
}
