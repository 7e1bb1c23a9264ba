#ifndef OD_ENGINE_HISTORY_H
#define OD_ENGINE_HISTORY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "pg/conn.h"
#include "store/load.h"

/* Orders as they were at an earlier version, folded from their events; for all callers of a round
 * at once. All of it lives in the arena. */

struct od_history {
    int64_t order_id;
    int32_t version;
    struct od_loaded past; /* the order and its activities up to that version */
    struct od_err err;     /* the ledger does not fold */
    struct od_history *next;
};

struct od_histories {
    struct od_arena *arena;
    struct od_history *first;
};

void od_histories_want(struct od_histories *h, int64_t order_id, int32_t version);
void od_histories_send(struct od_histories *h, struct od_pg_conn *conn);
struct od_history *od_histories_find(const struct od_histories *h, int64_t order_id,
                                     int32_t version); /* or NULL: not wanted */

#endif
