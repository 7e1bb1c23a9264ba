-- Nothing leaves the house for an order that is called off, also when only its payment is, or that
-- waits for somebody.

-- A refund said that units which have not left still go.
local function still_goes(order)
  for _, refund in ipairs(order.refunds) do
    if refund.keep then return true end
  end
  return false
end

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
  if payment == "refunded" and not still_goes(order) then
    return oms.refuse("refunded", "The payment went back; cancel the order to free its units")
  end
  return oms.allow()
end)
