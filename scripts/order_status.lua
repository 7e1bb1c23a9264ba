-- The status of an order follows from its holds, its payment and its shipment. No state in between
-- stops it: money that went back in part, units that were cancelled or came back in part leave the
-- rest on its way.

-- Phases of the payment in which the order is worked on.
local settled = { paid = true, partially_refunded = true }
-- Phases of the shipment in which nothing left the house.
local at_home = { [""] = true, pending = true, partially_canceled = true }
-- Phases of the shipment that say the order's status by themselves.
local on_its_way = {
  shipped = "shipped", partially_shipped = "partially_shipped",
  delivered = "completed", partially_returned = "completed",
}

local function all_shipped(order)
  for _, item in ipairs(order.items) do
    if item.qty_open > 0 then return false end
  end
  return true
end

local function by_shipment(order, shipment)
  if shipment == "partially_delivered" then
    return all_shipped(order) and "shipped" or "partially_shipped"
  end
  return on_its_way[shipment] or "processing"
end

-- A refund said that units which have not left still go.
local function still_goes(order)
  for _, refund in ipairs(order.refunds) do
    if refund.keep then return true end
  end
  return false
end

local function exchanged(order)
  for _, rma in ipairs(order.returns) do
    if rma.status == "exchanged" then return true end
  end
  return false
end

-- All goods are back. Money that is still here has to follow, unless other goods went out for it.
local function by_return(order, payment)
  local owed = payment == "paid" or payment == "partially_paid"
  if owed and not exchanged(order) then return "processing", "returned, to be refunded" end
  return "closed"
end

-- Nothing is to be shipped any more: either the order is cancelled, or refunds took it all out.
local function nothing_to_ship(payment)
  if payment == "refunded" or payment == "partially_refunded" then return "closed" end
  return "canceled"
end

oms.policy("order.status", function(order)
  local payment = oms.status("payment", order.payment_status).phase
  local shipment = oms.status("shipment", order.shipment_status).phase

  if order.canceled or payment == "canceled" then return "canceled" end
  if shipment == "canceled" then return nothing_to_ship(payment) end
  if order.hold then return "on_hold" end
  if shipment == "returned" then return by_return(order, payment) end
  if settled[payment] then return by_shipment(order, shipment) end

  if payment == "refunded" then
    if at_home[shipment] and not still_goes(order) then return "closed" end
    return by_shipment(order, shipment)
  end
  -- Somebody has to look at a dispute while there is something left to keep here; what has left
  -- goes on, and what was completed stays so.
  if payment == "charged_back" then
    return all_shipped(order) and by_shipment(order, shipment) or "on_hold"
  end
  return "pending"
end)
