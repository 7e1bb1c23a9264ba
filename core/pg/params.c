#include "pg/params.h"

#include <limits.h>

#include "base/assert.h"
#include "pg/stmt.h"
#include "pg/wire.h"

/* array_send in src/backend/utils/adt/arrayfuncs.c: dimensions, a has-null flag and the element
 * type; for each dimension its size and lower bound; for each element its length (-1: null) and
 * bytes. An empty array has no dimension. */
#define ARRAY_HEADER       20
#define ARRAY_HEADER_EMPTY 12

/* The version byte before a jsonb value (jsonb_recv). */
#define JSONB_VERSION 1

void od_pg_params_init(struct od_pg_params *p, size_t max_bytes)
{
    OD_ASSERT(max_bytes <= INT_MAX);
    od_buf_init(&p->buf, max_bytes);
    p->count = 0;
    p->element = 0;
}

void od_pg_params_reset(struct od_pg_params *p)
{
    od_buf_reset(&p->buf);
    p->count = 0;
    p->element = 0;
}

void od_pg_params_fini(struct od_pg_params *p)
{
    od_buf_fini(&p->buf);
}

static void open_param(struct od_pg_params *p)
{
    OD_ASSERT(p->count < OD_PG_PARAMS_MAX && p->element == 0);
    p->offsets[p->count] = p->buf.len;
    p->lengths[p->count] = -1;
}

static void close_param(struct od_pg_params *p)
{
    p->lengths[p->count] = (int)(p->buf.len - p->offsets[p->count]);
    p->count++;
}

static void put32(struct od_pg_params *p, uint32_t v)
{
    char *at = od_buf_reserve(&p->buf, sizeof v);
    if (!at)
        return;
    od_wire_put32(at, v);
    od_buf_commit(&p->buf, sizeof v);
}

static void put64(struct od_pg_params *p, uint64_t v)
{
    char *at = od_buf_reserve(&p->buf, sizeof v);
    if (!at)
        return;
    od_wire_put64(at, v);
    od_buf_commit(&p->buf, sizeof v);
}

/* In uint64_t, where overflow wraps: a time out of range is the server's to refuse. */
static uint64_t to_pg_time(int64_t us)
{
    return (uint64_t)us - (uint64_t)OD_PG_EPOCH_US;
}

void od_pg_null(struct od_pg_params *p)
{
    open_param(p);
    p->count++;
}

void od_pg_bool(struct od_pg_params *p, bool v)
{
    open_param(p);
    od_buf_char(&p->buf, v ? 1 : 0);
    close_param(p);
}

void od_pg_i32(struct od_pg_params *p, int32_t v)
{
    open_param(p);
    put32(p, (uint32_t)v);
    close_param(p);
}

void od_pg_i64(struct od_pg_params *p, int64_t v)
{
    open_param(p);
    put64(p, (uint64_t)v);
    close_param(p);
}

void od_pg_text(struct od_pg_params *p, struct od_str s)
{
    if (!s.ptr) {
        od_pg_null(p);
        return;
    }
    open_param(p);
    od_buf_str(&p->buf, s);
    close_param(p);
}

void od_pg_bytea(struct od_pg_params *p, struct od_str s)
{
    od_pg_text(p, s);
}

void od_pg_jsonb(struct od_pg_params *p, struct od_str s)
{
    if (!s.ptr) {
        od_pg_null(p);
        return;
    }
    open_param(p);
    od_buf_char(&p->buf, JSONB_VERSION);
    od_buf_str(&p->buf, s);
    close_param(p);
}

void od_pg_uuid(struct od_pg_params *p, const struct od_uuid *u)
{
    od_pg_text(p, u ? od_str_n((const char *)u->bytes, sizeof u->bytes) : OD_STR_NONE);
}

void od_pg_time(struct od_pg_params *p, int64_t us)
{
    open_param(p);
    put64(p, to_pg_time(us));
    close_param(p);
}

void od_pg_given_i64(struct od_pg_params *p, int64_t v)
{
    if (v)
        od_pg_i64(p, v);
    else
        od_pg_null(p);
}

void od_pg_given_time(struct od_pg_params *p, int64_t us)
{
    if (us)
        od_pg_time(p, us);
    else
        od_pg_null(p);
}

void od_pg_array_begin(struct od_pg_params *p, uint32_t element_oid)
{
    open_param(p);
    p->element = element_oid;
    p->elements = 0;
    p->has_null = false;
    p->row = 0;
    if (od_buf_reserve(&p->buf, ARRAY_HEADER))
        od_buf_commit(&p->buf, ARRAY_HEADER);
}

static void element(struct od_pg_params *p, size_t len)
{
    OD_ASSERT(p->element != 0);
    p->elements += p->row == 0;
    put32(p, (uint32_t)len);
}

void od_pg_array_null(struct od_pg_params *p)
{
    element(p, UINT32_MAX);
    p->has_null |= p->row == 0;
}

void od_pg_array_bool(struct od_pg_params *p, bool v)
{
    element(p, 1);
    od_buf_char(&p->buf, v ? 1 : 0);
}

void od_pg_array_i32(struct od_pg_params *p, int32_t v)
{
    element(p, sizeof v);
    put32(p, (uint32_t)v);
}

void od_pg_array_i64(struct od_pg_params *p, int64_t v)
{
    element(p, sizeof v);
    put64(p, (uint64_t)v);
}

void od_pg_array_text(struct od_pg_params *p, struct od_str s)
{
    bool jsonb = p->element == OD_PG_JSONB;
    if (!s.ptr) {
        od_pg_array_null(p);
        return;
    }
    element(p, s.len + jsonb);
    if (jsonb)
        od_buf_char(&p->buf, JSONB_VERSION);
    od_buf_str(&p->buf, s);
}

void od_pg_array_uuid(struct od_pg_params *p, const struct od_uuid *u)
{
    od_pg_array_text(p, u ? od_str_n((const char *)u->bytes, sizeof u->bytes) : OD_STR_NONE);
}

void od_pg_array_time(struct od_pg_params *p, int64_t us)
{
    element(p, sizeof us);
    put64(p, to_pg_time(us));
}

void od_pg_array_end(struct od_pg_params *p)
{
    OD_ASSERT(p->element != 0);
    if (!p->buf.overflow) {
        char *header = p->buf.ptr + p->offsets[p->count];
        od_wire_put32(header, p->elements > 0);
        od_wire_put32(header + 4, p->has_null);
        od_wire_put32(header + 8, p->element);
        od_wire_put32(header + 12, (uint32_t)p->elements);
        od_wire_put32(header + 16, 1);
        if (p->elements == 0)
            p->buf.len -= ARRAY_HEADER - ARRAY_HEADER_EMPTY;
    }
    p->element = 0;
    close_param(p);
}

/* record_send in src/backend/utils/adt/rowtypes.c: the number of columns; for each its type, length
 * (-1: null) and bytes. */
void od_pg_row_begin(struct od_pg_params *p, int32_t columns)
{
    OD_ASSERT(p->row == 0);
    element(p, 0);
    p->row = p->buf.len;
    put32(p, (uint32_t)columns);
}

void od_pg_row_column(struct od_pg_params *p, uint32_t oid)
{
    put32(p, oid);
}

void od_pg_row_end(struct od_pg_params *p)
{
    OD_ASSERT(p->row != 0);
    if (!p->buf.overflow)
        od_wire_put32(p->buf.ptr + p->row - sizeof(uint32_t), (uint32_t)(p->buf.len - p->row));
    p->row = 0;
}
