-- The floor of a capture: lock and read, the record, the order's sums and statuses, event.
begin;
select order_id as id, version, status, payment_status, grand_total from orders
 where order_id = (select nextval('bench_floor')) for update
\gset
select type, amount, method, transaction_id from payment where order_id = :id order by payment_id;
insert into payment (order_id, payment_id, type, amount, method, transaction_id, status, created_at)
values (:id, 1, 'capture', :grand_total, 'card', 'ch_' || :id, 'succeeded', now());
update orders set payment_status = 'paid', status = 'processing', amount_authorized = amount_authorized + :grand_total,
    amount_captured = amount_captured + :grand_total, version = :version + 1, updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, from_status,
    to_status, from_payment_status, to_payment_status, data)
values (:id, :version + 1, 'payment.captured', now(), now(), 'anonymous', 1,
    'payment.status@default order.status@default', :status, 'processing', :payment_status, 'paid',
    format('{"payment_id":1,"type":"capture","amount":%s,"method":"card","transaction_id":"ch_%s","status":"succeeded","created_at":"%s"}',
    :grand_total::int8, :id::int8, (to_json(now() at time zone 'utc') #>> '{}') || 'Z')::json);
commit;
