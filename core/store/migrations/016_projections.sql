-- Projections of the books (core/read/projection/projection.h): how far the sweep of each has read the ledger, and
-- whether its tables hold every order. A process makes the row of a projection that it knows, and builds one that
-- is not built before it serves.
create table projection (
    name       text primary key,
    built_at   timestamptz, -- null: never
    txid       xid8 not null default '0',
    order_id   int8 not null default 0,
    seq        int4 not null default 0
);

-- The projection `list` (core/store/read/list.c). A class is one combination of the values that few words take, such as
-- status, store and country; shops have some thousands of them. A filter on any of these is answered from the classes,
-- and each class has its orders in the order of every sort key, so two common values that hardly meet are found as
-- fast as two that meet often.
create table list_class (
    class_id        int4 generated always as identity primary key,
    key             uuid not null unique, -- MD5 of the members
    status          text not null,
    payment_status  text not null,
    shipment_status text not null,
    currency        text not null,
    store           text,
    country         text, -- of the shipping address, else of the billing address
    payment_method  text,
    shipping_method text,
    carriers        text[] not null, -- sorted, each once
    holds           text[] not null,
    has             int4 not null -- a bit for each kind of order_list_value that the order has: 1 << kind
);

create table order_list (
    order_id   int8 primary key,
    version    int4 not null,
    class_id   int4 not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    amount     int8 not null -- the grand total in ten-thousandths of the currency's unit; what does not fit is the largest
);
create index order_list_class_created on order_list (class_id, created_at, order_id);
create index order_list_class_updated on order_list (class_id, updated_at, order_id);
create index order_list_class_amount on order_list (class_id, amount, order_id);
create index order_list_created on order_list (created_at, order_id);
create index order_list_updated on order_list (updated_at, order_id);
create index order_list_amount on order_list (amount, order_id);

-- Values that are different in many orders. kind: 1 customer id, 2 e-mail in lower case, 3 coupon, 4 SKU, 5 tag,
-- 6 tracking number.
create table order_list_value (
    order_id   int8 not null,
    kind       int2 not null,
    value      text not null,
    created_at timestamptz not null, -- the order's
    primary key (order_id, kind, value)
);
create index order_list_value_find on order_list_value (kind, value, created_at, order_id);
