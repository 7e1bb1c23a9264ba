#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"

static int run_version(struct od_cli *cli)
{
    (void)cli;
    printf("orderd %s\n", OD_VERSION);
    return 0;
}

static const struct od_subcommand subcommands[] = {
    {"serve", "run the server", "",
     "Prints one line with its address when it is ready. SIGTERM and SIGINT drain and stop it, "
     "the\n"
     "same once more drops connections at once; SIGHUP reloads configuration and scripts.",
     od_cli_serve},
    {"check", "check configuration, scripts and what they do, without a database",
     "[--print] [--states] [--all]",
     "  --print                 also every key with its value, and where it was set\n"
     "  --states                also what orders get into, and what is allowed then\n"
     "  --all                   also findings that [check] ignores\n"
     "Exit status 1, with file, line and reason, when the rules are refused ([check]).",
     od_cli_check},
    {"test", "run the plugins' own tests, without a database",
     "[PLUGIN | DIR]... [--name TEXT] [--coverage] [--threshold N]",
     "  PLUGIN                  only tests of this plugin of the configuration\n"
     "  DIR                     a plugin's folder, with the defaults of its settings\n"
     "  --name TEXT             only tests whose name contains TEXT\n"
     "  --coverage              also the lines and branches no test reached\n"
     "  --threshold N           fails when the tests reach less than N percent of the lines",
     od_cli_test},
    {"plugin", "begin a new plugin, or list those there are", "new NAME | list",
     "  new NAME                a folder with a manifest, a rule and its test\n"
     "  list                    every plugin with its settings, and what it may do",
     od_cli_plugin},
    {"reload", "make the running server take up changed configuration and scripts", "[--dry-run]",
     "  --dry-run               only say what would happen: the new bundle, what the checks find,\n"
     "                          the orders that [migrate] would move\n"
     "Exit status 1, with file, line and reason, when they are refused; the old rules then still\n"
     "serve.",
     od_cli_reload},
    {"bundle", "what served and serves, and moving servers between bundles",
     "list | show HASH [FILE] | activate HASH | rollback",
     "  list                    stored bundles, activations and running processes\n"
     "  show HASH [FILE]        its sources; with FILE that one as it is\n"
     "  activate HASH           makes every server of the database serve a stored bundle\n"
     "  rollback                one activation back, and again one further; never to a bundle "
     "that\n"
     "                          was rolled back automatically\n"
     "HASH may be the beginning of one.",
     od_cli_bundle},
    {"replay", "decide history again by other rules, and say what would differ",
     "[--plugins DIR] [--scripts DIR] [--load NAMES] [--bundle HASH] [--since TIME]\n"
     "       [--until TIME] [--policy QUESTION]... [--limit-samples N] [--no-hooks] [--json]\n"
     "       [--progress]",
     "The candidate is the configuration with --plugins, --scripts and --load in place of its "
     "own,\n"
     "or a bundle that the database keeps (HASH may be the beginning of one). Changes nothing.\n"
     "  --since TIME            only orders with events since then\n"
     "  --until TIME            as if nothing had happened from then on\n"
     "  --policy QUESTION       only this one (order.cancel, order.status, ...); may be repeated\n"
     "  --limit-samples N       orders named for each kind of difference (default 5)\n"
     "  --no-hooks              do not compare notifications",
     od_cli_replay},
    {"explain", "tell why an order is as it is: rules, versions and reasons", "[--json] ORDER",
     "ORDER is its number, id or uuid.", od_cli_explain},
    {"deliveries", "what was sent to whom: look, send again, pause a target",
     "[list | show ID | redeliver ID | redeliver --target NAME | targets |\n"
     "        pause NAME | resume NAME | test NAME | rederive --since TIME]",
     "  list                    the newest first; also without a word\n"
     "  show ID                 one, with its body, every attempt and what it led to\n"
     "  redeliver ID            sends it again; with --target all that were sent or given up\n"
     "  targets                 where things are sent, how each fares and how much waits\n"
     "  pause, resume, test     a target; to resume one that was disabled begins it again\n"
     "  rederive                runs the rules that serve over past events and says what they\n"
     "                          would send differently from what was sent; sends nothing\n"
     "  --target NAME           only this target\n"
     "  --state STATE           list: only queued, delivered or failed ones\n"
     "  --order ORDER           list: only of this order\n"
     "  --since, --until TIME   only those made, or events that happened, in this time\n"
     "  --failed                redeliver: only those that were given up\n"
     "  --limit N               list: so many at most; rederive: so many samples\n"
     "  --json                  for programs",
     od_cli_deliveries},
    {"mail", "show what a mail would say, by the templates as they are on disk",
     "preview TEMPLATE ORDER [--language TAG] [--html | --json]",
     "  --language TAG          de, pt-br, ...; default: the order's, then [shop] language\n"
     "  --html                  the HTML instead of subject and text\n"
     "  --json                  all of it\n"
     "Sends nothing.",
     od_cli_mail},
    {"import", "import orders", "--format olist|ndjson [--report FILE] PATH",
     "  --format olist DIR      the six CSV files of the Olist data set, as history\n"
     "  --format ndjson FILE    orders as the API takes them, one a line; - is standard input\n"
     "  --report FILE           where each oddity and refusal is listed (NDJSON)\n"
     "Running the same import again changes nothing. An order whose number or uuid is taken by\n"
     "one that was placed with other content is not imported, and the report names the fields\n"
     "that differ. Exit status 1 when an order could not be imported; the others are.",
     od_cli_import},
    {"export", "write orders to a CSV file", "[--from TIME] [--to TIME] [--items] FILE",
     "  FILE                    - is standard output; a file appears when it is complete\n"
     "  --from TIME             only orders placed since then, as 2026-01-01T00:00:00Z\n"
     "  --to TIME               only orders placed before\n"
     "  --items                 a row for each item of an order, instead of one for the order\n"
     "The orders are as they were at one moment. Texts that a spreadsheet would run as a formula\n"
     "have an apostrophe in front.",
     od_cli_export},
    {"backup", "copy the database to a file, from one snapshot", "FILE | DIR",
     "  FILE                    appears when it is complete and was read back; mode 0600\n"
     "  DIR                     a file in it, named for the time\n"
     "Safe beside a running server. The file is an archive of pg_dump, which pg_restore reads, "
     "too.",
     od_cli_backup},
    {"restore", "make a backup the database, and verify it", "[--replace] FILE",
     "  --replace               in place of the database that is there, which is dropped when the\n"
     "                          restored one has been verified\n"
     "Refuses a database that is not empty, and one in use. When it fails nothing has changed.\n"
     "What the backup had not delivered yet is delivered by the next server on the database; what\n"
     "was delivered is not sent again. Exit status 1 also when the restored books do not add up.",
     od_cli_restore},
    {"verify", "prove that every order's rows are what its events add up to", "",
     "Names each order and SKU that differs; exit status 1 when there is one. Safe beside a\n"
     "running server.",
     od_cli_verify},
    {"projection", "show what lists and reports are answered from, or make it anew",
     "list | rebuild NAME",
     "  list      each projection: orders in it, orders it is behind, events that its sweep has "
     "not\n"
     "            passed, when it was built, its size\n"
     "  rebuild   makes its tables anew beside the live ones, and swaps them; running servers "
     "answer\n"
     "            from the old ones until then",
     od_cli_projection},
    {"doctor", "look at what keeps orderd from its promises, and say what to do", "",
     "Looks at the database: reachable, its version, its clock, settings that weaken what was\n"
     "confirmed, transactions that are open for long, and how far the feed is behind and because "
     "of\n"
     "whom. Changes nothing. Exit status 1 when something is wrong.",
     od_cli_doctor},
    {"access", "say who may do what", "matrix | roles | permissions",
     "  matrix                  every permission, with the roles that have it and the commands "
     "that "
     "need\n"
     "                          it\n"
     "  roles                   the roles of the configuration, with the fields and stores they "
     "see\n"
     "  permissions             what there is to permit",
     od_cli_access},
    {"user", "manage the people who may log in",
     "add|list|role|reset|disable|enable [EMAIL] [ROLE] [options]",
     "  add EMAIL --role ROLE [--name NAME]   makes a user\n"
     "  list                                  shows all\n"
     "  role EMAIL ROLE                       gives another role\n"
     "  reset EMAIL [--totp]                  lets choose another password; --totp gives up the "
     "second\n"
     "                                        factor as well\n"
     "  disable EMAIL, enable EMAIL           ends all sessions, and lets log in again\n"
     "add and reset print a one-time link by which the user chooses a password. All of it holds at "
     "once.",
     od_cli_user},
    {"key", "manage API keys", "add|list|rotate|revoke [NAME] [options]",
     "  add NAME --role ROLE [--scope LIST] [--store LIST] [--expires 90d] [--purpose TEXT]\n"
     "                                        --scope: permissions that it has of its role's\n"
     "  list                                  shows all, and when each was used last\n"
     "  rotate NAME [--overlap 24h]           makes another key; the one before works on for that "
     "time\n"
     "  revoke NAME                           ends it\n"
     "A new key is printed once; the database keeps only its SHA-256. Running servers refuse a\n"
     "revoked one at once.",
     od_cli_key},
    {"schema", "print the types of GraphQL, or check documents against them",
     "[--from FILE] [DOCUMENT...]",
     "Prints the schema, which is conf/schema.graphql of this version. With documents it checks\n"
     "each file by the rules of the specification, and names line, column and rule of each fault;\n"
     "exit status 1 when there is one.\n"
     "  --from FILE   take the types from FILE instead, such as those of another version",
     od_cli_schema},
    {"version", "print the version", "", NULL, run_version},
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static void print_usage(FILE *out)
{
    fprintf(out, "usage: orderd SUBCOMMAND [-c FILE] [-o section.key=value]... [arguments]\n\n");
    for (int i = 0; i < SUBCOMMANDS; i++)
        fprintf(out, "  %-10s %s\n", subcommands[i].name, subcommands[i].summary);
    fprintf(out, "\n`orderd SUBCOMMAND --help` says more about one.\n");
}

static void print_help(const struct od_subcommand *s, FILE *out)
{
    fprintf(out, "usage: orderd %s [-c FILE] [-o section.key=value]...%s%s\n\n%s\n\n", s->name,
            *s->usage ? "\n       " : "", s->usage, s->summary);
    if (s->details)
        fprintf(out, "%s\n\n", s->details);
    fprintf(out, "  -c FILE               the configuration (default: conf/orderd.ini beside the\n"
                 "                        sources, or /etc/orderd/orderd.ini)\n"
                 "  -o section.key=value  overrides a key of it; may be repeated\n");
}

int od_cli_fail(const struct od_err *err)
{
    fprintf(stderr, "orderd: %s%s%s\n", err->origin, err->origin[0] ? ": " : "", err->message);
    return 1;
}

int od_cli_misuse(const struct od_cli *cli, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "orderd %s: ", cli->subcommand->name);
    if (cli->lacks_value)
        fprintf(stderr, "%s needs a value", cli->lacks_value);
    else
        vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\n");
    print_help(cli->subcommand, stderr);
    return 2;
}

struct od_conf *od_cli_conf(const struct od_cli *cli)
{
    struct od_conf *conf;
    struct od_err err;
    if (od_conf_load(cli->conf_path ? cli->conf_path : od_conf_default_file(), cli->overrides,
                     cli->override_count, &conf, &err)) {
        od_cli_fail(&err);
        return NULL;
    }
    return conf;
}

void od_cli_quiet(const struct od_conf *conf)
{
    enum od_log_level level = (enum od_log_level)conf->log.level;
    od_log_set_level(level == OD_LOG_INFO ? OD_LOG_WARN : level);
}

static void drop_arguments(struct od_cli *cli, int at, int count)
{
    memmove(cli->argv + at, cli->argv + at + count,
            (size_t)(cli->argc - at - count) * sizeof *cli->argv);
    cli->argc -= count;
}

const char *od_cli_option(struct od_cli *cli, const char *name)
{
    size_t len = strlen(name);
    for (int i = 0; i < cli->argc; i++) {
        const char *arg = cli->argv[i];
        if (strncmp(arg, name, len) != 0)
            continue;
        if (arg[len] == '=') {
            drop_arguments(cli, i, 1);
            return arg + len + 1;
        }
        if (arg[len])
            continue;
        if (i + 1 < cli->argc && strncmp(cli->argv[i + 1], "--", 2) != 0) {
            const char *value = cli->argv[i + 1];
            drop_arguments(cli, i, 2);
            return value;
        }
        cli->lacks_value = name;
    }
    return NULL;
}

bool od_cli_flag(struct od_cli *cli, const char *name)
{
    for (int i = 0; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], name) == 0) {
            drop_arguments(cli, i, 1);
            return true;
        }
    }
    return false;
}

/* Takes the common options out of the arguments; false when one lacks its value. */
static bool take_common(struct od_cli *cli)
{
    const char *value;
    while ((value = od_cli_option(cli, "-c")))
        cli->conf_path = value;
    while ((value = od_cli_option(cli, "-o")))
        cli->overrides[cli->override_count++] = value;
    return !cli->lacks_value;
}

static bool wants_help(const struct od_cli *cli)
{
    for (int i = 0; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], "--help") == 0 || strcmp(cli->argv[i], "-h") == 0)
            return true;
    }
    return false;
}

static const struct od_subcommand *find(const char *name)
{
    for (int i = 0; i < SUBCOMMANDS; i++) {
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    }
    return NULL;
}

int od_cli_main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return 0;
    }
    struct od_cli cli = {
        .argc = argc - 2,
        .argv = argv + 2,
        .subcommand = find(strcmp(argv[1], "--version") == 0 ? "version" : argv[1]),
        .overrides = calloc((size_t)argc, sizeof(const char *)),
    };
    if (!cli.overrides)
        abort();
    int status;
    if (!cli.subcommand) {
        fprintf(stderr, "orderd: there is no subcommand \"%s\"\n", argv[1]);
        print_usage(stderr);
        status = 2;
    } else if (wants_help(&cli)) {
        print_help(cli.subcommand, stdout);
        status = 0;
    } else if (!take_common(&cli)) {
        status = od_cli_misuse(&cli, "an option needs a value");
    } else {
        status = cli.subcommand->run(&cli);
    }
    free(cli.overrides);
    return status;
}
