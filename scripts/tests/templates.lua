if oms.status("order", "closed").name == "" or oms.status("order", "pending").name == "" then
  return -- a shop with other statuses
end

local EVIL = "</td><script>alert('x')</script>\""
local ESCAPED = "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;"

local function place(t)
  return t:place {
    currency = "EUR",
    items = { { sku = "MUG", name = EVIL, qty = 3, price = 1000 } },
    shipping_address = { full_name = EVIL, address1 = "1 Pier", city = "Cork", country = "IE" },
    shipping_note = EVIL,
    payment_method = EVIL,
  }
end

--- What every document must have, and whatever comes from a customer is but text in it.
local function check(t, html, texts)
  t:equal(html:sub(1, 15), "<!DOCTYPE html>")
  t:ok(html:find("</html>", -8, true), "the document is whole")
  t:equal(html:find("<script", 1, true), nil, "no script")
  t:ok(html:find(ESCAPED, 1, true), "what a customer wrote is escaped")
  for _, text in ipairs(texts) do
    t:ok(html:find(text, 1, true), "the document has " .. text)
  end
end

oms.test("an invoice says who owes what to whom", function(t)
  local order = place(t)
  t:ok(order:issue_invoice())
  check(t, t:print("invoice", order), {
    "INV-2026-000001", "2026-01-01", order.order_number, "The Shop", "1 Main Street", "IBAN 1",
    "1 Pier", "MUG", "EUR 30.00",
  })
end)

oms.test("an invoice printed later says what is still due", function(t)
  local order = place(t)
  t:ok(order:issue_invoice())
  t:ok(order:add_payment { type = "capture", amount = 1000 })
  check(t, t:print("invoice", order, 1), { "Paid", "-10.00", "Balance due", "20.00" })
  t:raises(function() t:print("invoice", order, 2) end, "no such invoice")
end)

oms.test("an invoice of units that were cancelled is credited by another", function(t)
  local order = place(t)
  t:ok(order:issue_invoice())
  t:ok(order:cancel())
  t:ok(order:credit_invoice())
  check(t, t:print("invoice", order), {
    "<h1>Credit memo</h1>", "CM-2026-000001", "INV-2026-000001", "This credit memo</td><td>-30.00",
  })
end)

oms.test("a second credit memo names the invoice, and not the first", function(t)
  local order = place(t)
  t:ok(order:issue_invoice())
  t:ok(order:cancel { items = { { order_item_id = 1, qty = 1 } } })
  t:ok(order:credit_invoice())
  t:ok(order:cancel())
  t:ok(order:credit_invoice())
  local second = t:print("invoice", order)
  check(t, second, { "CM-2026-000002", "INV-2026-000001", "This credit memo</td><td>-20.00" })
  t:equal(second:find("CM-2026-000001", 1, true), nil)
end)

oms.test("an invoice says what is due, and what was paid and went back", function(t)
  local order = place(t)
  t:ok(order:issue_invoice())
  local unpaid = t:print("invoice", order)
  t:ok(unpaid:find("Balance due</td><td>30.00", 1, true), unpaid)
  t:equal(unpaid:find("Paid", 1, true), nil)

  t:ok(order:add_payment { type = "capture", amount = 3000 })
  t:ok(order:refund { amount = 700 })
  t:ok(order:add_payment { type = "chargeback", amount = 400 })
  check(t, t:print("invoice", order), {
    "Paid</td><td>-30.00", "Refunded</td><td>7.00", "Charged back</td><td>4.00",
    "Balance due</td><td>4.00",
  })
end)

oms.test("a percent is printed where tax was charged", function(t)
  local order = t:place {
    currency = "EUR",
    items = {
      { sku = "BOOK", qty = 1, price = 1000, tax_percent = 190000, tax_amount = 0 },
      { sku = "CUP", qty = 1, price = 1000, tax_percent = 70000, tax_amount = 70 },
    },
  }
  t:ok(order:issue_invoice())
  local html = t:print("invoice", order)
  t:ok(html:find("<td>7%</td>", 1, true), html)
  t:equal(html:find("19%", 1, true), nil)
end)

oms.test("a packing slip has what lies in the parcel and no price", function(t)
  local order = place(t)
  t:ok(order:create_shipment {
    carrier = "dhl", tracking_number = "T-7", items = { { order_item_id = 1, qty = 2 } },
  })
  local html = t:print("packing_slip", order)
  check(t, html, { order.shipments[1].shipment_number, "dhl", "T-7", "1 Pier", "<td>2</td>" })
  t:equal(html:find("EUR", 1, true), nil)
  t:ok(html:find("Still to come: 1 unit<", 1, true), html)

  t:ok(order:create_shipment {})
  t:equal(t:print("packing_slip", order):find("Still to come", 1, true), nil)
end)

oms.test("a credit memo of an amount alone says no more than that", function(t)
  local order = place(t)
  t:ok(order:add_payment { type = "capture", amount = 3000 })
  t:ok(order:refund { amount = 700 })
  local html = t:print("credit_memo", order)
  t:ok(html:find("EUR 7.00", 1, true), html)
  for _, row in ipairs { "Items", "Goodwill", "0.00" } do
    t:equal(html:gsub("7%.00", ""):find(row, 1, true), nil, row)
  end
end)

oms.test("a credit memo says what goes back", function(t)
  local order = place(t)
  t:ok(order:add_payment { type = "capture", amount = 3000 })
  t:ok(order:refund { items = { { order_item_id = 1, qty = 1 } }, reason = EVIL })
  check(t, t:print("credit_memo", order), {
    "CM-2026-000001", "Total credit", "EUR 10.00", "Reason",
  })
end)
