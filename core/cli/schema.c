#include <stdio.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "read/graphql/types.h"

/* schema: the types of GraphQL, for those who make a client of them. */

enum { SCHEMA_MAX = 1 << 20 };

int od_cli_schema(struct od_cli *cli)
{
    struct od_err err;
    struct od_buf out;

    if (cli->argc)
        return od_cli_misuse(cli, "it takes no arguments");
    struct od_gql_schema *schema = od_gql_orders_schema(&err);
    if (!schema)
        return od_cli_fail(&err);
    od_buf_init(&out, SCHEMA_MAX);
    od_gql_print_schema(&out, schema);
    bool failed = out.overflow || fwrite(out.ptr, 1, out.len, stdout) != out.len;
    od_buf_fini(&out);
    od_gql_schema_free(schema);
    return failed ? 1 : 0;
}
