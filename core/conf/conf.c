#include "conf/conf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "conf/builtin.h"
#include "conf/ini.h"
#include "conf/keys.h"
#include "conf/origins.h"
#include "conf/shop.h"
#include "conf/value.h"

#define FILE_MAX_BYTES (1 << 20)
#define DEFAULT_FILE   "/etc/orderd/orderd.ini"

/* The text that was written for a key, and its place. */
struct raw {
    struct od_str text, origin;
    struct od_str directory; /* where its relative path begins */
};

struct loading {
    struct od_conf *conf;
    struct od_arena *arena;
    struct raw *raw;  /* [od_conf_key_count] */
    const char *file; /* names the text in origins */
    struct od_str directory;
    struct od_str origin; /* the override being read; absent: the text */
    const bool *only;     /* [od_conf_family_count] families to take, others are skipped */
    size_t file_entries;  /* with `only`: so many entries are the file's */
};

static struct od_conf_entry *entry_of(const struct od_conf *c, struct od_str section,
                                      struct od_str key)
{
    for (size_t i = 0; i < c->entry_count; i++) {
        struct od_conf_entry *e = &c->entries[i];
        if (od_str_eq(e->section, section) && od_str_eq(e->key, key))
            return e;
    }
    return NULL;
}

struct od_str od_conf_entry_find(const struct od_conf *c, struct od_str section, struct od_str key,
                                 struct od_str *origin)
{
    const struct od_conf_entry *e = entry_of(c, section, key);

    if (origin)
        *origin = e ? e->origin : OD_STR_NONE;
    return e ? e->value : OD_STR_NONE;
}

static int refuse_unknown(struct od_str section, struct od_str key, struct od_err *err)
{
    bool known = od_conf_section_known(section) || od_conf_family_of(section);
    const char *near = known ? od_conf_nearest_key(section, key) : od_conf_nearest_section(section);
    struct od_str name = known ? key : section;

    return od_err_set(err, OD_ERR_CONFIG, "unknown %s \"%.*s\"%s%s%s", known ? "key" : "section",
                      OD_STR_ARG(name), *near ? "; did you mean \"" : "", near, *near ? "\"?" : "");
}

/* An override replaces what the text says; a text says it once. */
static int refuse_twice(const struct loading *l, struct od_str before, struct od_err *err)
{
    if (!before.ptr || l->origin.ptr)
        return 0;
    return od_err_set(err, OD_ERR_CONFIG, "the key is set at %.*s already", OD_STR_ARG(before));
}

static bool family_has(const struct od_conf_family *family, struct od_str key)
{
    if (!family->keys)
        return key.len > 0;
    for (size_t i = 0; family->keys[i]; i++) {
        struct od_str known = od_str_of(family->keys[i]);
        struct od_str beginning = od_str_slice(known, 0, known.len - 1);
        bool open = known.ptr[known.len - 1] == '*';
        if (open ? key.len > beginning.len && od_str_starts_with(key, beginning)
                 : od_str_eq(key, known))
            return true;
    }
    return false;
}

static int take_entry(struct loading *l, struct od_conf_entry given, struct od_err *err)
{
    struct od_conf *c = l->conf;
    struct od_conf_entry *e = entry_of(c, given.section, given.key);

    if (e && refuse_twice(l, e->origin, err) < 0)
        return -1;
    if (!e) {
        c->entries = od_arena_grow(l->arena, c->entries, c->entry_count, &c->entry_cap, sizeof *e);
        e = &c->entries[c->entry_count++];
        e->section = od_arena_str(l->arena, given.section);
        e->key = od_arena_str(l->arena, given.key);
    }
    e->value = od_arena_str(l->arena, given.value);
    e->origin = given.origin;
    e->directory = l->directory;
    return 0;
}

/* Whether the file had a section of that name, of those of which each is taken by itself. */
static bool file_has(const struct loading *l, struct od_str section)
{
    for (size_t i = 0; i < l->file_entries; i++) {
        if (od_str_eq(l->conf->entries[i].section, section))
            return true;
    }
    return false;
}

static int take_key(void *ctx, struct od_str section, struct od_str name, struct od_str value,
                    int line, struct od_err *err)
{
    struct loading *l = ctx;
    const struct od_conf_family *family = od_conf_family_of(section);
    const struct od_conf_key *key = od_conf_key_find(section, name);

    if (l->only && (!family || !l->only[family - od_conf_families] || file_has(l, section)))
        return 0;
    struct od_str origin =
        l->origin.ptr ? l->origin : od_arena_printf(l->arena, "%s:%d", l->file, line);
    if (family && family_has(family, name))
        return take_entry(l,
                          (struct od_conf_entry){
                              .section = section, .key = name, .value = value, .origin = origin},
                          err);
    if (!key)
        return refuse_unknown(section, name, err);

    struct raw *raw = &l->raw[key - od_conf_keys];
    if (refuse_twice(l, raw->origin, err) < 0)
        return -1;
    *raw = (struct raw){od_arena_str(l->arena, value), origin, l->directory};
    return 0;
}

static int take_text(struct loading *l, struct od_str text, struct od_err *err)
{
    const struct od_ini_handler handler = {l, take_key};

    return od_ini_read(l->file, text, &handler, err);
}

/* Where the section's name ends in "section.key": questions, stores' names of statuses and settings
 * of librdkafka have dots, and so do family sections. */
static size_t section_end(struct od_str name)
{
    static const char *const dotted_keys[] = {"policy.", "migrate."};
    static const char *const plain_names[] = {"store.", "target.", "consumer.", "role."};
    size_t dot = name.len;

    for (size_t i = 0; i < sizeof plain_names / sizeof *plain_names; i++) {
        if (!od_str_starts_with(name, od_str_of(plain_names[i])))
            continue;
        for (dot = strlen(plain_names[i]); dot < name.len && name.ptr[dot] != '.';)
            dot++;
        return dot < name.len ? dot : 0;
    }
    for (size_t i = 0; i < sizeof dotted_keys / sizeof *dotted_keys; i++) {
        if (od_str_starts_with(name, od_str_of(dotted_keys[i])))
            return strlen(dotted_keys[i]) - 1;
    }
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    return dot ? dot - 1 : 0;
}

static int take_override(struct loading *l, const char *argument, struct od_err *err)
{
    struct od_str value = od_str_of(argument), name;
    char origin[160];

    od_str_cut(&value, '=', &name);
    name = od_str_trim(name);
    snprintf(origin, sizeof origin, "-o %.*s", OD_STR_ARG(name));
    size_t dot = section_end(name);
    if (!value.ptr || dot == 0)
        return od_err_set_at(err, OD_ERR_CONFIG, origin, "an override is section.key=value");
    if (!od_utf8_valid(value))
        return od_err_set_at(err, OD_ERR_CONFIG, origin, "not text in UTF-8");

    l->origin = od_arena_str(l->arena, od_str_of(origin));
    if (take_key(l, od_str_slice(name, 0, dot), od_str_slice(name, dot + 1, name.len),
                 od_str_trim(value), 0, err) < 0) {
        snprintf(err->origin, sizeof err->origin, "%s", origin);
        return -1;
    }
    return 0;
}

/* Families, or sections of them, that the text says nothing of come from the reference
 * configuration. */
static int take_builtin(struct loading *l, struct od_err *err)
{
    bool *missing = OD_NEW_ARRAY(l->arena, bool, od_conf_family_count);
    struct loading builtin = *l;

    for (size_t i = 0; i < od_conf_family_count; i++)
        missing[i] = od_conf_families[i].builtin != OD_CONF_BUILTIN_NONE;
    for (size_t i = 0; i < l->conf->entry_count; i++) {
        const struct od_conf_family *f = od_conf_family_of(l->conf->entries[i].section);
        missing[f - od_conf_families] = f->builtin == OD_CONF_BUILTIN_EACH;
    }
    builtin.only = missing;
    builtin.file_entries = l->conf->entry_count;
    builtin.file = "built-in";
    return take_text(&builtin, od_conf_builtin(), err);
}

static struct od_str state_dir(struct od_arena *a)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

    if (geteuid() == 0)
        return OD_STR("/var/lib/orderd");
    if (data && data[0] == '/')
        return od_arena_printf(a, "%s/orderd", data);
    if (home && home[0] == '/')
        return od_arena_printf(a, "%s/.local/share/orderd", home);
    return OD_STR_NONE;
}

static struct od_str share_dir(void)
{
    if (access(OD_SOURCE_DIR "/scripts", R_OK) == 0)
        return OD_STR(OD_SOURCE_DIR);
    return OD_STR(OD_SHARE_DIR);
}

static int read_values(struct loading *l, struct od_err *err)
{
    struct od_conf *c = l->conf;
    struct od_conf_reader reader = {
        .arena = l->arena, .share_dir = share_dir(), .state_dir = state_dir(l->arena)};

    c->origins = OD_NEW_ARRAY(l->arena, struct od_str, od_conf_key_count);
    for (size_t i = 0; i < od_conf_key_count; i++) {
        const struct od_conf_key *key = &od_conf_keys[i];
        struct raw *raw = &l->raw[i];
        if (!raw->text.ptr)
            raw->text = od_str_of(key->fallback);
        reader.directory = raw->directory;
        reader.data_dir = c->database.data_dir;
        if (od_conf_value_read(&reader, c, key, raw->text, err) < 0) {
            snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(raw->origin));
            return -1;
        }
        c->origins[i] = raw->origin;
    }
    return od_conf_shop_read(&reader, c, err);
}

static int fail_at(const struct od_conf *c, const char *section, const char *name,
                   const char *message, struct od_err *err)
{
    const struct od_conf_key *key = od_conf_key_find(od_str_of(section), od_str_of(name));
    struct od_str origin = c->origins[key - od_conf_keys];

    od_err_set(err, OD_ERR_CONFIG, "%s.%s: %s", section, name, message);
    snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(origin));
    return -1;
}

/* Checks that look at several keys. */
static int check(const struct od_conf *c, struct od_err *err)
{
    struct od_str url = c->database.url;
    struct od_err wrong;

    if (od_conf_hosts_check(c->server.hosts, &wrong) < 0)
        return fail_at(c, "server", "hosts", wrong.message, err);
    if (od_conf_origins_check(c->server.origins, &wrong) < 0)
        return fail_at(c, "server", "origins", wrong.message, err);
    if (c->auth.mode == OD_CONF_AUTH_OPEN && !c->server.listen.loopback)
        return fail_at(c, "server", "listen",
                       "any address but loopback needs [auth] mode = keys, because open lets "
                       "everyone do everything",
                       err);
    if (!od_str_is(url, "private") && !od_str_starts_with(url, OD_STR("postgresql://")) &&
        !od_str_starts_with(url, OD_STR("postgres://")))
        return fail_at(c, "database", "url", "private or a postgresql:// URL", err);
    if (c->feed.retry_min_ms > c->feed.retry_max_ms)
        return fail_at(c, "feed", "retry_min", "more than retry_max", err);
    return 0;
}

static int load(struct loading *l, struct od_str text, struct od_err *err)
{
    char working[PATH_MAX];

    if (take_text(l, text, err) < 0 || take_builtin(l, err) < 0)
        return -1;
    if (!getcwd(working, sizeof working))
        return od_err_set(err, OD_ERR_IO, "cannot tell the working directory: %s", strerror(errno));
    l->directory = od_arena_str(l->arena, od_str_of(working));
    for (size_t i = 0; i < l->conf->override_count; i++) {
        if (take_override(l, l->conf->overrides[i], err) < 0)
            return -1;
    }
    return read_values(l, err) < 0 ? -1 : check(l->conf, err);
}

static struct od_str directory_of(struct od_arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    struct od_str given = slash ? od_str_n(file, (size_t)(slash - file)) : OD_STR(".");
    char real[PATH_MAX];

    given = od_arena_str(a, slash == file ? OD_STR("/") : given);
    return realpath(given.ptr, real) ? od_arena_str(a, od_str_of(real)) : given;
}

static void keep_overrides(struct od_conf *c, const char *const *overrides, size_t count)
{
    c->overrides = OD_NEW_ARRAY(&c->arena, const char *, count);
    c->override_count = count;
    for (size_t i = 0; i < count; i++)
        c->overrides[i] = od_arena_str(&c->arena, od_str_of(overrides[i])).ptr;
}

int od_conf_parse(const char *file, struct od_str text, const char *const *overrides,
                  size_t override_count, struct od_conf **out, struct od_err *err)
{
    struct od_conf *c = calloc(1, sizeof *c);
    struct od_err local;

    if (!c)
        abort();
    c->refs = 1;
    od_arena_init(&c->arena);
    c->file = od_arena_str(&c->arena, od_str_of(file));
    struct loading l = {
        .conf = c,
        .arena = &c->arena,
        .raw = OD_NEW_ARRAY(&c->arena, struct raw, od_conf_key_count),
        .file = file,
        .directory = directory_of(&c->arena, file),
    };
    keep_overrides(c, overrides, override_count);
    if (load(&l, text, err ? err : &local) < 0) {
        od_conf_unref(c);
        return -1;
    }
    *out = c;
    return 0;
}

/* The file is the operator's choice, so it may be a link. Not a FIFO: it is read again at a reload.
 */
int od_conf_load(const char *file, const char *const *overrides, size_t override_count,
                 struct od_conf **out, struct od_err *err)
{
    struct od_arena arena;
    struct od_str text;
    struct od_err local;

    od_arena_init(&arena);
    int failed = od_file_read(file, FILE_MAX_BYTES, &arena, &text, &local);
    if (failed)
        od_err_set_at(err, OD_ERR_CONFIG, file, "cannot be read: %s", local.message);
    else
        failed = od_conf_parse(file, text, overrides, override_count, out, err);
    od_arena_fini(&arena);
    return failed;
}

int od_conf_reload(const struct od_conf *now, struct od_conf **out, struct od_err *err)
{
    return od_conf_load(now->file.ptr, now->overrides, now->override_count, out, err);
}

const char *od_conf_default_file(void)
{
    const char *source = OD_SOURCE_DIR "/conf/orderd.ini";

    return access(source, R_OK) == 0 ? source : DEFAULT_FILE;
}

struct od_conf *od_conf_ref(struct od_conf *c)
{
    c->refs++;
    return c;
}

void od_conf_unref(struct od_conf *c)
{
    if (!c || --c->refs > 0)
        return;
    od_arena_fini(&c->arena);
    free(c);
}
