#include <stdio.h>

#include "base/buf.h"
#include "base/files.h"
#include "cli/cli.h"
#include "read/graphql/parser.h"
#include "read/graphql/types.h"
#include "read/graphql/validate.h"

/* schema: the types of GraphQL for those who make a client of them, and a check of its documents.
 */

enum { TEXT_MAX = 1 << 20, FAULTS_MAX = 1000, DEPTH_MAX = 200 };

static int print_schema(const struct od_gql_schema *schema)
{
    struct od_buf out;

    od_buf_init(&out, TEXT_MAX);
    od_gql_print_schema(&out, schema);
    bool failed = out.overflow || fwrite(out.ptr, 1, out.len, stdout) != out.len;
    od_buf_fini(&out);
    return failed ? 1 : 0;
}

static void print_faults(const char *path, struct od_str source, const struct od_gql_faults *faults)
{
    for (const struct od_gql_fault *f = faults->first; f; f = f->next) {
        struct od_gql_place at = od_gql_place_of(source, f->places[0]);
        printf("%s:%u:%u: %.*s (%s)\n", path, at.line, at.column, OD_STR_ARG(f->message),
               od_gql_rule_name(f->rule));
    }
}

/* Returns 1 when the document is not valid or cannot be read. */
static int check(const struct od_gql_schema *schema, const char *path)
{
    const struct od_gql_limits limits = {TEXT_MAX, UINT32_MAX, DEPTH_MAX};
    struct od_gql_document *document;
    struct od_gql_faults faults;
    struct od_arena arena;
    struct od_str source;
    struct od_err err;
    int failed;

    od_arena_init(&arena);
    od_gql_faults_init(&faults, &arena, FAULTS_MAX);
    if (od_file_read(path, TEXT_MAX, &arena, &source, &err)) {
        failed = od_cli_fail(&err);
    } else {
        if (od_gql_parse(&arena, source, &limits, &document, &faults) == 0)
            od_gql_validate(schema, document, &arena, &faults);
        print_faults(path, source, &faults);
        failed = faults.count > 0;
    }
    od_arena_fini(&arena);
    return failed;
}

static struct od_gql_schema *schema_of(const char *path, struct od_err *err)
{
    struct od_gql_schema *schema = NULL;
    struct od_arena arena;
    struct od_str text;

    if (!path)
        return od_gql_orders_schema(err);
    od_arena_init(&arena);
    if (od_file_read(path, TEXT_MAX, &arena, &text, err) == 0)
        schema = od_gql_schema_new(&text, 1, err);
    od_arena_fini(&arena);
    return schema;
}

int od_cli_schema(struct od_cli *cli)
{
    const char *from = od_cli_option(cli, "--from");
    struct od_err err;
    int failed = 0;

    for (int i = 0; i < cli->argc; i++) {
        if (cli->argv[i][0] == '-')
            return od_cli_misuse(cli, "unknown option \"%s\"", cli->argv[i]);
    }
    struct od_gql_schema *schema = schema_of(from, &err);
    if (!schema)
        return od_cli_fail(&err);
    if (!cli->argc)
        failed = print_schema(schema);
    for (int i = 0; i < cli->argc; i++)
        failed |= check(schema, cli->argv[i]);
    od_gql_schema_free(schema);
    return failed;
}
