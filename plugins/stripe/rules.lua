-- The payment intent's metadata name the order, or the charge does: its id is the payment's
-- transaction id.

local function is_held(order, handle)
  for _, hold in ipairs(order.holds) do
    if hold.handle == handle then return true end
  end
  return false
end

local REASON = 2000 -- bytes that a hold's reason may have

-- A hold for a person to look at; a cancelled order cannot be held, and is told all the same.
oms.command("stripe_note", function(order, args)
  args = oms.read(args, { text = "text", hold = "name?" })
  order:add_activity(args.text)
  if not args.hold or order.canceled or is_held(order, args.hold) then return end
  order:add_hold { handle = args.hold, reason = args.text }
end)

-- https://docs.stripe.com/webhooks#verify-manually: "t=TIME,v1=HEX,v1=HEX" over "TIME.BODY".
local function check(message)
  local header, given = message.headers["stripe-signature"] or "", {}
  local time = header:match("t=(%d+)") or "0"
  for v1 in header:gmatch("v1=(%x+)") do
    if #given < 16 then given[#given + 1] = v1 end
  end
  oms.check_signature {
    secret = oms.config.signing_secret, text = { time, ".", message.body }, signature = given,
    sent_at = 1000 * (math.tointeger(tonumber(time)) or 0), tolerance = oms.config.tolerance,
  }
end

local function handle_of(dispute)
  return "dispute-" .. dispute.id:lower():gsub("[^a-z0-9_-]", "-"):sub(-32)
end

-- ---- what each message means

local INTENT = {
  id = "id", amount_received = "amount?", currency = "text", latest_charge = "id?",
  last_payment_error = { message = "text?" },
}

local function captured(order, intent)
  oms.add_payment(order.order_id, {
    type = "capture", amount = intent.amount_received, method = "card",
    transaction_id = intent.latest_charge or intent.id,
  })
end

local function failed(order, intent)
  oms.add_payment(order.order_id, {
    type = "fail", method = "card", transaction_id = intent.latest_charge or intent.id,
  })
  local why = intent.last_payment_error.message
  oms.add_activity(order.order_id,
    oms.shorten("Stripe: the payment failed" .. (why and ": " .. why or ""), REASON))
end

local CHARGE = {
  id = "id", amount_refunded = "amount", currency = "text",
  refunds = { data = { { id = "id", amount = "amount", status = "text?" } } },
}

local function went(refund)
  return refund.status ~= "failed" and refund.status ~= "canceled"
end

-- Since the API of 2022-11-15 the charge does not list its refunds: then the message says by how
-- much the sum grew.
local function refunded(order, charge, event)
  local refunds, before = charge.refunds.data, event.data.previous_attributes.amount_refunded
  if #refunds == 0 then
    refunds = { {
      id = ("%s:%d"):format(charge.id, charge.amount_refunded),
      amount = charge.amount_refunded - (before or 0),
    } }
  end
  for _, refund in ipairs(refunds) do
    if went(refund) then
      oms.add_payment(order.order_id, {
        type = "refund", amount = refund.amount, method = "card", transaction_id = refund.id,
      })
    end
  end
end

local REFUND = {
  id = "id", amount = "amount", currency = "text", status = "text?", charge = "id?",
  failure_reason = "text?",
}

local function refund_made(order, refund)
  if not went(refund) then return oms.ignore("the refund is " .. refund.status) end
  oms.add_payment(order.order_id, {
    type = "refund", amount = refund.amount, method = "card", transaction_id = refund.id,
  })
end

local function refund_failed(order, refund)
  local text = ("Stripe: the refund of %s %s failed (%s); the money is back with the shop"):format(
    oms.format_amount(refund.amount, order.currency), order.currency,
    refund.failure_reason or "no reason given")
  oms.command_order(order.order_id, "stripe_note",
    { text = oms.shorten(text, REASON), hold = "refund-failed" })
end

local DISPUTE = {
  id = "id", amount = "amount", currency = "text", charge = "id?", reason = "text", status = "text",
}

local function disputed(order, dispute)
  oms.command_order(order.order_id, "stripe_note",
    { text = oms.shorten("Stripe: disputed as " .. dispute.reason, REASON),
      hold = handle_of(dispute) })
end

-- Closed before it was opened waits: there is no hold to release yet.
local function settled(order, dispute)
  if not order.canceled then oms.release_order(order.order_id, handle_of(dispute)) end
  if dispute.status == "lost" then
    oms.add_payment(order.order_id, {
      type = "chargeback", amount = dispute.amount, method = "card", transaction_id = dispute.id,
    })
  end
  oms.add_activity(order.order_id,
    oms.shorten("Stripe: the dispute was " .. dispute.status, REASON))
end

local by_charge = oms.config.refunds == "charge.refunded"
local handlers = {
  ["payment_intent.succeeded"] = { captured, INTENT },
  ["payment_intent.payment_failed"] = { failed, INTENT },
  ["charge.refunded"] = by_charge and { refunded, CHARGE } or nil,
  ["refund.created"] = not by_charge and { refund_made, REFUND } or nil,
  ["refund.failed"] = { refund_failed, REFUND },
  ["charge.dispute.created"] = { disputed, DISPUTE },
  ["charge.dispute.closed"] = { settled, DISPUTE },
}

-- The order's number or id, or nil when the object names neither an order nor a charge.
local function find(object, details)
  local named = oms.read(object, { metadata = { [oms.config.order_key] = "ref?" } }, "data.object")
  local ref = named.metadata[oms.config.order_key]
  if ref then return ref end
  if not details.charge then return end
  local ids = oms.find_orders { transaction_id = details.charge }
  return #ids == 1 and ids[1] or nil
end

oms.receiver("stripe", function(message)
  check(message)
  local event = oms.read(message.json, {
    id = "id", type = "text",
    data = { object = "any", previous_attributes = { amount_refunded = "amount?" } },
  })
  oms.message_id(event.id)
  local handler = handlers[event.type]
  if not handler then return oms.ignore(event.type .. " changes no order") end
  local details = oms.read(event.data.object, handler[2], "data.object")
  local ref = find(event.data.object, details)
  if not ref then return oms.ignore("it names no order") end
  local order = oms.order(ref)
  if not order then return oms.park("order_not_found: there is no order " .. ref .. " yet") end
  if details.currency:upper() ~= order.currency then
    return oms.reject("wrong_currency", "The order is in " .. order.currency)
  end
  return handler[1](order, details, event)
end)
