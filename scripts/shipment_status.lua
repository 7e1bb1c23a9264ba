-- The status of the shipment names how far the units are that are not cancelled.

oms.policy("shipment.status", function(order)
  return oms.rollup_status("shipment", order.shipment_rollup)
end)
