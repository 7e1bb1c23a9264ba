#include "server/first_user.h"

#include <inttypes.h>
#include <stdio.h>

#include "access/keys.h"
#include "base/digest.h"
#include "base/log.h"
#include "http/server.h"
#include "pg/wait.h"
#include "server/app.h"
#include "store/access/users.h"

enum { LIFE_S = 3600 };

static void on_count(void *ctx, const struct od_pg_result *r)
{
    bool *empty = ctx;
    *empty = r->rows == 1 && od_pg_get_i64(r, 0, 0) == 0 && od_pg_get_i64(r, 0, 1) == 0;
}

static int make_link(struct od_app *app, const char *token, struct od_err *err)
{
    uint8_t hash[OD_SHA256];
    struct od_pg_params *p = od_pg_params(app->serving.query);
    od_sha256_of(od_str_of(token), hash);
    od_pg_bytea(p, od_str_n((const char *)hash, sizeof hash));
    od_pg_null(p);
    od_pg_i64(p, LIFE_S);
    return od_pg_exec_wait(app->serving.query, &od_link_insert, p, NULL, NULL, err);
}

void od_first_user_print(struct od_app *app)
{
    char token[OD_TOKEN_TEXT + 1];
    struct od_err err;
    bool empty = false;
    if (!app->keys)
        return;
    od_token_make(token);
    if (od_pg_exec_wait(app->serving.query, &od_users_count, NULL, on_count, &empty, &err) ||
        (empty && make_link(app, token, &err)))
        od_warn("first_user_unknown", "message=\"%s\"", err.message);
    else if (empty)
        printf("There are no users yet. Make the first within an hour: "
               "http://%s/auth/setup?token=%s\n",
               od_http_server_address(app->server), token);
}
