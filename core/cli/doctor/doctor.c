#include "cli/doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"
#include "conf/conf.h"
#include "pg/conn.h"
#include "pg/wait.h"
#include "server/database.h"

enum { CONNECT_MS = 10000 };

void od_doctor_find(struct od_doctor *d, enum od_finding what, const char *advice, const char *fmt,
                    ...)
{
    static const char *const words[] = {"ok", "note", "WRONG"};
    va_list args;
    va_start(args, fmt);
    printf("%-5s  %-12s ", words[what], d->check);
    vprintf(fmt, args);
    putchar('\n');
    va_end(args);
    if (advice)
        printf("                    -> %s\n", advice);
    d->found[what]++;
}

static void run_checks(struct od_doctor *d)
{
    for (const struct od_doctor_check *c = od_doctor_checks; c->name; c++) {
        struct od_err err;
        d->check = c->name;
        if (c->needs_schema && !d->migration)
            continue;
        if (c->run(d, &err))
            od_doctor_find(d, OD_FINDING_WRONG, NULL, "cannot be checked: %s", err.message);
    }
}

static void examine(struct od_doctor *d, struct od_pg_server *server)
{
    static const char *const setup[] = {"set application_name = 'orderd doctor'",
                                        "set statement_timeout = 10000", "set jit = off", NULL};
    struct od_err err;
    struct od_pg_conn_conf conf = {.server = server, .setup = setup, .quiet = true};
    d->conn = od_pg_conn_new(d->loop, &conf);
    d->check = "database";
    if (od_pg_wait_up(d->conn, CONNECT_MS, &err))
        od_doctor_find(
            d, OD_FINDING_WRONG,
            "check that PostgreSQL runs, and [database] url, its password and pg_hba.conf",
            "cannot be reached: %s", err.message);
    else
        run_checks(d);
    od_pg_conn_free_wait(d->conn, d->loop);
}

int od_cli_doctor(struct od_cli *cli)
{
    struct od_doctor d = {.check = "database"};
    struct od_database *database = NULL;
    struct od_loop loop;
    struct od_err err;
    if (cli->argc)
        return od_cli_misuse(cli, "takes no argument \"%s\"", cli->argv[0]);
    struct od_conf *conf = od_cli_conf(cli);
    if (!conf)
        return 1;
    od_cli_quiet(conf);
    od_loop_init(&loop);
    d.conf = conf;
    d.loop = &loop;
    if (od_database_exists(conf, &err) || od_database_reach(&loop, conf, &database, &err))
        od_doctor_find(&d, OD_FINDING_WRONG, NULL, "%s", err.message);
    else
        examine(&d, od_database_server(database));
    od_database_close(database);
    od_loop_fini(&loop);
    od_conf_unref(conf);
    uint32_t wrong = d.found[OD_FINDING_WRONG];
    printf("%u wrong, %u worth knowing, %u fine\n", wrong, d.found[OD_FINDING_NOTE],
           d.found[OD_FINDING_FINE]);
    return wrong ? 1 : 0;
}
