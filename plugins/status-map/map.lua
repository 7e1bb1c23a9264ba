-- Rows of the configuration, looked up from the exact to the general.

local wrong, listed = {}, {}

local function blame(row, text, ...)
  wrong[#wrong + 1] = { origin = row.origin or "preset", text = text:format(...) }
end

local function check(kind, code, row)
  if code == "*" or oms.status(kind, code).name ~= "" then return end
  local known = listed[kind] and "" or "; known: " .. table.concat(oms.statuses(kind), ", ")
  listed[kind] = true
  blame(row, "%s = %s: there is no %s status '%s'%s", row.key, row.value, kind, code, known)
end

-- One error for all rows that are wrong, at the first one's line of the configuration.
local function report_wrong()
  if not wrong[1] then return end
  local texts = { wrong[1].text }
  for i = 2, #wrong do texts[i] = wrong[i].origin .. ": " .. wrong[i].text end
  error({ origin = wrong[1].origin, message = table.concat(texts, " | ") }, 0)
end

local function take(map, row)
  local payment, shipment = row.key:match("^([%w_*]+):([%w_*]+)$")
  if not payment then return blame(row, "'%s' is not PAYMENT:SHIPMENT", row.key) end
  -- EverShop's rows name statuses of gateways, which a shop may do without.
  if not row.origin and payment ~= "*" and oms.status("payment", payment).name == "" then return end
  check("payment", payment, row)
  check("shipment", shipment, row)
  check("order", row.value, row)
  map[payment .. ":" .. shipment] = { key = row.key, value = row.value, origin = row.origin }
end

local function read(rows)
  local map = {}
  for _, rows_of in ipairs(rows) do
    for _, row in ipairs(rows_of) do take(map, row) end
  end
  report_wrong()
  return map
end

local map = read { preset_rows or {}, oms.config.rows }

-- The rows that fit, the one that counts first.
local function fitting(payment, shipment)
  local wild = { "*:" .. shipment, payment .. ":*" }
  if oms.config.precedence == "payment-first" then wild[1], wild[2] = wild[2], wild[1] end

  local rows = {}
  for _, key in ipairs { payment .. ":" .. shipment, wild[1], wild[2], "*:*" } do
    if map[key] then rows[#rows + 1] = map[key] end
  end
  return rows
end

local function where(row)
  return row.origin and (" (" .. row.origin .. ")") or ""
end

-- A row is reported when it decides nothing, and a wildcard when another one overrules it.
local function report_shadows()
  local used, overruled = {}, {}
  for _, payment in ipairs(oms.statuses("payment")) do
    for _, shipment in ipairs(oms.statuses("shipment")) do
      local rows = fitting(payment, shipment)
      if rows[1] then used[rows[1].key] = true end
      local first, second = rows[1], rows[2]
      if first and second and second.key ~= "*:*" and first.key:find("*", 1, true)
        and first.value ~= second.value and not overruled[second.key] then
        overruled[second.key] = ("row %s = %s%s does not count for %s:%s: %s = %s%s does"):format(
          second.key, second.value, where(second), payment, shipment, first.key, first.value,
          where(first))
      end
    end
  end
  for key, row in pairs(map) do
    if not used[key] then
      oms.finding("shadowed_rule", ("row %s = %s%s never counts: others decide wherever it fits")
        :format(key, row.value, where(row)))
    elseif overruled[key] then
      oms.finding("shadowed_rule", overruled[key])
    end
  end
end

report_shadows()

oms.policy("order.status", function(order)
  if order.hold and oms.config.hold then
    return oms.config.hold, "on hold: " .. order.hold.handle
  end

  local payment, shipment = order.payment_status, order.shipment_status
  for kind, code in pairs { payment = payment, shipment = shipment } do
    if oms.status(kind, code).name == "" then
      error(("unknown %s status '%s'"):format(kind, code))
    end
  end

  local row = fitting(payment, shipment)[1]
  if not row then
    error(("no row fits %s:%s; add one, or *:*, to [plugin.status-map]"):format(payment, shipment))
  end
  return row.value, "row " .. row.key
end)
