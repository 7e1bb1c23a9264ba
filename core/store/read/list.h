#ifndef OD_STORE_READ_LIST_H
#define OD_STORE_READ_LIST_H

#include <stdbool.h>

/* The SQL of the projection `list`, whose tables are in the migration. order_list has a row for
 * each order, with its class and its sort keys; list_class has the classes; order_list_value has a
 * row for each value of an order that many orders do not share. store/search/ asks them. */

/* The kinds of order_list_value. Their bits in list_class.has are 1 << kind. The values of coupons,
 * SKUs, tags and bundles stand by class. */
enum od_list_kind {
    OD_LIST_CUSTOMER_ID = 1,
    OD_LIST_EMAIL,
    OD_LIST_COUPON,
    OD_LIST_SKU,
    OD_LIST_TAG,
    OD_LIST_TRACKING,
    OD_LIST_BUNDLE, /* the id, in decimal, of one that decided */
};

/* See struct od_projection. */
extern const char od_list_fold[], od_list_differ[];

static inline bool od_list_by_class(int kind)
{
    return kind == OD_LIST_COUPON || kind == OD_LIST_SKU || kind == OD_LIST_TAG ||
           kind == OD_LIST_BUNDLE;
}

#endif
