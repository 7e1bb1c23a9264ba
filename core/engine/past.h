#ifndef OD_ENGINE_PAST_H
#define OD_ENGINE_PAST_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "pg/conn.h"
#include "store/load/load.h"

/* Orders as they were at an earlier version, folded from their events; for all callers of a round
 * at once. All of it lives in the arena. */

struct od_past_order {
    int64_t order_id;
    int32_t version;
    struct od_loaded loaded; /* the order and its activities up to that version */
    struct od_err err;       /* the ledger does not fold */
    struct od_past_order *next;
};

struct od_past_orders {
    struct od_arena *arena;
    struct od_past_order *first;
};

void od_past_want(struct od_past_orders *h, int64_t order_id, int32_t version);
void od_past_send(struct od_past_orders *h, struct od_pg_conn *conn);
struct od_past_order *od_past_find(const struct od_past_orders *h, int64_t order_id,
                                   int32_t version); /* or NULL: not wanted */

#endif
