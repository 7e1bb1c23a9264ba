-- Trade customers get their goods first and pay later. Everybody else follows the default rules.

local function on_terms(order)
  for _, tag in ipairs(order.tags or {}) do
    if tag == oms.config.tag then return true end
  end
  return false
end

local function sum(items, field)
  local total = 0
  for _, item in ipairs(items) do total = total + item[field] end
  return total
end

-- The parcel leads: shipped, though nothing is paid yet. Completed is what is delivered and paid.
oms.policy("order.status", function(order)
  local status, reason = oms.default("order.status", order)
  if not on_terms(order) or status ~= "pending" then return status, reason end

  local wanted = sum(order.items, "qty") - sum(order.items, "qty_canceled")
  local shipped = sum(order.items, "qty_shipped")
  local terms = "net 30 terms: payment is due later"
  if wanted > 0 and shipped >= wanted then return "shipped", terms end
  if shipped > 0 then return "partially_shipped", terms end
  return "processing", terms
end)

-- What is on its way is turned back; what has arrived is a return.
oms.policy("order.cancel", function(order, request)
  if not on_terms(order) then return oms.default("order.cancel", order, request) end
  if order.hold then return oms.refuse("on_hold", "Release the hold first") end
  if sum(order.items, "qty_delivered") > 0 then
    return oms.refuse("already_delivered", "Part of the order was delivered: ask for a return")
  end
  return oms.allow("net 30 terms: not delivered yet")
end)
