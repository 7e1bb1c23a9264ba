-- Trade customers (tag "net30") may cancel until the goods arrive: what is on its way is turned
-- back. Everybody else may until something is on its way.

local function has_tag(order, wanted)
  for _, tag in ipairs(order.tags or {}) do
    if tag == wanted then return true end
  end
  return false
end

local function sum(items, field)
  local total = 0
  for _, item in ipairs(items) do total = total + item[field] end
  return total
end

oms.policy("order.cancel", function(order)
  if order.hold then return oms.refuse("on_hold", "Release the hold first") end

  if has_tag(order, "net30") then
    if sum(order.items, "qty_delivered") > 0 then
      return oms.refuse("already_delivered", "Part of the order was delivered: ask for a return")
    end
    return oms.allow("net 30 terms: not delivered yet")
  end

  if sum(order.items, "qty_shipped") > 0 then
    return oms.refuse("already_shipped", "Part of the order is on its way")
  end
  if not oms.status("payment", order.payment_status).cancelable then
    return oms.refuse("payment_not_cancelable", "The payment can no longer be cancelled")
  end
  return oms.allow()
end)
