#ifndef OD_API_ROWS_H
#define OD_API_ROWS_H

#include "base/json/json.h"
#include "pg/conn.h"

/* Answers that are made of the rows of a statement. */

struct od_http_request;

/* Makes the request's body {"items": […]}: write(ctx, r, row) writes one item to *w. */
void od_rows_write(struct od_json_writer *w, struct od_http_request *req,
                   const struct od_pg_result *r,
                   void (*write)(void *ctx, const struct od_pg_result *r, int row), void *ctx);
/* Writes a member that is a time, or null. */
void od_row_write_time(struct od_json_writer *w, const char *key, const struct od_pg_result *r,
                       int row, int col);

#endif
