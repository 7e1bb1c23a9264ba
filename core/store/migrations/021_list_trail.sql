-- Who decided about an order, for the lists (core/store/read/list.c). Policies are few, and so are their combinations,
-- so they are members of the class. A bundle that decided is a value of the order: kind 7 of order_list_value.
alter table list_class add column decided text[] not null default '{}'; -- order.cancel@net30, sorted, each once
alter table list_class add column refused text[] not null default '{}'; -- those whose refusal history overruled
-- The next start builds it anew.
update projection set built_at = null where name = 'list';
