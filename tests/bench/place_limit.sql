-- The limit of placing: 32 orders in one transaction of set-wise statements, as a lane writes them,
-- with nobody who reads a request, asks a rule or answers. See place.sql for one order by itself.
\set a random(0, 999)
begin;
select from stock where sku in (select 'SKU-' || 1000 + (:a + g * 37 + n * 311) % 1000
    from generate_series(1, 32) g, generate_series(1, 2) n) order by sku for update;
with placed as (
    insert into orders (order_id, uuid, order_number, version, currency, created_at, updated_at,
        status, payment_status, shipment_status, customer_id, customer_email, customer_full_name,
        sub_total, sub_total_incl_tax, discount_amount, tax_amount, shipping_fee_excl_tax,
        shipping_fee_incl_tax, grand_total, total_qty, total_weight, shipping_method,
        shipping_method_name, payment_method, payment_method_name, amount_authorized,
        amount_captured, amount_refunded, historical)
    select nextval('order_id_seq'), gen_random_uuid(), 'LIMIT-' || nextval('order_number_seq'), 1,
        'EUR', now(), now(), 'pending', 'pending', 'pending', 'c-' || g, 'ana@example.org',
        'Ana Souza', 3998, 3998, 0, 0, 495, 495, 4493, 2, 6500, 'post', 'Post', 'card', 'Card',
        0, 0, 0, false
    from generate_series(1, 32) g
    returning order_id, order_number, uuid, customer_id),
numbered as (select *, row_number() over () as g from placed),
items as (
    insert into order_item (order_id, order_item_id, product_id, sku, name, weight, qty, price,
        final_price, final_price_incl_tax, tax_percent, tax_amount, discount_amount, sub_total,
        total, qty_shipped, qty_delivered, qty_canceled, qty_returned, qty_refunded, stock_tracked, location)
    select order_id, n, 'p-' || n, 'SKU-' || 1000 + (:a + g * 37 + n * 311) % 1000,
        'Camisola de algodão', 2000, 1, 1999, 1999, 1999, 0, 0, 0, 1999, 1999, 0, 0, 0, 0, 0, true, 'main'
    from numbered, generate_series(1, 2) n
    returning sku),
addresses as (
    insert into order_address (order_id, kind, full_name, telephone, address1, address2, city,
        province, country, postcode)
    select order_id, kind, 'Ana Souza', '+351 210 000 000', 'Rua Augusta 1', '2.º Esq.', 'Lisboa',
        'Lisboa', 'PT', '1100-048'
    from placed, (values ('shipping'), ('billing')) k (kind)),
events as (
    insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy,
        to_status, to_payment_status, to_shipment_status, data)
    select order_id, 1, 'order.placed', now(), now(), 'anonymous', 1,
        'order.series@default order.number@default payment.status@default shipment.status@default order.status@default',
        'pending', 'pending', 'pending', format(
        '{"uuid":"%s","order_number":"%s","currency":"EUR","customer_id":"%s","customer_email":"ana@example.org","customer_full_name":"Ana Souza","sub_total":3998,"sub_total_incl_tax":3998,"shipping_fee_excl_tax":495,"shipping_fee_incl_tax":495,"grand_total":4493,"total_qty":2,"total_weight":6500,"shipping_method":"post","shipping_method_name":"Post","payment_method":"card","payment_method_name":"Card","shipping_address":{"full_name":"Ana Souza","telephone":"+351 210 000 000","address1":"Rua Augusta 1","address2":"2.º Esq.","city":"Lisboa","province":"Lisboa","country":"PT","postcode":"1100-048"},"billing_address":{"full_name":"Ana Souza","telephone":"+351 210 000 000","address1":"Rua Augusta 1","address2":"2.º Esq.","city":"Lisboa","province":"Lisboa","country":"PT","postcode":"1100-048"},"items":[{"order_item_id":1,"product_id":"p-1","sku":"SKU-%s","name":"Camisola de algodão","weight":2000,"qty":1,"price":1999,"final_price":1999,"final_price_incl_tax":1999,"sub_total":1999,"total":1999,"stock_tracked": true,"location":"main"},{"order_item_id":2,"product_id":"p-2","sku":"SKU-%s","name":"Camisola de algodão","weight":2000,"qty":1,"price":1999,"final_price":1999,"final_price_incl_tax":1999,"sub_total":1999,"total":1999,"stock_tracked": true,"location":"main"}]}',
        uuid, order_number, customer_id, 1000 + (:a + g * 37 + 311) % 1000, 1000 + (:a + g * 37 + 622) % 1000)::json
    from numbered)
update stock s set reserved = s.reserved + c.n
  from (select sku, count(*) as n from items group by sku) c where s.sku = c.sku;
commit;
