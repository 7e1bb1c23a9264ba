-- What waits for somebody does not change under them.

oms.policy("order.change", function(order)
  if order.hold then return oms.refuse("on_hold", "Release the hold first") end
  return oms.allow()
end)
