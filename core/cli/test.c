#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "rules/make/rules.h"
#include "rules/make/ini.h"
#include "conf/conf.h"
#include "script/bundle/plugin.h"
#include "script/load/settings.h"
#include "script/testing/run.h"

/* orderd test: the plugins' own tests, and what they reach of the scripts. */

struct totals {
    uint32_t tests, failed;
    uint32_t lines, lines_hit;
    int64_t us;
};

static void print_result(const struct od_test_result *r)
{
    struct od_str rest = r->trace, line;

    printf("%s %.*s: %.*s (%.1f ms)\n", r->passed ? "ok  " : "FAIL", OD_STR_ARG(r->plugin),
           OD_STR_ARG(r->name), (double)r->us / 1000);
    if (r->passed)
        return;
    printf("     %.*s: %.*s\n", OD_STR_ARG(r->where.len ? r->where : r->origin),
           OD_STR_ARG(r->message));
    while (od_str_cut(&rest, '\n', &line))
        if (line.len)
            printf("       %.*s\n", OD_STR_ARG(line));
}

/* "12-14, 20" */
static void print_ranges(const uint32_t *lines, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i;
        while (end + 1 < n && lines[end + 1] == lines[end] + 1)
            end++;
        printf("%s%u", i > 0 ? ", " : "", lines[i]);
        if (end > i)
            printf("-%u", lines[end]);
        i = end + 1;
    }
}

static double percent(uint32_t part, uint32_t whole)
{
    return whole ? 100.0 * part / whole : 100.0;
}

static void print_file(const struct od_coverage *c)
{
    printf("%-36.*s %5.1f %% %7u/%-4u %5.1f %% %7u/%-4u", OD_STR_ARG(c->file),
           percent(c->lines_hit, c->lines), c->lines_hit, c->lines,
           percent(c->branches_hit, c->branches), c->branches_hit, c->branches);
    if (c->missed_line_count) {
        printf("  missed ");
        print_ranges(c->missed_lines, c->missed_line_count);
    }
    if (c->missed_branch_count) {
        printf("%s one way only ", c->missed_line_count ? ";" : " ");
        print_ranges(c->missed_branches, c->missed_branch_count);
    }
    printf("\n");
}

static void print_coverage(const struct od_test_run *run)
{
    if (!run->coverage_count)
        return;
    printf("\n%-36s %7s %12s %7s %12s\n", "coverage", "", "lines", "", "branches");
    for (uint32_t i = 0; i < run->coverage_count; i++)
        print_file(&run->coverage[i]);
    printf("\n");
}

static void add_up(const struct od_test_run *run, struct totals *t)
{
    t->tests += run->count;
    t->failed += run->failed;
    for (uint32_t i = 0; i < run->count; i++)
        t->us += run->results[i].us;
    for (uint32_t i = 0; i < run->coverage_count; i++) {
        t->lines += run->coverage[i].lines;
        t->lines_hit += run->coverage[i].lines_hit;
    }
}

/* Keeps what `-o plugin.NAME.KEY=value` sets for the plugin: the configuration's own settings are
 * of a shop that it is tested without. */
static void keep_overrides(struct od_rules_source *s, struct od_str plugin)
{
    struct od_plugin_setting *kept =
        OD_NEW_ARRAY(&s->arena, struct od_plugin_setting, s->bundle.setting_count);
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->bundle.setting_count; i++) {
        const struct od_plugin_setting *it = &s->bundle.settings[i];
        if (od_str_eq(it->plugin, plugin) && od_str_starts_with(it->origin, OD_STR("-o ")))
            kept[n++] = *it;
    }
    s->bundle.settings = kept;
    s->bundle.setting_count = n;
}

/* Required settings must be given on the command line, because no configuration is read. */
static int check_required(const struct od_rules_source *s, const struct od_plugin *p,
                          struct od_err *err)
{
    for (uint32_t k = 0; k < p->config_count; k++) {
        bool given = !p->config[k].required;
        for (uint32_t i = 0; i < s->bundle.setting_count; i++)
            given |= od_plugin_key(p, s->bundle.settings[i].key) == &p->config[k];
        if (!given)
            return od_err_set_at(err, OD_ERR_CONFIG, p->config[k].origin.ptr,
                                 "plugin '%.*s' needs the setting %.*s: test it with -o "
                                 "plugin.%.*s.%.*s=value",
                                 OD_STR_ARG(p->name), OD_STR_ARG(p->config[k].name),
                                 OD_STR_ARG(p->name), OD_STR_ARG(p->config[k].name));
    }
    return 0;
}

/* A plugin by itself: beside the default rules, with the settings and capabilities it declares. */
static int stand_alone(struct od_rules_source *s, const char *path, struct od_test_options *options,
                       struct od_err *err)
{
    char *real = realpath(path, NULL);
    struct od_str name = od_arena_str(&s->arena, od_str_of(real ? strrchr(real, '/') + 1 : path));
    struct od_str dir = od_arena_str(&s->arena, od_str_of(real ? real : path));
    char *scripts = realpath(s->conf->plugins.scripts.ptr, NULL);
    bool is_default = scripts && od_str_is(dir, scripts);
    struct od_plugin *plugins = OD_NEW_ARRAY(&s->arena, struct od_plugin, 2);
    struct od_plugin_setting *grant = OD_NEW(&s->arena, struct od_plugin_setting);

    free(real);
    free(scripts);
    plugins[0] = s->bundle.plugins[0];
    s->bundle.plugins = plugins;
    s->bundle.plugin_count = 1;
    s->bundle.choice_count = s->bundle.grant_count = 0;
    keep_overrides(s, name);
    options->plugin = is_default ? plugins[0].name : name;
    if (is_default)
        return 0;
    if (od_plugin_read(dir.ptr, name, &s->arena, &plugins[1], err) != 0)
        return -1;
    *grant = (struct od_plugin_setting){name, OD_STR_NONE, plugins[1].capabilities,
                                        OD_STR("its own plugin.ini")};
    if (check_required(s, &plugins[1], err) != 0)
        return -1;
    s->bundle.plugin_count = 2;
    s->bundle.grants = grant;
    s->bundle.grant_count = plugins[1].capabilities.len > 0;
    return 0;
}

static bool is_loaded(const struct od_conf *conf, const char *name)
{
    struct od_str rest = conf->plugins.load, plugin;

    while (od_rules_next_plugin(&rest, &plugin))
        if (od_str_is(plugin, name))
            return true;
    return strcmp(name, "default") == 0;
}

/* The folder a target names when it is no plugin of the configuration, in the arena; else NULL. */
static const char *folder_of(struct od_rules_source *s, const char *target)
{
    struct stat st;

    if (!target || (!strchr(target, '/') && is_loaded(s->conf, target)))
        return NULL;
    if (strchr(target, '/') || stat(target, &st) == 0)
        return target;
    return od_arena_printf(&s->arena, "%s/%s", s->conf->plugins.dir.ptr, target).ptr;
}

/* target: a plugin or folder; NULL: all plugins of the configuration. */
static int run_target(struct od_conf *conf, const char *target, struct od_test_options options,
                      struct totals *totals, struct od_err *err)
{
    struct od_rules_source source;
    struct od_test_run run = {0};
    const char *folder;
    int rc = 0;

    if (od_rules_source_read(conf, &source, err) != 0)
        return -1;
    options.currency = conf->order.default_currency;
    options.track = (enum od_stock_track)conf->stock.track;
    folder = folder_of(&source, target);
    if (folder)
        rc = stand_alone(&source, folder, &options, err);
    else
        options.plugin = od_str_of(target);
    if (rc == 0)
        rc = od_bundle_test(&source.bundle, &source.limits, &options, &source.arena, &run, err);
    for (uint32_t i = 0; rc == 0 && i < run.count; i++)
        print_result(&run.results[i]);
    if (rc == 0 && target && run.count == 0)
        rc = od_err_set(err, OD_ERR_NOT_FOUND, "%s has no tests%s%.*s", target,
                        options.name.ptr ? " whose name contains " : "", OD_STR_ARG(options.name));
    if (rc == 0)
        print_coverage(&run);
    add_up(&run, totals);
    od_rules_source_fini(&source);
    return rc;
}

static int conclude(const struct totals *t, double threshold)
{
    double reached = percent(t->lines_hit, t->lines);

    printf("%u test%s, %u failed, %.0f ms\n", t->tests, t->tests == 1 ? "" : "s", t->failed,
           (double)t->us / 1000);
    if (t->failed)
        return 1;
    if (reached < threshold) {
        fprintf(stderr, "orderd: the tests reach %.1f %% of the lines, less than %.1f %%\n",
                reached, threshold);
        return 1;
    }
    return 0;
}

/* A folder is tested whatever else the configuration loads. */
static struct od_conf *conf_for(struct od_cli *cli, bool configured)
{
    struct od_cli alone = *cli;
    struct od_conf *conf = NULL;

    if (configured)
        return od_cli_conf(cli);
    alone.overrides = calloc(cli->override_count + 1, sizeof *alone.overrides);
    if (!alone.overrides)
        abort();
    memcpy(alone.overrides, cli->overrides, cli->override_count * sizeof *alone.overrides);
    alone.overrides[alone.override_count++] = "plugins.load=";
    conf = od_cli_conf(&alone);
    free(alone.overrides);
    return conf;
}

static int run_one(struct od_cli *cli, const char *target, const struct od_test_options *options,
                   struct totals *totals)
{
    struct od_conf *conf = conf_for(cli, true);
    bool configured = conf && (!target || (!strchr(target, '/') && is_loaded(conf, target)));
    struct od_err err;
    int rc;

    if (conf && !configured) {
        od_conf_unref(conf);
        conf = conf_for(cli, false);
    }
    if (!conf)
        return 1;
    rc = run_target(conf, target, *options, totals, &err) != 0 ? od_cli_fail(&err) : 0;
    od_conf_unref(conf);
    return rc;
}

int od_cli_test(struct od_cli *cli)
{
    const char *name = od_cli_option(cli, "--name");
    const char *threshold_text = od_cli_option(cli, "--threshold");
    struct od_test_options options = {.coverage = od_cli_flag(cli, "--coverage"),
                                      .name = od_str_of(name)};
    struct totals totals = {0};
    double threshold = 0;
    char *end;
    int failed = 0;

    if (threshold_text) {
        threshold = strtod(threshold_text, &end);
        if (end == threshold_text || *end || threshold < 0 || threshold > 100)
            return od_cli_misuse(cli, "--threshold takes a percentage, not \"%s\"", threshold_text);
        options.coverage = true;
    }
    for (int i = 0; i < cli->argc; i++)
        if (cli->argv[i][0] == '-')
            return od_cli_misuse(cli, "takes no option \"%s\"", cli->argv[i]);
    if (cli->argc == 0)
        failed = run_one(cli, NULL, &options, &totals);
    for (int i = 0; i < cli->argc; i++)
        failed |= run_one(cli, cli->argv[i], &options, &totals);
    if (failed && totals.tests == 0)
        return failed;
    return conclude(&totals, threshold) | failed;
}
