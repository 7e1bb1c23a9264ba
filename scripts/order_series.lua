-- A store may count its own orders: [store.NAME] series.

oms.policy("order.series", function(order)
  local store = oms.store(order.store)
  return store and store.series
end)
