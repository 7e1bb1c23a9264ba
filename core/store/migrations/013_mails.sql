-- The language that the customer reads, as the checkout says it: "de-AT".
alter table orders add column locale text;

-- What an order's customer has been told: such a mail is sent once, and stays sent when the delivery's
-- row has been cleared away (core/store/feed/deliveries.h).
create table delivery_once (
    order_id int8 not null,
    key      text not null, -- order_shipped:shipment:2
    primary key (order_id, key)
);
-- What was told before by the rules that came with orderd, of those mails that an order has once.
insert into delivery_once (order_id, key)
    select distinct order_id, name from delivery
    where kind = 'mail' and name in ('order_confirmation', 'payment_received', 'order_canceled')
    on conflict do nothing;
