-- An item waits until its release date (UTC midnight). A date that moves is a change of metadata:
-- metadata.released = true lets the order go early.

local function today()
  local d = oms.date(oms.now())
  return ("%04d-%02d-%02d"):format(d.year, d.month, d.day)
end

local function release_date(item)
  local options = item.product_custom_options
  local date = options and options[oms.config.option]
  return type(date) == "string" and date:match("^%d%d%d%d%-%d%d%-%d%d$") and date or nil
end

local function released(order)
  return order.metadata and order.metadata.released == true
end

-- The latest date among the items that are asked for, nil when all are out.
local function waits_until(order, wanted)
  local latest
  if released(order) then return nil end
  for _, item in ipairs(order.items) do
    local date = release_date(item)
    if wanted[item.order_item_id] and date and date > today() and (not latest or date > latest) then
      latest = date
    end
  end
  return latest
end

oms.policy("order.ship", function(order, request)
  local wanted = {}
  for _, part in ipairs(request.shipment.items) do wanted[part.order_item_id] = true end

  local date = waits_until(order, wanted)
  if date then return oms.refuse("not_released", "Pre-order: on sale from " .. date) end
  return oms.default("order.ship", order, request)
end)

-- Who paid for something that is not out yet may have the money back.
oms.policy("order.cancel", function(order, request)
  local all = {}
  for _, item in ipairs(order.items) do
    if item.qty_shipped > 0 then return oms.default("order.cancel", order, request) end
    all[item.order_item_id] = true
  end
  if not order.hold and waits_until(order, all) then
    return oms.allow("pre-order, not released yet")
  end
  return oms.default("order.cancel", order, request)
end)

oms.command("release_preorder", function(order)
  local metadata = {}
  for key, value in pairs(order.metadata or {}) do metadata[key] = value end
  metadata.released = true
  order:update { metadata = metadata }
  order:add_activity("The pre-order is released ahead of its date")
end)
