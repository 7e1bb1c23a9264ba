-- A shop with other statuses answers by other rules.
for code in ("partially_shipped shipped partially_delivered delivered canceled"):gmatch("%S+") do
  if oms.status("shipment", code).phase ~= code then return end
end
for _, code in ipairs { "paid", "canceled" } do
  if oms.status("payment", code).phase ~= code then return end
end

local function status(t, state)
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
