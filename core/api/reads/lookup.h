#ifndef OD_API_READS_LOOKUP_H
#define OD_API_READS_LOOKUP_H

#include "api/api.h"
#include "base/json/json.h"
#include "http/request.h"
#include "store/load/load.h"
#include "store/search/find.h"
#include "store/search/search.h"

/*
 * A search of orders by what a person typed: folded by the database as its documents are, then
 * looked for by rank. Only when nothing at all is found are words looked for that are like the
 * terms. The orders are loaded as they stand; one that does not pass the filters any more is left
 * out.
 */

struct od_lookup {
    /* The caller sets these, in memory of zeros. */
    struct od_api *api;
    struct od_http_request *req;
    struct od_str q;
    struct od_str after;                          /* a cursor; absent: it begins at the start */
    struct od_filter filters[OD_FILTERS_MAX + 1]; /* with that of stores */
    uint32_t filter_count;
    uint32_t limit;    /* 1 … OD_SEARCH_LIMIT */
    uint32_t left_out; /* of od_set: parts that nobody asks for */
    void *ctx;
    /* err: OD_ERR_INVALID or OD_ERR_UNAVAILABLE. NULL: the orders are there; the caller frees
     * `set`.
     */
    void (*done)(void *ctx, const struct od_err *err);

    /* Known when it is done. */
    struct od_set set;
    uint32_t shown; /* orders of the set, of which od_lookup_shows says whether they are found */
    struct od_str next;  /* the cursor of the page behind; absent: there is none */
    uint64_t statements; /* that it took */

    /* Its own. */
    struct od_find find;
    bool further; /* it begins behind a cursor */
    struct od_pg_stmt stmt;
    struct od_lookup_match {
        enum od_search_rank rank;
        int64_t order_id;
        struct od_str doc;
    } matches[OD_SEARCH_LIMIT + 1];
    uint32_t count;
    struct od_filter_trail trails[OD_SEARCH_LIMIT]; /* of the matches, where a filter asks */
};

/* Adds a filter, as a list of orders has it. */
int od_lookup_filter(struct od_lookup *l, struct od_str name, struct od_str value,
                     struct od_err *err) OD_MUST_CHECK;
/* OD_ERR_INVALID: q or the cursor is not one; `done` is not called. */
int od_lookup_begin(struct od_lookup *l, struct od_err *err) OD_MUST_CHECK;
bool od_lookup_shows(const struct od_lookup *l, uint32_t i);
/* Writes the array that says of each order that is shown how and where it was found. */
void od_lookup_write_matches(const struct od_lookup *l, struct od_json_writer *w);

#endif
