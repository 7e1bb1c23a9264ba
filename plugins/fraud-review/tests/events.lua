-- What the checking service sends, and what it is answered.

local LARGE = oms.config.limit

local function place(t, price)
  return t:place { items = { { sku = "RING", qty = 1, price = price } } }
end

local function send(t, event)
  return t:request("POST", "/fraud-review/events", { json = event, actor = "checker" })
end

oms.test("FraudCheckPassed releases the order and notes the score", function(t)
  local order = place(t, LARGE)
  local reply = send(t, { type = "FraudCheckPassed", order = order.uuid, score = 12 })
  t:equal(reply.status, 200)
  t:equal(reply.json, { order = order.order_number, status = "pending" })
  t:equal(order.hold, nil)
  local events = t:events(order)
  t:equal(events[#events].comment, "Fraud check passed, score 12")
  t:equal(events[#events].actor, "checker")
end)

oms.test("FraudCheckFailed cancels it", function(t)
  local order = place(t, LARGE)
  local reply = send(t, { type = "FraudCheckFailed", order = order.order_number })
  t:equal(reply.json.status, "canceled")
  t:equal(order.cancel_reason, "Fraud check failed")
end)

oms.test("an event that comes twice does nothing more", function(t)
  local order = place(t, LARGE)
  send(t, { type = "FraudCheckPassed", order = order.uuid })
  local reply = send(t, { type = "FraudCheckPassed", order = order.uuid })
  t:equal(reply.status, 200)
  t:ok(reply.json.repeated)
end)

oms.test("other events, unknown orders and orders that cannot be cancelled are told", function(t)
  t:equal(send(t, { type = "FraudChekPassed", order = 1 }).status, 422)
  t:equal(t:request("POST", "/fraud-review/events").status, 422)
  t:equal(send(t, { type = "FraudCheckPassed", order = 99 }).status, 404)
  local shipped = place(t, LARGE)
  t:ok(shipped:release("fraud_review"))
  t:ok(shipped:create_shipment {})
  t:ok(shipped:add_hold { handle = "fraud_review" })
  t:equal(send(t, { type = "FraudCheckFailed", order = shipped.uuid }).status, 409)
end)
