#ifndef OD_RULES_MAKE_FILES_BUNDLE_H
#define OD_RULES_MAKE_FILES_BUNDLE_H

#include <stdbool.h>

/*
 * The bundle that the files made when this data directory's servers last took them up, at a start
 * or a reload: a file in the data directory. Files that still make it have not been edited since,
 * so a start serves what the database says, and a rollback outlasts a restart.
 */

bool od_files_bundle_is(const char *data_dir, const char *hash);
/* A failure is logged: the next start takes the files for edited. */
void od_files_bundle_write(const char *data_dir, const char *hash);

#endif
