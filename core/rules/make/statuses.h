#ifndef OD_RULES_MAKE_STATUSES_H
#define OD_RULES_MAKE_STATUSES_H

#include "base/arena.h"
#include "base/err.h"
#include "order/model/status.h"

/* Makes the status sets from [order_status.CODE], [payment_status.CODE] and
 * [shipment_status.CODE]. */

struct od_conf;

/* Builds and checks the three sets. All of *out lives in the arena. An error is OD_ERR_CONFIG and
 * has the "file:line" of the key, or of the first key of the section, as its origin. */
int od_statuses_build(const struct od_conf *conf, struct od_arena *a, struct od_status_sets *out,
                      struct od_err *err) OD_MUST_CHECK;

#endif
