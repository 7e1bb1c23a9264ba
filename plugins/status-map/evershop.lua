-- What EverShop 2 does out of the box, as its users know it. Rows of the configuration come on top.

if oms.config.preset ~= "evershop" then return end

preset_rows = {
  { key = "pending:pending", value = "new" },
  { key = "pending:*", value = "processing" },
  { key = "paid:pending", value = "processing" },
  { key = "paid:partially_shipped", value = "processing" },
  { key = "paid:shipped", value = "processing" },
  { key = "paid:partially_delivered", value = "processing" },
  { key = "paid:delivered", value = "completed" },
  { key = "*:partially_canceled", value = "processing" },
  { key = "*:canceled", value = "processing" },
  { key = "canceled:canceled", value = "canceled" },
  { key = "canceled:*", value = "canceled" },
  { key = "stripe_authorized:*", value = "processing" },
  { key = "stripe_captured:*", value = "processing" },
  { key = "stripe_captured:delivered", value = "completed" },
  { key = "stripe_partial_refunded:*", value = "processing" },
  { key = "stripe_partial_refunded:delivered", value = "completed" },
  { key = "stripe_failed:*", value = "new" },
  { key = "stripe_refunded:*", value = "closed" },
  { key = "paypal_authorized:*", value = "processing" },
  { key = "paypal_captured:*", value = "processing" },
  { key = "paypal_captured:delivered", value = "completed" },
}

-- Cancelable unless a flag says no. An unknown shipment status counts as yes, an unknown payment
-- status is an error.
oms.policy("order.cancel", function(order)
  local payment = oms.status("payment", order.payment_status)
  local shipment = oms.status("shipment", order.shipment_status)

  if payment.name == "" then
    error("unknown payment status '" .. order.payment_status .. "'")
  end
  if not payment.cancelable then
    return oms.refuse("payment_not_cancelable", "The payment is " .. payment.name)
  end
  if shipment.name ~= "" and not shipment.cancelable then
    return oms.refuse("shipment_not_cancelable", "The shipment is " .. shipment.name)
  end
  return oms.allow()
end)

-- Units ordered, shipped, delivered, and in parcels that were cancelled.
local function count_units(order)
  local wanted, shipped, delivered, canceled = 0, 0, 0, 0
  for _, item in ipairs(order.items) do
    wanted = wanted + item.qty
    shipped = shipped + item.qty_shipped
    delivered = delivered + item.qty_delivered
  end
  for _, parcel in ipairs(order.shipments) do
    for _, part in ipairs(parcel.canceled_at and parcel.items or {}) do
      canceled = canceled + part.qty
    end
  end
  return wanted, shipped, delivered, canceled
end

oms.policy("shipment.status", function(order)
  local wanted, shipped, delivered, canceled = count_units(order)

  if order.canceled then return "canceled" end
  if wanted == 0 then return "delivered" end
  if delivered == wanted then return "delivered" end
  if delivered > 0 then return "partially_delivered" end
  if shipped == wanted then return "shipped" end
  if shipped > 0 then return "partially_shipped" end
  if canceled >= wanted then return "canceled" end
  if canceled > 0 then return "partially_canceled" end
  return "pending"
end)

-- Gateways set their own statuses; records of payments lead to the same ones.
local gateways = {
  stripe = {
    authorized = "stripe_authorized", captured = "stripe_captured", failed = "stripe_failed",
  },
  paypal = { authorized = "paypal_authorized", captured = "paypal_captured" },
}

oms.policy("payment.status", function(order)
  local last = order.payments[#order.payments]
  if order.canceled and order.amount_captured == 0 then return "canceled" end
  if not last then return order.payment_status end

  local names = gateways[last.method] or {}
  if order.amount_captured > 0 and order.amount_captured >= order.grand_total then
    return names.captured or "paid"
  end
  if last.type == "fail" then return names.failed or "pending" end
  if order.amount_authorized > 0 then return names.authorized or "pending" end
  return "pending"
end)
