#ifndef OD_ENGINE_PAST_H
#define OD_ENGINE_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "pg/conn.h"

struct od_order;

/*
 * An order as it was at an earlier version, folded from its events a page at a time: an order may
 * have a hundred thousand of them, and whoever asks for it must not hold up the others. Memory is
 * that of the order and of one page.
 */
struct od_past_order {
    int64_t order_id;
    int32_t version;
    struct od_order *order;   /* at the version it has been folded to; NULL: nothing was read yet */
    struct od_str activities; /* of that version, once it is whole: as od_loaded.activities */
    struct od_err err;        /* the ledger does not fold */
    struct od_arena arenas[2]; /* the order lives in arenas[current] */
    int current;
};

struct od_past_order *od_past_new(int64_t order_id, int32_t version);
void od_past_free(struct od_past_order *p);

/* Sends what reads the next page; its results have been taken in when the sync that the caller
 * sends is answered. `p` stays until then. */
void od_past_send(struct od_past_order *p, struct od_pg_conn *conn);
/* It is at its version, or `err` says why it cannot be. */
bool od_past_done(const struct od_past_order *p);

#endif
