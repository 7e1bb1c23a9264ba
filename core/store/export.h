#ifndef OD_STORE_EXPORT_H
#define OD_STORE_EXPORT_H

#include "base/buf.h"
#include "store/load/load.h"
#include "store/search/search.h"

/*
 * Orders to CSV, page by page: a page is found by a search and loaded as a set, so that memory does
 * not grow with the number of orders.
 */

struct od_export {
    /* The caller's: */
    struct od_pg_conn *conn;
    struct od_search search; /* limit: orders in a page. `after` moves on with each */
    bool items;              /* a row for each item, not for each order */
    struct od_buf *out;      /* rows are appended to */
    void *ctx;
    void (*page)(void *ctx, bool failed); /* once for each od_export_page, never inside of it */

    /* After a page: */
    uint32_t orders; /* so far */
    bool more;       /* search.after leads to them */

    /* Its own: */
    struct od_arena arena; /* of a page */
    struct od_set set;
    struct od_pg_stmt stmt;
};

void od_export_init(struct od_export *e);
void od_export_fini(struct od_export *e);
/* Reads the next page. OD_ERR_INVALID: the search cannot be, and `page` is not called. */
int od_export_page(struct od_export *e, struct od_err *err) OD_MUST_CHECK;

#endif
