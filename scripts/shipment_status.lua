-- The status of the shipment follows from the units that left the house and arrived.

-- What is to be shipped, has been shipped and has been delivered, counted in units.
local function count_units(order)
  local wanted, shipped, delivered = 0, 0, 0
  for _, item in ipairs(order.items) do
    wanted = wanted + item.qty - item.qty_canceled
    shipped = shipped + item.qty_shipped
    delivered = delivered + item.qty_delivered
  end
  return wanted, shipped, delivered
end

-- Orders taken over from elsewhere may have parcels without items: each counts as one unit.
local function count_parcels(order)
  local wanted, delivered = 0, 0
  for _, parcel in ipairs(order.shipments) do
    if not parcel.canceled_at then
      wanted = wanted + 1
      if parcel.delivered_at then delivered = delivered + 1 end
    end
  end
  return wanted, wanted, delivered
end

oms.policy("shipment.status", function(order)
  local count = #order.items > 0 and count_units or count_parcels
  local wanted, shipped, delivered = count(order)

  if shipped == 0 then return order.canceled and "canceled" or "pending" end
  if delivered >= wanted then return "delivered" end
  if delivered > 0 then return "partially_delivered" end
  if shipped >= wanted then return "shipped" end
  return "partially_shipped"
end)
