#include "store/search/customer.h"

#define NEWEST "select o.customer_id, o.customer_email, o.customer_full_name from orders o where "
#define SUMS                                                                                       \
    "select o.currency, count(*), sum(o.grand_total)::int8, sum(o.amount_captured)::int8,"         \
    " sum(o.amount_refunded)::int8 from orders o where "
#define BY_ID    "o.customer_id = $1"
#define BY_EMAIL "lower(o.customer_email) = lower($1)"
#define LATEST   " order by o.created_at desc, o.order_id desc limit 1"
#define GROUPED  " group by o.currency order by o.currency"

static const uint32_t oids[] = {OD_PG_TEXT};
#define STATEMENT(NAME, SQL)                                                                       \
    {                                                                                              \
        .name = NAME, .sql = SQL, .nparams = 1, .param_oids = oids,                                \
    }
static const struct od_pg_stmt newest_by_id = STATEMENT("customer_id", NEWEST BY_ID LATEST),
                               newest_by_email =
                                   STATEMENT("customer_email", NEWEST BY_EMAIL LATEST),
                               sums_by_id = STATEMENT("customer_id_sums", SUMS BY_ID GROUPED),
                               sums_by_email =
                                   STATEMENT("customer_email_sums", SUMS BY_EMAIL GROUPED);

static void send_to(struct od_pg_conn *conn, const struct od_pg_stmt *stmt, struct od_str value,
                    od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, value);
    od_pg_send(conn, stmt, p, on_result, ctx);
}

void od_customer_send_newest(struct od_pg_conn *conn, struct od_str id, struct od_str email,
                             od_pg_on_result *on_result, void *ctx)
{
    send_to(conn, id.ptr ? &newest_by_id : &newest_by_email, id.ptr ? id : email, on_result, ctx);
}

void od_customer_send_sums(struct od_pg_conn *conn, struct od_str id, struct od_str email,
                           od_pg_on_result *on_result, void *ctx)
{
    send_to(conn, id.ptr ? &sums_by_id : &sums_by_email, id.ptr ? id : email, on_result, ctx);
}
