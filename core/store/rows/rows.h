#ifndef OD_STORE_ROWS_ROWS_H
#define OD_STORE_ROWS_ROWS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "order/model/fields.h"
#include "pg/params.h"
#include "pg/result.h"
#include "pg/stmt.h"

struct od_pg_conn;

/*
 * The set-wise statements of each entity, made once from its field table, and the two functions
 * that carry a struct across: into an array of the table's row type and out of a result row.
 *
 *   select  $1 order_ids int8[]  -> order_id, fields…   order by order_id, keys
 *   lock    the same, `for update` (orders only)
 *   insert  $1 rows
 *   update  $1 rows, of which the keys and the mutable fields count
 *   remove  $1 rows, of which the keys count
 */
struct od_entity_sql {
    struct od_pg_stmt select, lock, insert, update, remove;
};

const struct od_entity_sql *od_store_sql(enum od_entity_kind kind);

/* A row to write: the order that it belongs to, and the entity. */
struct od_row {
    int64_t order_id;
    const void *entity;
};

struct od_rows {
    struct od_row *rows;
    size_t count, cap;
};

void od_rows_add(struct od_rows *r, struct od_arena *a, int64_t order_id, const void *entity);

/* The columns of a row that are sent. The others are sent as null. */
enum od_columns { OD_COLUMNS_ALL, OD_COLUMNS_MUTABLE /* keys and mutable */, OD_COLUMNS_KEY };

/* The OIDs of the tables' row types. They differ from database to database. */
struct od_row_types {
    uint32_t entity[OD_ENTITY_COUNT];
    uint32_t event;
};

/* Asks the database for them and runs the loop until they are there. */
int od_row_types_load(struct od_pg_conn *conn, struct od_row_types *out,
                      struct od_err *err) OD_MUST_CHECK;

/* Appends the rows as one array parameter. */
void od_rows_param(const struct od_rows *r, enum od_entity_kind kind, enum od_columns columns,
                   const struct od_row_types *types, struct od_pg_params *params);

/* Fills *entity from the columns of a row of `select`. Strings are copied to the arena. */
void od_row_read(const struct od_pg_result *r, int row, enum od_entity_kind kind, void *entity,
                 struct od_arena *a);

#endif
