#ifndef OD_STORE_SEARCH_TRAIL_H
#define OD_STORE_SEARCH_TRAIL_H

#include "base/arena.h"
#include "base/err.h"
#include "order/show/filter.h"
#include "pg/conn.h"

/*
 * Filters on who decided: decidedBy, refusedBy and bundle. Before such filters are searched for,
 * their values become those that the projection of lists has: "order.cancel" becomes the complete
 * names of all policies that answered it, and the beginning of a hash becomes the id of its bundle.
 * A value that nobody knows is refused then, because it would find nothing without a word.
 */

/* Whether any of the filters is one of the trail. */
bool od_trail_is_asked(const struct od_filter *filters, uint32_t count);

struct od_trail_values {
    /* The caller sets these. */
    struct od_pg_conn *conn;
    struct od_arena *arena;
    struct od_filter *filters; /* [count]; those of the trail are rewritten */
    uint32_t count;
    const struct od_str *serving; /* [serving_count]: policies that serve now, as complete names,
                                     and their plugins, "@net30". They are known although they may
                                     have decided nothing yet */
    uint32_t serving_count;
    struct od_str hash; /* of the bundle that serves */
    void *ctx;
    /* err: OD_ERR_INVALID for a value that is not known or not unique, OD_ERR_UNAVAILABLE; NULL:
     * the filters can be searched for. It is never called inside od_trail_values_read. */
    void (*done)(void *ctx, const struct od_err *err);

    /* Its own. */
    struct od_str *names; /* policies that decided something */
    uint32_t name_count;
    struct od_trail_bundle *bundles;
    uint32_t bundle_count;
};

/* Reads what the values may be, and rewrites the filters; at least one must be of the trail. */
void od_trail_values_read(struct od_trail_values *v);

/* Reads the trails of some orders, for od_filter_finds_trail. rows: as od_trail_row_read expects
 * them, in the order of the ids; each order has one. */
void od_trail_send(struct od_pg_conn *conn, const int64_t *order_ids, size_t count,
                   od_pg_on_result *on_result, void *ctx);
void od_trail_row_read(const struct od_pg_result *r, int row, struct od_arena *a,
                       struct od_filter_trail *out);

#endif
