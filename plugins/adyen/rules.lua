-- merchantReference names the order; pspReference is the payment's transaction id.
-- Shapes: https://docs.adyen.com/development-resources/webhooks/webhook-types

local SHAPE = {
  notificationItems = { {
    NotificationRequestItem = {
      additionalData = { hmacSignature = "text?", ["modification.action"] = "text?" },
      amount = { value = "amount?", currency = "text?" },
      eventCode = "id", merchantAccountCode = "text", merchantReference = "text?",
      originalReference = "id?", pspReference = "id", reason = "text?", success = "any",
    },
  } },
}

local keys = {}
for i, key in ipairs(oms.config.hmac_key) do
  keys[i] = oms.from_hex(key)
  if not keys[i] then error("hmac_key must be hexadecimal, as the Customer Area shows it") end
end

-- https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures. What is not in the
-- list (the reason, the date) is not signed, so it decides nothing. There is no time to check
-- either: a notification that is sent again is the same one by its id.
-- The parts are signed with colons between them. Only the order's number may have one of its own:
-- else a signed notification could be cut into other parts, and name another order or amount.
local function is_ambiguous(item)
  for _, part in ipairs { item.pspReference, item.originalReference or "", item.eventCode,
    item.merchantAccountCode, item.amount.currency or "" } do
    if part:find(":", 1, true) then return true end
  end
  return false
end

local function check(item)
  local signed = {
    item.pspReference, item.originalReference or "", item.merchantAccountCode,
    item.merchantReference or "", tostring(item.amount.value or ""), item.amount.currency or "",
    item.eventCode, tostring(item.success),
  }
  oms.check_signature {
    secret = keys, text = table.concat(signed, ":"), encoding = "base64",
    signature = item.additionalData.hmacSignature,
  }
end

local function is_held(order, handle)
  for _, hold in ipairs(order.holds) do
    if hold.handle == handle then return true end
  end
  return false
end

-- A hold for a person to look at; a cancelled order cannot be held, and is told all the same.
oms.command("adyen_note", function(order, args)
  args = oms.read(args, { text = "text", hold = "name?" })
  order:add_activity(args.text)
  if not args.hold or order.canceled or is_held(order, args.hold) then return end
  order:add_hold { handle = args.hold, reason = args.text }
end)

local function note(order, text, hold)
  oms.command_order(order.order_id, "adyen_note", { text = "Adyen: " .. text, hold = hold })
end

local function record(order, item, type, amount)
  oms.add_payment(order.order_id, {
    type = type, amount = amount, method = oms.config.method, transaction_id = item.pspReference,
  })
end

local function knows(order, reference)
  for _, payment in ipairs(order.payments) do
    if payment.transaction_id == reference then return true end
  end
  return false
end

-- ---- what each event means; a receipt says that it has to wait

local function authorised(order, item)
  if item.success then
    record(order, item, oms.config.capture == "automatic" and "capture" or "authorize",
      item.amount.value)
  else
    record(order, item, "fail")
    note(order, "the payment was refused")
  end
end

local function captured(order, item)
  if not item.success then
    return note(order, "a capture failed: " .. item.pspReference, "capture-failed")
  end
  if not knows(order, item.originalReference) then
    return oms.park("the authorisation " .. (item.originalReference or "?") .. " is not there yet")
  end
  record(order, item, "capture", item.amount.value)
end

local function canceled(order, item)
  if not item.success then return note(order, "the payment could not be cancelled") end
  if not knows(order, item.originalReference) then
    return oms.park("the authorisation " .. (item.originalReference or "?") .. " is not there yet")
  end
  record(order, item, "void")
end

local function refunded(order, item)
  if not item.success then
    return note(order, "a refund was refused: " .. item.pspReference, "refund-failed")
  end
  record(order, item, "refund", item.amount.value)
end

local function canceled_or_refunded(order, item)
  local action = item.additionalData["modification.action"]
  return (action == "cancel" and canceled or refunded)(order, item)
end

-- After Adyen said that it went.
local function refund_failed(order, item)
  if not knows(order, item.pspReference) then
    return oms.park("the refund " .. item.pspReference .. " is not there yet")
  end
  note(order, "the refund " .. item.pspReference .. " failed; the money is back with the shop",
    "refund-failed")
end

local function capture_failed(order, item)
  note(order, "the capture " .. (item.originalReference or item.pspReference)
    .. " failed after all: nothing was paid", "capture-failed")
end

local function dispute_opened(order)
  note(order, "a chargeback is announced", "dispute")
end

local function charged_back(order, item)
  record(order, item, "chargeback", item.amount.value)
end

-- The money is here again, as if it were paid once more.
local function reversed(order, item)
  if not knows(order, item.pspReference) then
    return oms.park("the chargeback " .. item.pspReference .. " is not there yet")
  end
  if oms.config.capture == "manual" then record(order, item, "authorize", item.amount.value) end
  record(order, item, "capture", item.amount.value)
end

local handlers = {
  AUTHORISATION = authorised, CAPTURE = captured, CAPTURE_FAILED = capture_failed,
  CANCELLATION = canceled, TECHNICAL_CANCEL = canceled, REFUND = refunded,
  CANCEL_OR_REFUND = canceled_or_refunded, REFUND_FAILED = refund_failed,
  NOTIFICATION_OF_CHARGEBACK = dispute_opened, CHARGEBACK = charged_back,
  CHARGEBACK_REVERSED = reversed,
}

local function handle(item)
  local account, handler = oms.config.merchant_account, handlers[item.eventCode]
  if account ~= "" and account ~= item.merchantAccountCode then
    return oms.reject("wrong_account", "The merchant account is " .. item.merchantAccountCode)
  end
  if not handler then return oms.ignore(item.eventCode .. " changes no order") end
  if not item.merchantReference then return oms.ignore("it names no order") end
  local order = oms.order(item.merchantReference)
  if not order then
    return oms.park("order_not_found: there is no order " .. item.merchantReference .. " yet")
  end
  if not item.amount.value or item.amount.currency ~= order.currency then
    return oms.reject("wrong_currency", "The order is in " .. order.currency)
  end
  return handler(order, item)
end

oms.receiver("adyen", function(message)
  local items = oms.read(message.json, SHAPE).notificationItems
  if #items ~= 1 then -- by JSON there is one, says Adyen
    return oms.reject("bad_message", "notificationItems must have one item")
  end
  local item = items[1].NotificationRequestItem
  if is_ambiguous(item) then
    return oms.reject("bad_message", "Only merchantReference may have a colon")
  end
  check(item)
  oms.message_id(("%s/%s/%s"):format(item.eventCode, item.pspReference, tostring(item.success)))
  oms.acknowledge("[accepted]")
  item.success = tostring(item.success) == "true"
  return handle(item)
end)
