#ifndef OD_STORE_FOLLOW_H
#define OD_STORE_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "pg/conn.h"
#include "store/events.h"

/*
 * Following the ledger over all orders, in the order in which it was committed (server/position.h).
 * Who remembers the place of the last event it has seen, and asks for what comes behind it, misses
 * nothing and sees nothing twice.
 */

/* The place of an event: all before it have been seen, and itself. {0} is the beginning. */
struct od_place {
    int64_t position;
    int64_t order_id;
    int32_t seq;
};

/* "4294967330-17-3", or a position alone: the place before its events. False: it is none. */
bool od_place_parse(struct od_str text, struct od_place *out);
enum { OD_PLACE_TEXT = 64 };
void od_place_format(const struct od_place *p, char out[OD_PLACE_TEXT]);
int od_place_compare(const struct od_place *x, const struct od_place *y); /* < 0, 0, > 0 */

/* Events behind a place that are safe to read, at most `limit`, in order. rows: (OD_EVENT_COLUMNS,
 * hash text of the bundle that decided or null, position int8, uuid, order_number text, currency
 * text, store text or null). */
enum od_follow_column {
    OD_FOLLOW_BUNDLE = OD_EVENT_COLUMN_COUNT,
    OD_FOLLOW_POSITION,
    OD_FOLLOW_UUID,
    OD_FOLLOW_NUMBER,
    OD_FOLLOW_CURRENCY,
    OD_FOLLOW_STORE,
};
void od_follow_events(struct od_pg_conn *conn, const struct od_place *after, int32_t limit,
                      od_pg_on_result *on_result, void *ctx);
/* The orders that the next `limit` events are of, each once, with the last of its events among
 * them, in the order of these. */
enum od_change_column {
    OD_CHANGE_ORDER = 0, /* order_id int8 */
    OD_CHANGE_SEQ,       /* int4: the order's version then */
    OD_CHANGE_POSITION,  /* int8 */
    OD_CHANGE_UUID,
    OD_CHANGE_NUMBER, /* text */
    OD_CHANGE_EVENTS, /* int8: how many events the page has, the same in each row */
};
void od_follow_changes(struct od_pg_conn *conn, const struct od_place *after, int32_t limit,
                       od_pg_on_result *on_result, void *ctx);

/* Where the ledger ends: one row. */
enum od_end_column {
    OD_END_POSITION = 0, /* int8, and the next two: the place of the last event that is safe to */
    OD_END_ORDER,        /* int8                     read, zeros when there is none */
    OD_END_SEQ,          /* int4 */
    OD_END_UNSAFE,       /* int8: the first position that is not safe to read yet */
};
void od_follow_end(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

/* Whether what was read has to be made sure of before it is told to anybody: the server waits for
 * synchronous standbys, and rows may be read before they have them (od_pg_witness). rows[1]: (bool)
 */
void od_follow_standbys(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

struct od_place od_follow_place(const struct od_pg_result *r, int row); /* of a row of events */

#endif
