#ifndef OD_ORDER_MODEL_MODEL_H
#define OD_ORDER_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/uuid.h"

/*
 * The snapshot of an order. LOAD reads it, decide looks at it, fold changes it and WRITE stores it.
 * All of it lives in one arena. Items, payments and shipments are numbered 1, 2, 3 … within their
 * order. Amounts are int64 minor units of order.currency; weights and percents are 10^-4 units;
 * times are microseconds, 0 = absent.
 */

enum od_dirty { OD_CLEAN = 0, OD_DIRTY_NEW, OD_DIRTY_CHANGED, OD_DIRTY_DELETED };

struct od_address {
    struct od_str kind; /* "shipping" or "billing" */
    struct od_str full_name, telephone, address1, address2, city, province, country, postcode;
    enum od_dirty dirty;
    bool present;
};

/*
 * A line item, and where its units are. These always hold:
 *   0 <= qty_delivered <= qty_shipped, 0 <= qty_canceled, qty_shipped + qty_canceled <= qty,
 *   0 <= qty_restocked <= qty_returned <= qty_shipped, 0 <= qty_refunded <= qty,
 *   0 <= qty_shipped_after_cancel <= qty_shipped.
 * qty is >= 1 when the order is placed, and 0 for a line that a change has removed. Units that
 * leave although they were cancelled move from qty_canceled to qty_shipped and are counted in
 * qty_shipped_after_cancel. Units that a refund takes out of the order are cancelled units: the
 * qty_canceled of an item's refunds is at most its qty_canceled + qty_shipped_after_cancel.
 */
struct od_item {
    int32_t order_item_id;
    struct od_str product_id, sku, name, thumbnail;
    int64_t weight;
    int32_t qty;
    int64_t price, final_price, final_price_incl_tax;
    int64_t tax_percent, tax_amount, discount_amount, sub_total, total;
    struct od_str variant_group_id, variant_options, product_custom_options;
    int32_t qty_shipped, qty_delivered, qty_canceled, qty_returned, qty_refunded;
    bool stock_tracked; /* its units are reserved in the stock table, at `location` */
    int32_t qty_restocked, qty_shipped_after_cancel;
    struct od_str location; /* absent: not tracked */
    enum od_dirty dirty;
};

enum od_payment_type {
    OD_PAYMENT_AUTHORIZE = 0,
    OD_PAYMENT_CAPTURE,
    OD_PAYMENT_VOID,
    OD_PAYMENT_FAIL,
    OD_PAYMENT_REFUND,
    OD_PAYMENT_CHARGEBACK,
};

/* A payment record is something that a gateway or a till reported. Only two things change it: the
 * record of a refund gets its transaction_id when the gateway tells it, and a split takes a part of
 * it along. */
struct od_payment {
    int32_t payment_id;
    struct od_str type; /* authorize, capture, void, fail, refund, chargeback */
    int64_t amount;     /* >= 0 */
    /* The part that a split has moved to another order since, >= 0. amount and amount_moved
     * together are what was reported. */
    int64_t amount_moved;
    struct od_str method, transaction_id, status; /* status: succeeded or failed */
    int64_t created_at;
    int32_t refund_id;     /* of type refund: what it pays; else 0 */
    struct od_str paid_by; /* of type refund, when it goes by another method than the one whose
                              money it is: that one; else absent */
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
    struct od_str status; /* a code of the shipment statuses */
    int64_t shipped_at, delivered_at, canceled_at;
    struct od_shipment_item *items;
    uint32_t item_count;
    enum od_dirty dirty;
};

/* A hold. A released hold that has a row stays in the array with OD_DIRTY_DELETED until the row is
 * deleted. Whoever walks the array must skip it, as od_order_hold does. */
struct od_hold {
    struct od_str handle; /* unique among the order's holds */
    struct od_str reason, by;
    int64_t at;
    enum od_dirty dirty;
};

/* Whether units that have not left stay in the order when their price goes back. */
enum od_keep {
    OD_KEEP_UNSAID = 0, /* cancelled units are meant first, then units that have not left */
    OD_KEEP_YES,        /* they still go */
    OD_KEEP_NO,         /* they leave the order, as far as there are any */
};

/* A refund gives money back. A payment record of type refund goes with it and names it in
 * refund_id. */
struct od_refund_item {
    int32_t refund_id;
    int32_t order_item_id;
    int32_t qty;           /* >= 1 */
    int64_t amount;        /* what these units cost, >= 0 */
    int32_t qty_restocked; /* how many of qty the refund itself put back on the shelf */
    int32_t qty_canceled;  /* of qty: taken out of what is to be shipped by the refund itself;
                              qty_restocked + qty_canceled <= qty */
    enum od_keep keep;     /* of a request alone */
};

struct od_refund {
    int32_t refund_id;
    struct od_str credit_memo_number;
    int64_t amount;          /* > 0 */
    int64_t shipping_amount; /* of amount */
    struct od_str reason, method, transaction_id;
    int32_t return_id; /* 0: it is not for a return */
    int32_t version;   /* of the order right after it; the credit memo shows that one */
    int64_t created_at;
    struct od_str series; /* credit_memo_number is number series_value of it, without gaps */
    int64_t series_value;
    int64_t amount_canceled;      /* what its cancelled units took off grand_total, >= 0 */
    bool keep;                    /* it said that units which have not left still go */
    struct od_refund_item *items; /* [item_count]; none: it is only an amount */
    uint32_t item_count;
    enum od_dirty dirty;
};

struct od_return_item {
    int32_t return_id;
    int32_t order_item_id;
    int32_t qty; /* how many were announced, >= 1 */
    struct od_str reason;
    int32_t qty_received;  /* 0 <= qty_restocked <= qty_received <= qty */
    int32_t qty_restocked; /* how many were put back on the shelf at the receipt */
    struct od_str condition;
    enum od_dirty dirty;
};

/* A return (RMA): goods that come back. It is open while it is requested or approved. */
struct od_return {
    int32_t return_id;
    struct od_str return_number; /* <order number>-R<return_id> */
    struct od_str
        status; /* requested, approved, rejected, received, refunded, exchanged, canceled */
    struct od_str reason, note;
    struct od_uuid exchange_uuid; /* the order that was sent instead; zero: none */
    int64_t created_at, received_at;
    struct od_return_item *items;
    uint32_t item_count;
    enum od_dirty dirty;
};

struct od_invoice {
    int32_t invoice_id;
    struct od_str invoice_number; /* of a credit memo when amount is below 0 */
    int64_t amount;               /* not 0; below 0 it credits what earlier invoices ask for */
    int32_t version;              /* of the order right after it; the document shows that one */
    int64_t created_at;
    struct od_str series; /* invoice_number is number series_value of it, without gaps */
    int64_t series_value;
    enum od_dirty dirty;
};

/* A change of items, addresses or fees before anything is shipped. At most one is proposed at a
 * time. */
struct od_change {
    int32_t change_id;
    struct od_str status;  /* proposed, confirmed, discarded */
    struct od_str request; /* JSON object: the terms, in the ledger's names and units */
    int64_t difference;    /* of grand_total */
    struct od_str reason, by;
    int64_t created_at, closed_at;
    enum od_dirty dirty;
};

struct od_order {
    int64_t order_id;
    struct od_uuid uuid;
    struct od_str order_number;
    int32_t version;     /* seq of its last event */
    struct od_str store; /* the merchant's shop; absent: the only one */
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
    int64_t amount_canceled;     /* of grand_total: the cost of the cancelled units */
    int64_t amount_charged_back; /* of amount_captured */
    struct od_uuid exchange_of;  /* the order whose return this one exchanges; zero: none */
    struct od_uuid split_of;     /* the order that this one was split from; zero: none */
    struct od_str locale;        /* the language that the customer reads: "de-AT" */
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
    struct od_refund *refunds;
    uint32_t refund_count;
    struct od_return *returns;
    uint32_t return_count;
    struct od_invoice *invoices;
    uint32_t invoice_count;
    struct od_change *changes;
    uint32_t change_count;
    size_t payment_cap, shipment_cap, hold_cap, refund_cap, return_cap, invoice_cap, change_cap,
        item_cap; /* for od_arena_grow; never below the counts */

    enum od_dirty dirty;
};

enum { OD_SHIPPING = 0, OD_BILLING = 1 };

struct od_item *od_order_item(const struct od_order *o, int32_t order_item_id);       /* or NULL */
struct od_shipment *od_order_shipment(const struct od_order *o, int32_t shipment_id); /* or NULL */
struct od_hold *od_order_hold(const struct od_order *o, struct od_str handle);        /* or NULL */

struct od_refund *od_order_refund(const struct od_order *o, int32_t refund_id);    /* or NULL */
struct od_return *od_order_return(const struct od_order *o, int32_t return_id);    /* or NULL */
struct od_invoice *od_order_invoice(const struct od_order *o, int32_t invoice_id); /* or NULL */
struct od_change *od_order_change(const struct od_order *o, int32_t change_id);    /* or NULL */
struct od_change *od_order_proposed(const struct od_order *o); /* the open change; or NULL */

/* Returns the units that may still be shipped: qty - qty_canceled - qty_shipped. */
int32_t od_item_open(const struct od_item *it);
/* Returns the units that have left and did not come back. */
int32_t od_item_out(const struct od_item *it);
bool od_return_is_open(const struct od_return *r); /* requested or approved */
/* Returns the units whose price may still go back: qty less the refunded and the exchanged ones. */
int32_t od_item_refundable(const struct od_order *o, const struct od_item *it);
/* Cancelled units that a refund took out of the order: a credit memo says so, and an invoice that
 * follows still asks for them. */
int32_t od_item_credited(const struct od_order *o, const struct od_item *it);
/* Returns the units that a new return may announce: they have left and are in no open return. */
int32_t od_item_returnable(const struct od_order *o, const struct od_item *it);
/* A parcel with qty units of the item is called back. Returns how many of them are cancelled again:
 * all when the order is cancelled, else as many as were cancelled when they left. */
int32_t od_item_unship_canceled(const struct od_order *o, const struct od_item *it, int32_t qty);

/* Copies a snapshot so that a decision can be tried and dropped. Strings stay shared, and so do
 * parts that fold never changes once they are there. New parts go to new arrays. */
struct od_order *od_order_clone(struct od_arena *a, const struct od_order *o);
/* Copies a snapshot with its texts and everything else, so that the copy outlives the original. */
struct od_order *od_order_keep(struct od_arena *a, const struct od_order *o);

/* Whether both addresses are the same, apart from their kinds. */
bool od_address_same(const struct od_address *x, const struct od_address *y);

/* Compares every field of two snapshots. Returns the name of the first that differs
 * ("items[2].qty_shipped") in the arena; NULL: they are equal. */
const char *od_order_diff(struct od_arena *a, const struct od_order *x, const struct od_order *y);

#endif
