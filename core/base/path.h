#ifndef OD_BASE_PATH_H
#define OD_BASE_PATH_H

#include "base/err.h"

/* Directories on disk. */

/* Makes the directory with all its parents (mode 0755 less the umask); one that is there already is
 * fine. OD_ERR_CONFIG: the name is empty or longer than PATH_MAX. */
int od_path_make(const char *path, struct od_err *err) OD_MUST_CHECK;

/* 0 when there is such a directory, else OD_ERR_NOT_FOUND. */
int od_path_is_dir(const char *path, struct od_err *err) OD_MUST_CHECK;

#endif
