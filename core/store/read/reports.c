#include "store/read/reports.h"

/*
 * What a fold makes of the orders $1: `head` has a row for each, `fact` their facts.
 *
 * An order is sold for what it is due, or for what was captured of its price where that is more:
 * `sold`. So units that were cancelled before they were paid count as never sold, and those that
 * were paid for count until the refund that gives their price back. What was paid beyond the price
 * is no sale; it counts as far as it went back, so that a refund of it takes nothing off the net.
 * Units that a refund took out of the order were paid (`taken`), those that were cancelled
 * otherwise are `plain`. `unpaid` is the part of the order's price that neither is due nor was
 * paid; it is lost from the plain ones first: plain_lost of plain_of, taken_lost of taken_of. Every
 * figure of a line loses that part of its cancelled units. A line costs what od_line_amount says.
 * Shipping, and what the order's discount took of it, is lost only with the last units; those are
 * of the two that came to more than their units.
 *
 * The tax in a refund is that of its lines and of shipping, in the proportion of what they cost. A
 * refund of an amount alone is shared by all of them.
 *
 * `table fact except table there` compares all columns, in the order of the table's.
 */
#define ANEW                                                                                       \
    "with head as materialized (select o.order_id, o.version, o.currency, coalesce(o.store, '') "  \
    "as store,"                                                                                    \
    " o.created_at, case when o.customer_id is not null then 'i' || o.customer_id"                 \
    " when o.customer_email is not null then 'e' || lower(o.customer_email) end as customer,"      \
    " o.status || ' ' || o.payment_status || ' ' || o.shipment_status as statuses,"                \
    " o.grand_total::numeric as total, o.discount_amount::numeric as discount,"                    \
    " o.shipping_fee_incl_tax::numeric as fee,"                                                    \
    " o.shipping_fee_incl_tax::numeric - o.shipping_fee_excl_tax as fee_tax,"                      \
    " o.canceled_at is not null as canceled, o.amount_canceled > 0 or o.canceled_at is not null "  \
    "as cut,"                                                                                      \
    " m.due, m.sold, t.taken, o.amount_canceled - t.taken as plain,"                               \
    " case when o.amount_canceled > t.taken then least(m.unpaid, o.amount_canceled - t.taken) "    \
    "else 1 end as plain_lost,"                                                                    \
    " greatest(o.amount_canceled - t.taken, 1) as plain_of,"                                       \
    " greatest(m.unpaid - (o.amount_canceled - t.taken), 0) as taken_lost, greatest(t.taken, 1) "  \
    "as taken_of"                                                                                  \
    " from orders o cross join lateral (select greatest(o.grand_total::numeric - "                 \
    "o.amount_canceled, 0) as due) d"                                                              \
    " cross join lateral (select d.due, greatest(d.due, least(o.grand_total, o.amount_captured))"  \
    " + least(greatest(o.amount_captured::numeric - o.grand_total, 0),"                            \
    " o.amount_refunded::numeric + o.amount_charged_back) as sold,"                                \
    " greatest(o.grand_total - greatest(d.due, o.amount_captured), 0) as unpaid) m"                \
    " cross join lateral (select least(coalesce(sum(r.amount_canceled), 0), o.amount_canceled) "   \
    "as taken"                                                                                     \
    " from refund r where r.order_id = o.order_id and o.amount_canceled > 0) t"                    \
    " where o.order_id = any($1)),"                                                                \
    " line as materialized (select c.*, qty - case when qty_canceled = 0 then 0 else"              \
    " div(plain * plain_lost, plain_of) + div(taken * taken_lost, taken_of) end as units_kept,"    \
    " amount - case when qty_canceled = 0 then 0 else div(amount * plain * plain_lost, of * "      \
    "plain_of)"                                                                                    \
    " + div(amount * taken * taken_lost, of * taken_of) end as amount_kept,"                       \
    " value - case when qty_canceled = 0 then 0 else div(value * plain * plain_lost, of * "        \
    "plain_of)"                                                                                    \
    " + div(value * taken * taken_lost, of * taken_of) end as value_kept,"                         \
    " tax - case when qty_canceled = 0 then 0 else div(tax * plain * plain_lost, of * plain_of)"   \
    " + div(tax * taken * taken_lost, of * taken_of) end as tax_kept"                              \
    " from (select w.*, case when whole > 0 then div(goods * upto, whole)"                         \
    " - div(goods * (upto - weight), whole) else 0 end as amount from (select w.*,"                \
    " sum(weight) over (partition by order_id order by order_item_id) as upto,"                    \
    " sum(weight) over (partition by order_id) as whole from (select h.order_id, "                 \
    "i.order_item_id, i.sku,"                                                                      \
    " i.tax_percent::text as rate, i.tax_amount::numeric as tax,"                                  \
    " i.sub_total::numeric + i.tax_amount as value, i.qty, i.qty_canceled, i.qty_shipped,"         \
    " greatest(h.total - h.fee, 0) as goods, (i.qty_canceled - t.taken)::numeric as plain, "       \
    "t.taken::numeric as taken,"                                                                   \
    " h.plain_lost, h.plain_of, h.taken_lost, h.taken_of, greatest(i.qty, 1)::numeric as of,"      \
    " case when max(i.total) over (partition by i.order_id) > 0 then greatest(i.total, 0) else "   \
    "i.qty"                                                                                        \
    " end::numeric as weight"                                                                      \
    " from head h join order_item i using (order_id) cross join lateral (select"                   \
    " least(coalesce(sum(r.qty_canceled), 0), i.qty_canceled) as taken from refund_item r"         \
    " where r.order_id = i.order_id and r.order_item_id = i.order_item_id and h.taken > 0) t) w) " \
    "w) c),"                                                                                       \
    " kept as materialized (select h.*, coalesce(l.units, 0) as units, coalesce(l.tax, 0) as tax," \
    " coalesce(l.discount_kept, 0) as goods_discount, h.discount - coalesce(l.discount, 0) as "    \
    "fee_discount,"                                                                                \
    " h.total - coalesce(l.amount, 0) as fee_amount, coalesce(l.open, 0) as open,"                 \
    " coalesce(l.shipped, 1) as shipped,"                                                          \
    " case when not coalesce(l.all_gone, h.cut) then 0 when l.taken_last then h.taken_lost"        \
    " else h.plain_lost end as fee_lost,"                                                          \
    " case when l.taken_last then h.taken_of else h.plain_of end as fee_of from head h"            \
    " left join (select order_id, sum(units_kept) as units, sum(tax_kept) as tax, sum(amount) as " \
    "amount,"                                                                                      \
    " sum(value - amount) as discount, sum(value_kept - amount_kept) as discount_kept,"            \
    " sum(qty - qty_canceled - qty_shipped) as open, sum(qty_shipped) as shipped,"                 \
    " bool_and(qty = qty_canceled) as all_gone,"                                                   \
    " max(h.taken) - sum(div(l.amount * l.taken, of)) > max(h.plain) - sum(div(l.amount * "        \
    "l.plain, of))"                                                                                \
    " as taken_last from line l join head h using (order_id) group by order_id) l using "          \
    "(order_id)),"                                                                                 \
    " sale as materialized (select k.*, fee - div(fee * fee_lost, fee_of) as fee_kept,"            \
    " fee_amount - div(fee_amount * fee_lost, fee_of) as fee_amount_kept,"                         \
    " fee_tax - div(fee_tax * fee_lost, fee_of) as fee_tax_kept,"                                  \
    " goods_discount + fee_discount - div(fee_discount * fee_lost, fee_of) as discount_kept"       \
    " from kept k),"                                                                               \
    " paid as materialized (select p.* from head h cross join lateral (select order_id, "          \
    "payment_id, type,"                                                                            \
    " amount, method, refund_id, created_at from payment p where p.order_id = h.order_id"          \
    " and p.type in ('capture', 'refund', 'chargeback') offset 0) p),"                             \
    " refunded as materialized (select distinct order_id from paid where type <> 'capture'),"      \
    " back_item as materialized (select i.* from refunded h cross join lateral (select order_id,"  \
    " refund_id, order_item_id, qty, amount from refund_item i where i.order_id = h.order_id "     \
    "offset 0) i),"                                                                                \
    " back as materialized (select r.order_id, r.refund_id, r.created_at as at,"                   \
    " left(coalesce(r.reason, ''), 200) as reason, r.amount::numeric as amount,"                   \
    " r.shipping_amount::numeric as shipping, coalesce(i.amount, 0) as goods, coalesce(i.units, "  \
    "0) as units"                                                                                  \
    " from (select r.* from refunded h cross join lateral (select * from refund r"                 \
    " where r.order_id = h.order_id offset 0) r) r"                                                \
    " left join (select order_id, refund_id, sum(amount) as amount, sum(qty) as units"             \
    " from back_item group by 1, 2) i using (order_id, refund_id)"                                 \
    " union all select p.order_id, -p.payment_id, p.created_at,"                                   \
    " case p.type when 'chargeback' then 'chargeback' else '' end, p.amount, 0, 0, 0"              \
    " from paid p where p.type = 'chargeback' or (p.type = 'refund' and p.refund_id = 0)),"        \
    " share as materialized (select s.*, case when weight > 0 then div(amount * tax, weight) "     \
    "else 0 end"                                                                                   \
    " as amount_tax from (select order_id, refund_id, at, reason, rate, weight, tax, direct + "    \
    "case when whole > 0"                                                                          \
    " then div(rest * upto, whole) - div(rest * (upto - weight), whole)"                           \
    " when rate = '' then rest else 0 end as amount from (select b.*,"                             \
    " b.amount - b.shipping - b.goods as rest, x.rate, x.weight, x.tax, case when x.rate = ''"     \
    " then b.shipping else coalesce(i.amount, 0) end as direct,"                                   \
    " sum(x.weight) over (partition by b.order_id, b.refund_id order by x.id) as upto,"            \
    " sum(x.weight) over (partition by b.order_id, b.refund_id) as whole from back b"              \
    " join (select order_id, order_item_id as id, rate, amount as weight, tax from line"           \
    " union all select order_id, 2147483647, '', fee_amount, fee_tax from sale) x using "          \
    "(order_id)"                                                                                   \
    " left join back_item i on i.order_id = b.order_id"                                            \
    " and i.refund_id = b.refund_id and i.order_item_id = x.id) p) s),"                            \
    " fact as materialized (select order_id, kind::int2, f.at, f.key, h.currency, h.store,"        \
    " sum(f.count)::int4 as count, sum(f.units)::numeric as units, sum(f.gross)::numeric as "      \
    "gross, sum(f.discount)::numeric as discount,"                                                 \
    " sum(f.refund)::numeric as refund, sum(f.tax)::numeric as tax, sum(f.shipping)::numeric as "  \
    "shipping from ("                                                                              \
    " select order_id, 1 as kind, created_at as at, '' as key, 1 as count, units, sold + "         \
    "discount_kept as gross,"                                                                      \
    " discount_kept as discount, 0::numeric as refund, tax + fee_tax_kept as tax, fee_kept as "    \
    "shipping from sale"                                                                           \
    " where not canceled or sold > 0 or units > 0"                                                 \
    " union all select b.order_id, 2, b.at, b.reason, 1, b.units, 0, 0, b.amount,"                 \
    " (select sum(s.amount_tax) from share s where s.order_id = b.order_id and s.refund_id = "     \
    "b.refund_id),"                                                                                \
    " b.shipping from back b"                                                                      \
    " union all select l.order_id, 3, s.created_at, l.sku, 1, l.units_kept, l.value_kept,"         \
    " l.value_kept - l.amount_kept, 0, l.tax_kept, 0 from line l join sale s using (order_id)"     \
    " where l.units_kept > 0 or l.amount_kept > 0"                                                 \
    " union all select b.order_id, 4, b.at, l.sku, 1, i.qty, 0, 0, i.amount, 0, 0 from back b"     \
    " join back_item i using (order_id, refund_id) join line l using (order_id, order_item_id)"    \
    " union all select p.order_id, case p.type when 'capture' then 5 else 6 end, p.created_at,"    \
    " coalesce(p.method, ''), 1, 0, case p.type when 'capture' then p.amount else 0 end, 0,"       \
    " case p.type when 'capture' then 0 else p.amount end, 0, 0"                                   \
    " from paid p"                                                                                 \
    " union all select l.order_id, 7, s.created_at, l.rate, 1, 0, l.amount_kept - l.tax_kept, 0, " \
    "0,"                                                                                           \
    " l.tax_kept, 0 from line l join sale s using (order_id) where l.amount_kept <> 0 or "         \
    "l.tax_kept <> 0"                                                                              \
    " union all select order_id, 7, created_at, '', 1, 0, fee_amount_kept - fee_tax_kept, 0, 0,"   \
    " fee_tax_kept, 0 from sale where fee_amount_kept <> 0 or fee_tax_kept <> 0"                   \
    " union all select order_id, 8, at, rate, 1, 0, 0, 0, amount - amount_tax, amount_tax, 0 "     \
    "from share"                                                                                   \
    " where amount <> 0"                                                                           \
    " union all select order_id, 9, created_at, statuses, 1, 0, total, 0, 0, 0, 0 from sale"       \
    " union all select s.order_id, 10, sent.at, '', 1, extract(epoch from sent.at - paid.at), 0, " \
    "0, 0, 0, 0"                                                                                   \
    " from sale s cross join lateral (select max(shipped_at) as at from shipment x"                \
    " where x.order_id = s.order_id and x.canceled_at is null) sent"                               \
    " cross join lateral (select min(created_at) as at from (select created_at,"                   \
    " sum(amount) over (order by created_at, payment_id) as upto from payment p"                   \
    " where p.order_id = s.order_id and p.type = 'capture') c where upto >= s.due) paid"           \
    " where s.open = 0 and s.shipped > 0 and sent.at >= paid.at) f join head h using (order_id)"   \
    " group by order_id, kind, f.at, f.key, h.currency, h.store)"

const char od_reports_fold[] = ANEW
    ","
    " old as materialized (select * from report_fact where order_id = any($1)),"
    " born as materialized (table fact except table old),"
    " died as materialized (table old except table fact),"
    " removed as (delete from report_fact x using died f"
    " where (x.order_id, x.kind, x.at, x.key) = (f.order_id, f.kind, f.at, f.key)),"
    " put as (insert into report_fact (order_id, kind, at, key, currency, store, count, units, "
    "gross,"
    " discount, refund, tax, shipping) select * from born),"
    " summed as (insert into report_sum as s (kind, bucket, currency, store, key, count, units, "
    "gross,"
    " discount, refund, tax, shipping) select kind, report_bucket(kind, at), currency, store, key,"
    " sum(sign * count), sum(sign * units), sum(sign * gross), sum(sign * discount),"
    " sum(sign * refund), sum(sign * tax), sum(sign * shipping)"
    " from (select 1 as sign, f.* from born f union all select -1, o.* from died o) d"
    " where kind <> 10 group by 1, 2, 3, 4, 5"
    " on conflict (kind, bucket, currency, store, key) do update set count = s.count + "
    "excluded.count,"
    " units = s.units + excluded.units, gross = s.gross + excluded.gross,"
    " discount = s.discount + excluded.discount, refund = s.refund + excluded.refund,"
    " tax = s.tax + excluded.tax, shipping = s.shipping + excluded.shipping),"
    " gone as (delete from report_order where order_id = any($1)"
    " and order_id not in (select order_id from head))"
    " insert into report_order as r (order_id, version, customer) select order_id, version, "
    "customer"
    " from head on conflict (order_id) do update set version = excluded.version,"
    " customer = excluded.customer"
    " where (r.version, r.customer) is distinct from (excluded.version, excluded.customer)";

const char od_reports_differ[] = ANEW
    ", there as materialized (select * from report_fact where order_id = any($1))"
    " select order_id, 'its row in report_order differs' from head h"
    " full join (select * from report_order where order_id = any($1)) r using (order_id)"
    " where (h.version, h.customer) is distinct from (r.version, r.customer)"
    " union all select order_id, format('kind %s: a fact that it has is not in report_fact', kind)"
    " from (table fact except table there) m"
    " union all select order_id, format('kind %s: report_fact has a fact that it has not', kind)"
    " from (table there except table fact) m";

/* A sum of nothing may be left of an order whose facts have moved. */
const char od_reports_sums_differ[] =
    "select format('kind %s, %s, %s %s: the sum of \"%s\" differs', kind, bucket, currency, store, "
    "key) from ("
    " select kind, report_bucket(kind, at) as bucket, currency, store, key, sum(count) as count,"
    " sum(units) as units, sum(gross) as gross, sum(discount) as discount, sum(refund) as refund,"
    " sum(tax) as tax, sum(shipping) as shipping from report_fact where kind <> 10"
    " group by 1, 2, 3, 4, 5) f full join report_sum s using (kind, bucket, currency, store, key)"
    " where (coalesce(f.count, 0), coalesce(f.units, 0), coalesce(f.gross, 0), "
    "coalesce(f.discount, 0),"
    " coalesce(f.refund, 0), coalesce(f.tax, 0), coalesce(f.shipping, 0)) is distinct from "
    "(coalesce(s.count, 0),"
    " coalesce(s.units, 0), coalesce(s.gross, 0), coalesce(s.discount, 0), coalesce(s.refund, 0),"
    " coalesce(s.tax, 0), coalesce(s.shipping, 0)) limit 100";
