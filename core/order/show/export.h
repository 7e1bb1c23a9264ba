#ifndef OD_ORDER_SHOW_EXPORT_H
#define OD_ORDER_SHOW_EXPORT_H

#include "base/buf.h"
#include "order/model/model.h"

/*
 * Writes orders as rows of a CSV file, one for each order or one for each of its items. Columns are
 * named as in the API's JSON ("grandTotal", "item.sku", "shippingAddress.city"). Amounts are
 * decimals, times are RFC 3339 in UTC, and statuses are codes. Several values of one column have ",
 * " between them.
 */

void od_export_header(struct od_buf *out, bool items);
void od_export_order(struct od_buf *out, const struct od_order *o, bool items);

#endif
