// A long history in seconds: orders copied by SQL with all that belongs to them.

/**
 * The statement that copies what is in a database until there are `count` orders more, with ids from
 * `base` on, of those that `where` (over orders) finds. Copies share their SKUs, and no stock is taken
 * for them: `orderd verify` differs.
 */
export const copyOrders = ({ count, base, where = 'true' }) => `do $$
declare
  target text;
  columns text;
  copied text;
begin
  create temp table copy as
    with template as (select order_id, row_number() over (order by order_id) - 1 as n from orders where ${where})
    select ${base} + c as id, order_id from generate_series(0, ${count} - 1) c
      join template on n = c % (select count(*) from template);
  for target, columns, copied in
    select table_name, string_agg(quote_ident(column_name), ', ' order by ordinal_position),
        string_agg(case column_name::text
          when 'order_id' then 'c.id'
          when 'uuid' then 'gen_random_uuid()'
          when 'txid' then 'pg_current_xact_id()'
          when 'series' then '''copy'''
          when 'order_number' then '''COPY-'' || c.id'
          when 'invoice_number' then '''COPY-'' || c.id || ''-'' || t.invoice_id'
          when 'credit_memo_number' then '''COPY-'' || c.id || ''-'' || t.refund_id'
          else 't.' || quote_ident(column_name) end, ', ' order by ordinal_position)
      from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('delivery', 'feed_cursor', 'idempotency_key')
      group by table_name having bool_or(column_name = 'order_id')
  loop
    execute format('insert into %I (%s) select %s from copy c join %I t using (order_id)', target, columns, copied, target);
  end loop;
  drop table copy;
end $$`
