-- The floor of an invoice: lock and read, the number from the row of its series, the invoice, event.
\set id random(:base, :base + :count - 1)
begin;
select version, grand_total from orders where order_id = :id for update
\gset
insert into counter (series, value) values ('bench_invoice', 1)
    on conflict (series) do update set value = counter.value + 1 returning value as number
\gset
insert into invoice (order_id, invoice_id, invoice_number, series, series_value, amount, version, created_at)
values (:id, :version, 'FLOOR-' || :number, 'bench_invoice', :number, :grand_total, :version + 1, now());
update orders set version = :version + 1, updated_at = now() where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, data)
values (:id, :version + 1, 'invoice.issued', now(), now(), 'anonymous', 1,
    'document.series@default document.number@default',
    '{"invoice_id":1,"invoice_number":"INV-2026-000001","amount":4493,"version":2,"created_at":"2025-01-01T00:00:00Z"}');
commit;
