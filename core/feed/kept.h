#ifndef OD_FEED_KEPT_H
#define OD_FEED_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/map.h"

/*
 * Snapshots of orders that the feed keeps from one round to the next, each as it was at the last
 * event that was folded into it. They are kept for orders with a long past: without them each
 * further event of such an order would cost a reading of all before it.
 */

struct od_order;

struct od_kept_orders {
    struct od_map by_id;   /* order_id -> struct kept * */
    struct od_list by_use; /* the one that was used last stands last */
    size_t bytes, max_bytes;
};

void od_kept_init(struct od_kept_orders *k, size_t max_bytes);
void od_kept_fini(struct od_kept_orders *k);
void od_kept_clear(struct od_kept_orders *k);

/* Returns the snapshot, or NULL. It is valid until the next call of any other function here. */
const struct od_order *od_kept_find(struct od_kept_orders *k, int64_t order_id);

/* Keeps a copy of the snapshot in place of an older one of the order, and returns it. While all
 * take more than max_bytes, those that were not used for the longest time go; this one stays. */
void od_kept_put(struct od_kept_orders *k, const struct od_order *o);

#endif
