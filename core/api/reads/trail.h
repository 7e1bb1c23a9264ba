#ifndef OD_API_READS_TRAIL_H
#define OD_API_READS_TRAIL_H

#include "api/api.h"
#include "order/show/filter.h"

/* Makes the values of filters on who decided those of the projection of lists, which must have been
 * reached (store/search/trail.h), and calls done(ctx), at once where no filter is one. The arena
 * must live until then. err: as there. */
void od_api_trail(struct od_api *api, struct od_arena *arena, struct od_filter *filters,
                  uint32_t count, void (*done)(void *ctx, const struct od_err *err), void *ctx);

#endif
