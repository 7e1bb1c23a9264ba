#include "store/reports/reports.h"

static const uint32_t range_oids[] = {OD_PG_TEXT,        OD_PG_TEXT,        OD_PG_TEXT,
                                      OD_PG_TIMESTAMPTZ, OD_PG_TIMESTAMPTZ, OD_PG_INT4};
static const struct od_pg_stmt range = {
    .name = "report_range",
    .sql = "select s.starts, s.ends, report_instant((s.starts at time zone $1)"
           " - ((s.ends at time zone $1) - (s.starts at time zone $1)), $1) from"
           " (select e.ends, coalesce($4, report_instant(coalesce($2::date,"
           " (e.ends at time zone $1)::date - $6), $1)) as starts from"
           " (select coalesce($5, report_instant(coalesce($3::date,"
           " (now() at time zone $1)::date + 1), $1)) as ends) e) s",
    .nparams = 6,
    .param_oids = range_oids,
};

void od_report_send_range(struct od_pg_conn *conn, const struct od_report_range *r,
                          od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_text(p, r->zone);
    od_pg_text(p, r->from_day);
    od_pg_text(p, r->to_day);
    od_pg_given_time(p, r->from_us);
    od_pg_given_time(p, r->to_us);
    od_pg_i32(p, r->days);
    od_pg_send(conn, &range, p, on_result, ctx);
}

const struct od_pg_stmt od_report_zones = {
    .name = "report_zones",
    .sql = "select name from pg_timezone_names where name !~ '^(posix|right)/' order by 1",
};

/* $1 from, $2 to, $3 zone, $4 interval, $5 currency, $6 store, $7 by store, $8 limit, $9 word, $10
 * keys. */
static const uint32_t oids[] = {OD_PG_TIMESTAMPTZ, OD_PG_TIMESTAMPTZ, OD_PG_TEXT, OD_PG_TEXT,
                                OD_PG_TEXT,        OD_PG_TEXT,        OD_PG_BOOL, OD_PG_INT4,
                                OD_PG_TEXT,        OD_PG_TEXT_ARRAY};

void od_report_send(struct od_pg_conn *conn, const struct od_pg_stmt *stmt,
                    const struct od_report_query *q, od_pg_on_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_time(p, q->from_us);
    od_pg_time(p, q->to_us);
    od_pg_text(p, q->zone);
    od_pg_text(p, q->every);
    od_pg_text(p, q->currency);
    od_pg_text(p, q->store);
    od_pg_bool(p, q->by_store);
    od_pg_i32(p, q->limit);
    od_pg_text(p, q->word);
    if (q->key_count) {
        od_pg_array_begin(p, OD_PG_TEXT);
        for (uint32_t i = 0; i < q->key_count; i++)
            od_pg_array_text(p, q->keys[i]);
        od_pg_array_end(p);
    } else {
        od_pg_null(p);
    }
    od_pg_send(conn, stmt, p, on_result, ctx);
}

#define STATEMENT(NAME)                                                                            \
    .name = "report_" NAME, .nparams = sizeof oids / sizeof *oids, .param_oids = oids

#define MEASURES " count, units, gross, discount, refund, tax, shipping"
#define OF_SCOPE " and ($5::text is null or currency = $5) and ($6::text is null or store = $6)"
#define OF_KINDS " kind = any((select kinds from wanted)::int2[])"
#define ORIGIN   ", timestamptz '2000-01-01 00:00Z')" /* as in report_bucket */

/* `f`: the figures of the kinds of `wanted`, from sums between lo and hi, the first and the last
 * beginning of a bucket of this width, and from facts outside of them. Without a whole bucket hi
 * is lo. A sum that facts have left counts nothing. */
#define FIGURES(WIDTH)                                                                             \
    " edge as materialized (select lo, greatest(date_bin(" WIDTH ", $2" ORIGIN ", lo) as hi from"  \
    " (select date_bin(" WIDTH ", $1 - interval '1 microsecond'" ORIGIN " + " WIDTH " as lo) l),"  \
    " f as (select kind, bucket as at, currency, store, key," MEASURES " from edge, report_sum"    \
    " where" OF_KINDS " and bucket >= lo and bucket < hi and count <> 0" OF_SCOPE                  \
    " union all select kind, at, currency, store, key," MEASURES " from edge, report_fact"         \
    " where" OF_KINDS " and at >= $1 and at < least(lo, $2)" OF_SCOPE                              \
    " union all select kind, at, currency, store, key," MEASURES " from edge, report_fact"         \
    " where" OF_KINDS " and at >= hi and at < $2" OF_SCOPE "),"
#define BY_QUARTERS FIGURES("interval '15 minutes'")
#define BY_DAYS     FIGURES("interval '1 day'")

/* `d`: the same, with the number of the period and, by store, the store. */
#define PERIODS                                                                                    \
    " p as materialized (select * from report_periods($1, $2, $3, $4)),"                           \
    " d as (select width_bucket(at, (select array_agg(starts order by n) from p)) - 1 as n,"       \
    " case when $7 then store end as store, currency, kind, key," MEASURES " from f),"
/* The same of a report that is not cut into periods. */
#define WHOLE                                                                                      \
    " d as (select 0 as n, case when $7 then store end as store, currency, kind, key," MEASURES    \
    " from f),"
/* The rows are those of `r`, which has n, currency and store. */
#define ROWS                                                                                       \
    " select r.n, to_char(p.starts at time zone $3, 'YYYY-MM-DD'), coalesce(p.starts, $1),"        \
    " coalesce(p.ends, $2), r.currency, r.store,"
#define IN_ORDER   " from r left join p on p.n = r.n order by r.currency, r.store, r.n"
#define WHOLE_ROWS " select r.n, null::text, $1::timestamptz, $2::timestamptz, r.currency, r.store,"

/* A period without an order has a row as well. */
const struct od_pg_stmt od_report_sales = {
    STATEMENT("sales"),
    .sql = "with wanted as (select '{1,2}'::int2[] as kinds)," BY_QUARTERS PERIODS
           " c as materialized (select n, currency, store,"
           " coalesce(sum(count) filter (where kind = 1), 0) as orders,"
           " coalesce(sum(units) filter (where kind = 1), 0) as units,"
           " coalesce(sum(tax) filter (where kind = 1), 0) as tax,"
           " coalesce(sum(shipping) filter (where kind = 1), 0) as shipping,"
           " sum(gross) as gross, sum(discount) as discount, sum(refund) as refund"
           " from d group by grouping sets ((n, currency, store), (currency, store))),"
           " r as (select * from c union all select p.n, g.currency, g.store, 0, 0, 0, 0, 0, 0, 0"
           " from p cross join (select currency, store from c where n is null) g"
           " where not exists (select from c where c.n = p.n and c.currency = g.currency"
           " and c.store is not distinct from g.store))" ROWS
           " orders::text, units::text, gross::text, discount::text, refund::text,"
           " (gross - discount - refund)::text, tax::text, shipping::text,"
           " round((gross - discount) / nullif(orders, 0))::text" IN_ORDER,
};

/* A name is that of a line that had the SKU. */
const struct od_pg_stmt od_report_top_products = {
    STATEMENT("products"),
    .sql =
        "with wanted as (select '{3,4}'::int2[] as kinds)," BY_DAYS WHOLE
        " c as (select key, currency, store,"
        " coalesce(sum(units) filter (where kind = 3), 0) as units,"
        " coalesce(sum(units) filter (where kind = 4), 0) as units_back,"
        " sum(gross) as gross, sum(discount) as discount, sum(refund) as refund,"
        " sum(gross - discount - refund) as net"
        " from d group by grouping sets ((key, currency, store), (currency, store))),"
        " r as (select case when key is not null then 0 end as n, c.*, row_number() over"
        " (partition by currency, store, key is null order by net desc, key) as rank from "
        "c)" WHOLE_ROWS
        " key, (select i.name from order_list_value v join order_item i on i.order_id = v.order_id"
        " and i.sku = v.value where v.kind = 4 and v.value = key"
        " order by v.class_id desc, v.created_at desc, v.order_id desc limit 1),"
        " units::text, gross::text, discount::text, units_back::text, refund::text, net::text"
        " from r where key is null or (rank <= $8 and ($10 is null or key = any($10)))"
        " order by currency, store, n, rank",
};

const struct od_pg_stmt od_report_payment_methods = {
    STATEMENT("methods"),
    .sql = "with wanted as (select '{5,6}'::int2[] as kinds)," BY_QUARTERS PERIODS
           " r as (select n, key, currency, store,"
           " coalesce(sum(count) filter (where kind = 5), 0) as captures,"
           " coalesce(sum(count) filter (where kind = 6), 0) as refunds,"
           " sum(gross) as captured, sum(refund) as refunded"
           " from d group by grouping sets ((n, key, currency, store), (currency, store)))" ROWS
           " key, captures::text, captured::text, refunds::text, refunded::text,"
           " (captured - refunded)::text" IN_ORDER ", key",
};

/* Every order has a status of each of the three sets; the total counts it once. */
const struct od_pg_stmt od_report_statuses = {
    STATEMENT("statuses"),
    .sql = "with wanted as (select '{9}'::int2[] as kinds)," BY_DAYS WHOLE
           " r as (select n, currency, store, place, split_part(key, ' ', place) as code,"
           " sum(count) as orders, sum(gross) as amount"
           " from d, generate_series(1, 3) place group by 1, 2, 3, 4, 5"
           " union all select null, currency, store, null, null, sum(count), sum(gross)"
           " from d group by 2, 3)" WHOLE_ROWS
           " (array['status', 'paymentStatus', 'shipmentStatus'])[place], code, orders::text, "
           "amount::text"
           " from r order by currency, store, n, place, code",
};

/* What a customer comes to, from `f`. */
#define CUSTOMER_SUMS                                                                              \
    " max(order_id) as newest, coalesce(sum(count) filter (where kind = 1), 0) as orders,"         \
    " sum(gross) as gross, sum(discount) as discount, sum(refund) as refund,"                      \
    " sum(gross - discount - refund) as net, min(at) filter (where kind = 1) as first,"            \
    " max(at) filter (where kind = 1) as last from f"
#define CUSTOMER_COLUMNS                                                                           \
    " (select customer_email from orders o where o.order_id = newest and n = 0),"                  \
    " (select customer_full_name from orders o where o.order_id = newest and n = 0),"              \
    " orders::text, gross::text, discount::text, refund::text, net::text,"                         \
    " round((gross - discount) / nullif(orders, 0))::text,"                                        \
    " (extract(epoch from first) * 1000000)::int8::text,"                                          \
    " (extract(epoch from last) * 1000000)::int8::text from r"

/* Customers are many, so they have no sums. */
const struct od_pg_stmt od_report_customers = {
    STATEMENT("customers"),
    .sql = "with f as (select order_id, kind, at, currency, customer,"
           " case when $7 then store end as store," MEASURES
           " from report_fact join report_order using (order_id)"
           " where kind in (1, 2) and at >= $1 and at < $2" OF_SCOPE "),"
           " c as (select customer, currency, store, grouping(customer) = 0 as named," CUSTOMER_SUMS
           " group by grouping sets ((customer, currency, store), (currency, store))),"
           " r as (select case when named then 0 end as n, c.*, row_number() over (partition by "
           "currency,"
           " store, named order by net desc, customer) as rank from c"
           " where not named or customer is not null)" WHOLE_ROWS
           " substr(customer, 2), case when customer like 'i%' then substr(customer, 2) "
           "end," CUSTOMER_COLUMNS
           " where not named or (rank <= $8 and ($10 is null or substr(customer, 2) = any($10)))"
           " order by currency, store, n, rank",
};

/* The orders of a customer are looked up in the projection of lists, by e-mail or by id. */
const struct od_pg_stmt od_report_customer = {
    STATEMENT("customer"),
    .sql =
        "with o as materialized (select distinct order_id from order_list_value"
        " where kind = case when $9 like '%@%' then 2 else 1 end"
        " and value = case when $9 like '%@%' then lower($9) else $9 end),"
        " f as (select order_id, kind, at, currency, case when $7 then store end as store," MEASURES
        " from o join report_fact using (order_id)"
        " where kind in (1, 2) and at >= $1 and at < $2" OF_SCOPE "),"
        " c as (select currency, store," CUSTOMER_SUMS " group by 1, 2),"
        " r as (select n, c.* from c, (values (0), (null)) v (n))" WHOLE_ROWS
        " case when n = 0 then $9 end, case when n = 0 and $9 not like '%@%' then $9 "
        "end," CUSTOMER_COLUMNS " order by currency, store, n",
};

/* By method, a refund that went by two of them counts with each. Only by reason it is known what a
 * refund was for. */
const struct od_pg_stmt od_report_refunds = {
    STATEMENT("refunds"),
    .sql =
        "with wanted as (select case when $9 = 'method' then '{6}' else '{2}' end::int2[] as kinds,"
        " coalesce($9 = 'method', false) as by_method)," BY_QUARTERS PERIODS
        " r as (select n, key, currency, store, sum(count) as refunds, sum(refund) as amount,"
        " case when not by_method then sum(units) end as units,"
        " case when not by_method then sum(shipping) end as shipping,"
        " case when not by_method then sum(tax) end as tax, by_method from d, wanted"
        " group by grouping sets ((n, key, currency, store, by_method), (currency, store, "
        "by_method)))" ROWS
        " case when not by_method then key end, case when by_method then key end,"
        " refunds::text, amount::text, units::text, shipping::text, tax::text" IN_ORDER ", key",
};

const struct od_pg_stmt od_report_tax = {
    STATEMENT("tax"),
    .sql = "with wanted as (select '{7,8}'::int2[] as kinds)," BY_QUARTERS PERIODS
           " r as (select n, key, currency, store,"
           " coalesce(sum(gross) filter (where kind = 7), 0) as base,"
           " coalesce(sum(tax) filter (where kind = 7), 0) as tax,"
           " coalesce(sum(refund) filter (where kind = 8), 0) as base_back,"
           " coalesce(sum(tax) filter (where kind = 8), 0) as tax_back"
           " from d group by grouping sets ((n, key, currency, store), (currency, store)))" ROWS
           " case when key = '' then 'shipping' when key is not null then 'items' end,"
           " trim_scale(nullif(key, '')::numeric / 10000)::text, base::text, tax::text, "
           "base_back::text,"
           " tax_back::text, (base - base_back)::text, (tax - tax_back)::text" IN_ORDER
           ", nullif(key, '')::numeric",
};

/* A median is no sum, so it is found among the facts themselves. */
const struct od_pg_stmt od_report_fulfilment = {
    STATEMENT("fulfilment"),
    .sql = "with f as (select kind, at, currency, store, key," MEASURES
           " from report_fact where kind = 10 and at >= $1 and at < $2" OF_SCOPE ")," PERIODS
           " r as (select n, null::text as currency, store, count(*) as orders,"
           " percentile_disc(0.5) within group (order by units) as median,"
           " percentile_disc(0.9) within group (order by units) as p90, avg(units) as average"
           " from d group by grouping sets ((n, store), (store)))" ROWS
           " orders::text, round(median)::text, round(p90)::text, round(average)::text" IN_ORDER,
};
