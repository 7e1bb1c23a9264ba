#include "api/rows.h"

#include "http/reply.h"

void od_rows_write(struct od_json_writer *w, struct od_http_request *req,
                   const struct od_pg_result *r,
                   void (*write)(void *ctx, const struct od_pg_result *r, int row), void *ctx)
{
    od_jw_init(w, od_http_body(req));
    od_jw_object(w);
    od_jw_key(w, "items");
    od_jw_array(w);
    for (int i = 0; i < r->rows; i++)
        write(ctx, r, i);
    od_jw_array_end(w);
    od_jw_object_end(w);
}

void od_row_write_time(struct od_json_writer *w, const char *key, const struct od_pg_result *r,
                       int row, int col)
{
    od_jw_key(w, key);
    if (od_pg_is_null(r, row, col))
        od_jw_null(w);
    else
        od_jw_time(w, od_pg_get_time(r, row, col));
}
