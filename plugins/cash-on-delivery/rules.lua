-- The money comes with the delivery, so an unpaid order is not a waiting one.

local function at_the_door(order)
  return order.payment_method == oms.config.method
end

oms.policy("order.status", function(order)
  local status, reason = oms.default("order.status", order)
  if not at_the_door(order) or status ~= "pending" then return status, reason end

  local phase = oms.status("shipment", order.shipment_status).phase
  local sent = phase == "shipped" or phase == "delivered" or phase == "partially_returned"
  return sent and "shipped" or "processing", "cash on delivery"
end)

-- What is due, once. A second call finds nothing due and changes nothing.
oms.command("collect_cash", function(order)
  local due = order.amount_outstanding
  if not at_the_door(order) then
    return oms.refuse("not_cash_on_delivery", "The order is not paid at the door")
  end
  if due <= 0 then return end
  order:add_payment { type = "capture", method = oms.config.method, amount = due,
    transaction_id = "cod-" .. order.uuid }
end)

oms.on("shipment.delivered", function(_, order)
  if order.historical or not at_the_door(order) then return end
  if order.shipment_rollup == "delivered" then return oms.run { command = "collect_cash" } end
end)
