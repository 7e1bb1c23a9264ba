#ifndef OD_BASE_FILES_H
#define OD_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Reading folders and files that somebody else may have written, or is writing. Two kinds of names
 * are told apart:
 *
 * - A path that the operator chose (in the configuration, on the command line). Symbolic links in
 *   it are followed: deployments switch versions by them.
 * - A name found below such a folder. It is one component, never "..", and no link is followed, so
 *   nothing outside the folder can be read through it. Opening component by component with
 *   O_NOFOLLOW gives what openat2 gives with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, on every
 *   kernel and below every seccomp filter.
 *
 * Of both kinds only regular files are read, up to a maximum, and opening never waits: a FIFO
 * without a writer, a socket or a device is an error.
 *
 * Reading may wait for the disk: not on the loop while serving. Errors have the path as their
 * origin (its end, when it is long) and say what is wrong with it: OD_ERR_NOT_FOUND when there is
 * nothing of that name, OD_ERR_LIMIT when it is too large, else OD_ERR_IO.
 */

/* Folders of the operator's. */

/* Makes the directory with all its parents (mode 0755 less the umask); one that is there already is
 * fine. OD_ERR_CONFIG: the name is empty or longer than PATH_MAX. */
int od_path_make(const char *path, struct od_err *err) OD_MUST_CHECK;

/* 0 when there is such a directory, else OD_ERR_NOT_FOUND. */
int od_path_is_dir(const char *path, struct od_err *err) OD_MUST_CHECK;

struct od_dir {
    int fd;
    const char *path; /* for errors */
};

/* path: the operator's. The arena keeps the path. */
int od_dir_open(const char *path, struct od_arena *a, struct od_dir *out,
                struct od_err *err) OD_MUST_CHECK;
/* A folder in *d by its name; a link to one is an error. */
int od_dir_open_in(const struct od_dir *d, const char *name, struct od_arena *a, struct od_dir *out,
                   struct od_err *err) OD_MUST_CHECK;
void od_dir_close(struct od_dir *d);

/* The names in *d that are wanted, by their bytes; "." and ".." are not asked about. More than max
 * of them are OD_ERR_LIMIT, and so are 10,000 of any kind. */
int od_dir_list(const struct od_dir *d, bool (*wanted)(const char *name), uint32_t max,
                struct od_arena *a, const char ***names, uint32_t *count,
                struct od_err *err) OD_MUST_CHECK;

/* A file in *d by its name, whole; a NUL stands behind it. */
int od_file_read_in(const struct od_dir *d, const char *name, size_t max, struct od_arena *a,
                    struct od_str *out, struct od_err *err) OD_MUST_CHECK;
/* The same for a path of the operator's. */
int od_file_read(const char *path, size_t max, struct od_arena *a, struct od_str *out,
                 struct od_err *err) OD_MUST_CHECK;

#endif
