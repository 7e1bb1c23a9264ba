-- The job looks for candidates. The command decides under the order's lock, and writes the level
-- into the order together with an activity; so a level is reached once, whatever restarts meanwhile
-- and however many processes there are. The hook tells of it once it is in the ledger.

local UNITS = { s = 1000, m = 60000, h = 3600000, d = 86400000 }

local function durations(texts, setting)
  local list = {}
  for i, text in ipairs(texts) do
    local count, unit = text:match("^(%d+)([smhd])$")
    if not count then error(("%s: '%s' is no duration like 48h"):format(setting, text)) end
    list[i] = { text = text, ms = math.tointeger(count) * UNITS[unit] }
    if i > 1 and list[i].ms <= list[i - 1].ms then
      error(setting .. ": each must be longer than the one before")
    end
  end
  return list
end

local unpaid = durations(oms.config.unpaid, "unpaid")
local unshipped = durations(oms.config.unshipped, "unshipped")

local function level_at(list, age)
  local level = 0
  for i, step in ipairs(list) do
    if age >= step.ms then level = i end
  end
  return level
end

local function reached(order, kind)
  local levels = order.metadata and order.metadata.reminders
  local level = type(levels) == "table" and levels[kind]
  return math.type(level) == "integer" and level or 0
end

local function open_units(order)
  local open = 0
  for _, item in ipairs(order.items) do open = open + item.qty_open end
  return open
end

local function on_its_way(order)
  for _, item in ipairs(order.items) do
    if item.qty_shipped > 0 then return true end
  end
  return false
end

local function is_unpaid(order)
  local rollup = order.payment_rollup
  return (rollup == "pending" or rollup == "failed") and order.amount_outstanding > 0
    and oms.status("payment", order.payment_status).phase ~= "paid"
end

local function paid_at(order)
  local at = order.created_at
  for _, payment in ipairs(order.payments) do
    if payment.type == "capture" then at = math.max(at, payment.created_at) end
  end
  return at
end

-- Which level is due now, and in whose list; nil when none is.
local function due(order)
  if order.canceled or order.historical then return end
  if is_unpaid(order) then
    if on_its_way(order) then return end
    return "unpaid", unpaid, level_at(unpaid, oms.now() - order.created_at)
  end
  if order.payment_rollup == "paid" and open_units(order) > 0 then
    return "unshipped", unshipped, level_at(unshipped, oms.now() - paid_at(order))
  end
end

local function copy(metadata)
  local all = {}
  for key, value in pairs(metadata or {}) do all[key] = value end
  return all
end

local function write(order, kind, level)
  local metadata, levels = copy(order.metadata), {}
  for _, each in ipairs { "unpaid", "unshipped" } do levels[each] = reached(order, each) end
  levels[kind] = level
  metadata.reminders = levels
  order:update { metadata = metadata }
end

local words = {
  unpaid = "Reminder %d: not paid for %s", unshipped = "Alert %d: paid, not shipped for %s",
}

oms.command("remind", function(order)
  local kind, list, level = due(order)
  if kind == "unpaid" and not order.hold
    and oms.now() - order.created_at >= oms.config.cancel_unpaid then
    order:cancel("Not paid in time")
    return
  end
  if not kind or level <= reached(order, kind) then return end
  write(order, kind, level)
  order:add_activity(words[kind]:format(level, list[level].text),
    { customer_notified = kind == "unpaid" and order.customer_email ~= nil })
end)

local function target(name)
  return name ~= "" and name or nil
end

local function day(ms)
  local date = oms.date(ms)
  return ("%d-%02d-%02d"):format(date.year, date.month, date.day)
end

oms.on("activity.added", function(event, order)
  local comment = event.comment or ""
  local level = comment:match("^Reminder (%d+): not paid for %w+$")
  if level and order.customer_email then
    return oms.mail {
      to = order.customer_email, template = oms.config.template,
      target = target(oms.config.mail_target),
      data = {
        order_number = order.order_number, customer_name = order.customer_full_name,
        level = math.tointeger(level), currency = order.currency,
        cancel_on = day(order.created_at + oms.config.cancel_unpaid),
        amount = oms.format_amount(order.amount_outstanding, order.currency),
      },
    }
  end
  local alert, age = comment:match("^Alert (%d+): paid, not shipped for (%w+)$")
  if not alert then return end
  return oms.notify {
    channel = oms.config.channel, target = target(oms.config.alert_target),
    text = ("Order %s is paid and not shipped for %s"):format(order.order_number, age),
    data = { order = order.uuid, level = math.tointeger(alert) },
  }
end)

-- ---- the job

local PAGE, ROWS = 200, 1000 -- what one run can look at

local function by(kind, code)
  return oms.rollup_status(kind, code)
end

local function candidates(payment, shipment, before, after)
  return oms.orders()
    :where("payment_status", "in", payment)
    :and_where("shipment_status", "in", shipment)
    :and_where("canceled_at", "is_null")
    :and_where("historical", "=", false)
    :and_where("created_at", "<=", before)
    :and_where("created_at", ">", oms.now() - oms.config.look_back)
    :and_where("order_id", ">", after)
    :order_by("order_id", "asc")
    :limit(0, PAGE)
    :execute()
end

-- What the row alone can tell, so that a quiet order costs no command.
local function is_due(row, kind, list)
  local age = oms.now() - row.created_at
  if kind == "unpaid" and age >= oms.config.cancel_unpaid then return true end
  return reached(row, kind) < #list
end

local function look(kind, list, payment, shipment)
  if #list == 0 and kind == "unshipped" then return end
  local after, seen, first = 0, 0, oms.config.cancel_unpaid
  if list[1] and (kind == "unshipped" or list[1].ms < first) then first = list[1].ms end
  repeat
    local rows = candidates(payment, shipment, oms.now() - first, after)
    for _, row in ipairs(rows) do
      after, seen = row.order_id, seen + 1
      if is_due(row, kind, list) then
        local ok, problem = pcall(oms.command_order, row.order_id, "remind")
        if not ok then oms.log(("order %d: %s"):format(row.order_id, tostring(problem))) end
      end
    end
  until #rows < PAGE or seen >= ROWS
end

oms.job("remind_unpaid", { every = oms.config.every }, function()
  look("unpaid", unpaid, { by("payment", "pending"), by("payment", "failed") },
    { by("shipment", "pending"), by("shipment", "partially_canceled") })
end)

oms.job("alert_unshipped", { every = oms.config.every }, function()
  look("unshipped", unshipped, { by("payment", "paid") }, {
    by("shipment", "pending"), by("shipment", "partially_canceled"),
    by("shipment", "partially_shipped"), by("shipment", "partially_delivered"),
  })
end)
