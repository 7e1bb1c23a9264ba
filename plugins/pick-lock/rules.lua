-- metadata.picking = {by, since} is the lock. It is set and taken away by two commands, and ends by
-- itself when everything has left the house.

local function picking(order)
  return order.metadata and order.metadata.picking or nil
end

local function all_shipped(order)
  for _, item in ipairs(order.items) do
    if item.qty_open > 0 then return false end
  end
  return true
end

local function locked(order)
  local lock = picking(order)
  return lock and not all_shipped(order) and lock or nil
end

local function set_lock(order, lock)
  local metadata = {}
  for key, value in pairs(order.metadata or {}) do metadata[key] = value end
  metadata.picking = lock
  order:update { metadata = metadata }
end

local function refuse(lock)
  return oms.refuse("being_picked", lock.by .. " is picking this order; stop_picking first")
end

oms.policy("order.cancel", function(order, request)
  local lock = locked(order)
  if lock then return refuse(lock) end
  return oms.default("order.cancel", order, request)
end)

oms.policy("order.change", function(order, request)
  local lock = locked(order)
  if lock then return refuse(lock) end
  return oms.default("order.change", order, request)
end)

-- The lock itself, notes and tags may change; where the goods go and to whom may not.
local frozen = { "shipping_address", "customer_id", "customer_email", "customer_full_name" }

oms.policy("order.update", function(order, request)
  local lock = locked(order)
  if not lock then return oms.allow() end
  for _, field in ipairs(frozen) do
    if request.changes[field] then return refuse(lock) end
  end
  return oms.allow()
end)

-- args: by
oms.command("start_picking", function(order, args)
  local lock = locked(order)
  if type(args.by) ~= "string" then return oms.refuse("nobody", "Say who: by") end
  if lock and lock.by ~= args.by then return refuse(lock) end
  if order.hold then return oms.refuse("on_hold", "The order is on hold: " .. order.hold.handle) end
  if order.canceled then return oms.refuse("canceled", "The order is cancelled") end
  if lock then return end
  set_lock(order, { by = args.by, since = oms.now() })
  order:add_activity(args.by .. " began to pick")
end)

oms.command("stop_picking", function(order)
  local lock = picking(order)
  if not lock then return end
  set_lock(order, nil)
  order:add_activity(lock.by .. " stopped picking")
end)
