#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_MAX = 10000 };

/* Never waits (a FIFO's other end, a terminal's carrier), and takes no terminal. */
#define CAREFUL (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int fail(struct od_err *err, enum od_err_code code, const char *path, const char *what)
{
    char origin[sizeof err->origin];
    size_t len = strlen(path);
    /* The end tells more than the beginning, and begins with a whole character of UTF-8. */
    bool cut = len >= sizeof origin;
    const char *from = cut ? path + len - (sizeof origin - sizeof "…") : path;
    while (cut && ((unsigned char)*from & 0xC0) == 0x80)
        from++;
    snprintf(origin, sizeof origin, "%s%s", cut ? "…" : "", from);
    return od_err_set_at(err, code, origin, "%s", what);
}

static int fail_errno(struct od_err *err, const char *path, int error)
{
    return fail(err, error == ENOENT ? OD_ERR_NOT_FOUND : OD_ERR_IO, path, strerror(error));
}

static const char *kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFLNK:
        return "is a symbolic link, and links are not followed here";
    case S_IFDIR:
        return "is a folder, not a regular file";
    case S_IFIFO:
        return "is a FIFO, not a regular file";
    case S_IFSOCK:
        return "is a socket, not a regular file";
    default:
        return "is a device, not a regular file";
    }
}

static bool is_component(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static const char *join(const struct od_dir *d, const char *name, struct od_arena *a)
{
    return od_arena_printf(a, "%s/%s", d->path, name).ptr;
}

static int refuse_component(const char *path, struct od_err *err)
{
    return fail(err, OD_ERR_IO, path, "is not a name in this folder");
}

/* ---- folders */

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

int od_dir_open(const char *path, struct od_arena *a, struct od_dir *out, struct od_err *err)
{
    *out = (struct od_dir){.fd = open(path, CAREFUL | O_DIRECTORY), .path = path};
    if (out->fd < 0)
        return fail_errno(err, path, errno);
    out->path = od_arena_str(a, od_str_of(path)).ptr;
    return 0;
}

int od_dir_open_in(const struct od_dir *d, const char *name, struct od_arena *a, struct od_dir *out,
                   struct od_err *err)
{
    struct stat st;
    *out = (struct od_dir){.fd = -1, .path = join(d, name, a)};
    if (!is_component(name))
        return refuse_component(out->path, err);
    out->fd = openat(d->fd, name, CAREFUL | O_DIRECTORY | O_NOFOLLOW);
    if (out->fd >= 0)
        return 0;
    int error = errno;
    if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
        return fail(err, OD_ERR_IO, out->path, kind_of(st.st_mode));
    return fail_errno(err, out->path, error);
}

void od_dir_close(struct od_dir *d)
{
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_entries(DIR *dir, const struct od_dir *d, bool (*wanted)(const char *name),
                        uint32_t max, struct od_arena *a, const char ***names, uint32_t *count,
                        struct od_err *err)
{
    size_t cap = 0, seen = 0;
    for (struct dirent *entry; errno = 0, (entry = readdir(dir)) != NULL;) {
        if (++seen > ENTRIES_MAX)
            return fail(err, OD_ERR_LIMIT, d->path, "has more than 10,000 entries");
        if (!is_component(entry->d_name) || !wanted(entry->d_name))
            continue;
        if (*count >= max)
            return fail(err, OD_ERR_LIMIT, d->path,
                        od_arena_printf(a, "has more than %u files", max).ptr);
        *names = od_arena_grow(a, *names, *count, &cap, sizeof **names);
        (*names)[(*count)++] = od_arena_str(a, od_str_of(entry->d_name)).ptr;
    }
    return errno ? fail_errno(err, d->path, errno) : 0;
}

int od_dir_list(const struct od_dir *d, bool (*wanted)(const char *name), uint32_t max,
                struct od_arena *a, const char ***names, uint32_t *count, struct od_err *err)
{
    /* A descriptor of its own: its position is not the caller's. */
    int fd = openat(d->fd, ".", CAREFUL | O_DIRECTORY);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    *names = NULL;
    *count = 0;
    if (!dir) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return fail_errno(err, d->path, error);
    }
    int failed = read_entries(dir, d, wanted, max, a, names, count, err);
    closedir(dir);
    if (!failed && *count)
        qsort(*names, *count, sizeof **names, by_bytes);
    return failed;
}

/* ---- files */

static bool same_content(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads until the end or until `room` is full; -1 with errno. */
static ssize_t read_all(int fd, char *to, size_t room)
{
    size_t len = 0;
    while (len < room) {
        ssize_t n = read(fd, to + len, room - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static int read_open(int fd, const char *path, size_t max, struct od_arena *a, struct od_str *out,
                     struct od_err *err)
{
    struct stat before, after;
    if (fstat(fd, &before) != 0)
        return fail_errno(err, path, errno);
    if (!S_ISREG(before.st_mode))
        return fail(err, OD_ERR_IO, path, kind_of(before.st_mode));
    if (before.st_size < 0 || (size_t)before.st_size > max)
        return fail(err, OD_ERR_LIMIT, path,
                    od_arena_printf(a, "is larger than %zu bytes", max).ptr);
    size_t size = (size_t)before.st_size;
    char *text = od_arena_alloc(a, size + 1);
    ssize_t n = read_all(fd, text, size + 1);
    if (n < 0 || fstat(fd, &after) != 0)
        return fail_errno(err, path, errno);
    if ((size_t)n != size || !same_content(&before, &after))
        return fail(err, OD_ERR_IO, path, "changed while it was being read; try again");
    text[size] = '\0';
    *out = od_str_n(text, size);
    return 0;
}

/* flags: 0 for a path of the operator's, O_NOFOLLOW for a name in a folder. The entry is looked at
 * before it is opened, because opening a device can already do something, and again by its
 * descriptor, because it may be another thing by then. */
static int read_at(int dir, const char *name, int flags, const char *path, size_t max,
                   struct od_arena *a, struct od_str *out, struct od_err *err)
{
    struct stat st;
    *out = OD_STR_NONE;
    if (fstatat(dir, name, &st, flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0) != 0)
        return fail_errno(err, path, errno);
    if (!S_ISREG(st.st_mode))
        return fail(err, OD_ERR_IO, path, kind_of(st.st_mode));
    int fd = openat(dir, name, CAREFUL | flags);
    if (fd < 0 && errno == ELOOP && flags & O_NOFOLLOW)
        return fail(err, OD_ERR_IO, path, kind_of(S_IFLNK));
    if (fd < 0)
        return fail_errno(err, path, errno);
    int failed = read_open(fd, path, max, a, out, err);
    close(fd);
    return failed;
}

int od_file_read_in(const struct od_dir *d, const char *name, size_t max, struct od_arena *a,
                    struct od_str *out, struct od_err *err)
{
    const char *path = join(d, name, a);
    *out = OD_STR_NONE;
    return is_component(name) ? read_at(d->fd, name, O_NOFOLLOW, path, max, a, out, err)
                              : refuse_component(path, err);
}

int od_file_read(const char *path, size_t max, struct od_arena *a, struct od_str *out,
                 struct od_err *err)
{
    return read_at(AT_FDCWD, path, 0, path, max, a, out, err);
}
