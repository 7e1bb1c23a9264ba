-- An order may be cancelled until it is on its way, as long as both of its statuses allow it.

local function on_its_way(order)
  for _, item in ipairs(order.items) do
    if item.qty_shipped > 0 then return true end
  end
  for _, shipment in ipairs(order.shipments) do
    if #order.items == 0 and not shipment.canceled_at then return true end
  end
  return false
end

oms.policy("order.cancel", function(order)
  local payment = oms.status("payment", order.payment_status)
  local shipment = oms.status("shipment", order.shipment_status)

  if order.hold then return oms.refuse("on_hold", "Release the hold first") end
  if on_its_way(order) then
    return oms.refuse("already_shipped", "Part of the order is on its way")
  end
  if not payment.cancelable then
    return oms.refuse("payment_not_cancelable", "The payment is " .. payment.name)
  end
  if not shipment.cancelable then
    return oms.refuse("shipment_not_cancelable", "The shipment is " .. shipment.name)
  end
  return oms.allow()
end)
