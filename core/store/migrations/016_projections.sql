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
