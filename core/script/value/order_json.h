#ifndef OD_SCRIPT_VALUE_ORDER_JSON_H
#define OD_SCRIPT_VALUE_ORDER_JSON_H

#include "base/buf.h"
#include "order/model/model.h"

/* Writes an order as scripts outside of policies see it: one JSON object with every field under its
 * Lua name, amounts in minor units, times in milliseconds, with items, payments, shipments, holds
 * and addresses. */
void od_order_script_json(const struct od_order *o, struct od_buf *out);

#endif
