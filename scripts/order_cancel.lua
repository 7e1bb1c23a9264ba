-- An order may be cancelled until it is on its way, as long as both of its statuses allow it. Units
-- that are still open may be cancelled at any time, when something else of the order remains.

local function on_its_way(order)
  for _, item in ipairs(order.items) do
    if item.qty_shipped > 0 then return true end
  end
  for _, shipment in ipairs(order.shipments) do
    if #order.items == 0 and not shipment.canceled_at then return true end
  end
  return false
end

local function leaves_something(order, units)
  local open = 0
  for _, item in ipairs(order.items) do open = open + item.qty_open end
  for _, unit in ipairs(units) do open = open - unit.qty end
  return open > 0 or on_its_way(order)
end

oms.policy("order.cancel", function(order, request)
  local payment = oms.status("payment", order.payment_status)
  local shipment = oms.status("shipment", order.shipment_status)

  if order.hold then return oms.refuse("on_hold", "Release the hold first") end
  if request.items and leaves_something(order, request.items) then return oms.allow() end
  if on_its_way(order) then
    return oms.refuse("already_shipped",
      "Part of the order is on its way; cancel the units that are not")
  end
  if not payment.cancelable and payment.phase ~= "refunded" then
    return oms.refuse("payment_not_cancelable", "The payment is " .. payment.name)
  end
  if not shipment.cancelable then
    return oms.refuse("shipment_not_cancelable", "The shipment is " .. shipment.name)
  end
  return oms.allow()
end)
