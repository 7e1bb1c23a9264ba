-- A row is "add_payment type=capture amount=$data.amount": a command, and its arguments as texts
-- or, behind $, as members of the message.

local LEAD = { add_activity = "comment", release_order = "handle", update_payment_status = "code",
  update_shipment_status = "code", cancel_order = "reason" }
local KNOWN = {
  add_activity = oms.add_activity, add_payment = oms.add_payment, cancel_order = oms.cancel_order,
  create_shipment = oms.create_shipment, hold_order = oms.hold_order,
  refund_order = oms.refund_order, release_order = oms.release_order,
  track_shipment = oms.track_shipment, update_payment_status = oms.update_payment_status,
  update_shipment_status = oms.update_shipment_status,
}

local rows = {}
for _, setting in ipairs(oms.config.on) do
  local row = { args = {} }
  for word in setting.value:gmatch("%S+") do
    local name, value = word:match("^([%w_]+)=(.+)$")
    if not row.command then
      row.command = word
    elseif name then
      row.args[name] = value
    else
      error(("%s: '%s' is no name=value"):format(setting.origin, word))
    end
  end
  local composite = row.command and row.command:match("^command:([%w_]+)$")
  if not composite and not KNOWN[row.command or ""] then
    error(("%s: there is no command '%s'"):format(setting.origin, row.command or ""))
  end
  row.composite = composite
  rows[setting.key:sub(#"on:" + 1)] = row
end

-- The member "data.items.1.sku" of a message, or nil.
local function member(value, path)
  for step in path:gmatch("[^.]+") do
    if type(value) ~= "table" then return nil end
    value = value[step] or value[math.tointeger(tonumber(step)) or step]
  end
  return value
end

local function text_of(message, where, kind)
  local header = kind == "text" and where:match("^header:(.+)$")
  local value = header and message.headers[header:lower()] or member(message.json, where)
  return oms.read({ [where] = value }, { [where] = kind })[where]
end

local KINDS = { number = "integer?", boolean = "boolean?" }

-- Whole numbers are minor units; a fraction would be rounded by somebody.
local function argument(json, value)
  local path = value:match("^%$(.+)$")
  if not path then return value end
  local found = member(json, path)
  local kind = KINDS[type(found)] or "text?"
  return oms.read({ [path] = found }, { [path] = kind })[path]
end

local function carry_out(row, ref, json)
  local args = {}
  for name, value in pairs(row.args) do args[name] = argument(json, value) end
  if row.composite then
    oms.command_order(ref, row.composite, args)
  elseif LEAD[row.command] then
    local lead = args[LEAD[row.command]]
    KNOWN[row.command](ref, lead and tostring(lead) or "-")
  else
    KNOWN[row.command](ref, args)
  end
end

-- Arguments that the command does not take are the message's fault, not this plugin's.
local function attempt(row, ref, json)
  local ok, problem = pcall(carry_out, row, ref, json)
  if ok then return end
  if type(problem) ~= "string" then error(problem, 0) end
  return oms.reject("bad_message", oms.shorten(problem, 500))
end

-- Amounts are minor units of the order's currency, whatever the sender counts in.
local function other_currency(ref, message)
  if oms.config.currency == "" then return end
  local order, told = oms.order(ref), text_of(message, oms.config.currency, "name?")
  if order and told and told:upper() ~= order.currency then
    return oms.reject("wrong_currency", "The order is in " .. order.currency)
  end
end

local function check(message)
  local header = oms.config.time_header:lower()
  local time = header ~= "" and (message.headers[header] or "")
  oms.check_signature {
    secret = oms.config.secret, algorithm = oms.config.algorithm, encoding = oms.config.encoding,
    prefix = oms.config.prefix, signature = message.headers[oms.config.header:lower()],
    text = time and { time, ".", message.body } or message.body,
    sent_at = time and 1000 * (math.tointeger(tonumber(time)) or 0) or nil,
    tolerance = oms.config.tolerance,
  }
end

oms.receiver(oms.config.source, function(message)
  check(message)
  -- Never of a header, which nobody signs: one recorded message would be many.
  if oms.config.id ~= "" then oms.message_id(text_of(message, oms.config.id, "id")) end
  local kind = text_of(message, oms.config.type, "text")
  local row = rows[kind]
  if not row then return oms.ignore(kind .. " changes no order") end
  if type(message.json) ~= "table" then return oms.reject("bad_message", "The body is not JSON") end
  local by = oms.config.order_is
  local name = text_of(message, oms.config.order, by == "reference" and "ref" or "name")
  local refs = by == "reference" and { name } or oms.find_orders { [by] = name }
  for _, ref in ipairs(refs) do
    local refused = other_currency(ref, message) or attempt(row, ref, message.json)
    if refused then return refused end
  end
end)
