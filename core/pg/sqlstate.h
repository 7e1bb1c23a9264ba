#ifndef OD_PG_SQLSTATE_H
#define OD_PG_SQLSTATE_H

#include <stdbool.h>

#include "base/err.h"

/* What an error of the database means for whoever asked (PostgreSQL manual, appendix A). */

/* Time-outs, a full disk, too many connections, shutdowns and read-only servers say "later", not
 * "never"; so do serialization failures and deadlocks. */
bool od_pg_is_temporary(const struct od_err *err);

/* The same statements may succeed at once: serialization failures, deadlocks, a plan that went
 * stale. */
bool od_pg_is_repeatable(const struct od_err *err);

/* A unique constraint whose name is in the message. */
bool od_pg_is_duplicate(const struct od_err *err, const char *constraint);
bool od_pg_is_check(const struct od_err *err, const char *constraint);

#endif
