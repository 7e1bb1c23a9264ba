-- The limit of setting a payment status, to and fro: 32 orders in one transaction of set-wise statements.
begin;
select :base::int8 + 32 * ((nextval('bench_floor') - :base::int8) % (:count::int8 / 32)) as a
\gset
select order_id, version, status, payment_status from orders
 where order_id between :a and :a + 31 order by order_id for update;
with was as (select order_id, status, payment_status from orders where order_id between :a and :a + 31),
changed as (
    update orders set payment_status = case payment_status when 'paid' then 'pending' else 'paid' end,
        status = case payment_status when 'paid' then 'pending' else 'processing' end,
        version = version + 1, updated_at = now()
    where order_id between :a and :a + 31
    returning order_id, version, status, payment_status)
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, from_status,
    to_status, from_payment_status, to_payment_status, data)
select order_id, c.version, 'payment.status_set', now(), now(), 'anonymous', 1,
    'order.status@default', was.status, c.status, was.payment_status, c.payment_status, '{}'
from changed c join was using (order_id);
commit;
