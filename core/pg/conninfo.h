#ifndef OD_PG_CONNINFO_H
#define OD_PG_CONNINFO_H

#include "base/err.h"

struct od_buf;

/* Makes libpq's connection strings (key=value) and takes them (also URIs) apart. */

/* Appends an option to a connection string of key=value. */
void od_pg_conninfo_put(struct od_buf *b, const char *keyword, const char *value);

/* Returns the same connection string with one option set to another value, or without the option
 * when value is NULL. The string must be one that od_pg_conninfo_check accepts. The caller frees
 * the result. */
char *od_pg_conninfo_with(const char *conninfo, const char *keyword, const char *value);

/* Returns the value of an option, which the caller frees; NULL when the string does not set it. */
char *od_pg_conninfo_option(const char *conninfo, const char *keyword);

#endif
