#include <stdio.h>
#include <string.h>

#include "server/app.h"
#include "cli/cli.h"
#include "server/control.h"
#include "base/terminal/columns.h"
#include "conf/conf.h"

/* serve, reload. */

int od_cli_serve(struct od_cli *cli)
{
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    struct od_conf *conf = od_cli_conf(cli);
    struct od_err err;
    if (!conf)
        return 1;
    od_log_set_level((enum od_log_level)conf->log.level);
    int failed = od_app_serve(conf, &err);
    od_conf_unref(conf);
    return failed ? od_cli_fail(&err) : 0;
}

struct reloaded {
    bool dry_run;
    int refused;
};

static void on_answer(void *ctx, long pid, struct od_str text)
{
    struct reloaded *r = ctx;
    struct od_str rest = od_str_trim(text), word, line;
    if (od_str_cut(&rest, ' ', &word) && od_str_is(word, "ok")) {
        od_str_cut(&rest, '\n', &line);
        printf("pid %ld: %s bundle %.*s\n", pid, r->dry_run ? "would serve" : "serving",
               OD_STR_ARG(line));
        if (rest.len)
            printf("%.*s\n", OD_STR_ARG(rest));
        return;
    }
    r->refused++;
    od_str_cut(&rest, '\n', &line);
    od_wrap_to(stderr, fprintf(stderr, "pid %ld: refused:", pid), 2, line);
    od_wrap_long(stderr, rest);
    fprintf(stderr, "%s\n",
            r->dry_run ? "Nothing was changed." : "The rules before it still serve.");
}

int od_cli_reload(struct od_cli *cli)
{
    struct reloaded r = {.dry_run = od_cli_flag(cli, "--dry-run")};
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    for (size_t i = 0; i < cli->override_count; i++) {
        if (strncmp(cli->overrides[i], "database.data_dir=", 18) != 0)
            return od_cli_misuse(cli,
                                 "-o %s would change nothing: a server reloads the configuration "
                                 "and the options it was started with. Change its file; here only "
                                 "-o database.data_dir=DIR, which finds it, is taken",
                                 cli->overrides[i]);
    }
    struct od_conf *conf = od_cli_conf(cli);
    struct od_err err;
    if (!conf)
        return 1;
    const char *dir = conf->database.data_dir.ptr;
    int count = r.dry_run ? od_control_ask_one(dir, OD_STR("reload dry-run"), on_answer, &r, &err)
                          : od_control_ask(dir, OD_STR("reload"), on_answer, &r, &err);
    if (count == 0)
        count = od_err_set(&err, OD_ERR_NOT_FOUND, "no server runs on the data directory %s",
                           conf->database.data_dir.ptr);
    od_conf_unref(conf);
    if (count < 0)
        return od_cli_fail(&err);
    return r.refused ? 1 : 0;
}
