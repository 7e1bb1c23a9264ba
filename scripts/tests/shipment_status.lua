local function status(t, state)
  return (t:ask("shipment.status", t:order(state)))
end

local function units(t, item)
  return status(t, { items = { item } })
end

oms.test("nothing left the house", function(t)
  t:equal(units(t, { qty = 3 }), "pending")
end)

oms.test("units that left and arrived", function(t)
  t:equal(units(t, { qty = 3, qty_shipped = 1 }), "partially_shipped")
  t:equal(units(t, { qty = 3, qty_shipped = 3 }), "shipped")
  t:equal(units(t, { qty = 3, qty_shipped = 3, qty_delivered = 1 }), "partially_delivered")
  t:equal(units(t, { qty = 3, qty_shipped = 1, qty_delivered = 1 }), "partially_delivered")
  t:equal(units(t, { qty = 3, qty_shipped = 3, qty_delivered = 3 }), "delivered")
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
