#ifndef OD_CLI_VERIFY_RUN_H
#define OD_CLI_VERIFY_RUN_H

#include "base/terminal/progress.h"
#include "cli/verify/verify.h"
#include "base/arena.h"
#include "pg/conn.h"
#include "store/load/load.h"

/* The state of a run of `orderd verify`. Internal to this folder. */

struct od_verify_fold;

/* Where the run stands. Each step sends a pipeline and names the step that follows its sync. */
struct od_verify {
    struct od_pg_conn *conn;
    struct od_arena arena;
    struct od_set set;            /* the orders of the present chunk */
    struct od_verify_fold *folds; /* [set.order_count], in the order of set.orders */
    size_t fold_at;
    int64_t last_id, total;
    FILE *out;
    struct od_progress progress;
    struct od_verify_result *result;
    struct od_err *err;
    bool finished, failed, closed;
};

void od_verify_finish(struct od_verify *v, bool failed);

/* orders.c: folds the events of every order and compares, in chunks. Then it goes on with the
 * books. */
void od_verify_orders(struct od_verify *v);
/* books.c: sends the statements that find rows which break a rule between rows. Then it
 * finishes. */
void od_verify_books(struct od_verify *v);

#endif
