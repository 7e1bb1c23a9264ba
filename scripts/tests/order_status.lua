-- A shop without these phases answers otherwise; what the statuses in them are called is its own.
for code in ("partially_canceled partially_shipped shipped partially_delivered delivered "
  .. "partially_returned returned canceled"):gmatch("%S+") do
  if oms.status("shipment", oms.rollup_status("shipment", code)).phase ~= code then return end
end
for code in ("paid partially_refunded refunded charged_back canceled"):gmatch("%S+") do
  if oms.status("payment", oms.rollup_status("payment", code)).phase ~= code then return end
end

-- Payment and shipment are given by phase; the order's statuses are the rule's own.
local function status(t, state)
  for _, kind in ipairs { "payment", "shipment" } do
    local key = kind .. "_status"
    if state[key] then state[key] = oms.rollup_status(kind, state[key]) end
  end
  return (t:ask("order.status", t:order(state)))
end

oms.test("an order waits for its payment", function(t)
  t:equal(status(t, {}), "pending")
  t:equal(status(t, { payment_status = "authorized" }), "pending")
  t:equal(status(t, { payment_status = "partially_paid" }), "pending")
end)

oms.test("a paid order is processed until it is shipped", function(t)
  t:equal(status(t, { payment_status = "paid" }), "processing")
  t:equal(status(t, { payment_status = "paid", shipment_status = "partially_shipped" }),
    "partially_shipped")
  t:equal(status(t, { payment_status = "paid", shipment_status = "shipped" }), "shipped")
end)

oms.test("a paid order is completed when all of it arrived", function(t)
  t:equal(status(t, { payment_status = "paid", shipment_status = "delivered" }), "completed")
end)

oms.test("delivered in part means on its way as far as it was sent", function(t)
  local function partly(qty_shipped)
    return status(t, {
      payment_status = "paid",
      shipment_status = "partially_delivered",
      items = { { qty = 3, qty_shipped = qty_shipped, qty_delivered = 1 } },
    })
  end
  t:equal(partly(2), "partially_shipped")
  t:equal(partly(3), "shipped")
end)

oms.test("a hold shows before payment and shipment do", function(t)
  t:equal(status(t, { holds = { { handle = "fraud" } } }), "on_hold")
  t:equal(status(t, { payment_status = "paid", holds = { { handle = "fraud" } } }), "on_hold")
end)

oms.test("cancelled is cancelled, whichever of the three says so", function(t)
  t:equal(status(t, { canceled_at = 1 }), "canceled")
  t:equal(status(t, { payment_status = "canceled" }), "canceled")
  t:equal(status(t, { shipment_status = "canceled" }), "canceled")
  t:equal(status(t, { canceled_at = 1, holds = { { handle = "fraud" } } }), "canceled")
end)

oms.test("an order of which refunds took all units out is closed", function(t)
  for _, payment in ipairs { "refunded", "partially_refunded" } do
    t:equal(status(t, { payment_status = payment, shipment_status = "canceled" }), "closed")
  end
  t:equal(status(t, { payment_status = "refunded", shipment_status = "canceled", canceled_at = 1 }),
    "canceled")
  t:equal(status(t, { payment_status = "paid", shipment_status = "canceled" }), "canceled")
end)

oms.test("goods that still go are worked on, though all the money went back", function(t)
  t:equal(status(t, { payment_status = "refunded" }), "closed")
  t:equal(status(t, { payment_status = "refunded", refunds = { { keep = true } } }), "processing")
end)

oms.test("money that went back in part does not stop the order", function(t)
  local function at(shipment)
    return status(t, { payment_status = "partially_refunded", shipment_status = shipment })
  end
  t:equal(at "pending", "processing")
  t:equal(at "partially_shipped", "partially_shipped")
  t:equal(at "shipped", "shipped")
  t:equal(at "delivered", "completed")
end)

oms.test("cancelled units do not stop the others", function(t)
  t:equal(status(t, { payment_status = "paid", shipment_status = "partially_canceled" }),
    "processing")
end)

oms.test("all money went back: closed at home, else as far as it was sent", function(t)
  local function at(shipment)
    return status(t, { payment_status = "refunded", shipment_status = shipment })
  end
  t:equal(at "pending", "closed")
  t:equal(at "partially_canceled", "closed")
  t:equal(at "shipped", "shipped")
  t:equal(at "delivered", "completed")
  t:equal(at "returned", "closed")
end)

oms.test("what came back in part was completed", function(t)
  t:equal(status(t, { payment_status = "paid", shipment_status = "partially_returned" }),
    "completed")
end)

oms.test("what came back whole is open until the money follows or other goods do", function(t)
  local function returned(payment, returns)
    return status(t, {
      payment_status = payment, shipment_status = "returned", returns = returns,
    })
  end
  t:equal(returned "paid", "processing")
  t:equal(returned("paid", { { status = "received" } }), "processing")
  t:equal(returned("paid", { { status = "exchanged" } }), "closed")
  t:equal(returned "partially_refunded", "closed")
  t:equal(returned "pending", "closed")
end)

oms.test("a dispute stops what is still here", function(t)
  local function disputed(shipment, item)
    return status(t, {
      payment_status = "charged_back", shipment_status = shipment, items = { item },
    })
  end
  t:equal(disputed("pending", {}), "on_hold")
  t:equal(disputed("partially_shipped", { qty = 2, qty_shipped = 1 }), "on_hold")
  t:equal(disputed("shipped", { qty_shipped = 1 }), "shipped")
  t:equal(disputed("delivered", { qty_shipped = 1, qty_delivered = 1 }), "completed")
end)
