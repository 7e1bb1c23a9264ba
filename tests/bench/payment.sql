-- The floor of setting a payment status, to and fro: lock and read, update, event.
begin;
select order_id as id, version, status, payment_status, shipment_status,
    case payment_status when 'paid' then 'pending' else 'paid' end as now_payment_status,
    case payment_status when 'paid' then 'pending' else 'processing' end as now_status
  from orders where order_id = (select nextval('bench_floor')) for update
\gset
update orders set payment_status = :now_payment_status, status = :now_status, version = :version + 1,
    updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, from_status,
    to_status, from_payment_status, to_payment_status, data)
values (:id, :version + 1, 'payment.status_set', now(), now(), 'anonymous', 1,
    'order.status@default', :status, :now_status, :payment_status, :now_payment_status, '{}');
commit;
