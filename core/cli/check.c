#include <stdio.h>

#include "rules/trial/checks.h"
#include "cli/cli.h"
#include "rules/make/shadow.h"
#include "base/terminal/columns.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "server/app.h"

/* check: configuration, rules and what they would do, without a database. */

static void print_rules(const struct od_rules *rules, struct od_buf *out)
{
    for (enum od_status_kind k = OD_STATUS_ORDER; k < OD_STATUS_KINDS; k++) {
        struct od_buf codes;
        od_buf_init(&codes, 64 << 10);
        for (uint32_t i = 0; i < rules->statuses.of[k].count; i++)
            od_buf_printf(&codes, " %.*s", OD_STR_ARG(rules->statuses.of[k].statuses[i].code));
        od_buf_printf(out, "  %-16s", od_status_kind_name(k));
        od_wrap(out, 18, 19, od_buf_view(&codes));
        od_buf_fini(&codes);
    }
    for (enum od_question q = OD_ASK_ORDER_STATUS; q < OD_QUESTIONS; q++) {
        struct od_str origin = od_bundle_provider_origin(rules->bundle, q);
        if (origin.ptr)
            od_buf_printf(out, "  %-16.*s answered by %.*s\n", OD_STR_ARG(od_question_name(q)),
                          OD_STR_ARG(origin));
    }
    od_buf_printf(out, "  bundle %s\n", rules->hash);
}

struct asked {
    bool print, states, all;
};

/* A shadow that cannot be made keeps nothing from serving: it only warns. */
static void check_shadow(struct od_conf *conf, struct od_buf *out)
{
    struct od_rules *rules;
    struct od_err err;
    if (od_shadow_rules(conf, &rules, &err))
        od_buf_printf(out, "warn    shadow: %s%s%s\n", err.origin, err.origin[0] ? ": " : "",
                      err.message);
    else
        od_rules_unref(rules);
}

/* 1 when a finding refuses the rules; -1 when they could not be checked. */
static int check(struct od_rules_source *source, const struct od_rules *rules,
                 const struct asked *asked, struct od_buf *out, struct od_err *err)
{
    struct od_arena arena;
    struct od_checks checks;
    od_arena_init(&arena);
    int rc = od_checks_run(source, rules, &arena, &checks, err);
    if (rc == 0) {
        print_rules(rules, out);
        if (asked->states)
            od_checks_print_states(&checks.model, out);
        if (asked->all)
            od_checks_print_ignored(&checks, rules->conf, out);
        od_checks_print(&checks, rules->conf, out);
        check_shadow(rules->conf, out);
        od_buf_printf(out, "%s: %s\n", rules->conf->file.ptr, checks.refusals ? "refused" : "ok");
        rc = checks.refusals > 0;
    }
    od_arena_fini(&arena);
    return rc;
}

static int make_and_check(struct od_rules_source *source, const struct asked *asked,
                          struct od_buf *out, struct od_err *err)
{
    struct od_rules *rules;
    if (od_rules_make(source, &rules, err) != 0)
        return -1;
    if (asked->print)
        od_conf_print(rules->conf, out);
    int rc = check(source, rules, asked, out, err);
    od_rules_unref(rules);
    return rc;
}

int od_cli_check(struct od_cli *cli)
{
    struct asked asked = {.print = od_cli_flag(cli, "--print"),
                          .states = od_cli_flag(cli, "--states"),
                          .all = od_cli_flag(cli, "--all")};
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    struct od_conf *conf = od_cli_conf(cli);
    struct od_rules_source source;
    struct od_buf out;
    struct od_err err;
    int rc = -1;
    if (!conf)
        return 1;
    od_buf_init(&out, 16 << 20);
    if (od_app_check(conf, &err) == 0 && od_rules_source_read(conf, &source, &err) == 0) {
        rc = make_and_check(&source, &asked, &out, &err);
        od_rules_source_fini(&source);
    }
    if (out.len)
        fwrite(out.ptr, 1, out.len, stdout);
    od_buf_fini(&out);
    od_conf_unref(conf);
    return rc < 0 ? od_cli_fail(&err) : rc;
}
