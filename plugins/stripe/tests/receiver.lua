local EVENT = {
  id = "evt_1",
  type = "payment_intent.succeeded",
  data = { object = { id = "pi_1" } },
}

local function receive(t, header)
  return t:receive("stripe", { json = EVENT, headers = { ["stripe-signature"] = header } })
end

oms.test("a message that Stripe did not sign is rejected", function(t)
  for _, header in ipairs { "", "t=1,v1=00", "v1=00", "t=x,v1=" } do
    local receipt = receive(t, header)
    t:equal(receipt.outcome, "rejected")
    t:equal(receipt.code, "bad_signature")
  end
end)

oms.test("a signature over another body does not fit", function(t)
  local time = tostring(oms.now() // 1000)
  local digest = oms.hex(oms.hmac_sha256(oms.config.signing_secret, time .. ".{}"))
  t:equal(receive(t, ("t=%s,v1=%s"):format(time, digest)).code, "bad_signature")
end)
