-- The floor of an invoice: lock and read, the number from the row of its series, the invoice, event. (An
-- escape for the colon, which pgbench takes for a variable's.)
begin;
select order_id as id, version, grand_total from orders
 where order_id = (select nextval('bench_floor')) for update
\gset
insert into counter (series, value) values (E'invoice\x3afloor', 1)
    on conflict (series) do update set value = counter.value + 1 returning value as number
\gset
insert into invoice (order_id, invoice_id, invoice_number, series, series_value, amount, version, created_at)
values (:id, 1, 'FLOOR-' || :number, 'floor', :number, :grand_total, :version + 1, now());
update orders set version = :version + 1, updated_at = now() where order_id = :id;
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, data)
values (:id, :version + 1, 'invoice.issued', now(), now(), 'anonymous', 1,
    'document.series@default document.number@default',
    format('{"invoice_id":1,"invoice_number":"FLOOR-%s","amount":%s,"version":%s,"created_at":"%s","series":"floor","series_value":%s}',
    :number::int8, :grand_total::int8, :version::int + 1, (to_json(now() at time zone 'utc') #>> '{}') || 'Z', :number::int8)::json);
commit;
