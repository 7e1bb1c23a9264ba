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

-- What the checking service calls: {"type": "FraudCheckPassed", "order": "…", "score": 12}
local commands = {
  FraudCheckPassed = "fraud_check_passed",
  FraudCheckFailed = "fraud_check_failed",
}

local function answer(status, fields)
  return { status = status, json = fields }
end

oms.route("POST", "/fraud-review/events", { role = "staff" }, function(request)
  local event = request.json
  local command = event and commands[event.type]
  if not command then
    return answer(422, { error = "type: FraudCheckPassed or FraudCheckFailed" })
  end

  local ok, result = pcall(oms.command_order, event.order, command,
    { score = event.score, reason = event.reason })
  if ok then return answer(200, { order = result.order_number, status = result.status }) end
  -- An event that comes twice has done its work the first time.
  if result.code == "not_under_review" then
    return answer(200, { order = event.order, repeated = true })
  end
  return answer(result.code == "order_not_found" and 404 or 409, { error = result.message })
end)
