-- A shop without these phases answers otherwise; what the statuses in them are called is its own.
for code in ("authorized partially_paid paid failed canceled partially_refunded refunded "
  .. "charged_back"):gmatch("%S+") do
  if oms.status("payment", oms.rollup_status("payment", code)).phase ~= code then return end
end

-- Statuses are given by phase, and answered by it.
local function status(t, state)
  if state.payment_status then
    state.payment_status = oms.rollup_status("payment", state.payment_status)
  end
  local code = t:ask("payment.status", t:order(state))
  return code == oms.rollup_status("payment", "pending") and "pending"
    or oms.status("payment", code).phase
end

oms.test("without a payment the status stays what the checkout said", function(t)
  t:equal(status(t, { payment_status = "pending" }), "pending")
  t:equal(status(t, { payment_status = "authorized" }), "authorized")
end)

oms.test("what costs nothing is paid", function(t)
  t:equal(status(t, { payment_status = "pending", items = { { price = 0 } } }), "paid")
end)

oms.test("an imported order without a total may just not be known", function(t)
  t:equal(status(t, { payment_status = "pending", items = {}, historical = true }), "pending")
end)

oms.test("an authorized amount is authorized until it is captured", function(t)
  t:equal(status(t, { payments = { { type = "authorize", amount = 1000 } } }), "authorized")
end)

oms.test("paid is what was captured in full, or more", function(t)
  t:equal(status(t, { payments = { { amount = 999 } } }), "partially_paid")
  t:equal(status(t, { payments = { { amount = 400 }, { amount = 600 } } }), "paid")
  t:equal(status(t, { payments = { { amount = 1001 } } }), "paid")
end)

oms.test("cancelled units need not be paid", function(t)
  local items = { { qty = 2, qty_canceled = 1 } }
  t:equal(status(t, { items = items, payments = { { amount = 1000 } } }), "paid")
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

oms.test("money that goes back shows, in part and in full", function(t)
  local function refunded(amount)
    return status(t, {
      payment_status = "paid", payments = { {} }, refunds = { { amount = amount } },
    })
  end
  t:equal(refunded(400), "partially_refunded")
  t:equal(refunded(1000), "refunded")
end)

oms.test("who paid too much and got it back has paid", function(t)
  t:equal(status(t, { payments = { { amount = 1500 } }, refunds = { { amount = 500 } } }), "paid")
end)

oms.test("a chargeback takes the money away, and another payment brings it again", function(t)
  local function charged_back(amount, again)
    return status(t, {
      payment_status = "paid",
      payments = { {}, { type = "chargeback", amount = amount }, { amount = again or 0 } },
    })
  end
  t:equal(charged_back(1000), "charged_back")
  t:equal(charged_back(400), "partially_paid")
  t:equal(charged_back(1000, 1000), "paid")
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
  t:equal(status(t, {
    payment_status = "paid",
    payments = { { amount = 400 }, { type = "chargeback", amount = 100 } },
  }), "partially_paid")
end)

oms.test("a paid order that a change made dearer is paid in part", function(t)
  local function changed(change)
    return status(t, {
      payment_status = "paid", items = { { qty = 3 } }, payments = { { amount = 2000 } },
      changes = { change },
    })
  end
  t:equal(changed { status = "confirmed", difference = 1000 }, "partially_paid")
  t:equal(changed { status = "discarded", difference = 1000 }, "paid")
end)

oms.test("refunded by hand stays so until the amounts say more", function(t)
  t:equal(status(t, { payment_status = "refunded", payments = { {} } }), "refunded")
  t:equal(status(t, {
    payment_status = "refunded", payments = { {} }, refunds = { { amount = 400 } },
  }), "partially_refunded")
end)
