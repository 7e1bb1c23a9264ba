#include "store/rows/members.h"

#include "base/json/json.h"

static void write_value(struct od_json_writer *w, const struct od_pg_result *r, int row, int col,
                        enum od_member_type type)
{
    bool null =
        od_pg_is_null(r, row, col) || (type == OD_MEMBER_ID && od_pg_get_i64(r, row, col) == 0);
    if (null) {
        od_jw_null(w);
        return;
    }
    switch (type) {
    case OD_MEMBER_TEXT:
        od_jw_str(w, od_pg_get_text(r, row, col));
        break;
    case OD_MEMBER_I32:
        od_jw_i64(w, od_pg_get_i32(r, row, col));
        break;
    case OD_MEMBER_I64:
    case OD_MEMBER_ID:
        od_jw_i64(w, od_pg_get_i64(r, row, col));
        break;
    case OD_MEMBER_TIME:
        od_jw_time(w, od_pg_get_time(r, row, col));
        break;
    case OD_MEMBER_JSON:
        od_jw_raw(w, od_pg_get_text(r, row, col));
        break;
    }
}

void od_members_write(struct od_json_writer *w, const struct od_pg_result *r, int row, int first,
                      const struct od_member *members, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        od_jw_key(w, members[i].key);
        write_value(w, r, row, first + (int)i, members[i].type);
    }
}
