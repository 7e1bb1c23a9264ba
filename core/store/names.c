#include "store/names.h"

#include <stdlib.h>
#include <string.h>

enum { REMEMBERED = 1 << 14 };

struct od_remembered {
    struct od_uuid uuid;
    int64_t order_id;
};

/* Who answers to a uuid or a number. */
struct od_name {
    int64_t order_id;    /* 0: nobody */
    int64_t id_order;    /* digits: the order with that id; 0: none */
    struct od_str by_id; /* digits: its number */
    bool digits_are_ids; /* no order has a number of digits alone */
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
/* The index orders_digit_number answers whether there is any number of digits. */
static const uint32_t digits_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY};
static const struct od_pg_stmt resolve_digits = {
    .name = "resolve_digits",
    .sql = "select w.number, n.order_id, i.order_id, i.order_number,"
           " not exists (select from orders where order_number !~ '[^0-9]')"
           " from unnest($1, $2) w (number, id)"
           " left join orders n on n.order_number = w.number"
           " left join orders i on i.order_id = w.id",
    .nparams = 2,
    .param_oids = digits_oids,
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

static bool is_digits(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return s.len > 0;
}

int od_names_found(const struct od_names *n, const struct od_order_ref *ref, int64_t *order_id,
                   struct od_err *err)
{
    const struct od_name *name = od_map_get(&n->found, key_of(ref));
    *order_id = 0;
    if (!name)
        return 0;
    *order_id = name->order_id ? name->order_id : name->digits_are_ids ? name->id_order : 0;
    if (!*order_id && name->id_order)
        return od_err_set(err, OD_ERR_NOT_FOUND,
                          "There is no order with the number \"%.*s\". The order with that id "
                          "has the number \"%.*s\"; its id is written id:%.*s.",
                          OD_STR_ARG(ref->order_number), OD_STR_ARG(name->by_id),
                          OD_STR_ARG(ref->order_number));
    if (name->order_id && name->id_order && name->order_id != name->id_order &&
        !is_digits(name->by_id))
        return od_err_set(err, OD_ERR_AMBIGUOUS,
                          "\"%.*s\" is the number of one order, id:%lld, and the id of another, "
                          "\"%.*s\". Name the one that is meant by id:%lld, by id:%.*s or by its "
                          "uuid.",
                          OD_STR_ARG(ref->order_number), (long long)name->order_id,
                          OD_STR_ARG(name->by_id), (long long)name->order_id,
                          OD_STR_ARG(ref->order_number));
    return 0;
}

static struct od_name *add(struct od_names *n, struct od_str key, int64_t order_id)
{
    struct od_name *name = OD_NEW(n->arena, struct od_name);
    name->order_id = order_id;
    od_map_put(&n->found, key, name);
    return name;
}

static void on_uuids(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_names *n = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        struct od_uuid *uuid = OD_NEW(n->arena, struct od_uuid);
        od_pg_get_uuid(res, i, 0, uuid);
        int64_t id = od_pg_get_i64(res, i, 1);
        (void)add(n, od_str_n((const char *)uuid->bytes, sizeof uuid->bytes), id);
        *slot(n, uuid) = (struct od_remembered){*uuid, id};
    }
}

static void on_numbers(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_names *n = ctx;
    for (int i = 0; !err && i < res->rows; i++)
        (void)add(n, od_arena_str(n->arena, od_pg_get_text(res, i, 0)), od_pg_get_i64(res, i, 1));
}

static void on_digits(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_names *n = ctx;
    for (int i = 0; !err && i < res->rows; i++) {
        int64_t by_number = od_pg_is_null(res, i, 1) ? 0 : od_pg_get_i64(res, i, 1);
        struct od_name *name = add(n, od_arena_str(n->arena, od_pg_get_text(res, i, 0)), by_number);
        name->digits_are_ids = od_pg_get_bool(res, i, 4);
        if (od_pg_is_null(res, i, 2))
            continue;
        name->id_order = od_pg_get_i64(res, i, 2);
        name->by_id = od_arena_str(n->arena, od_pg_get_text(res, i, 3));
    }
}

static void send_uuids(struct od_names *n, struct od_pg_conn *conn)
{
    struct od_pg_params *p = NULL;
    for (size_t i = 0; i < n->count; i++) {
        if (n->refs[i]->order_number.ptr)
            continue;
        if (!p)
            od_pg_array_begin(p = od_pg_params(conn), OD_PG_UUID);
        od_pg_array_uuid(p, &n->refs[i]->uuid);
    }
    if (!p)
        return;
    od_pg_array_end(p);
    od_pg_send(conn, &resolve_uuids, p, on_uuids, n);
}

/* Numbers; or those of digits, each with the id that it could be. */
static void send_numbers(struct od_names *n, struct od_pg_conn *conn, bool digits)
{
    struct od_pg_params *p = NULL;
    for (size_t i = 0; i < n->count; i++) {
        const struct od_order_ref *ref = n->refs[i];
        if (!ref->order_number.ptr || (ref->digits != 0) != digits)
            continue;
        if (!p)
            od_pg_array_begin(p = od_pg_params(conn), OD_PG_TEXT);
        od_pg_array_text(p, ref->order_number);
    }
    if (!p)
        return;
    od_pg_array_end(p);
    if (digits) {
        od_pg_array_begin(p, OD_PG_INT8);
        for (size_t i = 0; i < n->count; i++) {
            if (n->refs[i]->order_number.ptr && n->refs[i]->digits)
                od_pg_array_i64(p, n->refs[i]->digits);
        }
        od_pg_array_end(p);
    }
    od_pg_send(conn, digits ? &resolve_digits : &resolve_numbers, p,
               digits ? on_digits : on_numbers, n);
}

void od_names_send(struct od_names *n, struct od_pg_conn *conn)
{
    send_uuids(n, conn);
    send_numbers(n, conn, false);
    send_numbers(n, conn, true);
}
