#ifndef OD_API_READS_FILTERS_H
#define OD_API_READS_FILTERS_H

#include "api/api.h"
#include "http/request.h"
#include "order/show/filter.h"

/* Makes filters ready to be searched for in the projection of lists, which must have been reached:
 * where one is on a part of a value, the documents of the search are reached, too, and where one
 * asks who decided, its values are made complete (store/search/trail.h). Then it calls done(ctx),
 * at once where nothing is to be done. err: OD_ERR_INVALID or OD_ERR_UNAVAILABLE. */
void od_api_filters_ready(struct od_api *api, struct od_http_request *req,
                          struct od_filter *filters, uint32_t count,
                          void (*done)(void *ctx, const struct od_err *err), void *ctx);

#endif
