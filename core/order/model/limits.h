#ifndef OD_ORDER_MODEL_LIMITS_H
#define OD_ORDER_MODEL_LIMITS_H

/*
 * Limits of how big an order may grow. They keep one order inside the memory of a batch and inside
 * one reply, and sums of quantities inside int32: 500 items of 1,000,000 units are 5e8.
 */
enum {
    OD_ITEMS_MAX = 500,
    OD_PAYMENTS_MAX = 1000,
    OD_SHIPMENTS_MAX = 1000,
    OD_HOLDS_MAX = 50,
    OD_REFUNDS_MAX = 500,
    OD_RETURNS_MAX = 200,
    OD_INVOICES_MAX = 100,
    OD_CHANGES_MAX = 200,
    OD_QTY_MAX = 1000000,
    OD_TAGS_MAX = 50,
    OD_TAG_MAX = 100,          /* bytes */
    OD_SKU_MAX = 100,          /* bytes */
    OD_ORDER_NUMBER_MAX = 100, /* bytes */
    OD_SERIES_MAX = 40,        /* bytes */
    OD_LOCATION_MAX = 40,      /* bytes */
    OD_HOLD_HANDLE_MAX = 40,   /* bytes */
    OD_REASON_MAX = 2000,      /* bytes */
    OD_COMMENT_MAX = 4000,     /* bytes */
    OD_PROBLEMS_MAX = 100,     /* reported for one body */
};

#endif
