-- The limit of setting a payment status: 32 orders in one transaction of set-wise statements.
\set a random(:base, :base + :count - 1 - 32)
begin;
select order_id, version, status, payment_status from orders
 where order_id between :a and :a + 31 order by order_id for update;
with changed as (
    update orders set payment_status = 'paid', status = 'processing', version = version + 1,
        updated_at = now()
    where order_id between :a and :a + 31
    returning order_id, version)
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, from_status,
    to_status, from_payment_status, to_payment_status, data)
select order_id, version, 'payment.status_set', now(), now(), 'anonymous', 1,
    'order.status@default', 'pending', 'processing', 'pending', 'paid', '{}' from changed;
commit;
