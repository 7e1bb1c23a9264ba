#include "pg/cluster/programs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

#define VERSIONS "/usr/lib/postgresql"

static bool has(const char *dir, const char *const *programs)
{
    char path[PATH_MAX];
    for (; *programs; programs++) {
        int n = snprintf(path, sizeof path, "%s/%s", dir, *programs);
        if (n < 0 || (size_t)n >= sizeof path || access(path, X_OK) != 0)
            return false;
    }
    return true;
}

static bool find_version(int64_t version, const char *const *programs, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, VERSIONS "/%d/bin", (int)version);
    return has(out, programs);
}

static bool find_in_path(const char *const *programs, char out[PATH_MAX])
{
    struct od_str rest = od_str_of(getenv("PATH")), dir;
    while (od_str_cut(&rest, ':', &dir)) {
        snprintf(out, PATH_MAX, "%.*s", OD_STR_ARG(dir));
        if (dir.len > 0 && has(out, programs))
            return true;
    }
    return false;
}

static bool find_newest(const char *const *programs, char out[PATH_MAX])
{
    int64_t best = 0, version;
    DIR *dir = opendir(VERSIONS);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (od_str_to_i64(od_str_of(entry->d_name), best + 1, 1000, &version) &&
            find_version(version, programs, out))
            best = version;
    }
    if (dir)
        closedir(dir);
    return best > 0 && find_version(best, programs, out);
}

bool od_pg_programs_find(int version, const char *const *programs, char out[PATH_MAX])
{
    if (version > 0 && find_version(version, programs, out))
        return true;
    return find_in_path(programs, out) || (version == 0 && find_newest(programs, out));
}
