#ifndef OD_ENGINE_NAMES_H
#define OD_ENGINE_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "order/model/command.h"
#include "pg/conn.h"

/*
 * What orders are called besides their ids: uuids, remembered once seen because they never change
 * their order, and numbers. Looked up for all callers of a round at once.
 */

struct od_remembered;

struct od_names {
    struct od_remembered *memory; /* by hash of the uuid */
    /* The round. */
    struct od_arena *arena;
    const struct od_order_ref **refs; /* [count] to look up */
    size_t count, cap;
    struct od_map found; /* uuid bytes or number -> int64_t * */
};

void od_names_init(struct od_names *n, struct od_arena *arena);
void od_names_fini(struct od_names *n);

int64_t od_names_recall(const struct od_names *n, const struct od_uuid *uuid); /* 0: not known */

void od_names_begin(struct od_names *n);
void od_names_want(struct od_names *n, const struct od_order_ref *ref); /* by uuid or number */
void od_names_send(struct od_names *n, struct od_pg_conn *conn);
int64_t od_names_found(const struct od_names *n, const struct od_order_ref *ref); /* 0: no such */
void od_names_end(struct od_names *n);

#endif
