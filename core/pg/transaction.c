#include "pg/transaction.h"

const struct od_pg_stmt od_pg_begin = {.name = "begin", .sql = "begin"};
const struct od_pg_stmt od_pg_commit = {.name = "commit", .sql = "commit"};
const struct od_pg_stmt od_pg_rollback = {.name = "rollback", .sql = "rollback"};
