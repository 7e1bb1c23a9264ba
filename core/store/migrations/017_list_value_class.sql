-- Values that many orders may share (coupon, SKU, tag) stand by the order's class, so that a common value and a common class
-- that hardly meet are found as fast as two that meet often. For values of one customer or one parcel class_id is 0.
alter table order_list_value add column class_id int4 not null default 0;
drop index order_list_value_find;
create index order_list_value_find on order_list_value (kind, value, class_id, created_at, order_id);
-- The next start builds it anew.
update projection set built_at = null where name = 'list';
