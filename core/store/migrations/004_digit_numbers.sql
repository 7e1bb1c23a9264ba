-- Whether any order has a number of digits alone: if none has, digits alone name an order by its id
-- (core/store/names.h). The index holds only such numbers, so that the answer costs one look.
create index orders_digit_number on orders (order_id) where order_number !~ '[^0-9]';
