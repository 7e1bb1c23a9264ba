#ifndef OD_CLI_CLI_H
#define OD_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The command line is `orderd SUBCOMMAND [options] [arguments]`. Every subcommand takes -c FILE, -o
 * section.key=value (repeatable) and --help. The exit status is 0 for success, 1 for a failure that
 * was explained on standard error, and 2 for a wrong command line.
 */

struct od_conf;

struct od_cli {
    const char *conf_path; /* NULL: the default file is searched for */
    const char **overrides;
    size_t override_count;
    int argc; /* the arguments behind the common options */
    char **argv;
    const struct od_subcommand *subcommand;
    const char *lacks_value; /* an option that was given without one; od_cli_misuse says so */
};

struct od_subcommand {
    const char *name;
    const char *summary; /* one line */
    const char *usage;   /* the text behind the name: "--format olist|ndjson PATH" */
    const char *details; /* the rest of --help; may be NULL */
    int (*run)(struct od_cli *cli);
};

int od_cli_main(int argc, char **argv);

/* Loads the configuration that the options name. It explains a failure and returns NULL. */
struct od_conf *od_cli_conf(const struct od_cli *cli);
/* Sets the log level of the configuration, but leaves out lines that only matter for a server. */
void od_cli_quiet(const struct od_conf *conf);
/* Prints "orderd: origin: message" on standard error and returns 1. */
int od_cli_fail(const struct od_err *err);
/* Says what is wrong with the command line and prints its usage; returns 2. */
int od_cli_misuse(const struct od_cli *cli, const char *fmt, ...) OD_PRINTF(2, 3);
/* Takes "--name VALUE" or "--name=VALUE" out of the arguments and returns the value. NULL: the
 * option is not there, or it lacks its value; then it stays among the arguments for the caller to
 * refuse. */
const char *od_cli_option(struct od_cli *cli, const char *name);
/* Takes "--name" out of the arguments. True: it was there. */
bool od_cli_flag(struct od_cli *cli, const char *name);

int od_cli_serve(struct od_cli *cli);
int od_cli_check(struct od_cli *cli);
int od_cli_test(struct od_cli *cli);
int od_cli_plugin(struct od_cli *cli);
int od_cli_import(struct od_cli *cli);
int od_cli_mail(struct od_cli *cli);
int od_cli_export(struct od_cli *cli);
int od_cli_verify(struct od_cli *cli);
int od_cli_doctor(struct od_cli *cli);
int od_cli_backup(struct od_cli *cli);
int od_cli_restore(struct od_cli *cli);
int od_cli_reload(struct od_cli *cli);
int od_cli_bundle(struct od_cli *cli);
int od_cli_replay(struct od_cli *cli);
int od_cli_explain(struct od_cli *cli);
int od_cli_key(struct od_cli *cli);
int od_cli_user(struct od_cli *cli);
int od_cli_access(struct od_cli *cli);
int od_cli_schema(struct od_cli *cli);
int od_cli_deliveries(struct od_cli *cli);
int od_cli_projection(struct od_cli *cli);

#endif
