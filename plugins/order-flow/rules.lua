-- The plugins fraud-review, warehouse and carrier take the answers in. This one says what goes out,
-- and when. Where it goes is the target's business: its section of the configuration decides.

local READY = oms.config.ready

local function is_configured(code)
  for _, known in ipairs(oms.statuses("order")) do
    if known == code then return true end
  end
  return false
end

local has_status = is_configured(READY)

-- Where the default rule says "processing", nothing holds the order back. Until a unit has left, it
-- may be packed.
oms.policy("order.status", function(order)
  local status, reason = oms.default("order.status", order)
  local waits = order.shipment_rollup == "pending" or order.shipment_rollup == "partially_canceled"
  if has_status and status == "processing" and waits then return READY, reason end
  return status, reason
end)

local function lines(order)
  local list = oms.list {}
  for _, item in ipairs(order.items) do
    if item.qty_open > 0 then
      list[#list + 1] = { sku = item.sku, name = item.name, qty = item.qty_open }
    end
  end
  return list
end

local function address(of)
  if not of then return nil end
  return {
    full_name = of.full_name, telephone = of.telephone, address1 = of.address1,
    address2 = of.address2, city = of.city, province = of.province, country = of.country,
    postcode = of.postcode,
  }
end

local function send(target, name, order, more)
  local data = {
    order = order.order_number, uuid = order.uuid, currency = order.currency,
    total = oms.format_amount(order.grand_total, order.currency),
  }
  for key, value in pairs(more) do data[key] = value end
  return oms.webhook { event = name, target = target, data = data }
end

oms.on("order.placed", function(_, order)
  if order.historical then return end
  return send(oms.config.events, "OrderPlaced", order, {
    email = order.customer_email, lines = lines(order),
    shipping_address = address(order.shipping_address),
    billing_address = address(order.billing_address),
  })
end)

oms.on("order.canceled", function(event, order)
  if order.historical then return end
  return send(oms.config.events, "OrderCanceled", order, { reason = event.reason })
end)

-- Released after a second look it is ready once more: the warehouse knows it by its number.
oms.on("order.status_changed", function(event, order)
  if event.order_status_to ~= READY then return end
  return send(oms.config.warehouse, "ReadyForFulfillment", order, {
    lines = lines(order), shipping_address = address(order.shipping_address),
    shipping_method = order.shipping_method, note = order.shipping_note,
  })
end)
