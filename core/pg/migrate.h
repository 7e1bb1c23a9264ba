#ifndef OD_PG_MIGRATE_H
#define OD_PG_MIGRATE_H

#include "pg/conn.h"

/*
 * Brings the schema up to date: applies directory/NNN_name.sql in order of NNN, each in one
 * transaction with its row in schema_migration (version int4, name text, sha256 text, applied_at
 * timestamptz). An advisory lock keeps two processes apart. Waits, like all of pg/wait.h.
 *
 * Refused: a database newer than the newest file; a file whose text is not what was applied; two
 * files of one number; a gap in the numbers. *applied (may be NULL) becomes how many files were
 * applied.
 */
int od_pg_migrate(struct od_pg_conn *c, const char *directory, int *applied,
                  struct od_err *err) OD_MUST_CHECK;

#endif
