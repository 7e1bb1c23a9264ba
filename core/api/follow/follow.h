#ifndef OD_API_FOLLOW_FOLLOW_H
#define OD_API_FOLLOW_FOLLOW_H

#include <stdbool.h>

#include "api/api.h"
#include "base/json/json.h"
#include "feed/tail.h"
#include "http/request.h"

/* What the pages and the stream of the ledger have in common. */

/* Which events are wanted: all that a filter does not name. */
struct od_event_filter {
    struct od_str *types; /* "shipment.created", or "shipment.*" for all that begin so */
    size_t type_count;
    struct od_str order; /* an order's uuid or number */
    struct od_str store; /* the code of a store; "" for orders of none */
};

/* The query's `type`, `order` and `store`. False: it has been answered with 422. */
bool od_event_filter_read(struct od_http_request *req, struct od_event_filter *out);
bool od_event_filter_any(const struct od_event_filter *f); /* it filters at all */
bool od_event_filter_wants(const struct od_event_filter *f, const struct od_tail_event *e);

/* An event over all orders, as an object: as od_event_write, and what names it and its order. */
void od_tail_event_write(struct od_json_writer *w, const struct od_tail_event *e);

#endif
