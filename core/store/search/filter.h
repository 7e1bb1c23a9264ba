#ifndef OD_STORE_SEARCH_FILTER_H
#define OD_STORE_SEARCH_FILTER_H

#include "base/buf.h"
#include "base/str.h"
#include "pg/params.h"

/* Internal to this folder. */

/* Appends " and …" for a filter that od_search_filter has accepted, and its parameter. The
 * statement calls the table of orders "o". */
void od_search_put_filter(struct od_buf *sql, struct od_str name, struct od_str value,
                          struct od_pg_params *p);

#endif
