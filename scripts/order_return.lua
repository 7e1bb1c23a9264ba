-- Goods may come back for 30 days after they arrived, broken ones for two years. What is still
-- under way may be sent back as well.

local DAYS = 30
local LONGER = { defective = 730, damaged = 730, wrong_item = 730 } -- by reason

local DAY = 24 * 60 * 60 * 1000

-- When the last parcel with units of the item arrived; nil while none did.
local function arrived_at(order, order_item_id)
  local latest
  for _, shipment in ipairs(order.shipments) do
    local at = shipment.delivered_at
    for _, part in ipairs(shipment.items) do
      if part.order_item_id == order_item_id and at and (not latest or at > latest) then
        latest = at
      end
    end
  end
  return latest
end

oms.policy("order.return", function(order, request)
  for _, part in ipairs(request.items) do
    local days = LONGER[part.reason or request.reason] or DAYS
    local at = arrived_at(order, part.order_item_id)
    if at and oms.now() - at > days * DAY then
      return oms.refuse("return_window_closed",
        ("Item %d arrived more than %d days ago"):format(part.order_item_id, days))
    end
  end
  return oms.allow()
end)
