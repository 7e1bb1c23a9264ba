-- On top of orders_002.sql, as that release did it: order 3 is cancelled, and order 5 when two of its
-- MUG have left. Order 5 costs 300 less, and 600 more for shipping.

update order_event set data = (data::jsonb
	|| '{"grand_total":9796,"discount_amount":300,"shipping_fee_incl_tax":600}')::json
	where order_id = 5 and seq = 1;
update orders set grand_total = 9796, discount_amount = 300, shipping_fee_incl_tax = 600
	where order_id = 5;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data) values
	(3, 3, 'order.canceled', '2026-11-21 12:00:00+00', '2026-11-21 12:00:00+00', 'anonymous', 1,
	'{"units":[{"order_item_id":1,"qty":2},{"order_item_id":2,"qty":1},{"order_item_id":3,"qty":1}]}'),
	(5, 6, 'order.canceled', '2026-11-21 12:00:00+00', '2026-11-21 12:00:00+00', 'anonymous', 1,
	'{"units":[{"order_item_id":1,"qty":2},{"order_item_id":2,"qty":2},{"order_item_id":3,"qty":1}]}');
update order_item set qty_canceled = qty - qty_shipped where order_id in (3, 5);
update orders set canceled_at = '2026-11-21 12:00:00+00', updated_at = '2026-11-21 12:00:00+00',
	version = version + 1 where order_id in (3, 5);
update stock set reserved = reserved - case sku when 'MUG' then 4 else 3 end;
