-- The floor of refunding a unit that has not left: lock and read, the number from the row of its series, the refund, its
-- item and payment record, the item, the order's sums and statuses, event.
begin;
select order_id as id, version, status, payment_status, shipment_status,
    amount_captured, amount_refunded from orders
 where order_id = (select nextval('bench_floor')) for update
\gset
select order_item_id, qty, qty_refunded, total from order_item where order_id = :id;
select sku, on_hand, reserved from stock
 where sku in (select sku from order_item where order_id = :id and order_item_id = 1) for update;
select type, amount, method, transaction_id from payment where order_id = :id order by payment_id;
insert into counter (series, value) values (E'credit_memo\x3afloor', 1)
    on conflict (series) do update set value = counter.value + 1 returning value as number
\gset
insert into refund (order_id, refund_id, credit_memo_number, series, series_value, amount, shipping_amount, reason, method,
    return_id, version, created_at, amount_canceled)
values (:id, 1, 'FLOOR-' || :number, 'floor', :number, 1999, 0, 'Damaged', 'card', 0, :version + 1, now(),
    1999);
insert into refund_item (order_id, refund_id, order_item_id, qty, amount, qty_restocked, qty_canceled)
values (:id, 1, 1, 1, 1999, 0, 1);
insert into payment (order_id, payment_id, type, amount, method, status, created_at, refund_id)
values (:id, 2, 'refund', 1999, 'card', 'succeeded', now(), 1);
update order_item set qty_refunded = 1, qty_canceled = 1 where order_id = :id and order_item_id = 1;
update stock s set reserved = reserved - 1
  from order_item i where i.order_id = :id and i.order_item_id = 1 and s.sku = i.sku and s.location = i.location;
update orders set payment_status = 'partially_refunded', shipment_status = 'partially_canceled',
    amount_refunded = amount_refunded + 1999, amount_canceled = 1999, version = :version + 1, updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, reason,
    from_payment_status, to_payment_status, from_shipment_status, to_shipment_status, data)
values (:id, :version + 1, 'payment.refunded', now(), now(), 'anonymous', 1,
    'document.series@default document.number@default payment.status@default shipment.status@default order.status@default',
    'Damaged', :payment_status, 'partially_refunded', :shipment_status, 'partially_canceled', format(
    '{"refund_id":1,"credit_memo_number":"FLOOR-%1$s","amount":1999,"reason":"Damaged","method":"card","version":%2$s,"created_at":"%3$s","series":"floor","series_value":%1$s,"amount_canceled":1999,"items":[{"order_item_id":1,"qty":1,"amount":1999,"qty_canceled":1}],"payment":{"payment_id":2,"type":"refund","amount":1999,"method":"card","status":"succeeded","created_at":"%3$s","refund_id":1}}',
    :number::int8, :version::int + 1, (to_json(now() at time zone 'utc') #>> '{}') || 'Z')::json);
commit;
