-- The status of the payment follows from the amounts that gateways and tills reported. Where people
-- set more than the amounts say, that stands until the payment fails.

local steps = { partially_paid = 1, paid = 2 } -- phases

local function step(code)
  return steps[oms.status("payment", code).phase] or 0
end

local function from_records(order, last)
  if order.amount_captured > 0 then
    return order.amount_captured >= order.grand_total and "paid" or "partially_paid"
  end
  if order.amount_authorized > 0 then return "authorized" end
  if last and last.type == "fail" then return "failed" end
  return "pending"
end

oms.policy("payment.status", function(order)
  local last = order.payments[#order.payments]
  local now = order.payment_status
  local phase = oms.status("payment", now).phase

  if phase == "refunded" then return now end
  if order.canceled and order.amount_captured == 0 and phase ~= "paid" then return "canceled" end
  if not last and now then return now end

  local found = from_records(order, last)
  if found ~= "failed" and step(found) < step(now) then return now end
  return found
end)
