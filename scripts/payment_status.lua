-- The status of the payment names what the amounts say (order.payment_rollup). Where people set
-- more than the amounts ever said, that stands until the payment fails or is charged back.

-- By phase and by rollup: how much is said to be paid.
local steps = { pending = 0, authorized = 0, canceled = 0, partially_paid = 1, paid = 2 }
local gone_back = { refunded = true, partially_refunded = true, charged_back = true }

-- Whether payments reached what was due, before changes of the order made it dearer.
local function was_covered(order)
  local due = order.grand_total - order.amount_canceled
  for _, change in ipairs(order.changes) do
    if change.status == "confirmed" and change.difference > 0 then due = due - change.difference end
  end
  return order.amount_captured > 0 and order.amount_captured >= due
end

local function set_by_hand(order, phase, rollup)
  if gone_back[phase] then return order.amount_refunded + order.amount_charged_back == 0 end
  if #order.payments == 0 and rollup == "pending" then return true end
  if order.amount_charged_back > 0 or not steps[rollup] then return false end
  return steps[rollup] < (steps[phase] or 0) and not was_covered(order)
end

oms.policy("payment.status", function(order)
  local now, rollup = order.payment_status, order.payment_rollup
  -- Imported orders may have no total because nobody recorded their lines: that is not "paid".
  if order.historical and #order.payments == 0 and rollup == "paid" then rollup = "pending" end
  if now and set_by_hand(order, oms.status("payment", now).phase, rollup) then return now end
  return oms.rollup_status("payment", rollup)
end)
