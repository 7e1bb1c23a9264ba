-- The status of the payment follows from the amounts that gateways and tills reported.

oms.policy("payment.status", function(order)
  local last = order.payments[#order.payments]
  local phase = oms.status("payment", order.payment_status).phase

  if order.canceled and order.amount_captured == 0 and phase ~= "paid" then return "canceled" end
  if not last and order.payment_status then return order.payment_status end

  if order.amount_captured > 0 then
    return order.amount_captured >= order.grand_total and "paid" or "partially_paid"
  end
  if order.amount_authorized > 0 then return "authorized" end
  if last and last.type == "fail" then return "failed" end
  return "pending"
end)
