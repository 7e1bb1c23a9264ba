#ifndef OD_STORE_RULES_ACTIVATION_H
#define OD_STORE_RULES_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/uuid.h"
#include "order/model/status.h"
#include "pg/conn.h"

/*
 * Which bundle serves: the tables activation and server_process, and how many orders stand in a
 * status. Functions send statements without a sync, unless they say otherwise; on_result is
 * od_pg_send's.
 */

#define OD_ACTIVATION_CHANNEL "orderd_activation" /* notified with each activation's id */

/* Strings are the result's. */
struct od_activation_row {
    int32_t activation_id, bundle_id;
    struct od_str hash, kind;
    int64_t age_us; /* since it was made, by the database's clock */
};

/* The last activation; no row when there was none. */
void od_activation_last(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);
void od_activation_row_read(const struct od_pg_result *r, struct od_activation_row *out);

/* -> (source text): rules.ini of the bundle that the last activation put into service. */
void od_activation_rules_ini(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

/*
 * -> (bundle_id int4, hash text): where a rollback goes. Activations are a stack: a start, a reload
 * or an activation puts its bundle on top, a rollback of either kind takes off what is above the
 * one it goes back to. Never one that was put out of service automatically; automatic: none at all
 * when the present activation is an automatic rollback. The last 500 activations count.
 */
void od_activation_before(struct od_pg_conn *conn, bool automatic, od_pg_on_result *on_result,
                          void *ctx);

struct od_new_activation {
    struct od_str hash; /* of a bundle that is stored */
    struct od_str actor, kind, reason;
    int32_t after; /* the activation that must be the last by now; 0: none */
};
/* -> (activation_id int4, bundle_id int4); no row when another came in between. Takes the lock that
 * keeps activations apart until the end of the transaction, and notifies. */
void od_activation_insert(struct od_pg_conn *conn, const struct od_new_activation *a,
                          od_pg_on_result *on_result, void *ctx);

/* Codes of each kind of status. */
struct od_status_codes {
    struct od_str *codes[OD_STATUS_KINDS];
    uint32_t count[OD_STATUS_KINDS];
};
/* -> (kind int4, code text, orders int8 > 0): orders that are, or have a shipment, in one of them.
 * Reads all orders. */
void od_orders_in_statuses(struct od_pg_conn *conn, const struct od_status_codes *codes,
                           od_pg_on_result *on_result, void *ctx);
/* -> (order_id int8): the next `limit` of them after an id, ascending. */
void od_orders_in_status(struct od_pg_conn *conn, enum od_status_kind kind, struct od_str code,
                         int64_t after_order_id, int32_t limit, od_pg_on_result *on_result,
                         void *ctx);

/* -> (bool): of all processes, this connection may move orders; until unlocked or lost. */
void od_migrate_lock(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);
void od_migrate_unlock(struct od_pg_conn *conn);
/* So many more were moved since that activation. */
void od_migrate_moved(struct od_pg_conn *conn, int32_t activation_id, int64_t orders);
/* -> (moved int8, running bool): since that activation, and whether a process moves now. */
void od_migrate_progress(struct od_pg_conn *conn, int32_t activation_id, od_pg_on_result *on_result,
                         void *ctx);

struct od_server_process {
    struct od_uuid id;
    struct od_str host, address;
    int32_t pid, bundle_id, activation_id;
    struct od_str error; /* absent: it serves the last activation */
};
/* Says that it runs; forgets those not heard of for a day. */
void od_process_seen(struct od_pg_conn *conn, const struct od_server_process *p);
void od_process_gone(struct od_pg_conn *conn, const struct od_uuid *id);

#endif
