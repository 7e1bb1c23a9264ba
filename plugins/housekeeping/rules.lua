-- The jobs look for candidates; the commands decide, each under its order's lock. So a payment that
-- arrives between the look and the decision wins: the command sees it and leaves the order alone.

local function keeps(order)
  for _, tag in ipairs(order.tags or {}) do
    if tag == oms.config.keep_tag then return true end
  end
  return false
end

oms.command("cancel_if_unpaid", function(order)
  local paid = order.amount_captured > 0 or order.amount_authorized > 0
    or oms.status("payment", order.payment_status).phase == "paid"
  if paid or order.canceled or order.hold or keeps(order) then return end
  if oms.now() - order.created_at < oms.config.unpaid_after then return end
  for _, item in ipairs(order.items) do
    if item.qty_shipped > 0 then return end
  end
  order:cancel("Not paid in time")
end)

-- Which parcels first: a list is good until the order changes.
local function silent_parcels(order)
  local ids = {}
  for _, parcel in ipairs(order.shipments) do
    local open = not parcel.delivered_at and not parcel.canceled_at
    if open and oms.now() - parcel.shipped_at >= oms.config.delivered_after then
      ids[#ids + 1] = parcel.shipment_id
    end
  end
  return ids
end

oms.command("deliver_if_silent", function(order)
  if keeps(order) then return end
  for _, id in ipairs(silent_parcels(order)) do
    order:update_shipment(id, { status = oms.rollup_status("shipment", "delivered") })
    order:add_activity(("No word from the carrier of parcel %d: counted as delivered"):format(id))
  end
end)

-- One order that cannot be dealt with does not keep the others waiting.
local function for_each(rows, command)
  for _, row in ipairs(rows) do
    local ok, problem = pcall(oms.command_order, row.order_id, command)
    if not ok then
      oms.log(("%s of order %d: %s"):format(command, row.order_id, tostring(problem)))
    end
  end
end

oms.job("cancel_unpaid", { every = "5m" }, function()
  for_each(oms.orders()
    :where("canceled_at", "is_null")
    :and_where("amount_captured", "=", 0)
    :and_where("amount_authorized", "=", 0)
    :and_where("shipment_status", "in", {
      oms.rollup_status("shipment", "pending"),
      oms.rollup_status("shipment", "partially_canceled"),
    })
    :and_where("historical", "=", false)
    :and_where("created_at", "<", oms.now() - oms.config.unpaid_after)
    :order_by("created_at", "asc")
    :limit(0, 500)
    :execute(), "cancel_if_unpaid")
end)

oms.job("deliver_silent", { at = "03:00" }, function()
  for_each(oms.orders()
    :join("shipments")
    :where("shipments.delivered_at", "is_null")
    :and_where("shipments.canceled_at", "is_null")
    :and_where("shipments.shipped_at", "<", oms.now() - oms.config.delivered_after)
    :and_where("historical", "=", false)
    :order_by("order_id", "asc")
    :limit(0, 500)
    :execute(), "deliver_if_silent")
end)
