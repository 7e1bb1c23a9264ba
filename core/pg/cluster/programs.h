#ifndef OD_PG_PROGRAMS_H
#define OD_PG_PROGRAMS_H

#include <limits.h>
#include <stdbool.h>

/*
 * Where PostgreSQL's programs are. Debian keeps those of each major version in a directory of its
 * own, outside PATH; elsewhere they are in PATH.
 *
 * Finds the directory that has all of programs[] (NULL-terminated): of that major version; where
 * there is none, or version is 0, the one in PATH; without a version at last Debian's newest.
 */
bool od_pg_programs_find(int version, const char *const *programs, char out[PATH_MAX]);

#endif
