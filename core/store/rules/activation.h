#ifndef OD_STORE_RULES_ACTIVATION_H
#define OD_STORE_RULES_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/uuid.h"
#include "order/model/status.h"
#include "pg/conn.h"

/*
 * The tables activation and server_process say which bundle serves, and where. Other functions here
 * find the orders in a status. Functions send statements without a sync; on_result is that of
 * od_pg_send.
 */

#define OD_ACTIVATION_CHANNEL "orderd_activation" /* each activation's id is notified on it */

/* Its strings belong to the result. */
struct od_activation_row {
    int32_t activation_id, bundle_id;
    struct od_str hash, kind;
    int64_t age_us; /* its age by the database's clock */
};

/* Selects the last activation; no row: there was none. */
void od_activation_last(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);
void od_activation_row_read(const struct od_pg_result *r, struct od_activation_row *out);

/* Selects rules.ini of the bundle that the last activation put into service -> (source text). */
void od_activation_rules_ini(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

/*
 * Selects the bundle that a rollback goes back to -> (bundle_id int4, hash text). Activations are a
 * stack. A start, a reload or an activation puts its bundle on top; a rollback of either kind takes
 * off what is above the bundle that it goes back to. A bundle that was put out of service
 * automatically is never chosen. automatic: there is no row when the present activation is an
 * automatic rollback. The last 500 activations count.
 */
void od_activation_before(struct od_pg_conn *conn, bool automatic, od_pg_on_result *on_result,
                          void *ctx);

struct od_new_activation {
    struct od_str hash; /* of a stored bundle */
    struct od_str actor, kind, reason;
    int32_t after; /* the activation that must still be the last one; 0: any */
};
/* Inserts an activation -> (activation_id int4, bundle_id int4); no row: another one came in
 * between. It takes the lock that keeps activations apart until the end of the transaction, and
 * notifies. */
void od_activation_insert(struct od_pg_conn *conn, const struct od_new_activation *a,
                          od_pg_on_result *on_result, void *ctx);

/* Some codes of each kind of status. */
struct od_status_codes {
    struct od_str *codes[OD_STATUS_KINDS];
    uint32_t count[OD_STATUS_KINDS];
};
/* Counts the orders that are, or have a shipment, in one of these statuses -> (kind int4, code
 * text, orders int8 > 0). It reads all orders. */
void od_orders_in_statuses(struct od_pg_conn *conn, const struct od_status_codes *codes,
                           od_pg_on_result *on_result, void *ctx);
/* Selects the next `limit` orders in a status behind an id, ascending -> (order_id int8). */
void od_orders_in_status(struct od_pg_conn *conn, enum od_status_kind kind, struct od_str code,
                         int64_t after_order_id, int32_t limit, od_pg_on_result *on_result,
                         void *ctx);

/* Takes the lock of the one process that may move orders -> (bool): this connection has it, until
 * it is unlocked or lost. */
void od_migrate_lock(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);
void od_migrate_unlock(struct od_pg_conn *conn);
/* Notes that so many more orders were moved since that activation. */
void od_migrate_moved(struct od_pg_conn *conn, int32_t activation_id, int64_t orders);
/* Selects how many were moved since that activation, and whether a process moves orders now ->
 * (moved int8, running bool). */
void od_migrate_progress(struct od_pg_conn *conn, int32_t activation_id, od_pg_on_result *on_result,
                         void *ctx);

struct od_server_process {
    struct od_uuid id;
    struct od_str host, address;
    int32_t pid, bundle_id, activation_id;
    struct od_str error; /* why it does not serve the last activation; absent: it does */
};
/* Notes that the process runs, and forgets those that were not heard of for a day. */
void od_process_seen(struct od_pg_conn *conn, const struct od_server_process *p);
void od_process_gone(struct od_pg_conn *conn, const struct od_uuid *id);

#endif
