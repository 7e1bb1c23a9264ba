-- The floor of cancelling a unit: lock and read, the unit and its stock given back, order, event.
begin;
select order_id as id, version, shipment_status from orders
 where order_id = (select nextval('bench_floor')) for update
\gset
select order_item_id, qty, qty_canceled, qty_shipped, total from order_item where order_id = :id;
select sku, on_hand, reserved from stock
 where sku in (select sku from order_item where order_id = :id and order_item_id = 1) for update;
update order_item set qty_canceled = 1 where order_id = :id and order_item_id = 1;
update stock s set reserved = reserved - 1
  from order_item i where i.order_id = :id and i.order_item_id = 1 and s.sku = i.sku and s.location = i.location;
update orders set amount_canceled = 1999, shipment_status = 'partially_canceled', version = :version + 1,
    updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, reason, from_shipment_status, to_shipment_status, data)
values (:id, :version + 1, 'items.canceled', now(), now(), 'anonymous', 1,
    'order.cancel@default payment.status@default shipment.status@default order.status@default', 'Sold out',
    :shipment_status, 'partially_canceled', '{"units":[{"order_item_id":1,"qty":1}],"amount":1999}');
commit;
