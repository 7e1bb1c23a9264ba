#include "order/model/shop.h"
#include "store/load/parts.h"

/*
 * Stock: of the SKUs that commands name, of the orders' tracked items, and of what their proposed
 * changes add. Those are found inside the statement, so that stock needs no round trip of its own;
 * an array (not a join) keeps it an index scan, and its rows are locked in order of sku and
 * location.
 */

#define SELECT_STOCK                                                                               \
    "select sku, location, on_hand, reserved, oversold, backorder from stock where sku = any($1"
#define OF_ORDERS                                                                                  \
    " || array(select i.sku from order_item i where i.order_id = any($2) and i.stock_tracked)"
#define OF_CHANGES                                                                                 \
    " || array(select a->>'sku' from order_change c, json_array_elements("                         \
    "case json_typeof(c.request->'add') when 'array' then c.request->'add' else '[]' end) a"       \
    " where c.order_id = any($2) and c.status = 'proposed')"
#define LOCKED ") order by sku collate \"C\", location collate \"C\" for update"

enum stock_scope { NAMED = 0, ORDERS, CHANGES, SCOPES };

static const uint32_t stock_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_INT8_ARRAY};

#define STATEMENT(statement, text, parameters)                                                     \
    {                                                                                              \
        .name = statement, .sql = text, .nparams = parameters, .param_oids = stock_oids            \
    }
static const struct od_pg_stmt read_stock[SCOPES] = {
    [NAMED] = STATEMENT("read_stock", SELECT_STOCK ")", 1),
    [ORDERS] = STATEMENT("read_stock_of_orders", SELECT_STOCK OF_ORDERS ")", 2),
    [CHANGES] = STATEMENT("read_stock_of_changes", SELECT_STOCK OF_ORDERS OF_CHANGES ")", 2),
};
static const struct od_pg_stmt lock_stock[SCOPES] = {
    [NAMED] = STATEMENT("lock_stock", SELECT_STOCK LOCKED, 1),
    [ORDERS] = STATEMENT("lock_stock_of_orders", SELECT_STOCK OF_ORDERS LOCKED, 2),
    [CHANGES] = STATEMENT("lock_stock_of_changes", SELECT_STOCK OF_ORDERS OF_CHANGES LOCKED, 2),
};
#undef STATEMENT

static struct od_stock *new_stock(struct od_set *s, struct od_str sku, struct od_str location)
{
    struct od_stock *stock = OD_NEW(s->arena, struct od_stock);
    stock->sku = sku;
    stock->location = location;
    return stock;
}

/* The first of a SKU's locations; all that are configured have their struct. */
static struct od_stock *stock_of(struct od_set *s, struct od_str wanted)
{
    struct od_stock *first = od_map_get(&s->stock, wanted);
    if (first)
        return first;
    const struct od_shop *t = s->shop;
    struct od_str sku = od_arena_str(s->arena, wanted);
    struct od_stock **last = &first;
    for (uint32_t i = 0; t && i < t->location_count; i++) {
        *last = new_stock(s, sku, t->locations[i]);
        last = &(*last)->next;
    }
    if (!first)
        first = new_stock(s, sku, OD_STR(OD_LOCATION_DEFAULT));
    od_map_put(&s->stock, sku, first);
    return first;
}

static struct od_stock *stock_at(struct od_set *s, struct od_str sku, struct od_str location)
{
    struct od_stock *stock = stock_of(s, sku);
    while (!od_str_eq(stock->location, location)) {
        if (!stock->next)
            stock->next = new_stock(s, stock->sku, od_arena_str(s->arena, location));
        stock = stock->next;
    }
    return stock;
}

void od_set_want_sku(struct od_set *s, struct od_str sku)
{
    if (od_map_get(&s->stock, sku))
        return;
    struct od_stock *stock = stock_of(s, sku);
    s->skus = od_arena_grow(s->arena, s->skus, s->sku_count, &s->sku_cap, sizeof *s->skus);
    s->skus[s->sku_count++] = stock->sku;
}

static void on_stock(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_set *s = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_stock *stock = stock_at(s, od_pg_get_text(r, i, 0), od_pg_get_text(r, i, 1));
        stock->on_hand = stock->loaded_on_hand = od_pg_get_i64(r, i, 2);
        stock->reserved = stock->loaded_reserved = od_pg_get_i64(r, i, 3);
        stock->oversold = stock->loaded_oversold = od_pg_get_i64(r, i, 4);
        stock->backorder = stock->loaded_backorder = od_pg_get_bool(r, i, 5);
        stock->exists = true;
    }
}

void od_set_send_stock(struct od_set *s, struct od_pg_conn *conn)
{
    enum stock_scope scope = NAMED;
    if (s->order_count && s->stock_of_orders)
        scope = s->stock_of_changes ? CHANGES : ORDERS;
    if (scope == NAMED && s->sku_count == 0)
        return;
    struct od_pg_params *p = od_pg_params(conn);
    od_set_put_texts(p, s->skus, s->sku_count);
    if (scope != NAMED)
        od_set_put_ids(s, p);
    od_pg_send(conn, s->lock_stock ? &lock_stock[scope] : &read_stock[scope], p, on_stock, s);
}
