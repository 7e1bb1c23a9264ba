-- What the warehouse's messages do; and how they come, with
-- -o plugin.warehouse.secret=whsec_c2VjcmV0.

local function place(t)
  return t:place { items = {
    { sku = "MUG", qty = 2, price = 500 }, { sku = "TEA", qty = 3, price = 200 },
    { sku = "MUG", qty = 1, price = 400 },
  } }
end

local function lines(mugs, teas)
  local list = {}
  if mugs > 0 then list[#list + 1] = { sku = "MUG", qty = mugs } end
  if teas > 0 then list[#list + 1] = { sku = "TEA", qty = teas } end
  return list
end

oms.test("two parcels ship the order, in any order, each once", function(t)
  local order = place(t)
  for _ = 1, 2 do
    t:ok(t:run("warehouse_shipped", order, { lines = lines(3, 1), tracking_number = "T2" }))
  end
  t:equal(order.shipment_rollup, "partially_shipped")
  t:equal(order.items[1].qty_shipped + order.items[3].qty_shipped, 3)
  t:ok(t:run("warehouse_shipped", order, { lines = lines(0, 2), tracking_number = "T1" }))
  t:equal(order.shipment_rollup, "shipped")
  t:equal(#order.shipments, 2)
end)

oms.test("more than is left is refused whole", function(t)
  local order = place(t)
  local ok, refusal = t:run("warehouse_shipped", order, { lines = lines(4, 1) })
  t:equal(ok, false)
  t:equal(refusal.code, "units_exceeded")
  t:equal(#order.shipments, 0)
end)

oms.test("what is not found stays open, or is cancelled", function(t)
  local order = place(t)
  t:ok(t:run("warehouse_short_picked", order, { lines = lines(1, 0) }))
  t:ok(t:run("warehouse_shipped", order, { lines = lines(2, 3), tracking_number = "T1" }))
  if oms.config.short_picked == "keep" then
    t:equal(order.shipment_rollup, "partially_shipped")
    t:equal(order.items[1].qty_open + order.items[3].qty_open, 1)
  else
    t:equal(order.shipment_rollup, "shipped")
  end
end)

oms.test("what is not signed is rejected", function(t)
  t:equal(t:receive("warehouse", { json = { type = "order.packed" } }).code, "bad_signature")
  t:equal(t:receive("warehouse", { body = "", headers = {
    ["webhook-id"] = "m", ["webhook-timestamp"] = "x", ["webhook-signature"] = "v1,AAAA",
  } }).code, "bad_signature")
end)

if oms.config.secret[1] ~= "whsec_c2VjcmV0" then return end

local function send(t, id, body, at)
  local time = tostring((at or oms.now()) // 1000)
  local digest = oms.base64(oms.hmac_sha256("secret", id .. "." .. time .. "." .. body))
  return t:receive("warehouse", { body = body, headers = {
    ["webhook-id"] = id, ["webhook-timestamp"] = time,
    ["webhook-signature"] = "v1,AAAA v1," .. digest,
  } })
end

oms.test("a message is verified, and says what is wrong with it", function(t)
  local order = place(t)
  local body = ('{"type":"order.shipped","data":{"order":"%s","tracking_number":"T1","lines":%%s}}')
    :format(order.order_number)
  local receipt = send(t, "msg_1", body:format('[{"sku":"MUG","qty":1}]'))
  t:equal(receipt.outcome, "accepted")
  t:equal(receipt.id, "msg_1")
  t:equal(order.shipments[1].tracking_number, "T1")
  t:equal(send(t, "m", body:format('[{"sku":"MUG","qty":1.0}]')).reason,
    "data.lines[1].qty must be a whole number from 1")
  t:equal(send(t, "m", body:format('{"sku":"MUG"}')).reason, "data.lines must be a list")
  t:equal(send(t, "m", '{"type":"order.shipped","data":7}').reason, "data must be an object")
  t:equal(send(t, "m", '{"type":"order.counted","data":7}').outcome, "ignored")
  t:equal(send(t, "m", body:format("[]"), oms.now() - 400000).code, "bad_signature")
  local early = '{"type":"order.packed","data":{"order":"NOBODY","lines":[{"sku":"A","qty":1}]}}'
  t:equal(send(t, "m", early).outcome, "parked")
end)
