-- The floor of reading one order with everything that belongs to it.
\set id random(:base, :base + :count - 1)
select * from orders where order_id = :id;
select * from order_item where order_id = :id order by order_item_id;
select * from order_address where order_id = :id;
select * from payment where order_id = :id order by payment_id;
select * from shipment where order_id = :id order by shipment_id;
select * from shipment_item where order_id = :id order by shipment_id, order_item_id;
select * from order_hold where order_id = :id order by handle;
select seq, at, actor, data from order_event where order_id = :id and type = 'activity.added' order by seq;
