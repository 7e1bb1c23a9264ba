-- {"type": "order.shipped", "timestamp": "…", "data": {"order": "…", "lines": [{"sku", "qty"}], …}}

local TOLD = {
  lines = { { sku = "name", qty = "count" } }, carrier = "name?",
  tracking_number = "name?", tracking_url = "text?",
}

local function read(args)
  local told = oms.read(args, TOLD)
  oms.read({ lines = told.lines[1] }, { lines = "any" }) -- at least one
  return told
end

-- Lines of SKUs as units of the order's open items, in their order; nil and the SKU when there are
-- not that many.
local function units_of(order, lines)
  local units, taken = {}, {}
  for _, line in ipairs(lines) do
    local left = line.qty
    for _, item in ipairs(order.items) do
      local id = item.order_item_id
      local qty = math.min(left, item.qty_open - (taken[id] or 0))
      if item.sku == line.sku and qty > 0 then
        taken[id], left = (taken[id] or 0) + qty, left - qty
      end
    end
    if left > 0 then return nil, line.sku end
  end
  for id, qty in pairs(taken) do units[#units + 1] = { order_item_id = id, qty = qty } end
  return units
end

local function in_words(lines)
  local words = {}
  for i, line in ipairs(lines) do words[i] = line.qty .. " × " .. line.sku end
  return oms.shorten(table.concat(words, ", "), 3900) -- of the 4000 bytes of a comment
end

local function has_parcel(order, number)
  for _, parcel in ipairs(order.shipments) do
    if number and parcel.tracking_number == number and not parcel.canceled_at then return true end
  end
  return false
end

oms.command("warehouse_packed", function(order, args)
  args = read(args)
  order:add_activity("Packed: " .. in_words(args.lines))
end)

-- A parcel is told of once, by whichever message has its number first.
oms.command("warehouse_shipped", function(order, args)
  args = read(args)
  if has_parcel(order, args.tracking_number) then return end
  local units, missing = units_of(order, args.lines)
  if not units then
    return oms.refuse("units_exceeded", "There is less of " .. missing .. " left to ship")
  end
  order:create_shipment {
    items = units, carrier = args.carrier, tracking_number = args.tracking_number,
    tracking_url = args.tracking_url,
  }
end)

oms.command("warehouse_short_picked", function(order, args)
  args = read(args)
  order:add_activity("Not found in the warehouse: " .. in_words(args.lines))
  if oms.config.short_picked == "keep" then return end
  local units, missing = units_of(order, args.lines)
  if not units then
    return oms.refuse("units_exceeded", "There is less of " .. missing .. " left to ship")
  end
  order:cancel { items = units, reason = "Not found in the warehouse" }
end)

local commands = {
  ["order.packed"] = "warehouse_packed",
  ["order.shipped"] = "warehouse_shipped",
  ["order.short_picked"] = "warehouse_short_picked",
}

oms.receiver("warehouse", function(message)
  oms.check_webhook(message, oms.config.secret, oms.config.tolerance)
  local event = oms.read(message.json, { type = "text", data = "any?" })
  local command = commands[event.type]
  if not command then return oms.ignore(event.type .. " changes no order") end
  local order = oms.read(event.data, { order = "ref" }, "data").order
  local told = oms.read(event.data, TOLD, "data")
  if #told.lines == 0 then return oms.reject("bad_message", "data.lines must not be empty") end
  oms.command_order(order, command, told)
end)
