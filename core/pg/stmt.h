#ifndef OD_PG_STMT_H
#define OD_PG_STMT_H

#include <stdint.h>

/*
 * A statement and its parameter types. Descriptors live as long as the process. A connection
 * prepares a statement when it first sends it, under the statement's name, which is unique in the
 * program. A statement without a name is parsed at each use, which suits one that runs once.
 */
struct od_pg_stmt {
    const char *name; /* NULL: never prepared */
    const char *sql;  /* one statement with $1 … $nparams */
    int nparams;
    const uint32_t *param_oids; /* [nparams] */
};

/* Type OIDs, fixed in PostgreSQL's catalog (src/include/catalog/pg_type.dat). */
enum {
    OD_PG_BOOL = 16,
    OD_PG_BYTEA = 17,
    OD_PG_INT8 = 20,
    OD_PG_INT4 = 23,
    OD_PG_TEXT = 25,
    OD_PG_JSON = 114,
    OD_PG_TIMESTAMPTZ = 1184,
    OD_PG_UUID = 2950,
    OD_PG_JSONB = 3802,
    OD_PG_XID8 = 5069,
    OD_PG_JSON_ARRAY = 199,
    OD_PG_BOOL_ARRAY = 1000,
    OD_PG_BYTEA_ARRAY = 1001,
    OD_PG_INT4_ARRAY = 1007,
    OD_PG_TEXT_ARRAY = 1009,
    OD_PG_INT8_ARRAY = 1016,
    OD_PG_TIMESTAMPTZ_ARRAY = 1185,
    OD_PG_UUID_ARRAY = 2951,
    OD_PG_JSONB_ARRAY = 3807,
};

#endif
