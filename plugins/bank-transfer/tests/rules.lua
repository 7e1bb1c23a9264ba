local function order(t, more)
  local state = {
    customer_email = "ada@example.org", payment_method = "bank_transfer", currency = "EUR",
    grand_total = 123450, order_number = "ORD-7",
  }
  for key, value in pairs(more or {}) do state[key] = value end
  return t:order(state)
end

oms.test("who pays by bank transfer is told how", function(t)
  local intents = t:emit("order.placed", order(t))
  t:equal(#intents, 1)
  t:equal(intents[1].template, "how_to_pay")
  t:equal(intents[1].to, "ada@example.org")
  t:ok(intents[1].data.until_ms > 0)
end)

oms.test("nobody else is", function(t)
  t:equal(#t:emit("order.placed", order(t, { payment_method = "card" })), 0)
  t:equal(#t:emit("order.placed", order(t, { amount_captured = 123450 })), 0)
  t:equal(#t:emit("order.placed", order(t, { historical = true })), 0)
end)

oms.test("the mail says where to, how much and what for", function(t)
  local mail = t:mail("how_to_pay", order(t), { data = { until_ms = 1767830400000 } })
  t:equal(mail.subject, "How to pay for order ORD-7")
  for _, text in ipairs { "EUR 1,234.50", "2026-01-08", "IBAN 1", "ORD-7" } do
    t:ok(mail.text:find(text, 1, true), text .. ": " .. mail.text)
    t:ok(mail.html:find(text, 1, true), text .. ": " .. mail.html)
  end
end)

oms.test("and in German to who reads that", function(t)
  local mail = t:mail("how_to_pay", order(t), { language = "de-CH" })
  t:equal(mail.language, "de")
  t:ok(mail.text:find("1.234,50 EUR", 1, true), mail.text)
  t:equal(mail.html, nil)
end)
