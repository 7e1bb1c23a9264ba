#ifndef OD_CLI_VERIFY_RUN_H
#define OD_CLI_VERIFY_RUN_H

#include "base/terminal/progress.h"
#include "cli/verify/verify.h"
#include "base/arena.h"
#include "pg/conn.h"
#include "store/load/load.h"

/* What the verify files share. Internal to verify*.c. */

struct od_verify_fold;

/* Where a run stands: each step sends a pipeline and names what follows its sync. */
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

/* verify_orders.c: folds the events of every order and compares, in chunks; then the books. */
void od_verify_orders(struct od_verify *v);
/* verify_books.c: sends the statements that find what breaks a rule between rows; then finished. */
void od_verify_books(struct od_verify *v);

#endif
