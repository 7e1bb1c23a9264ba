#include <stdio.h>

#include "app/app.h"
#include "app/cli.h"
#include "app/control.h"
#include "app/rules.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "script/bundle.h"

/* serve, check, reload. */

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

static void print_rules(const struct od_rules *rules)
{
    for (enum od_status_kind k = OD_STATUS_ORDER; k < OD_STATUS_KINDS; k++) {
        printf("  %-16s", od_status_kind_name(k));
        for (uint32_t i = 0; i < rules->statuses.of[k].count; i++)
            printf(" %.*s", OD_STR_ARG(rules->statuses.of[k].statuses[i].code));
        printf("\n");
    }
    for (enum od_question q = OD_ASK_ORDER_STATUS; q < OD_QUESTIONS; q++) {
        struct od_str name = od_question_name(q);
        struct od_str provider = od_bundle_provider_origin(rules->bundle, q);
        printf("  %-16.*s answered by %.*s\n", OD_STR_ARG(name), OD_STR_ARG(provider));
    }
    printf("  bundle %s\n", rules->hash);
}

static void print_conf(const struct od_conf *conf)
{
    struct od_buf text;
    od_buf_init(&text, 1 << 20);
    od_conf_print(conf, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    od_buf_fini(&text);
}

int od_cli_check(struct od_cli *cli)
{
    bool print = od_cli_flag(cli, "--print");
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    struct od_conf *conf = od_cli_conf(cli);
    struct od_rules *rules;
    struct od_err err;
    if (!conf)
        return 1;
    if (od_rules_build(conf, &rules, &err)) {
        od_conf_unref(conf);
        return od_cli_fail(&err);
    }
    if (print)
        print_conf(conf);
    printf("%s: ok\n", conf->file.ptr);
    print_rules(rules);
    od_rules_unref(rules);
    od_conf_unref(conf);
    return 0;
}

struct reloaded {
    int refused;
};

static void on_answer(void *ctx, long pid, struct od_str text)
{
    struct reloaded *r = ctx;
    struct od_str rest = od_str_trim(text), word;
    if (od_str_cut(&rest, ' ', &word) && od_str_is(word, "ok")) {
        printf("pid %ld: serving bundle %.*s\n", pid, OD_STR_ARG(rest));
        return;
    }
    r->refused++;
    fprintf(stderr, "pid %ld: refused: %.*s\nThe rules before it still serve.\n", pid,
            OD_STR_ARG(rest));
}

int od_cli_reload(struct od_cli *cli)
{
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    struct od_conf *conf = od_cli_conf(cli);
    struct reloaded r = {0};
    struct od_err err;
    if (!conf)
        return 1;
    int count = od_control_ask(conf->database.data_dir.ptr, OD_STR("reload"), on_answer, &r, &err);
    if (count == 0)
        count = od_err_set(&err, OD_ERR_NOT_FOUND, "no server runs on the data directory %s",
                           conf->database.data_dir.ptr);
    od_conf_unref(conf);
    if (count < 0)
        return od_cli_fail(&err);
    return r.refused ? 1 : 0;
}
