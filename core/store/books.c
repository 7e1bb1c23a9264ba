#include "store/books.h"

/* The rules between rows. Each statement selects a line for every breach of its rule. */

#define LINES_MAX " limit 1000"

/* One line for each of the conditions that are true. */
#define BREACHES(conditions)                                                                       \
    " cross join lateral (values " conditions ") b (broken, what) where b.broken"
#define ORDER_LINE "select format('order %s (%s): %s', o.order_id, o.order_number, "

/* History is recorded as it happened, and where it overruled a limit its event says so. */
#define KEEPS_LIMITS                                                                               \
    "not o.historical and not exists (select from order_event e"                                   \
    " where e.order_id = o.order_id and e.overruled is not null)"

const struct od_pg_stmt od_books_rules[] = {
    {.name = "verify_orphans",
     .sql = "select format('order %s: has events but no row', e.order_id) from order_event e"
            " where e.seq = 1 and not exists (select from orders o where o.order_id = e.order_id)"
            " order by e.order_id" LINES_MAX},

    {.name = "verify_units",
     .sql = ORDER_LINE
     "format('item %s: %s', i.order_item_id, b.what)) from order_item i"
     " join orders o using (order_id)"
     " left join (select order_id, order_item_id, sum(qty) as sent from shipment_item"
     " join shipment using (order_id, shipment_id) where canceled_at is null"
     " group by 1, 2) s using (order_id, order_item_id)"
     " left join (select order_id, order_item_id, sum(qty) as paid_back,"
     " sum(qty_restocked) as restocked, sum(qty_canceled) as canceled from refund_item"
     " group by 1, 2) f using (order_id, order_item_id)"
     " left join (select order_id, order_item_id, sum(qty_received) as received,"
     " sum(qty_restocked) as restocked from order_return_item"
     " group by 1, 2) r using (order_id, order_item_id)" BREACHES(
         "(i.qty_shipped + i.qty_canceled > i.qty,"
         " format('%s shipped and %s cancelled of %s', i.qty_shipped, i.qty_canceled, i.qty)),"
         "(i.qty_shipped <> coalesce(s.sent, 0),"
         " format('%s shipped, %s in its shipments', i.qty_shipped, coalesce(s.sent, 0))),"
         "(i.qty_refunded > i.qty, format('%s refunded of %s', i.qty_refunded, i.qty)),"
         "(i.qty_refunded <> coalesce(f.paid_back, 0),"
         " format('%s refunded, %s in its refunds', i.qty_refunded, coalesce(f.paid_back, 0))),"
         "(f.canceled > i.qty_canceled + i.qty_shipped_after_cancel,"
         " format('%s cancelled and %s shipped although cancelled, %s taken out by its refunds',"
         " i.qty_canceled, i.qty_shipped_after_cancel, f.canceled)),"
         "(i.qty_returned > i.qty_shipped,"
         " format('%s returned of %s shipped', i.qty_returned, i.qty_shipped)),"
         "(i.qty_restocked > i.qty_returned,"
         " format('%s restocked of %s returned', i.qty_restocked, i.qty_returned)),"
         "(i.stock_tracked and"
         " i.qty_returned <> coalesce(r.received, 0) + coalesce(f.restocked, 0),"
         " format('%s returned, %s in its returns and refunds', i.qty_returned,"
         " coalesce(r.received, 0) + coalesce(f.restocked, 0))),"
         "(i.qty_restocked <> coalesce(r.restocked, 0) + coalesce(f.restocked, 0),"
         " format('%s restocked, %s by its returns and refunds', i.qty_restocked,"
         " coalesce(r.restocked, 0) + coalesce(f.restocked, 0)))") " order by i.order_id, "
                                                                   "i.order_item_id" LINES_MAX},

    {.name = "verify_money",
     .sql = ORDER_LINE "b.what) from orders o"
                       " left join (select order_id, sum(amount) filter (where type = 'capture') "
                       "as captured,"
                       " sum(amount) filter (where type = 'refund') as paid_back,"
                       " sum(amount) filter (where type = 'chargeback') as charged_back"
                       " from payment group by 1) p using (order_id)"
                       " left join (select order_id, sum(amount) as amount, sum(shipping_amount) "
                       "as shipping, sum(amount_canceled) as canceled"
                       " from refund group by 1) f using (order_id)" BREACHES(
                           "(o.amount_captured <> coalesce(p.captured, 0),"
                           " format('captured %s, by its payments %s', o.amount_captured,"
                           " coalesce(p.captured, 0))),"
                           "(o.amount_refunded <> coalesce(p.paid_back, 0),"
                           " format('refunded %s, by its payments %s', o.amount_refunded,"
                           " coalesce(p.paid_back, 0))),"
                           "(o.amount_refunded <> coalesce(f.amount, 0),"
                           " format('refunded %s, by its refunds %s', o.amount_refunded,"
                           " coalesce(f.amount, 0))),"
                           "(o.amount_charged_back <> coalesce(p.charged_back, 0),"
                           " format('charged back %s, by its payments %s', o.amount_charged_back,"
                           " coalesce(p.charged_back, 0))),"
                           "(o.amount_canceled not between 0 and o.grand_total,"
                           " format('cancelled %s of %s', o.amount_canceled, o.grand_total)),"
                           "(o.amount_refunded > o.amount_captured and " KEEPS_LIMITS ","
                           " format('refunded %s of %s captured', o.amount_refunded, "
                           "o.amount_captured)),"
                           "(o.amount_charged_back > o.amount_captured and " KEEPS_LIMITS ","
                           " format('charged back %s of %s captured', o.amount_charged_back,"
                           " o.amount_captured)),"
                           "(f.shipping > o.shipping_fee_incl_tax and " KEEPS_LIMITS ","
                           " format('refunded %s of %s for shipping', f.shipping, "
                           "o.shipping_fee_incl_tax))") " order by o.order_id" LINES_MAX},

    {.name = "verify_refunds",
     .sql = ORDER_LINE "format('refund %s: of %s, its payment of %s', coalesce(f.refund_id,"
                       " p.refund_id), coalesce(f.amount::text, 'nothing'),"
                       " coalesce(p.amount::text, 'nothing'))) from refund f"
                       " full join (select order_id, refund_id, sum(amount) as amount from payment"
                       " where type = 'refund' group by 1, 2) p"
                       " using (order_id, refund_id) join orders o using (order_id)"
                       " where f.amount is distinct from p.amount order by o.order_id" LINES_MAX},

    /* A refund counts against the method whose money it is. */
    {.name = "verify_methods",
     .sql = ORDER_LINE
     "format('refunded %s of %s captured by %s', m.refunded, m.captured, m.method)) from"
     " (select order_id, coalesce(paid_by, method, 'no method') as method,"
     " coalesce(sum(amount) filter (where type = 'capture'), 0) as captured,"
     " coalesce(sum(amount) filter (where type = 'refund'), 0) as refunded"
     " from payment group by 1, 2) m join orders o using (order_id)"
     " where m.refunded > m.captured and " KEEPS_LIMITS " order by o.order_id" LINES_MAX},

    /* Units that are cancelled or changed afterwards stay invoiced. */
    {.name = "verify_invoices",
     .sql =
         ORDER_LINE "format('invoiced %s of %s', sum(i.amount), o.grand_total)) from invoice i"
                    " join orders o using (order_id) where not exists (select from order_change c"
                    " where c.order_id = o.order_id and c.status = 'confirmed')"
                    " group by o.order_id having sum(i.amount) not between 0 and o.grand_total"
                    " order by o.order_id" LINES_MAX},

    {.name = "verify_documents",
     .sql =
         "with d as (select case when amount < 0 then 'credit_memo:' else 'invoice:' end || series"
         " as series, series_value as value from invoice"
         " union all select 'credit_memo:' || series, series_value from refund),"
         " n as (select series, count(*) as documents, count(distinct value) as numbers,"
         " min(value) as first, max(value) as last from d group by 1),"
         " c as (select series, value from counter"
         " where series like 'invoice:%' or series like 'credit\\_memo:%')"
         " select format('series %s: %s documents, the last is number %s, its counter is at %s,"
         " the first missing is %s', series, coalesce(documents, 0), coalesce(last, 0),"
         " coalesce(c.value, 0), coalesce((select min(v)::text from"
         " generate_series(1, greatest(n.last, c.value)) v where not exists"
         " (select from d where d.series = coalesce(n.series, c.series) and d.value = v)),"
         " 'none')) from n full join c using (series)"
         " where coalesce(documents, 0) <> coalesce(c.value, 0)"
         " or numbers <> documents or first <> 1 or last <> documents"
         " order by series" LINES_MAX},

    {.name = "verify_exchanges",
     .sql = ORDER_LINE
     "format('return %s: exchanged by order %s, %s', r.return_id,"
     " r.exchange_uuid, case when x.uuid is null then 'which does not exist'"
     " else 'which says otherwise' end)) from order_return r join orders o using (order_id)"
     " left join orders x on x.uuid = r.exchange_uuid where r.exchange_uuid is not null"
     " and (x.exchange_of is distinct from o.uuid or r.status <> 'exchanged')"
     " order by o.order_id" LINES_MAX},

    /* Both name each other, and what the one lost is what the other was placed with. */
    {.name = "verify_splits",
     .sql = "with gone as (select order_id, data->>'split_uuid' as uuid,"
            " (data->>'amount')::int8 as amount,"
            " (select coalesce(sum((u->>'qty')::int8), 0)"
            " from json_array_elements(data->'units') u) as units,"
            " (select coalesce(sum((p->>'amount')::int8), 0)"
            " from json_array_elements(data->'payments') p) as paid"
            " from order_event where type = 'order.split'),"
            " made as (select o.order_id, o.order_number, o.uuid, o.split_of,"
            " coalesce((e.data->>'grand_total')::int8, 0) as amount,"
            " (select coalesce(sum((i->>'qty')::int8), 0)"
            " from json_array_elements(e.data->'items') i) as units,"
            " (select coalesce(sum((p->>'amount')::int8), 0)"
            " from json_array_elements(coalesce(e.data->'payments', '[]')) p) as paid"
            " from orders o join order_event e on e.order_id = o.order_id and e.seq = 1"
            " where o.split_of is not null)"
            " select case when m.uuid is null then format('order %s (%s): split off order %s,"
            " which does not exist or says otherwise', o.order_id, o.order_number, g.uuid)"
            " when g.uuid is null then format('order %s (%s): split of order %s, which does not"
            " exist or says otherwise', m.order_id, m.order_number, m.split_of)"
            " else format('order %s (%s): split off %s units, %s, %s paid; order %s has %s units,"
            " %s, %s paid', o.order_id, o.order_number, g.units, coalesce(g.amount, 0), g.paid,"
            " m.order_number, m.units, m.amount, m.paid) end"
            " from (gone g join orders o using (order_id))"
            " full join made m on m.uuid::text = g.uuid and m.split_of = o.uuid"
            " where m.uuid is null or g.uuid is null or coalesce(g.amount, 0) <> m.amount"
            " or g.units <> m.units or g.paid <> m.paid"
            " order by coalesce(o.order_id, m.order_id)" LINES_MAX},

    {.name = "verify_changes",
     .sql = ORDER_LINE
     "format('%s changes are proposed', count(*))) from order_change c"
     " join orders o using (order_id) where c.status = 'proposed' group by o.order_id"
     " having count(*) > 1 order by o.order_id" LINES_MAX},

    /* Every SKU at every location, with what its books should say. */
    {.name = "verify_stock",
     .sql =
         "with units as (select sku, location, sum(qty - qty_canceled - qty_shipped) as reserved,"
         " sum(qty_shipped - qty_restocked) as out from order_item where stock_tracked"
         " group by 1, 2),"
         " put as (select sku, location, sum(delta) as delta from stock_adjustment group by 1, 2),"
         " books as (select sku, location, coalesce(s.on_hand, 0) as on_hand,"
         " coalesce(s.reserved, 0) as reserved, coalesce(s.oversold, 0) as oversold,"
         " coalesce(p.delta, 0) - coalesce(u.out, 0) as should_be_on_hand,"
         " coalesce(u.reserved, 0) as should_be_reserved from stock s"
         " full join units u using (sku, location) full join put p using (sku, location))"
         " select format('sku %s at %s: %s', sku, location, b.what) from books" BREACHES(
             "(on_hand <> should_be_on_hand or reserved <> should_be_reserved,"
             " format('on hand %s, should be %s; reserved %s, should be %s', on_hand,"
             " should_be_on_hand, reserved, should_be_reserved)),"
             "(oversold > greatest(reserved - on_hand, 0),"
             " format('oversold %s, where reserved is %s and on hand %s', oversold, reserved,"
             " on_hand))") " order by sku, location" LINES_MAX},
};

const size_t od_books_rule_count = sizeof od_books_rules / sizeof *od_books_rules;
