#ifndef OD_PG_RESULT_H
#define OD_PG_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/uuid.h"

struct pg_result; /* libpq's */

/*
 * The result of one statement. It is borrowed: it and every string from it are gone when the
 * callback returns. Values are binary. Reading a value as a type that it does not have, or a null
 * as anything but text, is a programmer's error.
 */
struct od_pg_result {
    const struct pg_result *pg;
    int rows, cols;
    int64_t affected; /* rows inserted, updated, deleted or selected */
    const char *tag;  /* the command tag: "COMMIT", "INSERT 0 3" */
};

bool od_pg_is_null(const struct od_pg_result *r, int row, int col);
bool od_pg_get_bool(const struct od_pg_result *r, int row, int col);
int32_t od_pg_get_i32(const struct od_pg_result *r, int row, int col); /* int2, int4 */
int64_t od_pg_get_i64(const struct od_pg_result *r, int row, int col); /* int2, int4, int8, xid8 */
/* text, varchar, json; absent when null. */
struct od_str od_pg_get_text(const struct od_pg_result *r, int row, int col);
struct od_str od_pg_get_bytea(const struct od_pg_result *r, int row, int col);
struct od_str od_pg_get_jsonb(const struct od_pg_result *r, int row, int col);
void od_pg_get_uuid(const struct od_pg_result *r, int row, int col, struct od_uuid *out);
int64_t od_pg_get_time(const struct od_pg_result *r, int row, int col); /* µs since 1970 */

#endif
