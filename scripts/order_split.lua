-- What waits for somebody is not sent away in parts.

oms.policy("order.split", function(order)
  if order.hold then return oms.refuse("on_hold", "Release the hold first") end
  return oms.allow()
end)
