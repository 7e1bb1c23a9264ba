#ifndef OD_PG_MIGRATE_H
#define OD_PG_MIGRATE_H

#include "pg/conn.h"

/*
 * Brings the schema up to date. It applies directory/NNN_name.sql in order of NNN, each in one
 * transaction with its row in schema_migration (version int4, name text, sha256 text, applied_at
 * timestamptz). An advisory lock keeps two processes apart. It waits, like everything in pg/wait.h.
 *
 * It refuses a database that is newer than the newest file, a file whose text is not the one that
 * was applied, two files with one number, and a gap in the numbers. *applied (may be NULL) becomes
 * the number of files that were applied.
 */
int od_pg_migrate(struct od_pg_conn *c, const char *directory, int *applied,
                  struct od_err *err) OD_MUST_CHECK;

#endif
