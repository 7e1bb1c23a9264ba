#include "engine/names.h"

#include <stdlib.h>
#include <string.h>

enum { REMEMBERED = 1 << 14 };

struct od_remembered {
    struct od_uuid uuid;
    int64_t order_id;
};

static const uint32_t uuid_oids[] = {OD_PG_UUID_ARRAY};
static const struct od_pg_stmt resolve_uuids = {
    .name = "resolve_uuids",
    .sql = "select uuid, order_id from orders where uuid = any($1)",
    .nparams = 1,
    .param_oids = uuid_oids,
};
static const uint32_t number_oids[] = {OD_PG_TEXT_ARRAY};
static const struct od_pg_stmt resolve_numbers = {
    .name = "resolve_numbers",
    .sql = "select order_number, order_id from orders where order_number = any($1)",
    .nparams = 1,
    .param_oids = number_oids,
};

void od_names_init(struct od_names *n, struct od_arena *arena)
{
    *n = (struct od_names){.arena = arena};
    n->memory = calloc(REMEMBERED, sizeof *n->memory);
    if (!n->memory)
        abort();
}

void od_names_fini(struct od_names *n)
{
    free(n->memory);
}

static struct od_remembered *slot(const struct od_names *n, const struct od_uuid *uuid)
{
    return &n->memory[od_hash(uuid->bytes, sizeof uuid->bytes) & (REMEMBERED - 1)];
}

int64_t od_names_recall(const struct od_names *n, const struct od_uuid *uuid)
{
    const struct od_remembered *m = slot(n, uuid);
    return memcmp(m->uuid.bytes, uuid->bytes, sizeof uuid->bytes) == 0 ? m->order_id : 0;
}

static struct od_str key_of(const struct od_order_ref *ref)
{
    if (ref->order_number.ptr)
        return ref->order_number;
    return od_str_n((const char *)ref->uuid.bytes, sizeof ref->uuid.bytes);
}

void od_names_begin(struct od_names *n)
{
    n->refs = NULL;
    n->count = n->cap = 0;
    od_map_init(&n->found);
}

void od_names_end(struct od_names *n)
{
    od_map_fini(&n->found);
}

void od_names_want(struct od_names *n, const struct od_order_ref *ref)
{
    n->refs = od_arena_grow(n->arena, n->refs, n->count, &n->cap, sizeof *n->refs);
    n->refs[n->count++] = ref;
}

int64_t od_names_found(const struct od_names *n, const struct od_order_ref *ref)
{
    const int64_t *id = od_map_get(&n->found, key_of(ref));
    return id ? *id : 0;
}

static void on_uuids(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_names *n = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        struct od_uuid *uuid = OD_NEW(n->arena, struct od_uuid);
        int64_t *id = OD_NEW(n->arena, int64_t);
        od_pg_get_uuid(res, i, 0, uuid);
        *id = od_pg_get_i64(res, i, 1);
        od_map_put(&n->found, od_str_n((const char *)uuid->bytes, sizeof uuid->bytes), id);
        *slot(n, uuid) = (struct od_remembered){*uuid, *id};
    }
}

static void on_numbers(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_names *n = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        int64_t *id = OD_NEW(n->arena, int64_t);
        *id = od_pg_get_i64(res, i, 1);
        od_map_put(&n->found, od_arena_str(n->arena, od_pg_get_text(res, i, 0)), id);
    }
}

/* The refs of one sort, if there are any. */
static void send_sort(struct od_names *n, struct od_pg_conn *conn, bool number)
{
    struct od_pg_params *p = NULL;
    for (size_t i = 0; i < n->count; i++) {
        const struct od_order_ref *ref = n->refs[i];
        if ((ref->order_number.ptr != NULL) != number)
            continue;
        if (!p) {
            p = od_pg_params(conn);
            od_pg_array_begin(p, number ? OD_PG_TEXT : OD_PG_UUID);
        }
        if (number)
            od_pg_array_text(p, ref->order_number);
        else
            od_pg_array_uuid(p, &ref->uuid);
    }
    if (!p)
        return;
    od_pg_array_end(p);
    od_pg_send(conn, number ? &resolve_numbers : &resolve_uuids, p, number ? on_numbers : on_uuids,
               n);
}

void od_names_send(struct od_names *n, struct od_pg_conn *conn)
{
    send_sort(n, conn, false);
    send_sort(n, conn, true);
}
