#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/cli.h"
#include "server/database.h"
#include "rules/trial/replay.h"
#include "rules/make/candidate.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "pg/wait.h"

/* orderd replay: what other rules would have made of the orders there are. */

enum { NICE = 10, SAMPLES = 5, SAMPLES_MAX = 1000, REPORT_MAX = 256 << 20, CONNECT_MS = 30000 };

struct replay_cli {
    struct od_candidate candidate;
    struct od_replay_options options;
    uint32_t samples;
    bool json;

    struct od_conf *conf;
    struct od_loop loop;
    struct od_database *database;
    struct od_pg_conn *conn;
    struct od_rules *base, *rules;
    bool active;
};

static bool take_question(const char *name, uint32_t *bits)
{
    for (int q = 0; q < OD_QUESTIONS; q++) {
        if (od_str_is(od_question_name((enum od_question)q), name)) {
            *bits |= 1u << q;
            return true;
        }
    }
    return false;
}

static int take_times(struct od_cli *cli, struct replay_cli *c)
{
    const char *since = od_cli_option(cli, "--since"), *until = od_cli_option(cli, "--until");
    if (since && !od_time_parse(od_str_of(since), &c->options.since))
        return od_cli_misuse(cli, "--since needs a time like 2026-01-31T00:00:00Z, not \"%s\"",
                             since);
    if (until && !od_time_parse(od_str_of(until), &c->options.until))
        return od_cli_misuse(cli, "--until needs a time like 2026-01-31T00:00:00Z, not \"%s\"",
                             until);
    return 0;
}

static int take_policies(struct od_cli *cli, struct replay_cli *c)
{
    const char *name;
    while ((name = od_cli_option(cli, "--policy"))) {
        if (!take_question(name, &c->options.questions))
            return od_cli_misuse(cli, "--policy \"%s\" is no question; order.cancel is one", name);
    }
    if (!c->options.questions)
        c->options.questions = ~0u;
    return 0;
}

static int take_samples(struct od_cli *cli, struct replay_cli *c)
{
    int64_t n = SAMPLES;
    const char *text = od_cli_option(cli, "--limit-samples");
    if (text && !od_str_to_i64(od_str_of(text), 0, SAMPLES_MAX, &n))
        return od_cli_misuse(cli, "--limit-samples needs a number from 0 to %d", SAMPLES_MAX);
    c->samples = (uint32_t)n;
    return 0;
}

static int take_options(struct od_cli *cli, struct replay_cli *c)
{
    int status;
    c->candidate = (struct od_candidate){
        .plugins = od_cli_option(cli, "--plugins"),
        .scripts = od_cli_option(cli, "--scripts"),
        .load = od_cli_option(cli, "--load"),
        .bundle = od_cli_option(cli, "--bundle"),
    };
    c->json = od_cli_flag(cli, "--json");
    c->options.hooks = !od_cli_flag(cli, "--no-hooks");
    bool progress = od_cli_flag(cli, "--progress");
    if (progress || isatty(STDERR_FILENO))
        c->options.progress = c->json && progress ? OD_REPLAY_LINES : OD_REPLAY_TERMINAL;
    c->options.progress_out = stderr;
    if ((status = take_times(cli, c)) || (status = take_policies(cli, c)) ||
        (status = take_samples(cli, c)))
        return status;
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    if (c->candidate.bundle && (c->candidate.plugins || c->candidate.scripts || c->candidate.load))
        return od_cli_misuse(cli, "--bundle is whole: no --plugins, --scripts or --load with it");
    return 0;
}

static int open_database(struct replay_cli *c, struct od_err *err)
{
    if (od_database_open_existing(&c->loop, c->conf, &c->database, err))
        return -1;
    struct od_pg_conn_conf conf = {.server = od_database_server(c->database),
                                   .setup = od_replay_setup};
    c->conn = od_pg_conn_new(&c->loop, &conf);
    return od_pg_wait_up(c->conn, CONNECT_MS, err);
}

static void print_report(struct replay_cli *c, struct od_replay_report *report)
{
    if (!c->json) {
        od_replay_report_print(report, stdout);
        return;
    }
    struct od_buf text;
    od_buf_init(&text, REPORT_MAX);
    od_replay_report_json(report, &text);
    printf("%.*s\n", OD_STR_ARG(od_buf_view(&text)));
    od_buf_fini(&text);
}

static int replay(struct replay_cli *c, struct od_err *err)
{
    struct od_replay_report report;
    od_replay_report_init(&report, c->samples);
    report.candidate = c->rules->hash;
    report.base = c->base->hash;
    report.base_active = c->active;
    report.plugins = od_bundle_plugins(c->rules->bundle, &report.plugin_count);
    report.since = c->options.since;
    report.until = c->options.until;
    int failed = od_replay_run(c->conn, c->base, c->rules, &c->options, &report, err);
    if (!failed)
        print_report(c, &report);
    od_replay_report_fini(&report);
    return failed;
}

static int run(struct replay_cli *c, struct od_err *err)
{
    if (open_database(c, err) || od_candidate_load(c->conn, c->conf, &c->candidate, &c->rules, err))
        return -1;
    if (od_active_rules_load(c->conn, c->conf, &c->base, &c->active, err))
        return -1;
    return replay(c, err);
}

int od_cli_replay(struct od_cli *cli)
{
    struct replay_cli c = {0};
    struct od_err err;
    int status = take_options(cli, &c);
    if (status)
        return status;
    c.conf = od_cli_conf(cli);
    if (!c.conf)
        return 1;
    od_cli_quiet(c.conf);
    setpriority(PRIO_PROCESS, 0, NICE); /* the server beside comes first; refused is no matter */
    od_loop_init(&c.loop);
    status = run(&c, &err) ? od_cli_fail(&err) : 0;
    od_rules_unref(c.rules);
    od_rules_unref(c.base);
    if (c.conn)
        od_pg_conn_free_wait(c.conn, &c.loop);
    od_database_close(c.database);
    od_loop_fini(&c.loop);
    od_conf_unref(c.conf);
    return status;
}
