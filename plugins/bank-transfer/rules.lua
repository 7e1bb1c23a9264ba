-- A mail of the shop's own: who pays by bank transfer learns where to, how much and until when.
-- What it says stands in templates/mail/how_to_pay.*; it is sent once an order, like every mail.

oms.on("order.placed", function(event, order)
  if order.historical or order.split_of or not order.customer_email then return end
  if order.payment_method ~= oms.config.payment_method then return end
  if order.amount_outstanding <= 0 then return end

  return oms.mail {
    to = order.customer_email,
    template = "how_to_pay",
    data = { until_ms = event.at + oms.config.days * 86400000 },
  }
end)
