-- ORD-2026-000042: the year the order was placed in and a number that only grows.

oms.policy("order.number", function(seq)
  return ("ORD-%d-%06d"):format(seq.year, seq.value)
end)
