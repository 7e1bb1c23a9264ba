#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/plugin_list.h"
#include "conf/conf.h"

/* orderd plugin: new, list. */

/* %1$s: the name */
static const char manifest[] = "; What the plugin is. plugins/README.md tells every key.\n"
                               "name = %1$s\n"
                               "version = 0.1.0\n"
                               "api = 1\n"
                               "description = An order may be cancelled only for a while\n"
                               "provides = order.cancel\n"
                               "\n"
                               "; A setting: oms.config.window in the scripts. Set it in the "
                               "configuration with\n"
                               ";   [plugin.%1$s]\n"
                               ";   window = 24h\n"
                               "[config.window]\n"
                               "type = duration\n"
                               "default = 48h\n"
                               "description = How long after placing an order may be cancelled\n";

static const char rules[] =
    "-- An order may be cancelled as the default rules say, but only for a while.\n"
    "\n"
    "oms.policy(\"order.cancel\", function(order, request)\n"
    "  local verdict = oms.default(\"order.cancel\", order, request)\n"
    "  if not verdict.allowed then return verdict end\n"
    "\n"
    "  if oms.now() - order.created_at > oms.config.window then\n"
    "    return oms.refuse(\"too_late\", \"The time in which it could be cancelled is over\")\n"
    "  end\n"
    "  return verdict\n"
    "end)\n";

static const char tests[] =
    "oms.test(\"an order may be cancelled within the window\", function(t)\n"
    "  local order = t:order {}\n"
    "  t:allowed(t:ask(\"order.cancel\", order))\n"
    "\n"
    "  t:after(\"49h\")\n"
    "  t:refused(t:ask(\"order.cancel\", order), \"too_late\")\n"
    "end)\n"
    "\n"
    "oms.test(\"what the default rules refuse stays refused\", function(t)\n"
    "  local order = t:order { holds = { { handle = \"fraud\" } } }\n"
    "  t:refused(t:ask(\"order.cancel\", order), \"on_hold\")\n"
    "end)\n";

static bool is_plugin_name(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len <= 32 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len &&
           s[0] != '-' && strcmp(s, "default") != 0;
}

static int make_folder(const char *path, struct od_err *err)
{
    if (mkdir(path, 0755) == 0)
        return 0;
    return od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
}

static int write_file(const char *folder, const char *file, const char *text, struct od_err *err)
{
    char path[4096];
    FILE *f;
    bool failed;

    snprintf(path, sizeof path, "%s/%s", folder, file);
    f = fopen(path, "wx");
    if (!f)
        return od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno));
    failed = fputs(text, f) == EOF;
    failed = fclose(f) != 0 || failed;
    return failed ? od_err_set(err, OD_ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

static int write_plugin(const char *folder, const char *name, struct od_err *err)
{
    char path[4096], text[sizeof manifest + 128];

    snprintf(path, sizeof path, "%s/tests", folder);
    snprintf(text, sizeof text, manifest, name);
    if (make_folder(folder, err) != 0 || make_folder(path, err) != 0 ||
        write_file(folder, "plugin.ini", text, err) != 0 ||
        write_file(folder, "rules.lua", rules, err) != 0)
        return -1;
    return write_file(folder, "tests/rules.lua", tests, err);
}

static void print_next(const struct od_conf *conf, const char *folder, const char *name)
{
    struct od_str load = conf->plugins.load;

    printf("%s: plugin.ini, rules.lua, tests/rules.lua\n\n"
           "Next:\n"
           "  orderd test %s      runs its tests\n"
           "  [plugins] load = %.*s%s%s   in %s makes it part of the rules\n"
           "  orderd check         says what the rules would do in every state\n"
           "  orderd reload        makes the running server use them\n",
           folder, folder, OD_STR_ARG(load), load.len ? ", " : "", name, conf->file.ptr);
}

static int make_plugin(const struct od_conf *conf, const char *name, struct od_err *err)
{
    char folder[2048];
    int n = snprintf(folder, sizeof folder, "%s/%s", conf->plugins.dir.ptr, name);

    if (n < 0 || (size_t)n >= sizeof folder)
        return od_err_set(err, OD_ERR_LIMIT, "%s: the path is too long", conf->plugins.dir.ptr);
    if (access(folder, F_OK) == 0)
        return od_err_set(err, OD_ERR_INVALID, "%s is there already; choose another name", folder);
    if (write_plugin(folder, name, err) != 0)
        return -1;
    print_next(conf, folder, name);
    return 0;
}

int od_cli_plugin(struct od_cli *cli)
{
    bool list = cli->argc == 1 && strcmp(cli->argv[0], "list") == 0;
    bool make = cli->argc == 2 && strcmp(cli->argv[0], "new") == 0;
    struct od_conf *conf;
    struct od_err err;
    int failed;

    if (!list && !make)
        return od_cli_misuse(cli, "takes `new NAME` or `list`");
    if (make && !is_plugin_name(cli->argv[1]))
        return od_cli_misuse(cli, "\"%s\" is no name for a plugin: 1 to 32 of a-z, 0-9, _ and -",
                             cli->argv[1]);
    conf = od_cli_conf(cli);
    if (!conf)
        return 1;
    failed = list ? od_plugin_list(conf, &err) : make_plugin(conf, cli->argv[1], &err);
    od_conf_unref(conf);
    return failed ? od_cli_fail(&err) : 0;
}
