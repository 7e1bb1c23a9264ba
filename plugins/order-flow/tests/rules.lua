-- READY is not configured everywhere; without it the default rule's answers stay.

local READY = oms.config.ready

local function configured()
  for _, code in ipairs(oms.statuses("order")) do
    if code == READY then return true end
  end
  return false
end

local function paid(t)
  local order = t:place { items = { { sku = "A", qty = 2, price = 1000 } } }
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  return order
end

oms.test("a paid order that nothing holds back is ready, until it leaves", function(t)
  local order = paid(t)
  t:equal(order.status, configured() and READY or "processing")
  t:ok(order:add_hold { handle = "fraud_review" })
  t:equal(order.status, "on_hold")
  t:ok(order:release("fraud_review"))
  t:equal(order.status, configured() and READY or "processing")
  t:ok(order:create_shipment { items = { { order_item_id = 1, qty = 1 } } })
  t:equal(order.status, "partially_shipped")
end)

oms.test("what goes out names its target, and the order", function(t)
  local order = paid(t)
  local placed = t:emit("order.placed", order)[1]
  t:equal(placed.target, oms.config.events)
  t:equal(placed.event, "OrderPlaced")
  t:equal(placed.data.order, order.order_number)
  t:equal(placed.data.lines[1].qty, 2)
  t:equal(#t:emit("order.status_changed", order, { order_status_to = "pending" }), 0)
  local ready = t:emit("order.status_changed", order, { order_status_to = READY })[1]
  t:equal(ready.target, oms.config.warehouse)
  t:equal(ready.data.lines[1].sku, "A")
end)
