local function being_picked(t)
  local order = t:place { metadata = { channel = "web" } }
  t:ok(t:run("start_picking", order, { by = "Ada" }))
  return order
end

oms.test("an order in somebody's hands is not cancelled", function(t)
  local order = being_picked(t)
  local ok, refusal = order:cancel()
  t:equal(ok, false)
  t:equal(refusal.code, "being_picked")
  t:equal(refusal.message, "Ada is picking this order; stop_picking first")
end)

oms.test("its address does not change, its note may", function(t)
  local order = being_picked(t)
  local ok, refusal = order:update { customer_email = "new@example.com" }
  t:equal(ok, false)
  t:equal(refusal.code, "being_picked")
  t:ok(order:update { shipping_note = "Ring twice" })
end)

oms.test("its items do not change under the picker", function(t)
  local order = being_picked(t)
  t:refused(t:ask("order.change", order), "being_picked")
  t:ok(t:run("stop_picking", order))
  t:allowed(t:ask("order.change", order))
end)

oms.test("two people do not pick one order", function(t)
  local order = being_picked(t)
  local ok, refusal = t:run("start_picking", order, { by = "Bob" })
  t:equal(ok, false)
  t:equal(refusal.code, "being_picked")
  t:ok(t:run("start_picking", order, { by = "Ada" }), "the same one may say so twice")
end)

oms.test("who stops gives it back, and other metadata stays", function(t)
  local order = being_picked(t)
  t:ok(t:run("stop_picking", order))
  t:equal(order.metadata.picking, nil)
  t:equal(order.metadata.channel, "web")
  t:ok(order:cancel())
end)

oms.test("when all has left the house the default rule decides", function(t)
  local order = being_picked(t)
  t:ok(order:create_shipment {})
  t:refused(t:ask("order.cancel", order), "already_shipped")
end)

oms.test("held and cancelled orders are not picked, nor picked by nobody", function(t)
  local held = t:place {}
  t:ok(held:add_hold { handle = "credit" })
  local _, refusal = t:run("start_picking", held, { by = "Ada" })
  t:equal(refusal.code, "on_hold")

  local canceled = t:place {}
  t:ok(canceled:cancel())
  _, refusal = t:run("start_picking", canceled, { by = "Ada" })
  t:equal(refusal.code, "canceled")
  _, refusal = t:run("start_picking", t:place {}, {})
  t:equal(refusal.code, "nobody")
end)

oms.test("stopping what nobody picks changes nothing", function(t)
  local order = t:place {}
  t:ok(t:run("stop_picking", order))
  t:equal(#t:events(order), 1)
end)
