#ifndef OD_STORE_EXPORT_H
#define OD_STORE_EXPORT_H

#include "base/buf.h"
#include "store/load/load.h"
#include "store/search/page.h"

/*
 * Exports orders to CSV page by page. A search finds a page, which is loaded as a set, so that
 * memory does not grow with the number of orders.
 */

struct od_export {
    /* The caller sets these. */
    struct od_pg_conn *conn;
    struct od_search search; /* limit is the orders of a page; `after` moves on with each page */
    bool items;              /* write a row for each item instead of each order */
    struct od_buf *out;      /* rows are appended to it */
    void *ctx;
    void (*page)(void *ctx, bool failed); /* is called once for each od_export_page, never inside
                                             it */

    /* These are known after a page. */
    uint32_t orders; /* how many were exported so far */
    bool more;       /* there are more; search.after leads to them */

    /* The export's own. */
    struct od_arena arena; /* holds one page */
    struct od_set set;
    struct od_search_page found;
    struct od_pg_stmt stmt;
};

void od_export_init(struct od_export *e);
void od_export_fini(struct od_export *e);
/* Reads the next page. OD_ERR_INVALID: the search is not valid, and `page` is not called. */
int od_export_page(struct od_export *e, struct od_err *err) OD_MUST_CHECK;

#endif
