local LARGE = oms.config.limit

local function place(t, price, tags)
  return t:place { tags = tags, items = { { sku = "RING", qty = 1, price = price } } }
end

oms.test("a large order is held from the beginning", function(t)
  local order = place(t, LARGE)
  t:equal(order.hold.handle, "fraud_review")
  t:equal(order.status, "on_hold")
end)

oms.test("small orders and trusted customers do not wait", function(t)
  t:equal(place(t, LARGE - 1).hold, nil)
  t:equal(place(t, LARGE, { "trusted" }).hold, nil)
end)

oms.test("a held order does not ship", function(t)
  local order = place(t, LARGE)
  t:equal((order:create_shipment {}), false)
end)

oms.test("when the check has passed the order goes on", function(t)
  local order = place(t, LARGE)
  t:ok(t:run("fraud_check_passed", order, { score = 7 }))
  t:equal(order.hold, nil)
  t:equal(order.status, "pending")
end)

oms.test("when it failed the order is cancelled", function(t)
  local order = place(t, LARGE)
  t:ok(t:run("fraud_check_failed", order, { reason = "Stolen card" }))
  t:equal(order.status, "canceled")
  t:equal(order.cancel_reason, "Stolen card")
end)

oms.test("a check that nobody waits for is refused", function(t)
  local order = place(t, LARGE - 1)
  for _, command in ipairs { "fraud_check_passed", "fraud_check_failed" } do
    local ok, refusal = t:run(command, order)
    t:equal(ok, false)
    t:equal(refusal.code, "not_under_review")
  end
end)

oms.test("the reviewers are told", function(t)
  local order = place(t, LARGE)
  local intents = t:emit("order.held", order)
  t:equal(intents[1].channel, "fraud")
  t:equal(#t:emit("order.held", order, { handle = "other" }), 0)
end)
