#ifndef OD_STORE_EVENTS_H
#define OD_STORE_EVENTS_H

#include "base/arena.h"
#include "base/err.h"
#include "order/model/event.h"
#include "order/model/status.h"
#include "pg/conn.h"

/*
 * The columns of order_event that every statement over the ledger selects, in the order in which
 * od_event_row_read expects them.
 */
#define OD_EVENT_COLUMNS                                                                           \
    "e.order_id, e.seq, e.type, e.at, e.recorded_at, e.actor, e.bundle_id, e.policy, e.reason,"    \
    " e.overruled, e.from_status, e.to_status, e.from_payment_status, e.to_payment_status,"        \
    " e.from_shipment_status, e.to_shipment_status, e.data, e.policy_reason"
enum { OD_EVENT_COLUMN_COUNT = 18 };

/* Selects the events of some orders, sorted by order_id and seq. $1 order_ids int8[] */
extern const struct od_pg_stmt od_select_events;

/* Selects events of some orders, of each those behind a version and up to another, sorted by
 * order_id and seq. $1 order_ids int8[], $2 the versions before the first int4[], $3 the last
 * versions int4[] */
extern const struct od_pg_stmt od_select_events_of;

/* A page of the events of one order: $1 order_id int8, $2 the version before the first int4, $3 the
 * last version int4, $4 how many at most int4. */
extern const struct od_pg_stmt od_select_events_between;

/* Fills *e, its data decoded; everything is copied to the arena. *data (may be NULL) is the stored
 * JSON text. -1: the row does not decode. */
int od_event_row_read(const struct od_pg_result *r, int row, struct od_event *e,
                      struct od_str *data, struct od_arena *a, struct od_err *err) OD_MUST_CHECK;

#endif
