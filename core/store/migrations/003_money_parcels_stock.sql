-- Orders in parts: money that goes back, parcels that come back, invoices, changes before shipment,
-- stock by location, drafts.
--
-- Columns stand behind those there were: rows are written in the order of the table's columns.

alter table orders
    add column amount_canceled     int8 not null default 0, -- of grand_total, with the cancelled units
    add column amount_charged_back int8 not null default 0, -- of amount_captured
    add column exchange_of         uuid;                    -- the order whose return this one exchanges
create index orders_exchange_of on orders (exchange_of) where exchange_of is not null;

alter table order_item
    add column qty_restocked            int4 not null default 0, -- of qty_returned: back on the shelf
    add column qty_shipped_after_cancel int4 not null default 0, -- of qty_shipped: were cancelled when they left
    add column location                 text;                    -- whose stock is reserved; null: none is
update order_item set location = 'main' where stock_tracked;

-- What cancelled orders no longer come to, as core/order/amounts.c says: all, or where some units have
-- left, what the others cost, cut to the minor unit. Of those without lines all, unless a parcel has.
with line as (
    select order_id, order_item_id, qty, qty_canceled, o.grand_total,
        (o.grand_total - o.shipping_fee_incl_tax)::numeric as goods,
        greatest(case when max(total) over (partition by order_id) > 0 then total else qty end, 0)::numeric as weight
    from order_item join orders o using (order_id) where o.canceled_at is not null
), place as (
    select *, sum(weight) over (partition by order_id order by order_item_id) as upto,
        sum(weight) over (partition by order_id) as whole
    from line
), cost as (
    select order_id, grand_total, qty, qty_canceled, case when goods > 0 and whole > 0
        then div(goods * upto, whole) - div(goods * (upto - weight), whole) else 0 end as amount
    from place
), canceled as (
    select order_id, case when bool_and(qty_canceled = qty) then max(grand_total)
        else least(sum(div(amount * qty_canceled, qty)), max(grand_total)) end as amount
    from cost group by order_id
)
update orders o set amount_canceled = greatest(coalesce(
    (select amount from canceled c where c.order_id = o.order_id),
    case when exists (select from shipment s where s.order_id = o.order_id and s.canceled_at is null)
        then 0 else o.grand_total end), 0)
where o.canceled_at is not null;

alter table payment add column refund_id int4 not null default 0; -- 0: not of a refund

-- Money back, and the document that says so.
create table refund (
    order_id           int8 not null,
    refund_id          int4 not null,
    credit_memo_number text not null,
    amount             int8 not null, -- > 0
    shipping_amount    int8 not null, -- of amount: for shipping
    reason             text,
    method             text,
    transaction_id     text,          -- the gateway's; null until it has told
    return_id          int4 not null, -- 0: not for a return
    version            int4 not null, -- of the order: what the document shows
    created_at         timestamptz not null,
    series             text not null, -- of credit memos: this is its series_value-th
    series_value       int8 not null,
    primary key (order_id, refund_id)
);
create unique index refund_credit_memo_number on refund (credit_memo_number);

create table refund_item (
    order_id      int8 not null,
    refund_id     int4 not null,
    order_item_id int4 not null,
    qty           int4 not null, -- >= 1
    amount        int8 not null, -- what these units cost
    qty_restocked int4 not null, -- put back on the shelf with the refund itself
    primary key (order_id, refund_id, order_item_id)
);

-- status: requested, approved, rejected, received, refunded, exchanged, canceled
create table order_return (
    order_id      int8 not null,
    return_id     int4 not null,
    return_number text not null, -- <order number>-R<return_id>
    status        text not null,
    reason        text,
    note          text,          -- the merchant's: why it was rejected, how it arrived
    exchange_uuid uuid,          -- the order that was sent instead
    created_at    timestamptz not null,
    received_at   timestamptz,
    primary key (order_id, return_id)
);

create table order_return_item (
    order_id      int8 not null,
    return_id     int4 not null,
    order_item_id int4 not null,
    qty           int4 not null, -- announced, >= 1
    reason        text,
    qty_received  int4 not null,
    qty_restocked int4 not null, -- of qty_received
    condition     text,          -- as they arrived
    primary key (order_id, return_id, order_item_id)
);

create table invoice (
    order_id       int8 not null,
    invoice_id     int4 not null,
    invoice_number text not null,
    amount         int8 not null,
    version        int4 not null, -- of the order: what the document shows
    created_at     timestamptz not null,
    series         text not null, -- of invoices: this is its series_value-th
    series_value   int8 not null,
    primary key (order_id, invoice_id)
);
create unique index invoice_invoice_number on invoice (invoice_number);

-- A change of an order before it is shipped. status: proposed, confirmed, discarded
create table order_change (
    order_id   int8 not null,
    change_id  int4 not null,
    status     text not null,
    request    json not null, -- what was asked for, in the ledger's names and units
    difference int8 not null, -- of grand_total, if confirmed
    reason     text,
    by         text,
    created_at timestamptz not null,
    closed_at  timestamptz,
    primary key (order_id, change_id)
);

-- Stock is kept by location. reserved may exceed on_hand where the SKU may be sold ahead (backorder),
-- and by `oversold` units, which left though they were others': a parcel handed over after its
-- units had been cancelled.
alter table stock
    drop constraint stock_pkey,
    drop constraint stock_not_oversold,
    add column location  text not null default 'main',
    add column backorder bool not null default false,
    add column oversold  int8 not null default 0,
    add primary key (sku, location),
    add constraint stock_not_oversold check (
        on_hand >= 0 and reserved >= 0 and oversold >= 0
        and (backorder or on_hand + oversold >= reserved));

alter table stock_adjustment
    add column location text not null default 'main',
    add column reason   text;

alter table idempotency_key add column location text;
update idempotency_key set location = 'main' where sku is not null;

-- Orders that are being prepared. One that has become an order has its uuid.
create table draft (
    uuid       uuid primary key,
    body       json not null, -- as POST /api/orders takes it, not yet checked
    actor      text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    placing_until timestamptz -- somebody places it, and it does not change meanwhile
);
create index draft_updated_at on draft (updated_at);
