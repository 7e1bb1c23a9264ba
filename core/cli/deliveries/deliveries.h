#ifndef OD_CLI_DELIVERIES_DELIVERIES_H
#define OD_CLI_DELIVERIES_DELIVERIES_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/cli.h"
#include "pg/conn.h"

/* orderd deliveries: what was sent to which target, and what is done about it. It works on the
 * database, so it works beside any number of servers, and without one. */

struct od_session;

struct od_deliveries {
    struct od_session *session;
    struct od_pg_conn *conn;
    struct od_arena arena;
    bool json, only_failed;
    /* NULL or 0: not given. */
    const char *target, *state, *order;
    int64_t since, until, limit, order_id, delivery_id;
    struct od_err failure; /* of the statement that was sent last */
    int rows;              /* of its result */
    int64_t numbers[2];    /* the first columns of its last row, where they are int8 */
};

/* Sends the statement and waits for its result, which on_result (may be NULL) sees first. */
int od_deliveries_ask(struct od_deliveries *d, const struct od_pg_stmt *stmt,
                      struct od_pg_params *p, od_pg_on_result *on_result,
                      struct od_err *err) OD_MUST_CHECK;

int od_deliveries_list(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_show(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_targets(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_redeliver(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_pause(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_resume(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_test(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;
int od_deliveries_rederive(struct od_deliveries *d, struct od_err *err) OD_MUST_CHECK;

#endif
