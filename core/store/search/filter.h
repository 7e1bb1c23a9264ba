#ifndef OD_STORE_SEARCH_FILTER_H
#define OD_STORE_SEARCH_FILTER_H

#include "base/buf.h"
#include "order/show/filter.h"
#include "pg/params.h"

/* Internal to this folder. */

/* Appends " and …" for a filter and its parameter. The
 * statement calls the table of orders "o". */
void od_search_put_filter(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p);

#endif
