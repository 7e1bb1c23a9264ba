// A long history in seconds: orders copied by SQL with all that belongs to them.

/**
 * The statement that copies what is in a database until there are `count` orders more, with ids from
 * `base` on, of those that `where` (over orders) finds. Copies share their SKUs. No stock is taken for
 * them, which STOCK_OF_ALL_ORDERS makes good; else `orderd verify` differs.
 */
export const copyOrders = ({ count, base, where = 'true' }) => `do $$
declare
  target text;
  columns text;
  copied text;
begin
  lock table report_sum in share row exclusive mode; -- no fold of reports is under way
  create temp table copy as
    with template as (select order_id, uuid, order_number, row_number() over (order by order_id) - 1 as n from orders where ${where})
    select ${base} + c as id, order_id, uuid as old_uuid, order_number as old_number, gen_random_uuid() as uuid
      from generate_series(0, ${count} - 1) c
      join template on n = c % (select count(*) from template);
  for target, columns, copied in
    select table_name, string_agg(quote_ident(column_name), ', ' order by ordinal_position),
        string_agg(case column_name::text
          when 'order_id' then 'c.id'
          when 'uuid' then 'c.uuid'
          when 'data' then 'case when t.seq = 1 then replace(replace(t.data::text, c.old_uuid::text, c.uuid::text),
            to_json(c.old_number)::text, to_json(''COPY-'' || c.id)::text)::json else t.data end'
          when 'txid' then 'pg_current_xact_id()'
          when 'series' then '''copy'''
          when 'order_number' then '''COPY-'' || c.id'
          when 'invoice_number' then '''COPY-'' || c.id || ''-'' || t.invoice_id'
          when 'credit_memo_number' then '''COPY-'' || c.id || ''-'' || t.refund_id'
          else 't.' || quote_ident(column_name) end, ', ' order by ordinal_position)
      from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('delivery', 'feed_cursor', 'idempotency_key', 'projection', 'order_search')
      group by table_name having bool_or(column_name = 'order_id')
  loop
    execute format('insert into %I (%s) select %s from copy c join %I t using (order_id)', target, columns, copied, target);
  end loop;
  delete from report_sum;
  insert into report_sum select kind, report_bucket(kind, at), currency, store, key, sum(count), sum(units), sum(gross), sum(discount),
    sum(refund), sum(tax), sum(shipping) from report_fact where kind <> 10 group by 1, 2, 3, 4, 5;
  drop table copy;
end $$`

/** Reserves in stock what orders have open, of SKUs whose units have all stayed. */
export const STOCK_OF_ALL_ORDERS = `update stock s set reserved = i.open
  from (select sku, location, sum(qty - qty_canceled - qty_shipped) as open from order_item where stock_tracked group by 1, 2) i
  where i.sku = s.sku and i.location = s.location`
