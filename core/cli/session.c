#include "cli/session.h"

#include <stdlib.h>

#include "server/database.h"
#include "conf/conf.h"
#include "pg/wait.h"
#include "store/names.h"

enum { CONNECT_MS = 30000 };

int od_session_open(struct od_session *s, const struct od_cli *cli, bool makes, struct od_err *err)
{
    s->conf = od_cli_conf(cli);
    if (!s->conf)
        exit(1);
    od_cli_quiet(s->conf);
    od_loop_init(&s->loop);
    return makes ? od_database_open(&s->loop, s->conf, &s->database, err)
                 : od_database_open_existing(&s->loop, s->conf, &s->database, err);
}

void od_session_close(struct od_session *s)
{
    od_database_close(s->database);
    od_loop_fini(&s->loop);
    od_conf_unref(s->conf);
}

struct od_pg_conn *od_session_connect(struct od_session *s, struct od_err *err)
{
    struct od_pg_conn_conf conf = {.server = od_database_server(s->database)};
    struct od_pg_conn *conn = od_pg_conn_new(&s->loop, &conf);
    if (od_pg_wait_up(conn, CONNECT_MS, err) == 0)
        return conn;
    od_pg_conn_free_wait(conn, &s->loop);
    return NULL;
}

int od_session_find_order(struct od_pg_conn *conn, const char *name, int64_t *order_id,
                          struct od_err *err)
{
    struct od_order_ref ref;
    struct od_names names;
    struct od_arena arena;
    if (!od_order_ref_parse(od_str_of(name), &ref))
        return od_err_set(err, OD_ERR_INVALID, "\"%s\" is no number, uuid or id:42 of an order",
                          name);
    *order_id = ref.order_id;
    if (*order_id)
        return 0;
    od_arena_init(&arena);
    od_names_init(&names, &arena);
    od_names_begin(&names);
    od_names_want(&names, &ref);
    od_names_send(&names, conn);
    od_pg_sync(conn, NULL, NULL);
    od_pg_wait(conn);
    int failed = od_names_found(&names, &ref, order_id, err);
    od_names_end(&names);
    od_names_fini(&names);
    od_arena_fini(&arena);
    if (!failed && !*order_id)
        return od_err_set(err, OD_ERR_NOT_FOUND, "there is no order \"%s\"", name);
    return failed;
}
