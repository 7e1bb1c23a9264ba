-- The floor of a shipment of all that is left: lock and read, parcel and its items, items, stock, event.
\set id random(:base, :base + :count - 1)
begin;
select version, order_number, status, shipment_status from orders where order_id = :id for update
\gset
select sku, on_hand, reserved from stock
 where sku in (select sku from order_item where order_id = :id) order by sku for update;
insert into shipment (order_id, shipment_id, shipment_number, carrier, tracking_number, status, shipped_at)
values (:id, :version, :order_number || '-S1', 'ctt', 'RR123456789PT', 'shipped', now());
insert into shipment_item (order_id, shipment_id, order_item_id, qty)
select order_id, :version, order_item_id, qty from order_item where order_id = :id;
update order_item set qty_shipped = qty where order_id = :id;
update stock s set on_hand = on_hand - i.qty, reserved = reserved - i.qty
  from (select sku, sum(qty) as qty from order_item where order_id = :id group by sku) i
 where s.sku = i.sku;
update orders set shipment_status = 'shipped', status = 'shipped', version = :version + 1,
    updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, from_status,
    to_status, from_shipment_status, to_shipment_status, data)
values (:id, :version + 1, 'shipment.created', now(), now(), 'anonymous', 1,
    'shipment.status@default order.status@default', :status, 'shipped', :shipment_status, 'shipped',
    '{"shipment":{"shipment_id":1,"shipment_number":"ORD-2025-000000-S1","carrier":"ctt","tracking_number":"RR123456789PT","status":"shipped","shipped_at":1735689600000000,"items":[{"order_item_id":1,"qty":1},{"order_item_id":2,"qty":1}]}}');
commit;
