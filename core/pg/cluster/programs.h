#ifndef OD_PG_PROGRAMS_H
#define OD_PG_PROGRAMS_H

#include <limits.h>
#include <stdbool.h>

/*
 * Where PostgreSQL's programs are. Debian keeps those of each major version in a directory of its
 * own, outside PATH; elsewhere they are in PATH.
 *
 * Finds a directory that has all of programs[] (NULL-terminated). It prefers the one of the given
 * major version, then the one in PATH. With version 0 it takes the one in PATH, then Debian's
 * newest.
 */
bool od_pg_programs_find(int version, const char *const *programs, char out[PATH_MAX]);

#endif
