#include "script/bundle/plugin.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "script/bundle/manifest.h"

#define FILE_MAX  (256 << 10)
#define FILES_MAX 200

static bool ends_in(const char *name, const char *ending)
{
    size_t len = strlen(name), n = strlen(ending);

    return len > n && name[0] != '.' && strcmp(name + len - n, ending) == 0;
}

static int is_lua(const struct dirent *entry)
{
    return ends_in(entry->d_name, ".lua");
}

static int is_html(const struct dirent *entry)
{
    return ends_in(entry->d_name, ".html");
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

/* Byte order: the same in every locale, unlike alphasort. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The entries of a folder, in their order, into files[*count] …; their names begin with `prefix`.
 */
static int read_files(const char *path, const char *prefix, struct dirent **entries, int n,
                      struct od_arena *a, struct od_script_file *files, uint32_t *count,
                      struct od_err *err)
{
    for (int i = 0; i < n; i++) {
        struct od_script_file *f = &files[(*count)++];
        const char *file = od_arena_printf(a, "%s/%s", path, entries[i]->d_name).ptr;

        f->name = od_arena_printf(a, "%s%s", prefix, entries[i]->d_name);
        if (read_file(file, false, a, &f->text, err) != 0)
            return -1;
    }
    return 0;
}

static void free_entries(struct dirent **entries, int n)
{
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
}

/* A folder that a plugin need not have, "tests" or "templates". */
static int read_folder(const char *path, const char *name, int (*wanted)(const struct dirent *),
                       struct od_arena *a, struct od_script_file **files, uint32_t *count,
                       struct od_err *err)
{
    const char *folder = od_arena_printf(a, "%s/%s", path, name).ptr;
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, wanted, by_name), rc;

    if (n < 0 && errno == ENOENT)
        return 0;
    if (n < 0 || n > FILES_MAX) {
        rc = od_err_set(err, n < 0 ? OD_ERR_IO : OD_ERR_LIMIT, "%s: %s", folder,
                        n < 0 ? strerror(errno) : "more files than a plugin may have");
    } else {
        *files = OD_NEW_ARRAY(a, struct od_script_file, (size_t)n);
        rc = read_files(folder, od_arena_printf(a, "%s/", name).ptr, entries, n, a, *files, count,
                        err);
    }
    free_entries(entries, n);
    return rc;
}

/* plugin.ini, which a plugin need not have, as the first of its files. */
static int read_manifest(const char *path, struct od_arena *a, struct od_plugin *out,
                         struct od_err *err)
{
    struct od_str text;

    if (read_file(od_arena_printf(a, "%s/plugin.ini", path).ptr, true, a, &text, err) != 0)
        return -1;
    if (!text.ptr)
        return 0;
    out->files[out->file_count++] = (struct od_script_file){OD_STR("plugin.ini"), text};
    return od_manifest_parse(text, a, out, err);
}

int od_script_file_cmp(const void *a, const void *b)
{
    const struct od_script_file *x = a, *y = b;
    int manifests = od_str_is(y->name, "plugin.ini") - od_str_is(x->name, "plugin.ini");

    return manifests ? manifests : od_str_cmp(x->name, y->name);
}

/* The scripts, `n` entries of the folder, and the templates, behind the manifest. */
static int read_sources(const char *path, struct dirent **entries, int n, struct od_arena *a,
                        struct od_plugin *out, struct od_err *err)
{
    struct od_script_file *templates = NULL;
    uint32_t count = 0;

    if (read_folder(path, "templates", is_html, a, &templates, &count, err) != 0)
        return -1;
    if (n == 0 && count == 0)
        return od_err_set(err, OD_ERR_SCRIPT, "plugin '%.*s': no *.lua file in %s",
                          OD_STR_ARG(out->name), path);
    out->files = OD_NEW_ARRAY(a, struct od_script_file, (size_t)n + count + 1);
    if (read_manifest(path, a, out, err) != 0 ||
        read_files(path, "", entries, n, a, out->files, &out->file_count, err) != 0)
        return -1;
    for (uint32_t i = 0; i < count; i++)
        out->files[out->file_count++] = templates[i];
    qsort(out->files, out->file_count, sizeof *out->files, od_script_file_cmp);
    return 0;
}

int od_plugin_read(const char *path, struct od_str name, struct od_arena *a, struct od_plugin *out,
                   struct od_err *err)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, is_lua, by_name), rc = -1;

    *out =
        (struct od_plugin){.name = od_arena_str(a, name), .path = od_arena_str(a, od_str_of(path))};
    if (n < 0)
        return od_err_set(err, errno == ENOENT ? OD_ERR_NOT_FOUND : OD_ERR_IO,
                          "plugin '%.*s': %s: %s", OD_STR_ARG(name), path, strerror(errno));
    if (n > FILES_MAX)
        od_err_set(err, OD_ERR_LIMIT, "plugin '%.*s': more than %d files", OD_STR_ARG(name),
                   FILES_MAX);
    else if (read_sources(path, entries, n, a, out, err) == 0 &&
             read_folder(path, "tests", is_lua, a, &out->tests, &out->test_count, err) == 0)
        rc = 0;
    free_entries(entries, n);
    return rc;
}
