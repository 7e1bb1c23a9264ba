-- Adyen's own example of a signature, and what follows from each event. Most tests need its key:
-- orderd test plugins/adyen -o plugin.adyen.hmac_key=EXAMPLE, with the key below.

local EXAMPLE = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
local KEY = oms.config.hmac_key[1] and oms.from_hex(oms.config.hmac_key[1]) or ""
local ACCOUNT = oms.config.merchant_account ~= "" and oms.config.merchant_account or "Shop"

local function signature(item)
  return oms.base64(oms.hmac_sha256(KEY, table.concat({
    item.psp, item.original or "", item.account or ACCOUNT, item.reference, item.value,
    item.currency or "EUR", item.code, item.success or "true",
  }, ":")))
end

local function send(t, item)
  return t:receive("adyen", { json = {
    live = "false",
    notificationItems = { { NotificationRequestItem = {
      additionalData = { hmacSignature = item.signature or signature(item) },
      amount = { currency = item.currency or "EUR", value = item.value },
      eventCode = item.code, eventDate = "2026-01-01T13:00:00+01:00",
      merchantAccountCode = item.account or ACCOUNT, merchantReference = item.reference,
      originalReference = item.original, paymentMethod = "visa", pspReference = item.psp,
      success = item.success or "true",
    } } },
  } })
end

oms.test("without its signature a notification is rejected", function(t)
  local receipt = send(t, {
    code = "AUTHORISATION", psp = "1", reference = "A", value = 1, signature = "AAAA",
  })
  t:equal(receipt.code, "bad_signature")
  t:equal(receipt.acknowledged, nil)
end)

oms.test("what is no notification is refused", function(t)
  local items = '{"notificationItems":'
  for _, body in ipairs { "", "[]", "{}", items .. "{}}", items .. "[1]}", items .. "[]}" } do
    t:equal(t:receive("adyen", { body = body }).code, "bad_message")
  end
end)

if oms.config.hmac_key[1] ~= EXAMPLE then return end

local function told(t, order, code, psp, more)
  local item = { code = code, psp = psp, reference = order.order_number, value = order.grand_total }
  for key, value in pairs(more or {}) do item[key] = value end
  local receipt = send(t, item)
  if receipt.outcome == "rejected" then t:fail(receipt.reason) end
  t:equal(receipt.acknowledged, "[accepted]")
  return receipt.outcome
end

oms.test("Adyen's example is signed as Adyen says", function(t)
  local receipt = send(t, {
    code = "AUTHORISATION", psp = "7914073381342284", account = "TestMerchant", value = 1130,
    reference = "TestPayment-1407325143704",
    signature = "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=",
  })
  t:equal(receipt.outcome, "parked")
  t:equal(receipt.id, "AUTHORISATION/7914073381342284/true")
end)

oms.test("authorised, captured, refunded", function(t)
  local order = t:place {}
  t:equal(told(t, order, "CAPTURE", "C", { original = "A" }), "parked")
  told(t, order, "AUTHORISATION", "A")
  t:equal(order.payment_rollup, "authorized")
  t:equal(told(t, order, "REFUND", "R", { original = "A" }), "parked")
  told(t, order, "CAPTURE", "C", { original = "A" })
  t:equal(order.payment_rollup, "paid")
  t:equal(told(t, order, "REFUND_FAILED", "R", { original = "A" }), "parked")
  told(t, order, "REFUND", "R", { original = "A" })
  t:equal(order.payment_rollup, "refunded")
  told(t, order, "REFUND_FAILED", "R", { original = "A" })
  t:equal(order.hold.handle, "refund-failed")
end)

oms.test("a refusal pays nothing, and a later authorisation does", function(t)
  local order = t:place {}
  told(t, order, "AUTHORISATION", "A", { success = "false" })
  t:equal(order.payment_rollup, "failed")
  told(t, order, "AUTHORISATION", "B")
  t:equal(order.payment_rollup, "authorized")
end)

oms.test("a cancellation voids what is authorised", function(t)
  local order = t:place {}
  t:equal(told(t, order, "CANCELLATION", "V", { original = "A" }), "parked")
  told(t, order, "AUTHORISATION", "A")
  told(t, order, "CANCELLATION", "V", { original = "A" })
  t:equal(order.amount_authorized - order.amount_captured, 0)
end)

oms.test("a chargeback takes the money, and its reversal brings it back", function(t)
  local order = t:place {}
  told(t, order, "AUTHORISATION", "A")
  told(t, order, "CAPTURE", "C", { original = "A" })
  told(t, order, "NOTIFICATION_OF_CHARGEBACK", "D", { original = "A" })
  t:equal(order.hold.handle, "dispute")
  t:equal(told(t, order, "CHARGEBACK_REVERSED", "D", { original = "A" }), "parked")
  told(t, order, "CHARGEBACK", "D", { original = "A" })
  t:equal(order.payment_rollup, "charged_back")
  told(t, order, "CHARGEBACK_REVERSED", "D", { original = "A" })
  t:equal(order.payment_rollup, "paid")
end)

oms.test("another currency and events of no interest change nothing", function(t)
  local order = t:place {}
  local receipt = send(t, {
    code = "AUTHORISATION", psp = "A", reference = order.order_number, value = 1, currency = "JPY",
  })
  t:equal(receipt.code, "wrong_currency")
  t:equal(told(t, order, "REPORT_AVAILABLE", "A"), "ignored")
  t:equal(#order.payments, 0)
end)
