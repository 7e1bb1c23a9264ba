-- What Stripe sends, signed as it signs. Run with -o plugin.stripe.signing_secret=… for all of it.

local SECRET = oms.config.signing_secret[1] or ""

local function receive(t, type, object, options)
  options = options or {}
  local time = tostring((options.at or oms.now()) // 1000)
  local body = ('{"id":"%s","type":"%s","data":{"object":%s}}'):format(
    options.id or "evt_" .. type, type, object)
  local digest = oms.hex(oms.hmac_sha256(options.secret or SECRET, time .. "." .. body))
  return t:receive("stripe", {
    body = body,
    headers = {
      ["stripe-signature"] = options.header or ("t=%s,v0=00,v1=%s"):format(time, digest),
    },
  })
end

oms.test("a message that Stripe did not sign is rejected", function(t)
  for _, header in ipairs { "", "t=1,v1=00", "v1=00", "t=x,v1=", "t=99999999999999999999,v1=00" } do
    local receipt = receive(t, "charge.refunded", "{}", { header = header })
    t:equal(receipt.outcome, "rejected")
    t:equal(receipt.code, "bad_signature")
  end
  t:equal(receive(t, "charge.refunded", "{}", { secret = "whsec_guessed" }).code, "bad_signature")
end)

if SECRET == "" then return end

local function intent(order)
  return ('{"id":"pi_1","amount_received":%d,"currency":"eur","latest_charge":"ch_1",'
    .. '"metadata":{"order_number":"%s"}}'):format(order.grand_total, order.order_number)
end

oms.test("an old signature is refused, whatever it signs", function(t)
  local receipt = receive(t, "charge.refunded", "{}", { at = oms.now() - 600000 })
  t:equal(receipt.code, "bad_signature")
end)

oms.test("a payment that failed and one that succeeded end paid, in both orders", function(t)
  local first, second = t:place {}, t:place {}
  receive(t, "payment_intent.payment_failed", intent(first), { id = "evt_1" })
  receive(t, "payment_intent.succeeded", intent(first), { id = "evt_2" })
  receive(t, "payment_intent.succeeded", intent(second), { id = "evt_3" })
  receive(t, "payment_intent.payment_failed", intent(second), { id = "evt_4" })
  t:equal(first.payment_rollup, "paid")
  t:equal(second.payment_rollup, "paid")
end)

oms.test("a message with wrong members says which", function(t)
  local receipt = receive(t, "payment_intent.succeeded",
    '{"id":"pi_1","currency":"eur","amount_received":1e3}')
  t:equal(receipt.code, "bad_message")
  t:equal(receipt.reason,
    "data.object.amount_received must be an amount: a whole number of minor units")
end)

oms.test("another currency than the order's is refused", function(t)
  local order = t:place {}
  local receipt = receive(t, "payment_intent.succeeded", (intent(order):gsub("eur", "jpy")))
  t:equal(receipt.code, "wrong_currency")
end)
