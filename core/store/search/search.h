#ifndef OD_STORE_SEARCH_SEARCH_H
#define OD_STORE_SEARCH_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "pg/params.h"
#include "pg/stmt.h"

/*
 * Lists of orders: named filters, one sort key, pages by cursor. A search becomes one parameterised
 * SELECT of order ids; the caller then loads those orders as a set. Names come from a closed list,
 * so nothing a caller writes becomes SQL. An amount is compared with each order's in its own
 * currency: 50 is 50.00 EUR and 50 JPY. E-mail addresses and currencies are the same in any case.
 *
 * .neq and .nin find exactly the orders that .eq and .in do not find: those without a value as well
 * and, of what an order has many of (tags, SKUs, carriers, holds), those that have none of it.
 */

enum { OD_SEARCH_LIMIT = 200, OD_SEARCH_DEFAULT_LIMIT = 20 };

struct od_status_sets;

struct od_search {
    struct od_arena *arena;
    const struct od_status_sets *statuses; /* which codes filters may name; NULL: any */
    struct od_str sort;                    /* "-createdAt"; absent: that */
    struct od_str after;                   /* cursor; absent: from the start */
    uint32_t limit;
    struct {
        struct od_str name, value;
    } filters[32];
    uint32_t filter_count;
};

/* Adds a filter: "status" "processing", "createdAt.gte" "2026-01-01T00:00:00Z", "tag.nin" "a,b",
 * "coupon.exists" "false". Errors (OD_ERR_INVALID): unknown name or operation, a value of the wrong
 * type, a status code that is in none of the sets (the message names those that are). */
int od_search_filter(struct od_search *s, struct od_str name, struct od_str value,
                     struct od_err *err) OD_MUST_CHECK;

/* Makes the statement and its parameters. Rows: (order_id int8, sort key as text), limit + 1 of
 * them when there are more. Errors: unknown sort key, a cursor that is not of this sort. */
int od_search_sql(const struct od_search *s, struct od_pg_params *params, const char **sql,
                  struct od_err *err) OD_MUST_CHECK;

/* The cursor behind a row. */
struct od_str od_search_cursor(const struct od_search *s, struct od_str sort_key, int64_t order_id);

#endif
