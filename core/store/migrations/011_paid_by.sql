-- A refund may go by another method than the one that the order was paid by.
--
-- Columns stand behind those there were: rows are written in the order of the table's columns.

alter table payment add column paid_by text; -- of a refund: the method whose money it is; null: its own
