-- ORD-2026-000042: the year the order was placed in and a number that only grows. A store has its
-- own prefix; one that counts for itself needs something of its own in the number.

oms.policy("order.number", function(seq, order)
  local store = oms.store(order.store)
  local prefix = store and store.prefix or seq.series and seq.series .. "-" or "ORD-"
  return ("%s%d-%06d"):format(prefix, seq.year, seq.value)
end)
