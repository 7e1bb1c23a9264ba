#ifndef OD_RULES_MAKE_FILES_BUNDLE_H
#define OD_RULES_MAKE_FILES_BUNDLE_H

#include <stdbool.h>

/*
 * A file in the data directory keeps the hash of the bundle that the rules' files made at the last
 * start or reload. While the files still make that bundle, nobody has edited them. Then a start
 * serves what the database says, so a rollback outlasts a restart.
 */

bool od_files_bundle_is(const char *data_dir, const char *hash);
/* A failure is logged. Then the next start takes the files for edited. */
void od_files_bundle_write(const char *data_dir, const char *hash);

#endif
