#include <stdio.h>
#include <string.h>

#include "access/keys.h"
#include "access/permission.h"
#include "base/clock.h"
#include "base/digest.h"
#include "cli/access/role.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "conf/value.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "store/access/keys.h"

/* orderd key: which programs may call the API. */

struct command {
    struct od_pg_conn *conn;
    const struct od_conf *conf;
    const char *name, *role, *purpose, *scopes, *stores;
    int64_t life_ms, overlap_ms; /* life 0: without end */
    int rows;
};

static void on_rows(void *ctx, const struct od_pg_result *r)
{
    ((struct command *)ctx)->rows = r->rows;
}

static int run(struct command *c, const struct od_pg_stmt *stmt, const struct od_pg_params *p,
               struct od_err *err)
{
    return od_pg_exec_wait(c->conn, stmt, p, on_rows, c, err);
}

static void make(char key[OD_KEY_TEXT + 1], uint8_t hash[OD_SHA256])
{
    od_key_make(key);
    od_sha256_of(od_str_of(key), hash);
}

/* The key alone goes to standard output, so that a script can take it. */
static void show(const char *key)
{
    printf("%s\n", key);
    fflush(stdout);
    fprintf(stderr, "Running servers know it within %d s.\n", OD_KEYS_FRESH_MS / 1000);
}

static int insert(struct command *c, struct od_arena *a, const char *key, const uint8_t *hash,
                  struct od_err *err)
{
    struct od_str scopes = od_key_scopes(od_str_of(c->scopes), a);
    struct od_pg_params *p = od_pg_params(c->conn);
    uint64_t set = 0;
    if (scopes.ptr && od_permissions_read(scopes, &set, err))
        return -1;
    od_pg_text(p, od_str_of(c->name));
    od_pg_text(p, od_str_of(c->role));
    od_pg_bytea(p, od_str_n((const char *)hash, OD_SHA256));
    od_pg_text(p, od_str_n(key, OD_KEY_PREFIX));
    od_pg_text(p, od_str_of(c->purpose ? c->purpose : ""));
    od_pg_given_i64(p, c->life_ms / 1000);
    od_pg_text(p, scopes);
    od_key_put_stores(p, od_str_of(c->stores));
    return run(c, &od_key_insert, p, err);
}

static int add(struct command *c, struct od_err *err)
{
    char key[OD_KEY_TEXT + 1];
    uint8_t hash[OD_SHA256];
    struct od_arena arena;
    if (od_cli_role_check(c->conf, c->role, err))
        return -1;
    make(key, hash);
    od_arena_init(&arena);
    int failed = insert(c, &arena, key, hash, err);
    od_arena_fini(&arena);
    if (failed)
        return -1;
    if (c->rows == 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "there is (or was) a key named %s; choose another name", c->name);
    show(key);
    return 0;
}

static int no_key(const struct command *c, struct od_err *err)
{
    return od_err_set(err, OD_ERR_NOT_FOUND, "there is no working key named %s", c->name);
}

static int rotate(struct command *c, struct od_err *err)
{
    char key[OD_KEY_TEXT + 1];
    uint8_t hash[OD_SHA256];
    struct od_pg_params *p = od_pg_params(c->conn);
    make(key, hash);
    od_pg_text(p, od_str_of(c->name));
    od_pg_bytea(p, od_str_n((const char *)hash, sizeof hash));
    od_pg_text(p, od_str_n(key, OD_KEY_PREFIX));
    od_pg_i64(p, c->overlap_ms / 1000);
    od_pg_null(p);
    if (run(c, &od_key_rotate, p, err))
        return -1;
    if (c->rows == 0)
        return no_key(c, err);
    show(key);
    return 0;
}

static int revoke_named(struct command *c, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(c->conn);
    od_pg_text(p, od_str_of(c->name));
    od_pg_null(p);
    if (run(c, &od_key_revoke, p, err))
        return -1;
    if (c->rows == 0)
        return no_key(c, err);
    printf("revoked %s; running servers refuse it at once, and after %d s at the latest\n", c->name,
           OD_KEYS_FRESH_MS / 1000);
    return 0;
}

static void print_time(const char *what, const struct od_pg_result *r, int row, int col)
{
    struct od_buf b;
    if (od_pg_is_null(r, row, col))
        return;
    od_buf_init(&b, 64);
    od_time_format(&b, od_pg_get_time(r, row, col) / 1000000 * 1000000);
    printf("  %s %.*s", what, OD_STR_ARG(od_buf_view(&b)));
    od_buf_fini(&b);
}

static void print_list(const char *what, struct od_str list)
{
    if (list.ptr)
        printf("  %s %.*s", what, OD_STR_ARG(list));
}

static void print_keys(void *ctx, const struct od_pg_result *r)
{
    (void)ctx;
    for (int i = 0; i < r->rows; i++) {
        struct od_str purpose = od_pg_get_text(r, i, 3);
        printf("%-24.*s %-8.*s %-12.*s", OD_STR_ARG(od_pg_get_text(r, i, 0)),
               OD_STR_ARG(od_pg_get_text(r, i, 1)), OD_STR_ARG(od_pg_get_text(r, i, 4)));
        print_time("made", r, i, 2);
        print_time("expires", r, i, 5);
        print_time("used", r, i, 6);
        print_time("previous until", r, i, 7);
        print_time("previous used", r, i, 8);
        print_time("revoked", r, i, 9);
        print_list("scopes", od_pg_get_text(r, i, 10));
        print_list("stores", od_pg_get_text(r, i, 11));
        printf("%s%.*s\n", purpose.len ? "  " : "", OD_STR_ARG(purpose));
    }
}

static int list(struct command *c, struct od_err *err)
{
    return od_pg_exec_wait(c->conn, &od_keys_list, NULL, print_keys, NULL, err);
}

static const struct verb {
    const char *name;
    int arguments; /* the verb included */
    int (*run)(struct command *c, struct od_err *err);
} verbs[] = {
    {"add", 2, add}, {"list", 1, list}, {"rotate", 2, rotate}, {"revoke", 2, revoke_named}};

static const struct verb *verb_of(const struct od_cli *cli)
{
    for (size_t i = 0; cli->argc > 0 && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(cli->argv[0], verbs[i].name) == 0 && cli->argc == verbs[i].arguments)
            return &verbs[i];
    }
    return NULL;
}

static bool read_duration(const char *text, int64_t *ms)
{
    return !text || (od_conf_duration(od_str_of(text), ms) && *ms >= 0);
}

int od_cli_key(struct od_cli *cli)
{
    struct od_session s = {0};
    struct od_err err;
    struct command c = {.overlap_ms = 24 * INT64_C(3600000)};
    c.role = od_cli_option(cli, "--role");
    c.purpose = od_cli_option(cli, "--purpose");
    c.scopes = od_cli_option(cli, "--scope");
    c.stores = od_cli_option(cli, "--store");
    const char *expires = od_cli_option(cli, "--expires"),
               *overlap = od_cli_option(cli, "--overlap");
    const struct verb *verb = verb_of(cli);
    if (!verb)
        return od_cli_misuse(cli, "needs add NAME, list, rotate NAME or revoke NAME");
    if (verb->run == add && !c.role)
        return od_cli_misuse(cli, "add needs --role NAME; `orderd access roles` lists them");
    if (!read_duration(expires, &c.life_ms) || !read_duration(overlap, &c.overlap_ms))
        return od_cli_misuse(cli, "--expires and --overlap need a time like 90d or 24h");
    c.name = verb->arguments > 1 ? cli->argv[1] : "";
    int failed = od_session_open(&s, cli, verb->run == add, &err);
    c.conf = s.conf;
    c.conn = failed ? NULL : od_session_connect(&s, &err);
    failed = c.conn ? verb->run(&c, &err) : -1;
    if (c.conn)
        od_pg_conn_free_wait(c.conn, &s.loop);
    od_session_close(&s);
    return failed ? od_cli_fail(&err) : 0;
}
