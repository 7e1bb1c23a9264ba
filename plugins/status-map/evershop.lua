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
  -- EverShop leaves refunded units to be shipped; orderd cancels them.
  { key = "stripe_refunded:canceled", value = "closed" },
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

-- Units to be shipped, shipped, delivered, and in parcels that were cancelled. EverShop itself does
-- not cancel single units: those that are leave the count.
local function count_units(order)
  local wanted, shipped, delivered, canceled = 0, 0, 0, 0
  for _, item in ipairs(order.items) do
    wanted = wanted + item.qty - item.qty_canceled
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

  if order.canceled or order.shipment_rollup == "canceled" then return "canceled" end
  if wanted == 0 then return "delivered" end
  if delivered == wanted then return "delivered" end
  if delivered > 0 then return "partially_delivered" end
  if shipped == wanted then return "shipped" end
  if shipped > 0 then return "partially_shipped" end
  if canceled >= wanted then return "canceled" end
  if canceled > 0 or order.shipment_rollup == "partially_canceled" then
    return "partially_canceled"
  end
  return "pending"
end)

-- Gateways set their own statuses; records of payments lead to the same ones.
local gateways = {
  stripe = {
    authorized = "stripe_authorized", paid = "stripe_captured", failed = "stripe_failed",
    partially_refunded = "stripe_partial_refunded", refunded = "stripe_refunded",
    charged_back = "stripe_refunded",
  },
  paypal = { authorized = "paypal_authorized", paid = "paypal_captured" },
}

-- What stands for a rollup that the gateway has no word for. EverShop knows no part payments.
local coarser = {
  partially_paid = "authorized", partially_refunded = "paid", refunded = "paid",
  charged_back = "failed",
}

local function name_of(names, rollup)
  while not names[rollup] and coarser[rollup] do rollup = coarser[rollup] end
  return names[rollup] or (rollup == "paid" and "paid" or "pending")
end

oms.policy("payment.status", function(order)
  local last, rollup = order.payments[#order.payments], order.payment_rollup
  local went_back = order.amount_refunded + order.amount_charged_back > 0

  if order.canceled and order.amount_captured == 0 then return "canceled" end
  if not last then return order.payment_status end
  if last.type == "fail" and rollup ~= "paid" and not went_back then rollup = "failed" end
  return name_of(gateways[last.method] or {}, rollup)
end)
