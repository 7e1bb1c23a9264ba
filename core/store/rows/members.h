#ifndef OD_STORE_ROWS_MEMBERS_H
#define OD_STORE_ROWS_MEMBERS_H

#include <stddef.h>

#include "pg/result.h"

struct od_json_writer;

/* A row of a result as members of a JSON object, by a table that has a line for each column. A
 * column that is null is written as null. */
enum od_member_type {
    OD_MEMBER_TEXT = 0,
    OD_MEMBER_I32,
    OD_MEMBER_I64,
    OD_MEMBER_ID, /* int8, of which 0 is written as null */
    OD_MEMBER_TIME,
    OD_MEMBER_JSON,
};

struct od_member {
    const char *key;
    enum od_member_type type;
};

/* Writes members[n], the columns from `first` on. */
void od_members_write(struct od_json_writer *w, const struct od_pg_result *r, int row, int first,
                      const struct od_member *members, size_t n);

#endif
