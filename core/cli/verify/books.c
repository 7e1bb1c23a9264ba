#include "cli/verify/run.h"
#include "store/books.h"
#include "store/server/position.h"

/* Checks the rules between rows (store/books.h). */

static void on_lines(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_verify *v = ctx;
    for (int i = 0; !err && i < r->rows; i++) {
        struct od_str line = od_pg_get_text(r, i, 0);
        fprintf(v->out, "%.*s\n", OD_STR_ARG(line));
        v->result->differing++;
    }
}

static void on_done(void *ctx, bool failed)
{
    od_verify_finish(ctx, failed);
}

void od_verify_books(struct od_verify *v)
{
    for (size_t i = 0; i < od_books_rule_count; i++)
        od_pg_send(v->conn, &od_books_rules[i], NULL, on_lines, v);
    od_pg_send(v->conn, &od_position_check, NULL, on_lines, v);
    od_pg_sync(v->conn, on_done, v);
}
