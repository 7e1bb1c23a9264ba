#ifndef OD_STORE_LOAD_PARTS_H
#define OD_STORE_LOAD_PARTS_H

#include "store/load/load.h"

/* The parts of LOAD that have a file of their own. Internal to this folder. */

/* Sends a statement whose only parameter is the ids of the wanted orders. */
void od_set_send_ids(struct od_set *s, struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                     void (*cb)(void *ctx, const struct od_pg_result *r, const struct od_err *err));

/* Append the ids of the wanted orders, or some texts, as one array parameter. */
void od_set_put_ids(const struct od_set *s, struct od_pg_params *p);
void od_set_put_texts(struct od_pg_params *p, const struct od_str *texts, size_t n);

/* Sends the statements for everything that belongs to the orders and has a table. */
void od_set_send_children(struct od_set *s, struct od_pg_conn *conn);
/* Reads or locks the stock that is wanted, if there is any. */
void od_set_send_stock(struct od_set *s, struct od_pg_conn *conn);
/* Sends the statement for the comments on the orders. */
void od_set_send_activities(struct od_set *s, struct od_pg_conn *conn);

/* Returns the end of the run of rows that begins at i and belongs to one order. Rows are sorted by
 * order. */
int od_set_run_end(const struct od_pg_result *r, int i);

#endif
