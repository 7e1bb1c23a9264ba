-- The floor of a cancel: lock and read, units and stock given back, order, event.
begin;
select order_id as id, version, status, payment_status, shipment_status, grand_total from orders
 where order_id = (select nextval('bench_floor')) for update
\gset
select sku, on_hand, reserved from stock
 where sku in (select sku from order_item where order_id = :id) order by sku for update;
update order_item set qty_canceled = qty where order_id = :id;
update stock s set reserved = reserved - i.qty
  from (select sku, sum(qty) as qty from order_item where order_id = :id group by sku) i
 where s.sku = i.sku;
update orders set status = 'canceled', payment_status = 'canceled', shipment_status = 'canceled',
    canceled_at = now(), cancel_reason = 'Ordered twice', amount_canceled = grand_total, version = :version + 1, updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, reason,
    from_status, to_status, from_payment_status, to_payment_status, from_shipment_status,
    to_shipment_status, data)
select :id::int8, :version::int + 1, 'order.canceled', now(), now(), 'anonymous', 1,
    'order.cancel@default payment.status@default shipment.status@default order.status@default',
    'Ordered twice', :status::text, 'canceled', :payment_status::text, 'canceled', :shipment_status::text, 'canceled', format(
    '{"units":[%s],"amount":%s}',
    string_agg(format('{"order_item_id":%s,"qty":%s}', order_item_id, qty), ',' order by order_item_id),
    :grand_total::int8)::json
from order_item where order_id = :id;
commit;
