#ifndef OD_BASE_FILES_H
#define OD_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Reads folders and files that somebody else may have written, or is writing. There are two kinds
 * of names:
 *
 * - The operator chose a path, in the configuration or on the command line. Symbolic links in it
 *   are followed, because deployments switch versions by them.
 * - A name was found below such a folder. It is one component and never "..", and no link is
 *   followed, so nothing outside the folder can be read through it. Opening component by component
 *   with O_NOFOLLOW does what openat2 does with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, on every
 *   kernel and below every seccomp filter.
 *
 * Only regular files are read, up to a maximum. Opening never waits: a FIFO without a writer, a
 * socket and a device are errors.
 *
 * Reading may wait for the disk, so it must not happen on the loop while the process serves. An
 * error has the path as its origin, or the path's end when it is long. Its code is OD_ERR_NOT_FOUND
 * when there is nothing of that name, OD_ERR_LIMIT when the file is too large, else OD_ERR_IO.
 */

/* Paths that the operator chose. */

/* Makes the directory and all its parents, with mode 0755 less the umask. It may be there already.
 * OD_ERR_CONFIG: the name is empty or longer than PATH_MAX. */
int od_path_make(const char *path, struct od_err *err) OD_MUST_CHECK;

/* Succeeds when there is such a directory; else the error is OD_ERR_NOT_FOUND. */
int od_path_is_dir(const char *path, struct od_err *err) OD_MUST_CHECK;

struct od_dir {
    int fd;
    const char *path; /* for errors */
};

/* Opens a folder by a path that the operator chose. The arena keeps a copy of the path. */
int od_dir_open(const char *path, struct od_arena *a, struct od_dir *out,
                struct od_err *err) OD_MUST_CHECK;
/* Opens a folder in *d by its name. A symbolic link to a folder is an error. */
int od_dir_open_in(const struct od_dir *d, const char *name, struct od_arena *a, struct od_dir *out,
                   struct od_err *err) OD_MUST_CHECK;
void od_dir_close(struct od_dir *d);

/* Lists the names in *d for which `wanted` is true, sorted by their bytes. "." and ".." are left
 * out. More than max names are OD_ERR_LIMIT, and so are 10,000 entries of any kind. */
int od_dir_list(const struct od_dir *d, bool (*wanted)(const char *name), uint32_t max,
                struct od_arena *a, const char ***names, uint32_t *count,
                struct od_err *err) OD_MUST_CHECK;

/* Reads a whole file in *d by its name. A NUL stands behind its bytes. */
int od_file_read_in(const struct od_dir *d, const char *name, size_t max, struct od_arena *a,
                    struct od_str *out, struct od_err *err) OD_MUST_CHECK;
/* Does the same for a path that the operator chose. */
int od_file_read(const char *path, size_t max, struct od_arena *a, struct od_str *out,
                 struct od_err *err) OD_MUST_CHECK;

#endif
