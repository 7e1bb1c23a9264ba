#ifndef OD_PG_TRANSACTION_H
#define OD_PG_TRANSACTION_H

#include "pg/stmt.h"

/* The statements that open and close an explicit transaction. A failed one answers COMMIT with the
 * tag ROLLBACK. */
extern const struct od_pg_stmt od_pg_begin, od_pg_commit, od_pg_rollback;

#endif
