oms.test("invoices and credit memos count for themselves, anew every year", function(t)
  local function series(document, year)
    return (t:ask("document.series", t:order {}, { document = document, year = year }))
  end
  t:equal(series("invoice", 2026), "invoice-2026")
  t:equal(series("invoice", 2027), "invoice-2027")
  t:equal(series("credit_memo", 2026), "credit_memo-2026")
end)

oms.test("a document's number says what it is, its year and its place in the series", function(t)
  local function number(document, value)
    return (t:ask("document.number", t:order {}, {
      document = document, series = document .. "-2026", year = 2026, value = value,
    }))
  end
  t:equal(number("invoice", 1), "INV-2026-000001")
  t:equal(number("credit_memo", 42), "CM-2026-000042")
end)

if oms.status("order", "closed").name == "" or oms.status("order", "pending").name == "" then
  return -- a shop with other statuses
end

oms.test("a store's documents have its prefix, and count with its series", function(t)
  t:store { name = "berlin", series = "berlin" }
  t:store { name = "cork", prefix = "IE-" }
  local function number_of(store)
    local order = t:place { store = store }
    t:ok(order:issue_invoice())
    return order.invoices[1].invoice_number
  end
  t:equal(number_of(nil), "INV-2026-000001")
  t:equal(number_of("berlin"), "berlin-INV-2026-000001")
  t:equal(number_of("cork"), "IE-INV-2026-000002")
  t:equal(number_of("berlin"), "berlin-INV-2026-000002")
end)

oms.test("each refund has a credit memo, numbered without a gap", function(t)
  local order = t:place {}
  t:ok(order:add_payment { type = "capture", amount = 1000 })
  t:ok(order:refund { amount = 400 })
  local ok, refusal = order:refund { amount = 601 }
  t:equal(ok, false)
  t:equal(refusal.code, "refund_exceeds_captured")
  t:ok(order:refund {})
  t:equal(order.refunds[1].credit_memo_number, "CM-2026-000001")
  t:equal(order.refunds[2].credit_memo_number, "CM-2026-000002")
  t:equal(order.refunds[2].amount, 600)
  t:equal(order.payment_status, oms.rollup_status("payment", "refunded"))
  if oms.status("payment", order.payment_status).phase == "refunded" then
    t:equal(order.status, "closed")
  end
end)
