#ifndef OD_API_INVENTORY_H
#define OD_API_INVENTORY_H

#include "api/internal.h"

/* Reads the stock of a SKU, whose name stays until then, outside of any batch. done: the first of
 * its locations, which is valid during the call and of which some may have no row; NULL: the
 * database failed. */
void od_api_read_stock(struct od_api *api, struct od_http_request *req, struct od_str sku,
                       void (*done)(void *ctx, const struct od_stock *first), void *ctx);

#endif
