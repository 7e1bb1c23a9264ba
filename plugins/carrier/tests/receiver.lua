-- What the carrier's statuses do to parcels; and, with
-- -o plugin.carrier.webhook_secret=secret -o plugin.carrier.max_age=3650d, what it sends.

local function shipped(t, number, more)
  local order = t:place { items = { { sku = "A", qty = 2, price = 1000 } } }
  t:ok(order:create_shipment {
    tracking_number = number, items = { { order_item_id = 1, qty = more and 1 or 2 } },
  })
  if more then t:ok(order:create_shipment { tracking_number = more }) end
  return order
end

local function told(t, order, number, status)
  t:ok(t:run("carrier_told", order,
    { number = number, status = status, url = "https://t.example/1" }))
end

oms.test("a delivered parcel is delivered once", function(t)
  local order = shipped(t, "T1")
  for _ = 1, 2 do told(t, order, "T1", "delivered") end
  t:equal(order.shipment_rollup, "delivered")
  t:equal(order.shipments[1].tracking_url, "https://t.example/1")
end)

oms.test("of several parcels each goes its own way, whatever comes first", function(t)
  local order = shipped(t, "T1", "T2")
  told(t, order, "T2", "delivered")
  told(t, order, "T2", "in_transit")
  t:equal(order.shipments[2].delivered_at ~= nil, true)
  t:equal(order.shipments[1].delivered_at, nil)
  told(t, order, "T1", "delivered")
  t:equal(order.shipment_rollup, "delivered")
end)

oms.test("a parcel that goes back becomes a return, once", function(t)
  local order = shipped(t, "T1")
  for _ = 1, 2 do told(t, order, "T1", "return_to_sender") end
  t:equal(#order.returns, 1)
  t:equal(order.returns[1].status, "approved")
  t:equal(order.returns[1].items[1].qty, 2)
end)

oms.test("a failure is told, and a parcel that was called back is none", function(t)
  local order = shipped(t, "T1")
  told(t, order, "T1", "failure")
  local events = t:events(order)
  t:equal(events[#events].comment, "Parcel T1: the carrier could not deliver the parcel")
  t:ok(order:update_shipment(1, { status = oms.rollup_status("shipment", "canceled") }))
  local ok, refusal = t:run("carrier_told", order, { number = "T1", status = "delivered" })
  t:equal(ok, false)
  t:equal(refusal.code, "no_parcel")
end)

oms.test("what is not signed is rejected", function(t)
  local event = {
    id = "evt_1", description = "tracker.updated", created_at = "2026-01-01T12:00:00Z",
    result = { tracking_code = "T1", status = "delivered" },
  }
  for _, signature in ipairs { "", "00", "hmac-sha256-hex=00" } do
    local receipt = t:receive("carrier",
      { json = event, headers = { ["x-hmac-signature"] = signature } })
    t:equal(receipt.code, "bad_signature")
  end
  t:equal(t:receive("carrier", { body = "no json" }).code, "bad_signature")
end)

local SECRET = oms.config.webhook_secret[1]
if not SECRET then return end

local function send(t, number, status, at)
  local body = ('{"id":"evt_%s_%s","description":"tracker.updated","created_at":"%s",'
    .. '"result":{"object":"Tracker","tracking_code":"%s","status":"%s"}}')
    :format(number, status, at or "2026-01-01T12:00:00Z", number, status)
  local digest = oms.hex(oms.hmac_sha256(SECRET, body))
  return t:receive("carrier",
    { body = body, headers = { ["x-hmac-signature"] = "hmac-sha256-hex=" .. digest } })
end

oms.test("the parcel is found by its number, and waited for", function(t)
  t:equal(send(t, "T9", "delivered").outcome, "parked")
  local order = shipped(t, "T9")
  t:equal(send(t, "T9", "delivered").outcome, "accepted")
  t:equal(order.shipment_rollup, "delivered")
  t:equal(send(t, "T9", "pre_transit").outcome, "ignored")
  t:equal(send(t, "T9", "delivered", "2001-01-01T00:00:00Z").code, "too_old")
end)
