#ifndef OD_PG_CONNINFO_H
#define OD_PG_CONNINFO_H

#include "base/err.h"

/* libpq's connection strings (key=value or URI), taken apart. */

/* The same connection, with one option set to another value, or without it (value NULL); for free.
 * The string must be one that od_pg_conninfo_check accepts. */
char *od_pg_conninfo_with(const char *conninfo, const char *keyword, const char *value);

/* The value of an option, for free; NULL when it is not set in the string. */
char *od_pg_conninfo_option(const char *conninfo, const char *keyword);

#endif
