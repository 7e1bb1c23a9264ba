#include "cli/import/olist.h"

#include <stdlib.h>

#include "base/clock.h"

static const struct {
    const char *file;
    size_t columns;
    const char *names[8];
} files[OD_OLIST_TABLES] = {
    [OD_OLIST_ORDERS] = {"olist_orders_dataset.csv",
                         8,
                         {"order_id", "customer_id", "order_status", "order_purchase_timestamp",
                          "order_approved_at", "order_delivered_carrier_date",
                          "order_delivered_customer_date", "order_estimated_delivery_date"}},
    [OD_OLIST_ITEMS] = {"olist_order_items_dataset.csv",
                        7,
                        {"order_id", "order_item_id", "product_id", "seller_id",
                         "shipping_limit_date", "price", "freight_value"}},
    [OD_OLIST_PAYMENTS] = {"olist_order_payments_dataset.csv",
                           5,
                           {"order_id", "payment_sequential", "payment_type",
                            "payment_installments", "payment_value"}},
    [OD_OLIST_CUSTOMERS] = {"olist_customers_dataset.csv",
                            5,
                            {"customer_id", "customer_unique_id", "customer_zip_code_prefix",
                             "customer_city", "customer_state"}},
    [OD_OLIST_PRODUCTS] = {"olist_products_dataset.csv",
                           3,
                           {"product_id", "product_category_name", "product_weight_g"}},
    [OD_OLIST_SELLERS] = {"olist_sellers_dataset.csv",
                          4,
                          {"seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"}},
};

static int refuse_row(const struct od_olist *o, enum od_olist_table table, size_t row,
                      const char *what, struct od_err *err)
{
    return od_err_set(err, OD_ERR_INVALID, "%s: line %zu: %s", files[table].file,
                      o->tables[table].lines[row], what);
}

static void index_by_id(struct od_olist *o, enum od_olist_table table, struct od_map *map)
{
    const struct od_csv_table *t = &o->tables[table];
    for (size_t i = 0; i < t->rows; i++)
        od_map_put(map, od_csv_table_row(t, i)[0], (void *)od_csv_table_row(t, i));
}

static int index_orders(struct od_olist *o, struct od_err *err)
{
    const struct od_csv_table *t = &o->tables[OD_OLIST_ORDERS];
    o->sorted = OD_NEW_ARRAY(&o->arena, struct od_olist_order *, t->rows);
    for (size_t i = 0; i < t->rows; i++) {
        struct od_olist_order *order = OD_NEW(&o->arena, struct od_olist_order);
        order->row = od_csv_table_row(t, i);
        order->line = t->lines[i];
        if (od_map_get(&o->orders, order->row[OD_ORDER_ID]))
            return refuse_row(o, OD_OLIST_ORDERS, i, "the order is there twice", err);
        if (!od_time_parse(order->row[OD_ORDER_PURCHASED], &order->purchased))
            order->purchased = 0;
        od_map_put(&o->orders, order->row[OD_ORDER_ID], order);
        o->sorted[o->count++] = order;
    }
    return 0;
}

static void insert(struct od_olist_line **list, struct od_olist_line *line)
{
    while (*list && (*list)->sequence <= line->sequence)
        list = &(*list)->next;
    line->next = *list;
    *list = line;
}

/* Gives each row of items or payments to its order. */
static int join(struct od_olist *o, enum od_olist_table table, struct od_err *err)
{
    const struct od_csv_table *t = &o->tables[table];
    for (size_t i = 0; i < t->rows; i++) {
        struct od_olist_line *line = OD_NEW(&o->arena, struct od_olist_line);
        line->row = od_csv_table_row(t, i);
        struct od_olist_order *order = od_map_get(&o->orders, line->row[0]);
        if (!order)
            return refuse_row(o, table, i, "its order is not among the orders", err);
        if (!od_str_to_i64(line->row[1], 1, INT32_MAX, &line->sequence))
            return refuse_row(o, table, i, "its number within the order is none", err);
        insert(table == OD_OLIST_ITEMS ? &order->items : &order->payments, line);
    }
    return 0;
}

static int by_purchase(const void *x, const void *y)
{
    const struct od_olist_order *a = *(struct od_olist_order *const *)x;
    const struct od_olist_order *b = *(struct od_olist_order *const *)y;
    if (a->purchased != b->purchased)
        return a->purchased < b->purchased ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static int next_unit(void *ctx, struct od_import_unit *u, struct od_err *err)
{
    (void)err;
    struct od_olist *o = ctx;
    if (o->next == o->count)
        return 0;
    od_olist_order_build(o, o->sorted[o->next++], u);
    return 1;
}

static void close_olist(void *ctx)
{
    struct od_olist *o = ctx;
    for (int i = 0; i < OD_OLIST_TABLES; i++)
        od_csv_table_free(&o->tables[i]);
    od_map_fini(&o->orders);
    od_map_fini(&o->customers);
    od_map_fini(&o->products);
    od_map_fini(&o->sellers);
    od_arena_fini(&o->arena);
    free(o);
}

static int find_status(const struct od_import_shop *shop, enum od_status_kind kind,
                       const char *phase, struct od_str *out, struct od_err *err)
{
    *out = od_import_status(shop, kind, phase);
    if (out->ptr)
        return 0;
    return od_err_set(err, OD_ERR_CONFIG, "no %s has the phase %s", od_status_kind_name(kind),
                      phase);
}

static int load(struct od_olist *o, const char *directory, const struct od_import_shop *shop,
                struct od_err *err)
{
    if (find_status(shop, OD_STATUS_PAYMENT, "paid", &o->paid, err) != 0 ||
        find_status(shop, OD_STATUS_SHIPMENT, "shipped", &o->shipped, err) != 0 ||
        find_status(shop, OD_STATUS_SHIPMENT, "delivered", &o->delivered, err) != 0)
        return -1;
    for (int i = 0; i < OD_OLIST_TABLES; i++) {
        if (od_csv_table_read(&o->tables[i], &o->arena, directory, files[i].file, files[i].names,
                              files[i].columns, err) != 0)
            return -1;
    }
    index_by_id(o, OD_OLIST_CUSTOMERS, &o->customers);
    index_by_id(o, OD_OLIST_PRODUCTS, &o->products);
    index_by_id(o, OD_OLIST_SELLERS, &o->sellers);
    if (index_orders(o, err) != 0 || join(o, OD_OLIST_ITEMS, err) != 0 ||
        join(o, OD_OLIST_PAYMENTS, err) != 0)
        return -1;
    qsort(o->sorted, o->count, sizeof *o->sorted, by_purchase);
    return 0;
}

int od_import_olist_open(struct od_import_source *s, const char *directory,
                         const struct od_import_shop *shop, struct od_err *err)
{
    struct od_olist *o = calloc(1, sizeof *o);
    if (!o)
        abort();
    od_arena_init(&o->arena);
    od_map_init(&o->orders);
    od_map_init(&o->customers);
    od_map_init(&o->products);
    od_map_init(&o->sellers);
    if (load(o, directory, shop, err) != 0) {
        close_olist(o);
        return -1;
    }
    *s = (struct od_import_source){
        .ctx = o, .total = o->count, .next = next_unit, .close = close_olist};
    return 0;
}
