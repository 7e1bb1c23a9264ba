#include "rules/make/files_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/files.h"
#include "base/log.h"

#define NAME "files.bundle"

bool od_files_bundle_is(const char *data_dir, const char *hash)
{
    struct od_arena arena;
    struct od_dir d;
    struct od_str kept = OD_STR_NONE;
    struct od_err ignored; /* without a file there is no such bundle */
    od_arena_init(&arena);
    if (od_dir_open(data_dir, &arena, &d, &ignored) == 0 &&
        od_file_read_in(&d, NAME, OD_SHA256_HEX + 1, &arena, &kept, &ignored) != 0)
        kept = OD_STR_NONE;
    od_dir_close(&d);
    bool same = od_str_eq(od_str_slice(kept, 0, OD_SHA256_HEX), od_str_of(hash));
    od_arena_fini(&arena);
    return same;
}

/* A new file that takes the old one's name: it is there whole or not at all. */
static bool write_new(const struct od_dir *d, const char *hash)
{
    static const char fresh[] = NAME ".new";
    if (unlinkat(d->fd, fresh, 0) != 0 && errno != ENOENT)
        return false;
    int fd = openat(d->fd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    bool written = dprintf(fd, "%s\n", hash) > 0;
    if (close(fd) != 0)
        written = false;
    return written && renameat(d->fd, fresh, d->fd, NAME) == 0;
}

void od_files_bundle_write(const char *data_dir, const char *hash)
{
    struct od_arena arena;
    struct od_dir d;
    struct od_err err;
    od_arena_init(&arena);
    if (od_dir_open(data_dir, &arena, &d, &err) != 0)
        od_warn("files_bundle_not_kept", "directory=\"%s\" reason=\"%s\"", data_dir, err.message);
    else if (!write_new(&d, hash))
        od_warn("files_bundle_not_kept", "directory=\"%s\" reason=\"%m\"", data_dir);
    od_dir_close(&d);
    od_arena_fini(&arena);
}
