#ifndef OD_CLI_BACKUP_DUMP_TOOL_H
#define OD_CLI_BACKUP_DUMP_TOOL_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"

/* Runs PostgreSQL's pg_dump and pg_restore to their end. */

/* Finds the directory that has both programs, of the server's major version or a newer one. */
int od_dump_tools_find(int32_t server_version, char bin[PATH_MAX],
                       struct od_err *err) OD_MUST_CHECK;

struct od_dump_tool {
    const char *bin;         /* from od_dump_tools_find */
    const char *name;        /* "pg_dump" */
    const char *const *args; /* NULL-terminated, without the name and the database */
    /* NULL: the program connects to no database. A password in it does not show in ps. */
    const char *conninfo;
    int in_fd;               /* 0: /dev/null */
    int out_fd;              /* -1: /dev/null */
    void (*tick)(void *ctx); /* is called now and then; may be NULL */
    void *ctx;
};

/* Runs the program, and the loop meanwhile. It fails with what the program said when the exit
 * status is not 0. */
int od_dump_tool_run(struct od_loop *loop, const struct od_dump_tool *t,
                     struct od_err *err) OD_MUST_CHECK;

#endif
