#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int od_path_make(const char *path, struct od_err *err)
{
    char part[PATH_MAX];
    int n = snprintf(part, sizeof part, "%s", path);
    if (n <= 0 || (size_t)n >= sizeof part)
        return od_err_set(err, OD_ERR_CONFIG, "a directory's name is empty or too long");
    for (char *slash = part; slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return od_err_set(err, OD_ERR_IO, "cannot make %s: %s", part, strerror(errno));
        if (slash)
            *slash = '/';
    }
    return 0;
}

int od_path_is_dir(const char *path, struct od_err *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return od_err_set(err, OD_ERR_NOT_FOUND, "there is no directory %s", path);
}
