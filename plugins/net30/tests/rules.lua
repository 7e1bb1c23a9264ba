local function trade(t, fields)
  fields = fields or {}
  fields.tags = { "vip", "net30" }
  fields.items = { { sku = "PUMP", qty = 2, price = 5000 } }
  return t:place(fields)
end

oms.test("trade orders are processed before they are paid", function(t)
  t:equal(trade(t).status, "processing")
end)

oms.test("trade orders ship before they are paid, and complete when paid", function(t)
  local order = trade(t)
  t:ok(order:create_shipment { items = { { order_item_id = 1, qty = 1 } } })
  t:equal(order.status, "partially_shipped")
  t:ok(order:create_shipment {})
  t:equal(order.status, "shipped")
  t:ok(order:update_shipment(1, { status = oms.rollup_status("shipment", "delivered") }))
  t:ok(order:update_shipment(2, { status = oms.rollup_status("shipment", "delivered") }))
  t:equal(order.status, "shipped", "delivered and not paid")
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  t:equal(order.status, "completed")
end)

oms.test("trade customers may cancel what is on its way", function(t)
  local order = trade(t)
  t:ok(order:create_shipment {})
  t:allowed(t:ask("order.cancel", order))
end)

oms.test("what was delivered is not cancelled but returned", function(t)
  local order = trade(t)
  t:ok(order:create_shipment {})
  t:ok(order:update_shipment(1, { status = oms.rollup_status("shipment", "delivered") }))
  t:refused(t:ask("order.cancel", order), "already_delivered")
end)

oms.test("units that are still here are cancelled after others arrived", function(t)
  local order = trade(t)
  t:ok(order:create_shipment { items = { { order_item_id = 1, qty = 1 } } })
  t:equal(order.status, "partially_shipped")
  t:ok(order:update_shipment(1, { status = oms.rollup_status("shipment", "delivered") }))
  t:equal(order.status, "partially_shipped")
  t:ok(order:cancel { items = { { order_item_id = 1, qty = 1 } }, reason = "Sold out" })
  t:equal(order.status, "shipped")
  t:equal(order.amount_outstanding, 5000)
end)

oms.test("a held order is not cancelled", function(t)
  local order = trade(t)
  t:ok(order:add_hold { handle = "credit", reason = "Credit line is used up" })
  t:refused(t:ask("order.cancel", order), "on_hold")
end)

oms.test("everybody else pays first", function(t)
  local order = t:place {}
  t:equal(order.status, "pending")
  t:ok(order:create_shipment {})
  t:equal(order.status, "pending")
  t:refused(t:ask("order.cancel", order), "already_shipped")
end)
