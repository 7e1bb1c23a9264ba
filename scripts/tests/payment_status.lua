-- A shop with other statuses answers by other rules.
for _, code in ipairs { "partially_paid", "paid", "refunded" } do
  if oms.status("payment", code).phase ~= code then return end
end

local function status(t, state)
  return (t:ask("payment.status", t:order(state)))
end

oms.test("without a payment the status stays what the checkout said", function(t)
  t:equal(status(t, { payment_status = "pending" }), "pending")
  t:equal(status(t, { payment_status = "authorized" }), "authorized")
end)

oms.test("an authorized amount is authorized until it is captured", function(t)
  t:equal(status(t, { payments = { { type = "authorize", amount = 1000 } } }), "authorized")
end)

oms.test("paid is what was captured in full, or more", function(t)
  t:equal(status(t, { payments = { { amount = 999 } } }), "partially_paid")
  t:equal(status(t, { payments = { { amount = 400 }, { amount = 600 } } }), "paid")
  t:equal(status(t, { payments = { { amount = 1001 } } }), "paid")
end)

oms.test("a payment that failed is a failed payment until another one comes", function(t)
  local failed = { type = "fail", amount = 1000, status = "failed" }
  t:equal(status(t, { payments = { failed } }), "failed")
  t:equal(status(t, { payments = { failed, { amount = 1000 } } }), "paid")
end)

oms.test("a voided authorization leaves the payment open", function(t)
  t:equal(status(t, {
    payments = { { type = "authorize" }, { type = "void" } },
    amount_authorized = 0,
  }), "pending")
end)

oms.test("cancelling ends a payment that nobody made", function(t)
  t:equal(status(t, { canceled_at = 1 }), "canceled")
  t:equal(status(t, { canceled_at = 1, payments = { { type = "authorize" } } }), "canceled")
end)

oms.test("cancelling does not undo money that came in", function(t)
  t:equal(status(t, { canceled_at = 1, payments = { {} } }), "paid")
  t:equal(status(t, { canceled_at = 1, payment_status = "paid" }), "paid")
end)

oms.test("what people set stands where the amounts say less", function(t)
  local part = { { amount = 400 } }
  t:equal(status(t, { payment_status = "paid", payments = part }), "paid")
  t:equal(status(t, { payment_status = "partially_paid", payments = part }), "partially_paid")
  t:equal(status(t, { payment_status = "partially_paid", payments = { {} } }), "paid")
end)

oms.test("a payment that fails ends what people had set", function(t)
  local failed = { type = "fail", amount = 1000, status = "failed" }
  t:equal(status(t, { payment_status = "paid", payments = { failed } }), "failed")
end)

oms.test("what was refunded stays refunded", function(t)
  t:equal(status(t, { payment_status = "refunded", payments = { {} } }), "refunded")
end)
