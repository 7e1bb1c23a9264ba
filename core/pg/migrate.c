#include "pg/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/log.h"
#include "pg/wait.h"

enum { SQL_MAX = 16 << 20, MIGRATIONS_MAX = 999 };

struct migration {
    int32_t version; /* 0: no file */
    struct od_str name;
    struct od_str sql;
    char sha256[OD_SHA256_HEX + 1];
};

struct migrations {
    struct od_arena arena;
    struct migration *files; /* [count]: files[i] has version i + 1 */
    size_t count;
    int32_t database; /* the version the database is at */
    struct od_err mismatch;
};

/* Any constant will do as long as nothing else in the database locks it: "orderd" in ASCII. */
static const struct od_pg_stmt lock = {.sql = "select pg_advisory_lock(122537101324900)"};
static const struct od_pg_stmt unlock = {.sql = "select pg_advisory_unlock(122537101324900)"};
static const struct od_pg_stmt make_table = {
    .sql = "create table if not exists schema_migration ("
           "version int4 primary key, name text not null, sha256 text not null, "
           "applied_at timestamptz not null default now())"};
static const struct od_pg_stmt read_applied = {
    .sql = "select version, name, sha256 from schema_migration order by version"};

/* "003_stock.sql" -> 3 and "stock"; anything else is not a migration. */
static bool parse_name(struct od_str file, int64_t *version, struct od_str *name)
{
    struct od_str rest = file, number;
    if (file.len < 5 || !od_str_is(od_str_slice(file, file.len - 4, file.len), ".sql") ||
        !od_str_cut(&rest, '_', &number) || !rest.ptr || number.len != 3 ||
        !od_str_to_i64(number, 1, 999, version))
        return false;
    *name = od_str_slice(rest, 0, rest.len - 4);
    for (size_t i = 0; i < name->len; i++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name->ptr[i]))
            return false;
    }
    return name->len > 0;
}

static int load_file(struct migrations *m, const struct od_dir *d, const char *file,
                     struct od_err *err)
{
    int64_t version;
    struct od_str name;
    uint8_t digest[OD_SHA256];

    if (!parse_name(od_str_of(file), &version, &name))
        return 0;
    struct migration *f = &m->files[version - 1];
    if (f->version != 0)
        return od_err_set(err, OD_ERR_CONFIG, "%s has two files with number %d", d->path,
                          (int)version);
    if (od_file_read_in(d, file, SQL_MAX, &m->arena, &f->sql, err) != 0)
        return -1;
    if (od_str_has_nul(f->sql))
        return od_err_set(err, OD_ERR_CONFIG, "%s/%s is not SQL text", d->path, file);
    f->version = (int32_t)version;
    f->name = od_arena_str(&m->arena, name);
    od_sha256_of(f->sql, digest);
    od_hex(digest, sizeof digest, f->sha256);
    if ((size_t)version > m->count)
        m->count = (size_t)version;
    return 0;
}

static bool is_migration(const char *file)
{
    int64_t version;
    struct od_str name;
    return parse_name(od_str_of(file), &version, &name);
}

static int load_from(struct migrations *m, const struct od_dir *d, struct od_err *err)
{
    const char **names;
    uint32_t count;
    int rc = od_dir_list(d, is_migration, MIGRATIONS_MAX, &m->arena, &names, &count, err);

    m->files = OD_NEW_ARRAY(&m->arena, struct migration, MIGRATIONS_MAX);
    for (uint32_t i = 0; rc == 0 && i < count; i++)
        rc = load_file(m, d, names[i], err);
    for (size_t i = 0; rc == 0 && i < m->count; i++) {
        if (m->files[i].version == 0)
            rc = od_err_set(err, OD_ERR_CONFIG, "%s has no file with number %d", d->path,
                            (int)i + 1);
    }
    if (rc == 0 && m->count == 0)
        rc = od_err_set(err, OD_ERR_CONFIG, "%s has no migrations", d->path);
    return rc;
}

static int load_files(struct migrations *m, const char *directory, struct od_err *err)
{
    struct od_dir d;
    if (od_dir_open(directory, &m->arena, &d, err) != 0)
        return -1;
    int failed = load_from(m, &d, err);
    od_dir_close(&d);
    return failed;
}

/* rows[n]: (version int4, name text, sha256 text) in order of version */
static void on_applied(void *ctx, const struct od_pg_result *r)
{
    struct migrations *m = ctx;
    for (int row = 0; row < r->rows; row++) {
        m->database = od_pg_get_i32(r, row, 0);
        if (m->database < 1 || (size_t)m->database > m->count || m->mismatch.code != OD_ERR_NONE)
            continue;
        if (!od_str_is(od_pg_get_text(r, row, 2), m->files[m->database - 1].sha256))
            od_err_set(&m->mismatch, OD_ERR_CONFIG,
                       "migration %03d_%.*s.sql has changed since it was applied to this database: "
                       "put the file back as it was, or use the orderd it came with",
                       (int)m->database, OD_STR_ARG(od_pg_get_text(r, row, 1)));
    }
}

static int apply(struct od_pg_conn *c, const struct migration *f, struct od_err *err)
{
    struct od_buf sql;
    struct od_err ignored;

    od_buf_init(&sql, 2 * SQL_MAX);
    od_buf_str(&sql, OD_STR("begin;\n"));
    od_buf_str(&sql, f->sql);
    od_buf_printf(
        &sql,
        "\n;insert into schema_migration (version, name, sha256) values (%d, '%.*s', '%s');"
        "commit",
        (int)f->version, OD_STR_ARG(f->name), f->sha256);
    od_buf_char(&sql, '\0');
    int rc = od_pg_script_wait(c, sql.ptr, err);
    od_buf_fini(&sql);
    if (rc != 0) {
        od_err_wrap(err, "migration %03d_%.*s.sql", (int)f->version, OD_STR_ARG(f->name));
        if (od_pg_script_wait(c, "rollback", &ignored) != 0)
            od_debug("rollback_failed", "reason=\"%s\"", ignored.message);
        return -1;
    }
    od_info("migration_applied", "version=%d name=%.*s", (int)f->version, OD_STR_ARG(f->name));
    return 0;
}

static int apply_missing(struct od_pg_conn *c, struct migrations *m, int *applied,
                         struct od_err *err)
{
    if (od_pg_exec_wait(c, &make_table, NULL, NULL, NULL, err) != 0 ||
        od_pg_exec_wait(c, &read_applied, NULL, on_applied, m, err) != 0)
        return -1;
    if ((size_t)m->database > m->count)
        return od_err_set(
            err, OD_ERR_CONFIG,
            "database is at version %d, this orderd knows up to %d: use a newer orderd",
            (int)m->database, (int)m->count);
    if (m->mismatch.code != OD_ERR_NONE) {
        *err = m->mismatch;
        return -1;
    }
    for (size_t i = (size_t)m->database; i < m->count; i++) {
        if (apply(c, &m->files[i], err) != 0)
            return -1;
        (*applied)++;
    }
    return 0;
}

int od_pg_migrate(struct od_pg_conn *c, const char *directory, int *applied, struct od_err *err)
{
    struct migrations m = {0};
    struct od_err ignored;
    int count = 0;

    od_arena_init(&m.arena);
    int rc = load_files(&m, directory, err);
    if (rc == 0)
        rc = od_pg_exec_wait(c, &lock, NULL, NULL, NULL, err);
    if (rc == 0) {
        rc = apply_missing(c, &m, &count, err);
        if (od_pg_exec_wait(c, &unlock, NULL, NULL, NULL, &ignored) != 0)
            od_debug("unlock_failed", "reason=\"%s\"", ignored.message);
    }
    if (applied)
        *applied = count;
    od_arena_fini(&m.arena);
    return rc;
}
