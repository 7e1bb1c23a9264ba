-- Nothing leaves the house for an order that is called off, also when only its payment is.

oms.policy("order.ship", function(order)
  if oms.status("order", order.status).phase == "canceled" then
    return oms.refuse("order_canceled", "The order is cancelled")
  end
  return oms.allow()
end)
