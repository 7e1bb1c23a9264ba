#ifndef OD_STORE_NAMES_H
#define OD_STORE_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "order/model/command.h"
#include "pg/conn.h"

/*
 * Finds orders by what they are called besides their ids: numbers and uuids. A uuid is remembered
 * once it was seen, because it never moves to another order. All callers of a round are looked up
 * for at once.
 *
 * A reference is a number first. Digits alone may also mean an internal id: a caller whose shop
 * numbers its orders "ORD-2026-000042" may have kept the id of an answer. They mean the id only
 * while no order of the shop has a number of digits alone. When one order has that number and
 * another has that id, the number is meant if the other order is numbered in digits, too, because
 * then the shop writes its numbers so. Otherwise nobody can tell, and an error names both.
 */

struct od_remembered;

struct od_names {
    struct od_remembered *memory; /* uuids by their hash */
    /* The present round. */
    struct od_arena *arena;
    const struct od_order_ref **refs; /* [count] to look up */
    size_t count, cap;
    struct od_map found; /* uuid bytes or number -> struct od_name * */
};

void od_names_init(struct od_names *n, struct od_arena *arena);
void od_names_fini(struct od_names *n);

/* 0: it was not seen */
int64_t od_names_recall(const struct od_names *n, const struct od_uuid *uuid);

void od_names_begin(struct od_names *n);
void od_names_want(struct od_names *n, const struct od_order_ref *ref); /* a uuid or number */
void od_names_send(struct od_names *n, struct od_pg_conn *conn);
/* Tells after the round what was found. *order_id 0: there is no such order. OD_ERR_AMBIGUOUS: two
 * orders could be meant. OD_ERR_NOT_FOUND: no order has the number, but one has that id, which must
 * be written id:42 in this shop. */
int od_names_found(const struct od_names *n, const struct od_order_ref *ref, int64_t *order_id,
                   struct od_err *err) OD_MUST_CHECK;
void od_names_end(struct od_names *n);

#endif
