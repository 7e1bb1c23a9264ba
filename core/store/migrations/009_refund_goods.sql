-- A refund takes units that have not left out of the order.
--
-- Columns stand behind those there were: rows are written in the order of the table's columns. What
-- was refunded before took nothing out, and its units still go.

alter table refund add column amount_canceled int8 not null default 0; -- off the order's grand_total
alter table refund add column keep bool not null default false; -- said that units still go
alter table refund_item add column qty_canceled int4 not null default 0; -- units taken out
