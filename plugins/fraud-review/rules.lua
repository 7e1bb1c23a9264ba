-- The hold is part of placing the order, so no parcel can leave before the check.

local HOLD = "fraud_review"

local function trusted(order)
  for _, tag in ipairs(order.tags or {}) do
    if tag == oms.config.trusted_tag then return true end
  end
  return false
end

local function under_review(order)
  for _, hold in ipairs(order.holds) do
    if hold.handle == HOLD then return true end
  end
  return false
end

oms.policy("order.place", function(order)
  if order.historical or trusted(order) or order.grand_total < oms.config.limit then
    return oms.allow()
  end
  return oms.hold(HOLD, "Waits for the fraud check")
end)

oms.on("order.held", function(event, order)
  if event.handle ~= HOLD then return end
  return oms.notify {
    channel = oms.config.channel,
    text = ("Order %s over %s %s waits for the fraud check"):format(order.order_number,
      oms.format_amount(order.grand_total, order.currency), order.currency),
    data = { order = order.uuid, email = order.customer_email },
  }
end)

oms.command("fraud_check_passed", function(order, args)
  if not under_review(order) then
    return oms.refuse("not_under_review", "The order does not wait for a fraud check")
  end
  order:release(HOLD)
  order:add_activity("Fraud check passed" .. (args.score and (", score " .. args.score) or ""))
end)

oms.command("fraud_check_failed", function(order, args)
  if not under_review(order) then
    return oms.refuse("not_under_review", "The order does not wait for a fraud check")
  end
  order:release(HOLD)
  order:cancel(args.reason or "Fraud check failed")
end)

-- ---- what the checking service sends:
-- {"type": "FraudCheckPassed", "data": {"order": "…", "score": 12}}

local function may_be_canceled(order)
  for _, item in ipairs(order.items) do
    if item.qty_shipped > 0 then return false end
  end
  return oms.status("payment", order.payment_status).cancelable
    and oms.status("shipment", order.shipment_status).cancelable
end

local function passed(order, text)
  if not under_review(order) then return end
  order:release(HOLD)
  order:add_activity(text)
end

-- A failed check counts, whether it comes before a passed one or after. What cannot be cancelled
-- any more, because it is paid or on its way, waits for a person.
local function failed(order, text)
  if may_be_canceled(order) and #order.holds == (under_review(order) and 1 or 0) then
    if under_review(order) then order:release(HOLD) end
    order:cancel(text)
    return
  end
  order:add_activity(text .. "; it cannot be cancelled by itself")
  if not under_review(order) then order:add_hold { handle = HOLD, reason = text } end
end

oms.command("fraud_verdict", function(order, args)
  args = oms.read(args, { passed = "boolean", text = "text" })
  if order.canceled then return end
  local decide = args.passed and passed or failed
  decide(order, args.text)
end)

local function in_words(event, told)
  local text = event.type == "FraudCheckPassed" and "Fraud check passed" or "Fraud check failed"
  if told.score then text = text .. ", score " .. told.score end
  if told.reason then text = text .. ": " .. told.reason end
  return oms.shorten(text, 2000) -- bytes that a reason may have
end

local verdicts = { FraudCheckPassed = true, FraudCheckFailed = false }

oms.receiver("fraud", function(message)
  oms.check_webhook(message, oms.config.secret, oms.config.tolerance)
  local event = oms.read(message.json, { type = "text", data = "any?" })
  local verdict = verdicts[event.type]
  if verdict == nil then return oms.ignore(event.type .. " changes no order") end
  local told = oms.read(event.data, { order = "ref", score = "integer?", reason = "text?" }, "data")
  oms.command_order(told.order, "fraud_verdict", { passed = verdict, text = in_words(event, told) })
end)
