#ifndef OD_ORDER_MODEL_H
#define OD_ORDER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/uuid.h"

/*
 * The order snapshot: what LOAD reads, decide looks at, fold changes and WRITE stores. All of it
 * lives in one arena. Items, payments and shipments are numbered 1, 2, 3 … within their order.
 * Amounts are int64 minor units of order.currency; weights and percents are 10^-4 units; times are
 * microseconds, 0 = absent.
 */

enum od_dirty { OD_CLEAN = 0, OD_DIRTY_NEW, OD_DIRTY_CHANGED, OD_DIRTY_DELETED };

struct od_address {
    struct od_str kind; /* "shipping" or "billing" */
    struct od_str full_name, telephone, address1, address2, city, province, country, postcode;
    enum od_dirty dirty;
    bool present;
};

/* A line item. qty >= 1; 0 <= qty_delivered <= qty_shipped; qty_shipped + qty_canceled <= qty. */
struct od_item {
    int32_t order_item_id;
    struct od_str product_id, sku, name, thumbnail;
    int64_t weight;
    int32_t qty;
    int64_t price, final_price, final_price_incl_tax;
    int64_t tax_percent, tax_amount, discount_amount, sub_total, total;
    struct od_str variant_group_id, variant_options, product_custom_options;
    int32_t qty_shipped, qty_delivered, qty_canceled, qty_returned, qty_refunded;
    bool stock_tracked; /* its units are reserved in the stock table */
    enum od_dirty dirty;
};

enum od_payment_type {
    OD_PAYMENT_AUTHORIZE = 0,
    OD_PAYMENT_CAPTURE,
    OD_PAYMENT_VOID,
    OD_PAYMENT_FAIL,
    OD_PAYMENT_REFUND,
};

/* A payment record: something a gateway or a till reported. Records are never changed. */
struct od_payment {
    int32_t payment_id;
    struct od_str type;                           /* authorize, capture, void, fail, refund */
    int64_t amount;                               /* >= 0 */
    struct od_str method, transaction_id, status; /* status: succeeded or failed */
    int64_t created_at;
    enum od_dirty dirty;
};

struct od_shipment_item {
    int32_t shipment_id;
    int32_t order_item_id;
    int32_t qty; /* >= 1 */
};

struct od_shipment {
    int32_t shipment_id;
    struct od_str shipment_number; /* <order number>-<shipment_id> */
    struct od_str carrier, tracking_number, tracking_url, note;
    struct od_str status; /* code of the shipment status set */
    int64_t shipped_at, delivered_at, canceled_at;
    struct od_shipment_item *items;
    uint32_t item_count;
    enum od_dirty dirty;
};

/* A released hold that has a row stays in the array, dirty = OD_DIRTY_DELETED, until the row is
 * deleted; whoever walks the array skips it (od_order_hold does). */
struct od_hold {
    struct od_str handle; /* unique among the order's holds */
    struct od_str reason, by;
    int64_t at;
    enum od_dirty dirty;
};

struct od_order {
    int64_t order_id;
    struct od_uuid uuid;
    struct od_str order_number;
    int32_t version;     /* seq of its last event */
    struct od_str store; /* which of the merchant's shops; absent: the only one */
    struct od_str currency;
    int64_t created_at, updated_at; /* created_at: when it was placed */
    struct od_str status, payment_status, shipment_status;
    struct od_str customer_id, customer_email, customer_full_name;
    int64_t sub_total, sub_total_incl_tax, discount_amount;
    struct od_str coupon;
    int64_t tax_amount, shipping_fee_excl_tax, shipping_fee_incl_tax, grand_total;
    int32_t total_qty;
    int64_t total_weight;
    struct od_str shipping_method, shipping_method_name, shipping_note;
    struct od_str payment_method, payment_method_name;
    int64_t amount_authorized, amount_captured, amount_refunded;
    int64_t canceled_at;
    struct od_str cancel_reason;
    struct od_str tags;     /* JSON array of strings; absent = none */
    struct od_str metadata; /* JSON object; absent = none */
    bool historical;        /* imported: placed by history, not by a customer now */

    struct od_address addresses[2]; /* OD_SHIPPING, OD_BILLING */
    struct od_item *items;
    uint32_t item_count;
    struct od_payment *payments;
    uint32_t payment_count;
    struct od_shipment *shipments;
    uint32_t shipment_count;
    struct od_hold *holds;
    uint32_t hold_count;
    size_t payment_cap, shipment_cap, hold_cap; /* for od_arena_grow: never below the counts */

    enum od_dirty dirty;
};

enum { OD_SHIPPING = 0, OD_BILLING = 1 };

struct od_item *od_order_item(const struct od_order *o, int32_t order_item_id);       /* or NULL */
struct od_shipment *od_order_shipment(const struct od_order *o, int32_t shipment_id); /* or NULL */
struct od_hold *od_order_hold(const struct od_order *o, struct od_str handle);        /* or NULL */

/* Units of an item that may still be shipped: qty - qty_canceled - qty_shipped. */
int32_t od_item_open(const struct od_item *it);

/* Copies a snapshot so that a decision can be tried and dropped; strings stay shared. */
struct od_order *od_order_clone(struct od_arena *a, const struct od_order *o);

/* Compares every field of two snapshots; returns the name of the first that differs
 * ("items[2].qty_shipped") in the arena, or NULL when they are equal. */
const char *od_order_diff(struct od_arena *a, const struct od_order *x, const struct od_order *y);

#endif
