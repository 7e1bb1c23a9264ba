#ifndef OD_STORE_SEARCH_SEARCH_H
#define OD_STORE_SEARCH_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/show/filter.h"
#include "pg/params.h"
#include "pg/stmt.h"

/*
 * Searches lists of orders, with named filters, one sort key and pages by cursor. A search becomes
 * one parameterised SELECT of order ids, and the caller loads those orders as a set. Names come
 * from a closed list, so nothing that a caller writes becomes SQL. An amount is compared in each
 * order's own currency: 50 means 50.00 EUR and 50 JPY. E-mail addresses and currencies are compared
 * without regard to case.
 *
 * .like finds a part of a text, in any case of ASCII letters. Such parts of order numbers, e-mail
 * addresses, tracking numbers and SKUs are looked up in the documents of the projection "search",
 * which have the first 200 SKUs of an order.
 *
 * .neq and .nin find exactly the orders that .eq and .in do not find. That includes orders without
 * a value. An order may have many tags, SKUs, carriers and holds; there it finds the orders that
 * have none of the named ones.
 */

enum {
    OD_SEARCH_LIMIT = 200,
    OD_SEARCH_DEFAULT_LIMIT = 20,
    OD_SEARCH_FEW = 1000, /* a value of so few orders is looked up as a whole */
};

struct od_order;
struct od_status_sets;

struct od_search {
    struct od_arena *arena;
    const struct od_status_sets *statuses; /* the codes that filters may name; NULL: any */
    struct od_str sort;                    /* "-createdAt", which is the default when absent */
    struct od_str after;                   /* a cursor; absent: begin at the start */
    uint32_t limit;
    uint32_t offset; /* rows that are skipped, for whoever jumps to a page */
    uint32_t few;    /* in place of OD_SEARCH_FEW; 0: that. For tests. */
    struct od_filter filters[32];
    uint32_t filter_count;
};

/* Adds a filter. One that asks who decided is searched for as it is; store/search/trail.h makes its
 * value complete before. "status" "processing", "createdAt.gte" "2026-01-01T00:00:00Z", "tag.nin"
 * "a,b", "coupon.exists" "false". OD_ERR_INVALID: the name or operation is unknown, the value is of
 * the wrong type, or a status code is not configured; the message names the known codes. */
int od_search_filter(struct od_search *s, struct od_str name, struct od_str value,
                     struct od_err *err) OD_MUST_CHECK;

/* Makes the statement and its parameters. Rows: (order_id int8, sort key as text, version int4);
 * limit + 1 of them when there are more. The version is the one that was listed: an order that has
 * a later one when it is loaded may not pass any more (store/search/page.h). It fails for an
 * unknown sort key and for a cursor of another sort. */
int od_search_sql(const struct od_search *s, struct od_pg_params *params, const char **sql,
                  struct od_err *err) OD_MUST_CHECK;

/* Whether a loaded order passes the filters. It has the parts that od_search_parts names. trail:
 * who decided about it; NULL: no filter asks (store/search/trail.h). */
bool od_search_finds(const struct od_filter *filters, uint32_t count, const struct od_order *o,
                     const struct od_filter_trail *trail);
/* Whether the projection "search" is read for any of the filters, beside that of lists. */
bool od_search_reads_documents(const struct od_filter *filters, uint32_t count);
/* The kinds of parts that the filters look at, as bits 1 << enum od_entity_kind. */
uint32_t od_search_parts(const struct od_filter *filters, uint32_t count);

enum { OD_SEARCH_COUNT = 10000 };
/* Makes the statement that counts all orders that pass the filters. rows[1]: (count int8), which is
 * OD_SEARCH_COUNT + 1 when there are more than OD_SEARCH_COUNT. */
void od_search_count_sql(const struct od_search *s, struct od_pg_params *params, const char **sql);

/* Returns the cursor behind a row. */
struct od_str od_search_cursor(const struct od_search *s, struct od_str sort_key, int64_t order_id);

#endif
