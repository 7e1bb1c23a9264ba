#include "pg/transaction.h"

const struct od_pg_stmt od_pg_begin = {.name = "begin", .sql = "begin"};
const struct od_pg_stmt od_pg_commit = {.name = "commit", .sql = "commit"};
const struct od_pg_stmt od_pg_rollback = {.name = "rollback", .sql = "rollback"};

/* Row: (lsn). A transactional message needs an id, and so a commit record that is waited for. */
const struct od_pg_stmt od_pg_witness = {
    .name = "witness",
    .sql = "select pg_logical_emit_message(true, 'orderd', '')",
};
const struct od_pg_stmt od_pg_begin_snapshot = {
    .name = "begin_snapshot", .sql = "begin isolation level repeatable read read only"};
