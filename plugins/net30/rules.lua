-- Trade customers get their goods first and pay later. Everybody else follows the default rules.

local function on_terms(order)
  for _, tag in ipairs(order.tags or {}) do
    if tag == oms.config.tag then return true end
  end
  return false
end

local function delivered(order)
  for _, item in ipairs(order.items) do
    if item.qty_delivered > 0 then return true end
  end
  return false
end

-- How far the parcels are, as an order's status.
local by_rollup = {
  shipped = "shipped", delivered = "shipped", partially_returned = "shipped",
  partially_shipped = "partially_shipped", partially_delivered = "partially_shipped",
}

-- The parcel leads: shipped, though nothing is paid yet. Completed is what is delivered and paid.
oms.policy("order.status", function(order)
  local status, reason = oms.default("order.status", order)
  if not on_terms(order) or status ~= "pending" then return status, reason end

  return by_rollup[order.shipment_rollup] or "processing", "net 30 terms: payment is due later"
end)

-- What is on its way is turned back; what has arrived is a return. Units that are still here are
-- nobody's affair but the default rule's.
oms.policy("order.cancel", function(order, request)
  if not on_terms(order) or request.items then
    return oms.default("order.cancel", order, request)
  end
  if order.hold then return oms.refuse("on_hold", "Release the hold first") end
  if delivered(order) then
    return oms.refuse("already_delivered", "Part of the order was delivered: ask for a return")
  end
  return oms.allow("net 30 terms: not delivered yet")
end)
