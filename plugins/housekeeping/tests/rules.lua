oms.test("an unpaid order is cancelled when its time is up", function(t)
  local order = t:place {}
  t:after("71h")
  t:ok(t:run("cancel_if_unpaid", order))
  t:equal(order.status, "pending")
  t:after("1h")
  t:ok(t:run("cancel_if_unpaid", order))
  t:equal(order.status, "canceled")
  t:equal(order.cancel_reason, "Not paid in time")
end)

oms.test("a payment in the last moment wins", function(t)
  local order = t:place {}
  t:after("100h")
  t:ok(order:add_payment { type = "authorize", amount = order.grand_total })
  t:ok(t:run("cancel_if_unpaid", order))
  t:equal(order.canceled, false)
end)

oms.test("held, kept and shipped orders are left alone", function(t)
  local held, kept, shipped = t:place {}, t:place { tags = { "keep" } }, t:place {}
  t:ok(held:add_hold { handle = "phone" })
  t:ok(shipped:create_shipment {})
  t:after("100h")
  for _, order in ipairs { held, kept, shipped } do
    t:ok(t:run("cancel_if_unpaid", order))
    t:equal(order.canceled, false)
  end
end)

oms.test("silent parcels count as delivered after two weeks", function(t)
  local order = t:place {}
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  t:ok(order:create_shipment {})
  t:after("13d")
  t:ok(t:run("deliver_if_silent", order))
  t:equal(order.status, "shipped")
  t:after("1d")
  t:ok(t:run("deliver_if_silent", order))
  t:equal(order.status, "completed")
end)

oms.test("a kept order waits for its carrier", function(t)
  local order = t:place { tags = { "keep" } }
  t:ok(order:create_shipment {})
  t:after("30d")
  t:ok(t:run("deliver_if_silent", order))
  t:equal(order.shipment_status, oms.rollup_status("shipment", "shipped"))
end)
