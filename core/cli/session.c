#include "cli/session.h"

#include <stdlib.h>

#include "server/database.h"
#include "conf/conf.h"
#include "pg/wait.h"

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
