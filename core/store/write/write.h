#ifndef OD_STORE_WRITE_WRITE_H
#define OD_STORE_WRITE_WRITE_H

#include "order/machine/decide.h"
#include "pg/conn.h"
#include "store/load/load.h"
#include "store/rows/rows.h"

/*
 * WRITE sends what a batch decided as set-wise statements, one for each kind of row, whatever the
 * size of the batch. The caller sends begin before LOAD, and commit and the sync after WRITE.
 */

struct od_key_write {
    struct od_str principal, key;
    const uint8_t *request_hash; /* [32] */
    const struct od_decision *decision;
    enum od_command_type command;
    /* The state right after the decision, which the answer shows. The snapshot may have moved on
     * within the batch. */
    int32_t version, ref_id;
    int64_t on_hand, reserved; /* only with decision->stock */
};

struct od_write {
    struct od_arena *arena;
    const struct od_row_types *types;
    struct od_set *set;             /* has the dirty orders and stock, */
    const struct od_order **placed; /* and so do the orders that the batch placed */
    size_t placed_count, placed_cap;
    const struct od_event **events; /* in the order in which they were decided */
    struct od_str *causes;          /* [event_count] */
    size_t event_count, event_cap, cause_cap;
    struct od_key_write *keys;
    size_t key_count, key_cap;
};

void od_write_init(struct od_write *w, struct od_arena *arena, struct od_set *set,
                   const struct od_row_types *types);
void od_write_placed(struct od_write *w, const struct od_order *o);
/* cause: of their command, which is kept with them; may be absent. */
void od_write_events(struct od_write *w, const struct od_event *events, uint32_t count,
                     struct od_str cause);
void od_write_key(struct od_write *w, const struct od_key_write *k);

/* Sends the statements. False: there is nothing to write, and the caller must roll back the
 * transaction. */
bool od_write_send(struct od_write *w, struct od_pg_conn *conn);

#endif
