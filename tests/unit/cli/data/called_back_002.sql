-- On top of canceled_002.sql: the parcel of order 5 comes back before it arrived.

insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data) values
	(5, 7, 'shipment.canceled', '2026-11-21 12:01:00+00', '2026-11-21 12:01:00+00', 'anonymous', 1,
	'{"shipment_id":1,"status":"canceled","canceled_at":"2026-11-21T12:01:00Z"}');
update order_item set qty_canceled = qty, qty_shipped = 0 where order_id = 5;
update shipment set canceled_at = '2026-11-21 12:01:00+00', status = 'canceled'
	where order_id = 5 and shipment_id = 1;
update orders set updated_at = '2026-11-21 12:01:00+00', version = version + 1 where order_id = 5;
update stock set on_hand = on_hand + 2 where sku = 'MUG';
