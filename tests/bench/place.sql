-- The floor of placing: one order with 2 items and 2 addresses, as a careful hand writes it. Fixed
-- texts are literals, which costs pgbench less than orderd's work of reading and checking them. (A
-- blank before true, because pgbench takes :true for a variable.)
\set a random(1000, 1499)
\set b random(1500, 1999)
\set cents random(100, 99999)
begin;
select sku, on_hand, reserved from stock
 where sku in ('SKU-' || :a::text, 'SKU-' || :b::text) order by sku for update;
update stock set reserved = reserved + 1
 where sku in ('SKU-' || :a::text, 'SKU-' || :b::text);
with placed as (
    insert into orders (order_id, uuid, order_number, version, currency, created_at, updated_at, status,
        payment_status, shipment_status, customer_id, customer_email, customer_full_name, sub_total,
        sub_total_incl_tax, discount_amount, tax_amount, shipping_fee_excl_tax, shipping_fee_incl_tax,
        grand_total, total_qty, total_weight, shipping_method, shipping_method_name, payment_method,
        payment_method_name, amount_authorized, amount_captured, amount_refunded, historical)
    values (nextval('order_id_seq'), gen_random_uuid(), 'FLOOR-' || nextval('order_number_seq'), 1,
        'EUR', now(), now(), 'pending', 'pending', 'pending', 'c-' || :cents::text, 'ana@example.org',
        'Ana Souza', :cents + 1999, :cents + 1999, 0, 0, 495, 495, :cents + 2494, 2, 6500, 'post',
        'Post', 'card', 'Card', 0, 0, 0, false)
    returning *)
insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, policy, to_status,
    to_payment_status, to_shipment_status, data)
select order_id, 1, 'order.placed', now(), now(), 'anonymous', 1,
    'order.series@default order.number@default payment.status@default shipment.status@default order.status@default',
    'pending', 'pending', 'pending', format(
    '{"uuid":"%s","order_number":"%s","currency":"EUR","customer_id":"%s","customer_email":"ana@example.org","customer_full_name":"Ana Souza","sub_total":%s,"sub_total_incl_tax":%s,"shipping_fee_excl_tax":495,"shipping_fee_incl_tax":495,"grand_total":%s,"total_qty":2,"total_weight":6500,"shipping_method":"post","shipping_method_name":"Post","payment_method":"card","payment_method_name":"Card","shipping_address":{"full_name":"Ana Souza","telephone":"+351 210 000 000","address1":"Rua Augusta 1","address2":"2.º Esq.","city":"Lisboa","province":"Lisboa","country":"PT","postcode":"1100-048"},"billing_address":{"full_name":"Ana Souza","telephone":"+351 210 000 000","address1":"Rua Augusta 1","address2":"2.º Esq.","city":"Lisboa","province":"Lisboa","country":"PT","postcode":"1100-048"},"items":[{"order_item_id":1,"product_id":"p-1","sku":"SKU-%s","name":"Camisola de algodão","weight":2000,"qty":1,"price":1999,"final_price":1999,"final_price_incl_tax":1999,"sub_total":1999,"total":1999,"stock_tracked": true,"location":"main"},{"order_item_id":2,"product_id":"p-2","sku":"SKU-%s","name":"Casaco de lã","weight":4500,"qty":1,"price":%s,"final_price":%s,"final_price_incl_tax":%s,"sub_total":%s,"total":%s,"stock_tracked": true,"location":"main"}]}',
    uuid, order_number, customer_id, sub_total, sub_total, grand_total, :a::int, :b::int, :cents::int,
    :cents::int, :cents::int, :cents::int, :cents::int)::json
from placed returning order_id
\gset
insert into order_item (order_id, order_item_id, product_id, sku, name, weight, qty, price,
    final_price, final_price_incl_tax, tax_percent, tax_amount, discount_amount, sub_total, total,
    qty_shipped, qty_delivered, qty_canceled, qty_returned, qty_refunded, stock_tracked, location)
values (:order_id, 1, 'p-1', 'SKU-' || :a::text, 'Camisola de algodão', 2000, 1, 1999,
        1999, 1999, 0, 0, 0, 1999, 1999, 0, 0, 0, 0, 0, true, 'main'),
       (:order_id, 2, 'p-2', 'SKU-' || :b::text, 'Casaco de lã', 4500, 1, :cents,
        :cents, :cents, 0, 0, 0, :cents, :cents, 0, 0, 0, 0, 0, true, 'main');
insert into order_address (order_id, kind, full_name, telephone, address1, address2, city, province,
    country, postcode)
values (:order_id, 'shipping', 'Ana Souza', '+351 210 000 000', 'Rua Augusta 1', '2.º Esq.',
        'Lisboa', 'Lisboa', 'PT', '1100-048'),
       (:order_id, 'billing', 'Ana Souza', '+351 210 000 000', 'Rua Augusta 1', '2.º Esq.',
        'Lisboa', 'Lisboa', 'PT', '1100-048');
commit;
