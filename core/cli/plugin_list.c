#include "cli/plugin_list.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rules/make/rules.h"
#include "base/terminal/columns.h"
#include "base/files.h"
#include "conf/conf.h"
#include "script/bundle/plugin.h"
#include "script/load/settings.h"

/* Columns: where the text about a setting begins, and what follows its type. */
enum { TEXT = 32, TYPED = 41 };

enum { FOLDERS_MAX = 1000 };

/* One plugin as it is printed; rules is NULL when none of it is loaded. */
struct shown {
    const struct od_conf *conf;
    const struct od_rules *rules;
    const struct od_plugin *plugin;
    bool loaded;
};

static void print_offers(const struct shown *s, enum od_offer_kind kind, const char *title)
{
    uint32_t n;
    const struct od_offer *offers = od_bundle_offers(s->rules->bundle, kind, &n);

    for (uint32_t i = 0; i < n; i++) {
        const struct od_offer *o = &offers[i];
        if (!od_str_eq(o->plugin, s->plugin->name))
            continue;
        char name[200];
        snprintf(name, sizeof name, "%s%s%.*s", o->method.ptr ? o->method.ptr : "",
                 o->method.ptr ? " " : "", OD_STR_ARG(o->name));
        printf("  %-12s %-28s %.*s", title, name, OD_STR_ARG(o->origin));
        if (o->role.ptr)
            printf("  for %.*s", OD_STR_ARG(o->role));
        if (kind == OD_OFFER_JOB && o->every_ms)
            printf("  every %" PRId64 " s", o->every_ms / 1000);
        else if (kind == OD_OFFER_JOB)
            printf("  at %02d:%02d UTC", (int)(o->at_ms / 3600000), (int)(o->at_ms / 60000 % 60));
        bool choice = kind == OD_OFFER_POLICY || kind == OD_OFFER_TEMPLATE;
        printf("%s\n", !choice ? "" : o->chosen ? "  chosen" : "  not chosen");
    }
}

static void print_provides(const struct shown *s)
{
    if (!s->loaded) {
        if (s->plugin->provides.len) {
            printf("  %-12s", "provides");
            od_wrap_to(stdout, 14, 15, s->plugin->provides);
        }
        return;
    }
    print_offers(s, OD_OFFER_POLICY, "answers");
    print_offers(s, OD_OFFER_HOOK, "on");
    print_offers(s, OD_OFFER_COMMAND, "command");
    print_offers(s, OD_OFFER_ROUTE, "route");
    print_offers(s, OD_OFFER_JOB, "job");
    print_offers(s, OD_OFFER_RECEIVER, "receiver");
    print_offers(s, OD_OFFER_TEMPLATE, "template");
}

static bool lists(struct od_str list, struct od_str wanted)
{
    struct od_str piece;

    while (od_str_cut(&list, ',', &piece))
        if (od_str_eq(od_str_trim(piece), wanted))
            return true;
    return false;
}

/* http:* covers every host. */
static bool is_granted(struct od_str grants, struct od_str capability)
{
    return lists(grants, capability) ||
           (od_str_starts_with(capability, OD_STR("http:")) && lists(grants, OD_STR("http:*")));
}

static void print_capabilities(const struct shown *s)
{
    struct od_str rest = s->plugin->capabilities, piece;
    struct od_str grants = od_conf_entry_find(s->conf, OD_STR("grant"), s->plugin->name, NULL);
    bool is_default = od_str_is(s->plugin->name, "default");

    if (is_default)
        printf("  %-12s all\n", "may");
    while (!is_default && od_str_cut(&rest, ',', &piece)) {
        piece = od_str_trim(piece);
        if (piece.len)
            printf("  %-12s %-28.*s %s\n", "may", OD_STR_ARG(piece),
                   is_granted(grants, piece) ? "granted" : "not granted, see [grant]");
    }
}

static struct od_str section_of(const struct shown *s)
{
    static char section[64];

    snprintf(section, sizeof section, "plugin.%.*s", OD_STR_ARG(s->plugin->name));
    return od_str_of(section);
}

/* "= VALUE (conf/orderd.ini:12)" behind what stands on the line up to `column`. */
static void print_value(int column, struct od_str value, struct od_str origin)
{
    struct od_buf b;

    od_buf_init(&b, 1 << 16);
    od_buf_printf(&b, "= %.*s (%.*s)", OD_STR_ARG(value), OD_STR_ARG(origin));
    od_wrap_to(stdout, column, TEXT + 2, od_buf_view(&b));
    od_buf_fini(&b);
}

static struct od_str shown_value(const struct od_config_key *key, struct od_str value)
{
    return key->type == OD_CONFIG_SECRET && value.len ? OD_STR("***") : value;
}

/* Prints the settings whose keys match a pattern. */
static void print_rows(const struct shown *s, const struct od_config_key *key,
                       struct od_str section)
{
    for (size_t i = 0; i < s->conf->entry_count; i++) {
        const struct od_conf_entry *e = &s->conf->entries[i];

        if (!od_str_eq(e->section, section) || od_plugin_key(s->plugin, e->key) != key)
            continue;
        printf("%*s", TEXT, "");
        print_value(TEXT + printf("%.*s", OD_STR_ARG(e->key)), shown_value(key, e->value),
                    e->origin);
    }
}

static void print_setting(const struct shown *s, const struct od_config_key *key)
{
    static const char *const types[] = {
        [OD_CONFIG_TEXT] = "text",     [OD_CONFIG_INTEGER] = "integer",
        [OD_CONFIG_BOOL] = "bool",     [OD_CONFIG_DURATION] = "duration",
        [OD_CONFIG_AMOUNT] = "amount", [OD_CONFIG_LIST] = "list",
        [OD_CONFIG_CHOICE] = "choice", [OD_CONFIG_SECRET] = "secret",
    };
    struct od_str section = section_of(s), value, origin;

    value = od_conf_entry_find(s->conf, section, key->name, &origin);
    printf("  %-12s %-16.*s %-9s", "setting", OD_STR_ARG(key->name), types[key->type]);
    if (key->keys.ptr)
        printf(" every key like %.*s\n", OD_STR_ARG(key->keys));
    else if (value.ptr)
        print_value(TYPED, shown_value(key, value), origin);
    else if (key->default_value.ptr)
        print_value(TYPED, key->default_value, OD_STR("default"));
    else
        printf(" %s\n", key->required ? "not set, and required" : "not set");
    if (key->keys.ptr)
        print_rows(s, key, section);
    od_wrap_to(stdout, 0, TEXT, key->description);
}

static void print_plugin(const struct shown *s)
{
    const struct od_plugin *p = s->plugin;

    printf("%.*s %.*s%s%s\n", OD_STR_ARG(p->name), OD_STR_ARG(p->version),
           p->version.len ? ", " : "", s->loaded ? "loaded" : "not loaded");
    if (p->description.len)
        od_wrap_to(stdout, 0, 2, p->description);
    print_provides(s);
    print_capabilities(s);
    for (uint32_t i = 0; i < p->config_count; i++)
        print_setting(s, &p->config[i]);
    if (p->test_count)
        printf("  %-12s in %u file%s\n", "tests", p->test_count, p->test_count == 1 ? "" : "s");
    printf("\n");
}

static bool is_loaded(const struct od_rules *rules, struct od_str name)
{
    uint32_t n = 0;
    const struct od_plugin *all = rules ? od_bundle_plugins(rules->bundle, &n) : NULL;

    for (uint32_t i = 0; i < n; i++)
        if (od_str_eq(all[i].name, name))
            return true;
    return false;
}

/* failed: reading it as *plugin. */
static void show(const struct od_conf *conf, const struct od_rules *rules, struct od_str name,
                 int failed, const struct od_plugin *plugin, const struct od_err *err)
{
    if (!failed)
        print_plugin(&(struct shown){conf, rules, plugin, is_loaded(rules, name)});
    else
        printf("%.*s, unusable\n  %s%s%s\n\n", OD_STR_ARG(name), err->origin,
               err->origin[0] ? ": " : "", err->message);
}

static void show_default(const struct od_conf *conf, const struct od_rules *rules,
                         struct od_arena *a)
{
    struct od_str name = OD_STR("default");
    struct od_plugin plugin;
    struct od_err err;
    int failed = od_plugin_read(conf->plugins.scripts.ptr, name, a, &plugin, &err);

    show(conf, rules, name, failed, &plugin, &err);
}

static bool is_visible(const char *name)
{
    return name[0] != '.';
}

/* A README is not meant to be one. That a link or a FIFO cannot be used is told. */
static bool may_be_plugin(const struct od_dir *d, const char *name)
{
    struct stat st;

    return fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode);
}

static void show_folders(const struct od_conf *conf, const struct od_rules *rules,
                         struct od_arena *a)
{
    const char **names;
    uint32_t count = 0;
    struct od_err err;
    struct od_dir d;

    /* There need not be such a folder. */
    if (od_dir_open(conf->plugins.dir.ptr, a, &d, &err) != 0)
        return;
    if (od_dir_list(&d, is_visible, FOLDERS_MAX, a, &names, &count, &err) != 0)
        printf("%s: %s\n", err.origin, err.message);
    for (uint32_t i = 0; i < count; i++) {
        struct od_str name = od_str_of(names[i]);
        struct od_plugin plugin;
        if (may_be_plugin(&d, names[i]))
            show(conf, rules, name,
                 od_plugin_read_in(conf->plugins.dir.ptr, name, a, &plugin, &err), &plugin, &err);
    }
    od_dir_close(&d);
}

int od_plugin_list(struct od_conf *conf, struct od_err *err)
{
    struct od_rules *rules = NULL;
    struct od_arena arena;
    int failed = od_rules_build(conf, &rules, err);

    od_arena_init(&arena);
    show_default(conf, rules, &arena);
    show_folders(conf, rules, &arena);
    od_arena_fini(&arena);
    if (rules)
        od_rules_unref(rules);
    return failed;
}
