-- Nothing leaves the house for an order that is called off, also when only its payment is, or that
-- waits for somebody.

oms.policy("order.ship", function(order)
  if oms.status("order", order.status).phase == "canceled" then
    return oms.refuse("order_canceled", "The order is cancelled")
  end
  if order.hold then
    return oms.refuse("on_hold", "The order is on hold: " .. order.hold.handle)
  end
  local payment = oms.status("payment", order.payment_status).phase
  if payment == "charged_back" then
    return oms.refuse("charged_back", "The payment was charged back")
  end
  if payment == "refunded" then
    return oms.refuse("refunded", "The payment went back; cancel the order to free its units")
  end
  return oms.allow()
end)
