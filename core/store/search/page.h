#ifndef OD_STORE_SEARCH_PAGE_H
#define OD_STORE_SEARCH_PAGE_H

#include "store/load/load.h"
#include "store/search/search.h"

/*
 * A page of a list: the ids that a search found, and their orders. They are read one after the
 * other, so an order may change in between. Then it is on the page if it still passes the filters.
 */

struct od_search_page {
    const struct od_search *search;
    struct od_set *set;             /* the orders of the page, in its order */
    int32_t *versions;              /* [limit] those that were listed */
    struct od_filter_trail *trails; /* [limit]; NULL: no filter asks for them */
    struct od_str next;             /* the cursor of the page behind it; absent: it is the last */
};

/* Both stay the caller's, who fills the search before and frees the set afterwards. */
void od_search_page_init(struct od_search_page *p, const struct od_search *s, struct od_set *set);
/* Takes the rows of od_search_sql. The set wants their orders then. */
void od_search_page_take(struct od_search_page *p, const struct od_pg_result *r);
/* Sends the statements that read the orders, with all that the filters look at, without the sync.
 */
void od_search_page_load(struct od_search_page *p, struct od_pg_conn *conn);
/* Whether order i of the set, as it was read, is on the page. */
bool od_search_page_shows(const struct od_search_page *p, size_t i);

#endif
