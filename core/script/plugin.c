#include "script/plugin.h"

#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX  (256 << 10)
#define FILES_MAX 200

static int is_lua(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

/* The whole file; a missing one is absent when `optional`. */
static int read_file(const char *path, bool optional, struct od_arena *a, struct od_str *out,
                     struct od_err *err)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    char *text;
    size_t n;
    int rc = -1;

    *out = OD_STR_NONE;
    if (!f && optional && errno == ENOENT)
        return 0;
    if (!f || fstat(fileno(f), &st) != 0) {
        od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        od_err_set(err, OD_ERR_IO, "%s: not a regular file", path);
        goto out;
    }
    if (st.st_size > FILE_MAX) {
        od_err_set(err, OD_ERR_LIMIT, "%s: longer than %d bytes", path, FILE_MAX);
        goto out;
    }
    text = od_arena_alloc(a, (size_t)st.st_size + 1);
    n = fread(text, 1, (size_t)st.st_size, f);
    if (ferror(f)) {
        od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    text[n] = '\0';
    *out = od_str_n(text, n);
    rc = 0;

out:
    if (f)
        fclose(f);
    return rc;
}

struct manifest {
    struct od_plugin *plugin;
    struct od_arena *arena;
    struct od_str name;
    const char *path;
    struct od_err *err;
    bool failed;
};

/* inih goes on after a handler's error; the first one counts. */
static int on_key(void *ctx, const char *section, const char *key, const char *value)
{
    struct manifest *m = ctx;
    const struct {
        const char *key;
        struct od_str *target;
    } keys[] = {
        {"name", &m->name},
        {"version", &m->plugin->version},
        {"description", &m->plugin->description},
        {"provides", &m->plugin->provides},
    };

    if (m->failed)
        return 1;
    for (size_t i = 0; section[0] == '\0' && i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i].key) == 0) {
            *keys[i].target = od_arena_str(m->arena, od_str_of(value));
            return 1;
        }
    }
    od_err_set_at(m->err, OD_ERR_CONFIG, m->path,
                  "unknown key '%s%s%s'; known: name, version, description, provides", section,
                  section[0] ? "." : "", key);
    m->failed = true;
    return 1;
}

/* inih cuts longer lines without a word. */
static int check_line_lengths(const char *path, struct od_str text, struct od_err *err)
{
    struct od_str line;
    char origin[160];

    for (int number = 1; od_str_cut(&text, '\n', &line); number++) {
        if (line.len < 195)
            continue;
        snprintf(origin, sizeof origin, "%s:%d", path, number);
        return od_err_set_at(err, OD_ERR_CONFIG, origin, "a line of more than 195 bytes");
    }
    return 0;
}

static int read_manifest(struct od_str text, struct od_str name, struct od_arena *a,
                         struct od_plugin *out, struct od_err *err)
{
    const char *path = od_arena_printf(a, "%.*s/plugin.ini", OD_STR_ARG(name)).ptr;
    struct manifest m = {.plugin = out, .arena = a, .path = path, .err = err};
    char origin[160];
    int line;

    if (check_line_lengths(path, text, err) != 0)
        return -1;
    line = ini_parse_string(text.ptr, on_key, &m);
    if (m.failed)
        return -1;
    if (line != 0) {
        snprintf(origin, sizeof origin, "%s:%d", path, line);
        return od_err_set_at(err, OD_ERR_CONFIG, origin, "neither a comment nor `key = value`");
    }
    if (m.name.ptr && !od_str_eq(m.name, name))
        return od_err_set_at(err, OD_ERR_CONFIG, path, "names the plugin '%.*s' in a folder '%.*s'",
                             OD_STR_ARG(m.name), OD_STR_ARG(name));
    return 0;
}

static int read_scripts(const char *path, struct dirent **entries, int n, struct od_arena *a,
                        struct od_plugin *out, struct od_err *err)
{
    for (int i = 0; i < n; i++) {
        struct od_script_file *f = &out->files[out->file_count++];
        const char *file = od_arena_printf(a, "%s/%s", path, entries[i]->d_name).ptr;

        f->name = od_arena_str(a, od_str_of(entries[i]->d_name));
        if (read_file(file, false, a, &f->text, err) != 0)
            return -1;
    }
    return 0;
}

/* Byte order: the same in every locale, unlike alphasort. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int od_plugin_read(const char *path, struct od_str name, struct od_arena *a, struct od_plugin *out,
                   struct od_err *err)
{
    struct dirent **entries = NULL;
    struct od_str manifest;
    int n = scandir(path, &entries, is_lua, by_name), rc = -1;

    *out = (struct od_plugin){.name = od_arena_str(a, name)};
    if (n < 0)
        return od_err_set(err, errno == ENOENT ? OD_ERR_NOT_FOUND : OD_ERR_IO,
                          "plugin '%.*s': %s: %s", OD_STR_ARG(name), path, strerror(errno));
    if (n == 0) {
        od_err_set(err, OD_ERR_SCRIPT, "plugin '%.*s': no *.lua file in %s", OD_STR_ARG(name),
                   path);
        goto out;
    }
    if (n > FILES_MAX) {
        od_err_set(err, OD_ERR_LIMIT, "plugin '%.*s': more than %d files", OD_STR_ARG(name),
                   FILES_MAX);
        goto out;
    }
    if (read_file(od_arena_printf(a, "%s/plugin.ini", path).ptr, true, a, &manifest, err) != 0)
        goto out;
    out->files = OD_NEW_ARRAY(a, struct od_script_file, (size_t)n + 1);
    if (manifest.ptr) {
        out->files[out->file_count++] = (struct od_script_file){OD_STR("plugin.ini"), manifest};
        if (read_manifest(manifest, name, a, out, err) != 0)
            goto out;
    }
    rc = read_scripts(path, entries, n, a, out, err);

out:
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return rc;
}
