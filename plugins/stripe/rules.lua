-- The payment intent's metadata name the order; the charge's id is the payment's transaction id.

local function parts(header)
  local found = { v1 = {} }
  for part in header:gmatch("[^,]+") do
    local at = part:find("=", 1, true) or 0
    local key, value = part:sub(1, at - 1), part:sub(at + 1)
    if key == "v1" then found.v1[#found.v1 + 1] = value else found[key] = value end
  end
  return found
end

local HEADER_MAX = 600 -- Stripe's have about 100 bytes for each secret that is being rolled

-- https://docs.stripe.com/webhooks#verify-manually: "t=TIME,v1=HEX" over "TIME.BODY".
local function is_signed(message)
  local header = message.headers["stripe-signature"] or ""
  if #header > HEADER_MAX then return false end
  local signature = parts(header)
  local time = math.tointeger(tonumber(signature.t or ""))
  if oms.config.signing_secret == "" or not time then return false end
  if math.abs(message.received_at - time * 1000) > oms.config.tolerance then return false end
  local signed = signature.t .. "." .. message.body
  local wanted = oms.hex(oms.hmac_sha256(oms.config.signing_secret, signed))
  for _, given in ipairs(signature.v1) do
    if oms.same(given, wanted) then return true end
  end
  return false
end

local function captured(order, intent)
  oms.add_payment(order, {
    type = "capture",
    amount = intent.amount_received,
    method = "card",
    transaction_id = intent.latest_charge or intent.id,
  })
end

local function failed(order, intent)
  local problem = intent.last_payment_error
  local why = problem and ": " .. problem.message or ""
  oms.add_activity(order, "Stripe: the payment failed" .. why)
end

-- A charge tells what was refunded of it in all. Since API version 2022-11-15 it does not list its
-- refunds, so one is what the sum has grown by, and the sum tells it from the others.
local function refunded(order, charge, before)
  local last = charge.refunds and charge.refunds.data[1]
  local total, earlier = charge.amount_refunded, before and before.amount_refunded or 0
  oms.add_payment(order, {
    type = "refund",
    amount = last and last.amount or total - earlier,
    method = "card",
    transaction_id = last and last.id or ("%s/refund/%d"):format(charge.id, total),
  })
end

local function disputed(order, dispute)
  oms.hold_order(order, { handle = "dispute", reason = "Stripe: disputed as " .. dispute.reason })
end

local function settled(order, dispute)
  oms.release_order(order, "dispute")
  oms.add_activity(order, "Stripe: the dispute was " .. dispute.status)
end

local handlers = {
  ["payment_intent.succeeded"] = captured,
  ["payment_intent.payment_failed"] = failed,
  ["charge.refunded"] = refunded,
  ["charge.dispute.created"] = disputed,
  ["charge.dispute.closed"] = settled,
}

oms.receiver("stripe", function(message)
  if not is_signed(message) then
    return oms.reject("bad_signature", "The Stripe-Signature header does not fit")
  end
  local event = message.json
  local handle = handlers[event.type]
  if not handle then return oms.ignore(event.type .. " changes no order") end
  oms.message_id(event.id)
  local object = event.data.object
  local order = (object.metadata or {})[oms.config.order_key]
  if not order then return oms.ignore("it names no order") end
  handle(order, object, event.data.previous_attributes)
end)
