-- An order split in two: the one that was split off names the other, and what it took along of a
-- payment is missing there.
--
-- Columns stand behind those there were: rows are written in the order of the table's columns.

alter table orders add column split_of uuid; -- the order that this one was split from
create index orders_split_of on orders (split_of) where split_of is not null;

alter table payment add column amount_moved int8 not null default 0; -- to another order, by a split
