-- The floor of refunding a unit: lock and read, the number from the row of its series, the refund, its
-- item and payment record, the item, the order's sums and statuses, event.
\set id random(:base, :base + :count - 1)
begin;
select version, status, payment_status, amount_captured, amount_refunded from orders where order_id = :id for update
\gset
select order_item_id, qty, qty_refunded, total from order_item where order_id = :id;
select type, amount, method, transaction_id from payment where order_id = :id order by payment_id;
insert into counter (series, value) values ('bench_credit_memo', 1)
    on conflict (series) do update set value = counter.value + 1 returning value as number
\gset
insert into refund (order_id, refund_id, credit_memo_number, series, series_value, amount, shipping_amount, reason, method,
    return_id, version, created_at)
values (:id, :version, 'FLOOR-' || :number, 'bench_credit_memo', :number, 1999, 0, 'Damaged', 'card', 0, :version + 1, now());
insert into refund_item (order_id, refund_id, order_item_id, qty, amount, qty_restocked)
values (:id, :version, 1, 1, 1999, 0);
insert into payment (order_id, payment_id, type, amount, method, status, created_at, refund_id)
values (:id, :version + 1, 'refund', 1999, 'card', 'succeeded', now(), :version);
update order_item set qty_refunded = 1 where order_id = :id and order_item_id = 1;
update orders set payment_status = 'partially_refunded', amount_refunded = amount_refunded + 1999,
    version = :version + 1, updated_at = now()
 where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, reason, from_status,
    to_status, from_payment_status, to_payment_status, data)
values (:id, :version + 1, 'payment.refunded', now(), now(), 'anonymous', 1,
    'document.series@default document.number@default payment.status@default order.status@default', 'Damaged',
    :status, :status, :payment_status, 'partially_refunded',
    '{"refund_id":1,"credit_memo_number":"CM-2026-000001","amount":1999,"reason":"Damaged","method":"card","version":3,"created_at":"2025-01-01T00:00:00Z","items":[{"order_item_id":1,"qty":1,"amount":1999}],"payment":{"payment_id":2,"type":"refund","amount":1999,"method":"card","status":"succeeded","created_at":"2025-01-01T00:00:00Z","refund_id":1}}');
commit;
