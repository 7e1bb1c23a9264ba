#include "server/database.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/part_conf.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/files.h"
#include "conf/conf.h"
#include "pg/migrate.h"
#include "pg/cluster/private.h"
#include "pg/server.h"
#include "pg/wait.h"
#include "store/server/position.h"

/* A private cluster has one host, but its clock is looked at. */
enum { CONNECT_TIMEOUT_MS = 30000, CLOCK_MS = 30000 };

struct od_database {
    struct od_pg_private *cluster; /* NULL: the user's own server */
    struct od_pg_server *server;
};

/* Beside the sources in a build tree, else where they were installed. */
static const char *migrations_dir(void)
{
    static const char *const source = OD_SOURCE_DIR "/core/store/migrations";
    return access(source, R_OK) == 0 ? source : "/usr/share/orderd/migrations";
}

int od_database_prepare(struct od_loop *loop, struct od_pg_server *server, struct od_err *err)
{
    struct od_pg_conn_conf conf = {.server = server};
    struct od_pg_conn *conn = od_pg_conn_new(loop, &conf);
    int applied = 0;
    int failed = od_pg_wait_up(conn, CONNECT_TIMEOUT_MS, err) ||
                 od_pg_migrate(conn, migrations_dir(), &applied, err) ||
                 od_position_settle(loop, server, err);
    od_pg_conn_free_wait(conn, loop);
    if (!failed && applied)
        od_info("migrated", "files=%d", applied);
    return failed ? -1 : 0;
}

int od_database_reach(struct od_loop *loop, const struct od_conf *conf, struct od_database **out,
                      struct od_err *err)
{
    struct od_database *d = calloc(1, sizeof *d);
    const char *url = od_wire_database_url(conf);
    char file[PATH_MAX];
    if (!d)
        abort();
    *out = d;
    if (!url) {
        d->cluster = od_pg_private_start(loop, conf->database.data_dir.ptr, err);
        if (!d->cluster)
            return -1;
        url = od_pg_private_conninfo(d->cluster);
    } else if (od_pg_conninfo_check(url, err)) {
        return od_err_wrap(err, "database.url");
    } else if (od_path_make(conf->database.data_dir.ptr, err)) {
        return -1;
    }
    snprintf(file, sizeof file, "%s/server", conf->database.data_dir.ptr);
    d->server = od_pg_server_new(loop, url, d->cluster ? NULL : file);
    if (!d->cluster &&
        od_pg_server_choose(d->server, (uint32_t)conf->database.connect_timeout_ms, err))
        return -1;
    return 0;
}

int od_database_open(struct od_loop *loop, const struct od_conf *conf, struct od_database **out,
                     struct od_err *err)
{
    if (od_database_reach(loop, conf, out, err))
        return -1;
    return od_database_prepare(loop, (*out)->server, err);
}

int od_database_exists(const struct od_conf *conf, struct od_err *err)
{
    char made[PATH_MAX];
    const char *dir = conf->database.data_dir.ptr;
    snprintf(made, sizeof made, "%s/pg/PG_VERSION", dir);
    /* Only a name that is not there tells: whoever may not look is told so by the opening. */
    if (!od_wire_database_url(conf) && access(made, F_OK) != 0 && errno == ENOENT)
        return od_err_set(err, OD_ERR_NOT_FOUND,
                          "there is no database in %s; start the server once, or check "
                          "database.data_dir",
                          dir);
    return 0;
}

int od_database_open_existing(struct od_loop *loop, const struct od_conf *conf,
                              struct od_database **out, struct od_err *err)
{
    return od_database_exists(conf, err) || od_database_open(loop, conf, out, err) ? -1 : 0;
}

const char *od_database_conninfo(const struct od_database *d)
{
    return od_pg_server_conninfo(d->server);
}

struct od_pg_server *od_database_server(const struct od_database *d)
{
    return d->server;
}

void od_database_watch(struct od_database *d, const struct od_conf *conf)
{
    od_pg_server_watch(d->server, d->cluster ? CLOCK_MS : (uint32_t)conf->database.watch_ms);
}

void od_database_check(struct od_database *d)
{
    if (d->cluster)
        od_pg_private_check(d->cluster);
}

void od_database_close(struct od_database *d)
{
    if (!d)
        return;
    od_pg_server_free(d->server);
    od_pg_private_stop(d->cluster);
    free(d);
}
