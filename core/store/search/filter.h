#ifndef OD_STORE_SEARCH_FILTER_H
#define OD_STORE_SEARCH_FILTER_H

#include "base/buf.h"
#include "order/show/filter.h"
#include "pg/params.h"

/* Internal to this folder. Filters become conditions over the projection of lists
 * (store/read/list.h). */

enum od_search_place {
    OD_SEARCH_CLASS = 0, /* a condition on list_class k */
    OD_SEARCH_ROW,       /* a condition on order_list l */
    OD_SEARCH_VALUE,     /* the same, of an order that has one of a few values: the condition can
                            also be put on order_list_value v */
};
enum od_search_place od_search_place_of(const struct od_filter *f);

/* Appends " and …" for a filter and its parameter. */
void od_search_put_filter(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p);
/* For OD_SEARCH_VALUE: appends "v.kind = … and v.value = …", or "… = any(…)". */
void od_search_put_value(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p);
/* For a figure: appends its condition on report_fact r. */
void od_search_put_figure(struct od_buf *sql, const struct od_filter *f, struct od_pg_params *p);
/* For OD_SEARCH_VALUE: its kind (enum od_list_kind). */
int od_search_kind(const struct od_filter *f);

/* Whether a filter on a part of a value is looked up in the documents of the search; and appends
 * "(select … )" of the orders that may have it. */
bool od_search_by_document(const struct od_filter *f);
void od_search_put_candidates(struct od_buf *sql, const struct od_filter *f,
                              struct od_pg_params *p);

/* The column of order_list that holds the field; NULL: none does. */
const char *od_search_column(enum od_filter_field field);

#endif
