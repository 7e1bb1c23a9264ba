#ifndef OD_STORE_NAMES_H
#define OD_STORE_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "order/model/command.h"
#include "pg/conn.h"

/*
 * What orders are called besides their ids: uuids, remembered once seen because they never change
 * their order, and numbers. Looked up for all callers of a round at once.
 *
 * A reference is a number first. Digits alone may also be meant as an internal id, as they are by
 * callers whose shop numbers its orders "ORD-2026-000042" and who kept the id of an answer. They
 * mean the id only while no order of the shop has a number of digits alone. Where an order has that
 * number and another has that id, the number is meant if the other is numbered in digits, too: then
 * that is how the shop writes numbers. Otherwise nobody can tell, and both are named in an error.
 */

struct od_remembered;

struct od_names {
    struct od_remembered *memory; /* by hash of the uuid */
    /* The round. */
    struct od_arena *arena;
    const struct od_order_ref **refs; /* [count] to look up */
    size_t count, cap;
    struct od_map found; /* uuid bytes or number -> struct od_name * */
};

void od_names_init(struct od_names *n, struct od_arena *arena);
void od_names_fini(struct od_names *n);

int64_t od_names_recall(const struct od_names *n, const struct od_uuid *uuid); /* 0: not known */

void od_names_begin(struct od_names *n);
void od_names_want(struct od_names *n, const struct od_order_ref *ref); /* by uuid or number */
void od_names_send(struct od_names *n, struct od_pg_conn *conn);
/* After the round. *order_id 0: there is no such order. OD_ERR_AMBIGUOUS: two orders could be
 * meant; OD_ERR_NOT_FOUND: none has the number, but one has that id, which must be written id:42
 * in this shop. */
int od_names_found(const struct od_names *n, const struct od_order_ref *ref, int64_t *order_id,
                   struct od_err *err) OD_MUST_CHECK;
void od_names_end(struct od_names *n);

#endif
