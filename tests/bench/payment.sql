-- The floor of setting a payment status: lock and read, update, event.
\set id random(:base, :base + :count - 1)
begin;
select version, status, payment_status, shipment_status from orders where order_id = :id for update
\gset
update orders set payment_status = 'paid', status = 'processing', version = :version + 1,
    updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, from_status,
    to_status, from_payment_status, to_payment_status, data)
values (:id, :version + 1, 'payment.status_set', now(), now(), 'anonymous', 1,
    'order.status@default', :status, 'processing', :payment_status, 'paid', '{}');
commit;
