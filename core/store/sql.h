#ifndef OD_STORE_SQL_H
#define OD_STORE_SQL_H

#include <stdint.h>

#include "base/arena.h"
#include "order/fields.h"
#include "pg/params.h"
#include "pg/result.h"
#include "pg/stmt.h"

/*
 * The set-wise statements of each entity, made once from its field table, and the two functions
 * that carry a struct across: into parameter arrays (one array per column) and out of a result row.
 *
 *   select  $1 order_ids int8[]                  -> order_id, fields…   order by order_id, keys
 *   lock    the same, `for update` (orders only)
 *   insert  $1 order_ids, then one array a field
 *   upsert  the same, replaces the mutable fields of a row that exists
 *   update  $1 order_ids, keys, mutable fields
 *   remove  $1 order_ids, keys
 */
struct od_entity_sql {
    struct od_pg_stmt select, lock, insert, upsert, update, remove;
};

const struct od_entity_sql *od_store_sql(enum od_entity_kind kind);

/* One row to write: the order it belongs to and the entity. */
struct od_row {
    int64_t order_id;
    const void *entity;
};

struct od_rows {
    struct od_row *rows;
    size_t count, cap;
};

void od_rows_add(struct od_rows *r, struct od_arena *a, int64_t order_id, const void *entity);

/* Which columns a statement takes, besides order_id. */
enum od_columns { OD_COLUMNS_ALL, OD_COLUMNS_MUTABLE /* keys and mutable */, OD_COLUMNS_KEY };

/* Appends $1 … as parameter arrays. */
void od_rows_params(const struct od_rows *r, enum od_entity_kind kind, enum od_columns columns,
                    struct od_pg_params *params);

/* Fills *entity from the columns of a `select` result; strings are copied to the arena. */
void od_row_read(const struct od_pg_result *r, int row, enum od_entity_kind kind, void *entity,
                 struct od_arena *a);

#endif
