#ifndef OD_STORE_SEARCH_CUSTOMER_H
#define OD_STORE_SEARCH_CUSTOMER_H

#include "pg/conn.h"

/*
 * A customer as their orders know them. They are found by id, or by e-mail in any case; exactly one
 * of the two is present. Both statements are for one pipeline.
 */

/* The customer of the newest order. rows[0 … 1]: (customer_id text, customer_email text,
 * customer_full_name text, each or null). */
void od_customer_send_newest(struct od_pg_conn *conn, struct od_str id, struct od_str email,
                             od_pg_on_result *on_result, void *ctx);
/* What their orders come to. rows[n]: (currency text, orders int8, grand_total int8,
 * amount_captured int8, amount_refunded int8), by currency. */
void od_customer_send_sums(struct od_pg_conn *conn, struct od_str id, struct od_str email,
                           od_pg_on_result *on_result, void *ctx);

#endif
