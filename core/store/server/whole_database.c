#include "store/server/whole_database.h"

#include "base/buf.h"
#include "pg/wait.h"

enum { SQL_MAX = 65536 };

static const struct od_pg_stmt select_facts = {
    .sql = "select current_database()::text, current_setting('server_version_num')::int4 / 10000,"
           " (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
           " where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname !~ '^pg_'"
           " and n.nspname <> 'information_schema'),"
           " pg_database_size(current_database()),"
           " count(a.pid), min(format('pid %s (%s)', a.pid, a.application_name))"
           " from (select) one left join pg_stat_activity a on a.datname = current_database()"
           " and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'",
};

struct look {
    struct od_arena *arena;
    struct od_whole_database *out;
};

static void read_facts(void *ctx, const struct od_pg_result *r)
{
    struct look *l = ctx;
    *l->out = (struct od_whole_database){
        .name = od_arena_str(l->arena, od_pg_get_text(r, 0, 0)),
        .server_version = od_pg_get_i32(r, 0, 1),
        .tables = od_pg_get_i64(r, 0, 2),
        .bytes = od_pg_get_i64(r, 0, 3),
        .sessions = od_pg_get_i64(r, 0, 4),
    };
    if (!od_pg_is_null(r, 0, 5))
        l->out->session = od_arena_str(l->arena, od_pg_get_text(r, 0, 5));
}

int od_whole_database_look(struct od_pg_conn *conn, struct od_arena *a,
                           struct od_whole_database *out, struct od_err *err)
{
    struct look look = {a, out};
    return od_pg_exec_wait(conn, &select_facts, NULL, read_facts, &look, err);
}

/* "name", its quotes doubled. */
static void put_name(struct od_buf *b, struct od_str name)
{
    od_buf_char(b, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"')
            od_buf_char(b, '"');
        od_buf_char(b, name.ptr[i]);
    }
    od_buf_char(b, '"');
}

static int run(struct od_pg_conn *conn, struct od_buf *sql, struct od_err *err)
{
    od_buf_char(sql, '\0');
    int rc = sql->overflow ? od_err_set(err, OD_ERR_LIMIT, "the database's name is too long")
                           : od_pg_script_wait(conn, sql->ptr, err);
    od_buf_fini(sql);
    return rc;
}

static void read_locale(void *ctx, const struct od_pg_result *r)
{
    od_buf_str(ctx, od_pg_get_text(r, 0, 0));
}

int od_whole_database_make_beside(struct od_pg_conn *conn, struct od_str name, struct od_err *err)
{
    static const struct od_pg_stmt locale = {
        .sql = "select format(' template template0 encoding %L lc_collate %L lc_ctype %L',"
               " pg_encoding_to_char(encoding), datcollate, datctype)"
               " from pg_database where datname = current_database()"};
    struct od_buf sql;
    if (od_whole_database_drop(conn, name, err))
        return -1;
    od_buf_init(&sql, SQL_MAX);
    od_buf_str(&sql, OD_STR("create database "));
    put_name(&sql, name);
    if (od_pg_exec_wait(conn, &locale, NULL, read_locale, &sql, err)) {
        od_buf_fini(&sql);
        return -1;
    }
    return run(conn, &sql, err);
}

int od_whole_database_swap(struct od_pg_conn *conn, struct od_str old, struct od_str fresh,
                           struct od_str replaced, struct od_err *err)
{
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    od_buf_str(&sql, OD_STR("begin; alter database "));
    put_name(&sql, old);
    od_buf_str(&sql, OD_STR(" rename to "));
    put_name(&sql, replaced);
    od_buf_str(&sql, OD_STR("; alter database "));
    put_name(&sql, fresh);
    od_buf_str(&sql, OD_STR(" rename to "));
    put_name(&sql, old);
    od_buf_str(&sql, OD_STR("; commit"));
    return run(conn, &sql, err);
}

int od_whole_database_drop(struct od_pg_conn *conn, struct od_str name, struct od_err *err)
{
    struct od_buf sql;
    od_buf_init(&sql, SQL_MAX);
    od_buf_str(&sql, OD_STR("drop database if exists "));
    put_name(&sql, name);
    return run(conn, &sql, err);
}

int od_whole_database_analyze(struct od_pg_conn *conn, struct od_err *err)
{
    return od_pg_script_wait(conn, "analyze", err);
}
