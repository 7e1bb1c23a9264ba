#include "store/read/list.h"

#include "store/read/trail.h"

/* The digits of od_currency_digits as a factor to ten-thousandths; tests/unit/store/test_search.c
 * holds them together. */
#define SCALE(currency)                                                                            \
    "case when " currency " in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG',"    \
    " 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 10000::numeric"                 \
    " when " currency " in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 10"              \
    " when " currency " in ('CLF', 'UYW') then 1 else 100 end"

/* What a fold makes of the orders $1: `facts` has a row for each, `value` their values. A value
 * that is longer than a filter may be is found by no filter. `offset 0` keeps PostgreSQL from
 * computing the members twice, once for the row and once for its key. */
#define ANEW                                                                                       \
    "with facts as materialized (select f.*, md5(row(f.status, f.payment_status,"                  \
    " f.shipment_status, f.currency, f.store, f.country, f.payment_method, f.shipping_method,"     \
    " f.carriers, f.holds, f.has, f.decided, f.refused)::text)::uuid as key"                       \
    " from (select o.order_id, o.version, o.created_at, o.updated_at,"                             \
    " greatest(least(o.grand_total * " SCALE(                                                      \
        "o.currency") ", 9223372036854775807),"                                                    \
                      " -9223372036854775808)::int8 as amount,"                                    \
                      " o.status, o.payment_status, o.shipment_status, o.currency, o.store,"       \
                      " (select a.country from order_address a where a.order_id = o.order_id"      \
                      " and a.country is not null order by a.kind = 'shipping' desc limit 1) as "  \
                      "country,"                                                                   \
                      " o.payment_method, o.shipping_method,"                                      \
                      " coalesce((select array_agg(distinct s.carrier order by s.carrier) from "   \
                      "shipment s"                                                                 \
                      " where s.order_id = o.order_id and s.carrier is not null), '{}') as "       \
                      "carriers,"                                                                  \
                      " coalesce((select array_agg(h.handle order by h.handle) from order_hold h"  \
                      " where h.order_id = o.order_id), '{}') as holds,"                           \
                      " (o.customer_id is not null)::int * 2 + (o.customer_email is not "          \
                      "null)::int * 4"                                                             \
                      " + (o.coupon is not null)::int * 8"                                         \
                      " + exists (select from order_item i where i.order_id = o.order_id)::int * " \
                      "16"                                                                         \
                      " + exists (select from json_array_elements_text(o.tags))::int * 32"         \
                      " + exists (select from shipment s where s.order_id = o.order_id"            \
                      " and s.tracking_number is not null)::int * 64"                              \
                      " + (t.bundles <> '{}')::int * 128 as has, t.decided, t.refused, t.bundles," \
                      " o.customer_id, lower(o.customer_email) as email, o.coupon, o.tags"         \
                      " from orders o cross join lateral " OD_TRAIL_OF(                            \
                          "o.order_id") " t"                                                       \
                                        " where o.order_id = any($1) offset 0) f),"                \
                                        " value as materialized (select f.order_id, f.key, "       \
                                        "f.created_at, v.kind, "                                   \
                                        "v.value "                                                 \
                                        "from facts f,"                                            \
                                        " lateral (select 1::int2 as kind, f.customer_id as value" \
                                        " union all select 2, f.email union all select 3, "        \
                                        "f.coupon"                                                 \
                                        " union all (select distinct 4, i.sku from order_item i "  \
                                        "where i.order_id = "                                      \
                                        "f.order_id)"                                              \
                                        " union all (select distinct 5, t.tag from "               \
                                        "json_array_elements_text(f.tags) t (tag))"                \
                                        " union all (select distinct 6, s.tracking_number from "   \
                                        "shipment s"                                               \
                                        " where s.order_id = f.order_id)"                          \
                                        " union all select 7, b::text from unnest(f.bundles) b) v" \
                                        " where octet_length(v.value) <= 500)"

#define MEMBERS                                                                                    \
    "key, status, payment_status, shipment_status, currency, store, country, payment_method,"      \
    " shipping_method, carriers, holds, has, decided, refused"
/* The kinds whose values stand by class (od_list_by_class). */
#define BY_CLASS "(3, 4, 5, 7)"

const char od_list_fold[] =
    ANEW ", made as (insert into list_class (" MEMBERS ") select distinct on (key) " MEMBERS
         " from facts f where not exists (select from list_class c where c.key = f.key)"
         " returning class_id, key),"
         " class as materialized (select class_id, key from made"
         " union all select c.class_id, c.key from (select distinct key from facts) f"
         " join list_class c using (key)),"
         " listed as (insert into order_list (order_id, version, class_id, created_at, updated_at,"
         " amount) select f.order_id, f.version, c.class_id, f.created_at, f.updated_at, f.amount"
         " from facts f join class c using (key)"
         " on conflict (order_id) do update set version = excluded.version,"
         " class_id = excluded.class_id, created_at = excluded.created_at,"
         " updated_at = excluded.updated_at, amount = excluded.amount"
         " where (order_list.version, order_list.class_id, order_list.created_at,"
         " order_list.updated_at, order_list.amount) is distinct from (excluded.version,"
         " excluded.class_id, excluded.created_at, excluded.updated_at, excluded.amount)),"
         " unlisted as (delete from order_list l where l.order_id = any($1)"
         " and not exists (select from orders o where o.order_id = l.order_id)),"
         " lost as (delete from order_list_value x where x.order_id = any($1)"
         " and (x.order_id, x.kind, x.value) not in (select order_id, kind, value from value))"
         " insert into order_list_value as x (order_id, kind, value, class_id, created_at)"
         " select v.order_id, v.kind, v.value, case when v.kind in " BY_CLASS
         " then c.class_id else 0 end, v.created_at from value v join class c using (key)"
         " on conflict (order_id, kind, value) do update set class_id = excluded.class_id,"
         " created_at = excluded.created_at"
         " where (x.class_id, x.created_at) <> (excluded.class_id, excluded.created_at)";

/* With the key of the class, because a class that is made anew has another id. */
#define VALUES_ANEW                                                                                \
    "select order_id, kind, value, created_at, case when kind in " BY_CLASS                        \
    " then key end from value"
#define VALUES_THERE                                                                               \
    "select x.order_id, x.kind, x.value, x.created_at, k.key from order_list_value x"              \
    " left join list_class k using (class_id) where x.order_id = any($1)"

const char od_list_differ[] = ANEW
    " select order_id, 'its row in order_list differs' from facts f"
    " full join (select * from order_list where order_id = any($1)) l using (order_id)"
    " left join list_class c using (class_id)"
    " where (f.version, f.key, f.created_at, f.updated_at, f.amount) is distinct from"
    " (l.version, c.key, l.created_at, l.updated_at, l.amount)"
    " or c.key is distinct from md5(row(c.status, c.payment_status, c.shipment_status, c.currency,"
    " c.store, c.country, c.payment_method, c.shipping_method, c.carriers, c.holds,"
    " c.has, c.decided, c.refused)::text)::uuid"
    " union all select order_id, format('kind %s: its values in order_list_value differ', kind)"
    " from (" VALUES_ANEW " except " VALUES_THERE ") m"
    " union all select order_id, format('kind %s: order_list_value has more than its values', kind)"
    " from (" VALUES_THERE " except " VALUES_ANEW ") m";
