local function order_of_two(t)
  return t:place { payment_method = "cod", items = { { sku = "SOFA", qty = 2, price = 20000 } } }
end

oms.test("it is worked on although it is not paid", function(t)
  local order = order_of_two(t)
  t:equal(order.status, "processing")
  t:ok(order:create_shipment {})
  t:equal(order.status, "shipped")
end)

oms.test("the last parcel's delivery collects the money, and completes it", function(t)
  local order = order_of_two(t)
  t:ok(order:create_shipment { items = { { order_item_id = 1, qty = 1 } } })
  t:ok(order:create_shipment {})
  t:ok(order:update_shipment(1, { status = "delivered" }))
  t:equal(#t:emit("shipment.delivered", order), 0)
  t:ok(order:update_shipment(2, { status = "delivered" }))

  local intents = t:emit("shipment.delivered", order)
  t:equal(intents[1].kind, "command")
  t:equal(intents[1].command, "collect_cash")
  t:ok(t:run("collect_cash", order))
  t:equal(order.amount_captured, 40000)
  t:equal(order.status, "completed")
end)

oms.test("the money is collected once", function(t)
  local order = order_of_two(t)
  t:ok(t:run("collect_cash", order))
  t:ok(t:run("collect_cash", order))
  t:equal(order.amount_captured, 40000)
  t:equal(#order.payments, 1)
end)

oms.test("other orders are left alone", function(t)
  local order = t:place { payment_method = "card" }
  t:equal(order.status, "pending")
  local ok, refusal = t:run("collect_cash", order)
  t:equal(ok, false)
  t:equal(refusal.code, "not_cash_on_delivery")
  t:equal(#t:emit("shipment.delivered", order), 0)
end)
