#include "script/bundle/plugin.h"

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "script/bundle/manifest.h"

enum { FILE_MAX = 256 << 10, FILES_MAX = 200 };

static bool ends_in(const char *name, const char *ending)
{
    size_t len = strlen(name), n = strlen(ending);

    return len > n && name[0] != '.' && strcmp(name + len - n, ending) == 0;
}

static bool is_lua(const char *name)
{
    return ends_in(name, ".lua");
}

static bool is_html(const char *name)
{
    return ends_in(name, ".html");
}

static bool is_mail(const char *name)
{
    return is_html(name) || ends_in(name, ".txt");
}

/* One of the lists of a plugin's files; the entries of a folder are added in their order. */
struct files {
    struct od_script_file *at;
    uint32_t count;
    size_t cap;
};

static void add(struct files *to, struct od_arena *a, struct od_str name, struct od_str text)
{
    to->at = od_arena_grow(a, to->at, to->count, &to->cap, sizeof *to->at);
    to->at[to->count++] = (struct od_script_file){name, text};
}

/* The files that are wanted of a folder; their names begin with `prefix`. */
static int read_files(const struct od_dir *d, const char *prefix, bool (*wanted)(const char *),
                      struct od_arena *a, struct files *to, struct od_err *err)
{
    const char **names;
    uint32_t count;
    struct od_str text;

    if (od_dir_list(d, wanted, FILES_MAX, a, &names, &count, err) != 0)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        if (od_file_read_in(d, names[i], FILE_MAX, a, &text, err) != 0)
            return -1;
        add(to, a, od_arena_printf(a, "%s%s", prefix, names[i]), text);
    }
    return 0;
}

/* A folder that a plugin need not have: "tests", "templates", or "mail" below it. `prefix` is its
 * path within the plugin, and `below` one that it may have itself, or NULL. */
struct folder {
    const char *name, *prefix;
    bool (*wanted)(const char *);
    const struct folder *below;
};
static const struct folder tests_folder = {"tests", "tests/", is_lua, NULL};
static const struct folder mails_folder = {"mail", "templates/mail/", is_mail, NULL};
static const struct folder templates_folder = {"templates", "templates/", is_html, &mails_folder};

static int read_folder(const struct od_dir *parent, const struct folder *f, struct od_arena *a,
                       struct files *to, struct od_err *err)
{
    struct od_err local;
    struct od_dir d;

    if (od_dir_open_in(parent, f->name, a, &d, &local) != 0) {
        if (local.code == OD_ERR_NOT_FOUND)
            return 0;
        if (err)
            *err = local;
        return -1;
    }
    int failed = read_files(&d, f->prefix, f->wanted, a, to, err);
    if (failed == 0 && f->below)
        failed = read_folder(&d, f->below, a, to, err);
    od_dir_close(&d);
    return failed;
}

/* plugin.ini, which a plugin need not have, is a file of it like any other. */
static int read_manifest(const struct od_dir *plugin, struct od_arena *a, struct od_plugin *out,
                         struct files *to, struct od_err *err)
{
    struct od_err local;
    struct od_str text;

    if (od_file_read_in(plugin, "plugin.ini", FILE_MAX, a, &text, &local) != 0) {
        if (local.code == OD_ERR_NOT_FOUND)
            return 0;
        if (err)
            *err = local;
        return -1;
    }
    add(to, a, OD_STR("plugin.ini"), text);
    return od_manifest_parse(text, a, out, err);
}

int od_script_file_cmp(const void *a, const void *b)
{
    const struct od_script_file *x = a, *y = b;
    int manifests = od_str_is(y->name, "plugin.ini") - od_str_is(x->name, "plugin.ini");

    return manifests ? manifests : od_str_cmp(x->name, y->name);
}

static int read_plugin(const struct od_dir *d, struct od_arena *a, struct od_plugin *out,
                       struct od_err *err)
{
    struct files files = {0}, tests = {0};

    if (read_files(d, "", is_lua, a, &files, err) != 0 ||
        read_folder(d, &templates_folder, a, &files, err) != 0)
        return -1;
    if (files.count == 0)
        return od_err_set(err, OD_ERR_SCRIPT, "plugin '%.*s': no *.lua file in %s",
                          OD_STR_ARG(out->name), d->path);
    if (read_manifest(d, a, out, &files, err) != 0 ||
        read_folder(d, &tests_folder, a, &tests, err) != 0)
        return -1;
    qsort(files.at, files.count, sizeof *files.at, od_script_file_cmp);
    out->files = files.at;
    out->file_count = files.count;
    out->tests = tests.at;
    out->test_count = tests.count;
    return 0;
}

static int read_opened(struct od_dir *d, int failed, struct od_str name, struct od_arena *a,
                       struct od_plugin *out, struct od_err *err)
{
    *out = (struct od_plugin){.name = od_arena_str(a, name),
                              .path = od_arena_str(a, od_str_of(d->path))};
    if (failed) {
        if (err)
            od_err_wrap(err, "plugin '%.*s'", OD_STR_ARG(name));
        return -1;
    }
    failed = read_plugin(d, a, out, err);
    od_dir_close(d);
    return failed;
}

int od_plugin_read(const char *path, struct od_str name, struct od_arena *a, struct od_plugin *out,
                   struct od_err *err)
{
    struct od_dir d;
    int failed = od_dir_open(path, a, &d, err);

    return read_opened(&d, failed, name, a, out, err);
}

int od_plugin_read_in(const char *dir, struct od_str name, struct od_arena *a,
                      struct od_plugin *out, struct od_err *err)
{
    struct od_dir root, d;
    const char *component = od_arena_str(a, name).ptr;
    int failed = od_dir_open(dir, a, &root, err);

    if (failed)
        return read_opened(&root, failed, name, a, out, err);
    failed = read_opened(&d, od_dir_open_in(&root, component, a, &d, err), name, a, out, err);
    od_dir_close(&root);
    return failed;
}
