#include "pg/result.h"

#include <libpq-fe.h>
#include <stddef.h>

#include "base/assert.h"
#include "pg/wire.h"

static struct od_str value(const struct od_pg_result *r, int row, int col)
{
    OD_ASSERT(row >= 0 && row < r->rows && col >= 0 && col < r->cols);
    if (PQgetisnull(r->pg, row, col))
        return OD_STR_NONE;
    return od_str_n(PQgetvalue(r->pg, row, col), (size_t)PQgetlength(r->pg, row, col));
}

bool od_pg_is_null(const struct od_pg_result *r, int row, int col)
{
    return value(r, row, col).ptr == NULL;
}

bool od_pg_get_bool(const struct od_pg_result *r, int row, int col)
{
    struct od_str v = value(r, row, col);
    OD_ASSERT(v.ptr && v.len == 1);
    return v.ptr[0] != 0;
}

int64_t od_pg_get_i64(const struct od_pg_result *r, int row, int col)
{
    struct od_str v = value(r, row, col);
    OD_ASSERT(v.ptr && (v.len == 2 || v.len == 4 || v.len == 8));
    if (v.len == 8)
        return (int64_t)od_wire_get64(v.ptr);
    if (v.len == 4)
        return (int32_t)od_wire_get32(v.ptr);
    return (int16_t)(((uint8_t)v.ptr[0] << 8) | (uint8_t)v.ptr[1]);
}

int32_t od_pg_get_i32(const struct od_pg_result *r, int row, int col)
{
    OD_ASSERT(PQgetlength(r->pg, row, col) <= 4);
    return (int32_t)od_pg_get_i64(r, row, col);
}

struct od_str od_pg_get_text(const struct od_pg_result *r, int row, int col)
{
    return value(r, row, col);
}

struct od_str od_pg_get_bytea(const struct od_pg_result *r, int row, int col)
{
    return value(r, row, col);
}

struct od_str od_pg_get_jsonb(const struct od_pg_result *r, int row, int col)
{
    struct od_str v = value(r, row, col);
    OD_ASSERT(!v.ptr || (v.len > 0 && v.ptr[0] == 1)); /* the version byte */
    return v.ptr ? od_str_n(v.ptr + 1, v.len - 1) : v;
}

void od_pg_get_uuid(const struct od_pg_result *r, int row, int col, struct od_uuid *out)
{
    struct od_str v = value(r, row, col);
    OD_ASSERT(v.ptr && v.len == sizeof out->bytes);
    memcpy(out->bytes, v.ptr, sizeof out->bytes);
}

int64_t od_pg_get_time(const struct od_pg_result *r, int row, int col)
{
    int64_t us;
    /* infinity is INT64_MAX on the wire; it stays the largest time there is */
    if (__builtin_add_overflow(od_pg_get_i64(r, row, col), OD_PG_EPOCH_US, &us))
        return INT64_MAX;
    return us;
}
