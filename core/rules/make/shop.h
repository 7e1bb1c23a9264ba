#ifndef OD_RULES_MAKE_SHOP_H
#define OD_RULES_MAKE_SHOP_H

#include "base/arena.h"
#include "base/err.h"
#include "order/model/shop.h"

/* Makes stores, types of metadata and locations from [store.NAME], [metadata.KEY] and [stock]
 * locations. */

struct od_conf;

/* Builds and checks it. All of *out lives in the arena. `sets` has the statuses that stores may
 * name. An error is OD_ERR_CONFIG and has the "file:line" of the key as its origin. */
int od_rules_shop_build(const struct od_conf *conf, const struct od_status_sets *sets,
                        struct od_arena *a, struct od_shop **out, struct od_err *err) OD_MUST_CHECK;

#endif
