local function paid(t, tags)
  local order = t:place { tags = tags }
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  return order
end

oms.test("a VIP cancels a paid order within the window", function(t)
  local order = paid(t, { "vip" })
  t:after("47h")
  t:allowed(t:ask("order.cancel", order))
  t:ok(order:cancel("Found it cheaper"))
  t:equal(order.status, "canceled")
end)

oms.test("when the window has closed the default rule decides", function(t)
  local order = paid(t, { "vip" })
  t:after("48h")
  t:refused(t:ask("order.cancel", order), "payment_not_cancelable")
end)

oms.test("others have no window", function(t)
  t:refused(t:ask("order.cancel", paid(t)), "payment_not_cancelable")
end)

oms.test("what is on its way stays on its way", function(t)
  local order = paid(t, { "vip" })
  t:ok(order:create_shipment {})
  t:refused(t:ask("order.cancel", order), "already_shipped")
end)
