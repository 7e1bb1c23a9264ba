-- The status of an order follows from its holds, its payment and its shipment.

local function all_shipped(order)
  for _, item in ipairs(order.items) do
    if item.qty_open > 0 then return false end
  end
  return true
end

oms.policy("order.status", function(order)
  local payment = oms.status("payment", order.payment_status).phase
  local shipment = oms.status("shipment", order.shipment_status).phase

  if order.canceled or payment == "canceled" or shipment == "canceled" then return "canceled" end
  if order.hold then return "on_hold" end
  if payment ~= "paid" then return "pending" end

  if shipment == "delivered" then return "completed" end
  if shipment == "shipped" then return "shipped" end
  if shipment == "partially_shipped" then return "partially_shipped" end
  if shipment == "partially_delivered" then
    return all_shipped(order) and "shipped" or "partially_shipped"
  end
  return "processing"
end)
