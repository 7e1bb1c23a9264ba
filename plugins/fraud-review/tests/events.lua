-- What the checking service's verdicts do; and, with -o plugin.fraud-review.secret=whsec_c2VjcmV0,
-- how they come.

local LARGE = oms.config.limit

local function place(t, price)
  return t:place { items = { { sku = "RING", qty = 1, price = price or LARGE } } }
end

local function verdict(t, order, passed)
  t:ok(t:run("fraud_verdict", order, { passed = passed, text = passed and "Passed" or "Failed" }))
end

oms.test("passed releases, failed cancels", function(t)
  local good, bad = place(t), place(t)
  for _ = 1, 2 do verdict(t, good, true) end
  for _ = 1, 2 do verdict(t, bad, false) end
  t:equal(good.hold, nil)
  t:equal(good.status, "pending")
  t:equal(bad.status, "canceled")
  t:equal(bad.cancel_reason, "Failed")
end)

oms.test("both verdicts end cancelled, whichever comes first", function(t)
  local one, other = place(t), place(t)
  verdict(t, one, true)
  verdict(t, one, false)
  verdict(t, other, false)
  verdict(t, other, true)
  t:equal(one.status, "canceled")
  t:equal(other.status, "canceled")
end)

oms.test("what is paid or shipped waits for a person", function(t)
  local paid, shipped = place(t), place(t)
  t:ok(paid:add_payment { type = "capture", amount = paid.grand_total })
  t:ok(shipped:release("fraud_review"))
  t:ok(shipped:create_shipment {})
  verdict(t, paid, false)
  verdict(t, shipped, false)
  t:equal(paid.hold.handle, "fraud_review")
  t:equal(shipped.hold.handle, "fraud_review")
  t:equal(paid.canceled or shipped.canceled, false)
end)

oms.test("what is not signed is rejected", function(t)
  t:equal(t:receive("fraud", { json = { type = "FraudCheckPassed" } }).code, "bad_signature")
end)

if oms.config.secret[1] ~= "whsec_c2VjcmV0" then return end

local function send(t, id, body, at)
  local time = tostring((at or oms.now()) // 1000)
  local digest = oms.base64(oms.hmac_sha256("secret", id .. "." .. time .. "." .. body))
  return t:receive("fraud", { body = body, headers = {
    ["webhook-id"] = id, ["webhook-timestamp"] = time, ["webhook-signature"] = "v1," .. digest,
  } })
end

oms.test("FraudCheckPassed releases the order and notes the score", function(t)
  local order = place(t)
  local body = ('{"type":"FraudCheckPassed","data":{"order":"%s","score":12}}'):format(order.uuid)
  t:equal(send(t, "m1", body).outcome, "accepted")
  t:equal(order.hold, nil)
  local events = t:events(order)
  t:equal(events[#events].comment, "Fraud check passed, score 12")
  t:equal(events[#events].actor, "webhook:fraud")
end)

oms.test("messages that are early, old, odd or about something else", function(t)
  t:equal(send(t, "m1", '{"type":"FraudCheckPassed","data":{"order":"NOBODY"}}').outcome, "parked")
  t:equal(send(t, "m1", "{}", oms.now() + 400000).code, "bad_signature")
  t:equal(send(t, "m1", '{"type":"FraudCheckPassed","data":{"order":7}}').reason,
    "data.order must be an order's number or uuid, as text")
  t:equal(send(t, "m1", '{"type":"CaseOpened"}').outcome, "ignored")
end)
