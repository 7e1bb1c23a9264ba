#ifndef OD_STORE_LOAD_PARTS_H
#define OD_STORE_LOAD_PARTS_H

#include "store/load/load.h"

/* The parts of LOAD that have a file of their own. Internal to load*.c. */

/* Sends a statement whose one parameter is the ids of the wanted orders. */
void od_set_send_ids(struct od_set *s, struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                     void (*cb)(void *ctx, const struct od_pg_result *r, const struct od_err *err));

/* The ids of the wanted orders, or some texts, as one array parameter. */
void od_set_put_ids(const struct od_set *s, struct od_pg_params *p);
void od_set_put_texts(struct od_pg_params *p, const struct od_str *texts, size_t n);

/* Everything that belongs to the orders and has a table. */
void od_set_send_children(struct od_set *s, struct od_pg_conn *conn);
/* Reads or locks the stock that is wanted, if there is any. */
void od_set_send_stock(struct od_set *s, struct od_pg_conn *conn);
/* What people said about the orders. */
void od_set_send_activities(struct od_set *s, struct od_pg_conn *conn);

/* Rows i … end-1 belong to one order: rows come sorted by it. Returns end. */
int od_set_run_end(const struct od_pg_result *r, int i);

#endif
