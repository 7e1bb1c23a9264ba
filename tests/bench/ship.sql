-- The floor of a shipment of all that is left: lock and read, parcel and its items, items, stock, event.
begin;
select order_id as id, version, order_number, status, shipment_status from orders
 where order_id = (select nextval('bench_floor')) for update
\gset
select sku, on_hand, reserved from stock
 where sku in (select sku from order_item where order_id = :id) order by sku for update;
insert into shipment (order_id, shipment_id, shipment_number, carrier, tracking_number, status, shipped_at)
values (:id, 1, :order_number || '-S1', 'ctt', 'RR123456789PT', 'shipped', now());
insert into shipment_item (order_id, shipment_id, order_item_id, qty)
select order_id, 1, order_item_id, qty from order_item where order_id = :id;
update order_item set qty_shipped = qty where order_id = :id;
update stock s set on_hand = on_hand - i.qty, reserved = reserved - i.qty
  from (select sku, sum(qty) as qty from order_item where order_id = :id group by sku) i
 where s.sku = i.sku;
update orders set shipment_status = 'shipped', version = :version + 1,
    updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy,
    from_shipment_status, to_shipment_status, data)
select :id::int8, :version::int + 1, 'shipment.created', now(), now(), 'anonymous', 1,
    'order.ship@default shipment.status@default order.status@default', :shipment_status::text, 'shipped', format(
    '{"shipment_id":1,"shipment_number":"%s-S1","carrier":"ctt","tracking_number":"RR123456789PT","status":"shipped","shipped_at":"%s","items":[%s]}',
    :order_number::text, (to_json(now() at time zone 'utc') #>> '{}') || 'Z',
    string_agg(format('{"order_item_id":%s,"qty":%s}', order_item_id, qty), ',' order by order_item_id))::json
from order_item where order_id = :id;
commit;
