#include "rules/make/files_bundle.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"

static bool path_of(const char *data_dir, const char *suffix, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/files.bundle%s", data_dir, suffix);
    return n > 0 && n < PATH_MAX;
}

bool od_files_bundle_is(const char *data_dir, const char *hash)
{
    char path[PATH_MAX], kept[OD_SHA256_HEX + 1] = "";
    FILE *f = path_of(data_dir, "", path) ? fopen(path, "re") : NULL;
    if (!f)
        return false;
    size_t n = fread(kept, 1, OD_SHA256_HEX, f);
    fclose(f);
    return n == OD_SHA256_HEX && strcmp(kept, hash) == 0;
}

void od_files_bundle_write(const char *data_dir, const char *hash)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    FILE *f = NULL;
    if (path_of(data_dir, "", path) && path_of(data_dir, ".new", fresh))
        f = fopen(fresh, "we");
    bool written = f && fprintf(f, "%s\n", hash) > 0;
    if (f && fclose(f))
        written = false;
    if (!written || rename(fresh, path))
        od_warn("files_bundle_not_kept", "directory=\"%s\" reason=\"%m\"", data_dir);
}
