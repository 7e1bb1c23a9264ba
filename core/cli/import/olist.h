#ifndef OD_CLI_IMPORT_OLIST_H
#define OD_CLI_IMPORT_OLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/import/csv_table.h"
#include "cli/import/source.h"
#include "base/map.h"

/*
 * The published Olist data set has six CSV files, which are joined in memory. olist.c reads and
 * joins them, olist_order.c turns the life of one order into commands, and olist_draft.c makes the
 * order as it was placed. Internal to these three and their tests.
 */

enum od_olist_table {
    OD_OLIST_ORDERS = 0,
    OD_OLIST_ITEMS,
    OD_OLIST_PAYMENTS,
    OD_OLIST_CUSTOMERS,
    OD_OLIST_PRODUCTS,
    OD_OLIST_SELLERS,
    OD_OLIST_TABLES
};

/* The columns of each table's rows. The first is the row's id or its order's. */
enum {
    OD_ORDER_ID = 0,
    OD_ORDER_CUSTOMER,
    OD_ORDER_STATUS,
    OD_ORDER_PURCHASED,
    OD_ORDER_APPROVED,
    OD_ORDER_HANDED_OVER,
    OD_ORDER_DELIVERED,
    OD_ORDER_ESTIMATED,
};
enum {
    OD_LINE_ORDER = 0,
    OD_LINE_SEQUENCE,
    OD_LINE_PRODUCT,
    OD_LINE_SELLER,
    OD_LINE_SHIPPING_LIMIT,
    OD_LINE_PRICE,
    OD_LINE_FREIGHT,
};
enum {
    OD_PAID_ORDER = 0,
    OD_PAID_SEQUENCE,
    OD_PAID_TYPE,
    OD_PAID_INSTALLMENTS,
    OD_PAID_VALUE,
};
enum {
    OD_CUSTOMER_ID = 0,
    OD_CUSTOMER_UNIQUE_ID,
    OD_CUSTOMER_ZIP,
    OD_CUSTOMER_CITY,
    OD_CUSTOMER_STATE,
};
enum { OD_PRODUCT_ID = 0, OD_PRODUCT_CATEGORY, OD_PRODUCT_WEIGHT };
enum { OD_SELLER_ID = 0, OD_SELLER_ZIP, OD_SELLER_CITY, OD_SELLER_STATE };

/* An item or a payment of an order. */
struct od_olist_line {
    const struct od_str *row;
    int64_t sequence;
    struct od_olist_line *next; /* by sequence */
};

struct od_olist_order {
    const struct od_str *row;
    size_t line;
    int64_t purchased; /* 0: the time is missing or malformed */
    struct od_olist_line *items, *payments;
};

struct od_olist {
    struct od_arena arena;
    struct od_csv_table tables[OD_OLIST_TABLES];
    struct od_map orders;                       /* id -> struct od_olist_order * */
    struct od_map customers, products, sellers; /* id -> row */
    struct od_olist_order **sorted;             /* [count], by time of purchase */
    size_t count, next;
    struct od_str paid, shipped, delivered; /* status codes of the shop */
};

/* Puts the order's commands, uuid and notes into the unit. An order that cannot be read gets no
 * commands. */
void od_olist_order_build(const struct od_olist *o, const struct od_olist_order *order,
                          struct od_import_unit *u);

/* Returns the order as it was placed; NULL: its rows cannot be read, which the notes say. */
struct od_order *od_olist_draft(const struct od_olist *o, const struct od_olist_order *order,
                                struct od_import_unit *u);

/* Reads an amount and adds it to *sum. False: it is no amount, which a note says. */
bool od_olist_amount(struct od_import_unit *u, struct od_str text, int64_t *out, int64_t *sum);
bool od_olist_unreadable(struct od_import_unit *u, const char *what,
                         struct od_str value);    /* notes it and returns false */
struct od_str od_olist_text(struct od_str field); /* an empty field is absent */

#endif
