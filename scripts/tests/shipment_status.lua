-- A shop without these phases answers otherwise; what the statuses in them are called is its own.
for code in ("partially_canceled partially_shipped shipped partially_delivered delivered "
  .. "partially_returned returned canceled"):gmatch("%S+") do
  if oms.status("shipment", oms.rollup_status("shipment", code)).phase ~= code then return end
end

local function status(t, state)
  local code = t:ask("shipment.status", t:order(state))
  return code == oms.rollup_status("shipment", "pending") and "pending"
    or oms.status("shipment", code).phase
end

local function units(t, item)
  return status(t, { items = { item } })
end

oms.test("nothing left the house", function(t)
  t:equal(units(t, { qty = 3 }), "pending")
  t:equal(units(t, { qty = 3, qty_canceled = 1 }), "partially_canceled")
  t:equal(units(t, { qty = 3, qty_canceled = 3 }), "canceled")
end)

oms.test("units that left and arrived", function(t)
  t:equal(units(t, { qty = 3, qty_shipped = 1 }), "partially_shipped")
  t:equal(units(t, { qty = 3, qty_shipped = 3 }), "shipped")
  t:equal(units(t, { qty = 3, qty_shipped = 3, qty_delivered = 1 }), "partially_delivered")
  t:equal(units(t, { qty = 3, qty_shipped = 1, qty_delivered = 1 }), "partially_delivered")
  t:equal(units(t, { qty = 3, qty_shipped = 3, qty_delivered = 3 }), "delivered")
end)

oms.test("units that came back", function(t)
  local function back(qty_returned)
    return units(t, { qty = 3, qty_shipped = 3, qty_delivered = 3, qty_returned = qty_returned })
  end
  t:equal(back(1), "partially_returned")
  t:equal(back(3), "returned")
end)

oms.test("cancelled units are not waited for", function(t)
  t:equal(units(t, { qty = 3, qty_canceled = 1, qty_shipped = 2 }), "shipped")
  t:equal(units(t, { qty = 3, qty_canceled = 1, qty_shipped = 2, qty_delivered = 2 }), "delivered")
end)

oms.test("all lines count together", function(t)
  t:equal(status(t, { items = { { qty = 1, qty_shipped = 1 }, { qty = 1 } } }), "partially_shipped")
end)

oms.test("a cancelled order that nothing was sent of has a cancelled shipment", function(t)
  t:equal(status(t, { canceled_at = 1 }), "canceled")
end)

oms.test("of an order without lines each parcel counts as a unit", function(t)
  local function parcels(list)
    return status(t, { items = {}, shipments = list })
  end
  t:equal(parcels {}, "pending")
  t:equal(parcels { {} }, "shipped")
  t:equal(parcels { { delivered_at = 1 }, {} }, "partially_delivered")
  t:equal(parcels { { delivered_at = 1 }, { canceled_at = 1 } }, "delivered")
end)
