#ifndef OD_PG_SQLSTATE_H
#define OD_PG_SQLSTATE_H

#include <stdbool.h>

#include "base/err.h"

/* Says what an error of the database means for whoever asked (PostgreSQL manual, appendix A). */

/* True for errors that mean "later" rather than "never": timeouts, a full disk, too many
 * connections, shutdowns, read-only servers, serialization failures and deadlocks. */
bool od_pg_is_temporary(const struct od_err *err);

/* True when the same statements may succeed at once: for serialization failures, deadlocks and a
 * plan that went stale. */
bool od_pg_is_repeatable(const struct od_err *err);

/* Each is true when a constraint of that kind and name was violated: a unique one, or a check. */
bool od_pg_is_duplicate(const struct od_err *err, const char *constraint);
bool od_pg_is_check(const struct od_err *err, const char *constraint);

#endif
