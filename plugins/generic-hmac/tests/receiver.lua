-- Most tests need -o plugin.generic-hmac.secret=secret and the rows
--   on:paid = add_payment type=capture amount=$data.amount transaction_id=$data.ref
--   on:note = add_activity comment=$text

local SOURCE = oms.config.source

oms.test("what is not signed is rejected", function(t)
  t:equal(t:receive(SOURCE, { body = "{}" }).code, "bad_signature")
  local forged = { body = "{}", headers = { [oms.config.header] = "00" } }
  t:equal(t:receive(SOURCE, forged).code, "bad_signature")
end)

if oms.config.secret[1] ~= "secret" then return end

local function send(t, body)
  return t:receive(SOURCE, {
    body = body, headers = { ["x-signature"] = oms.hex(oms.hmac_sha256("secret", body)) },
  })
end

oms.test("a row of the table says which command it is", function(t)
  local order = t:place {}
  local body = ('{"id":7,"type":"paid","order":"%s","data":{"amount":%d,"ref":"tx-1"}}'):format(
    order.order_number, order.grand_total)
  local receipt = send(t, body)
  t:equal(receipt.outcome, "accepted")
  t:equal(receipt.id, "7")
  t:equal(order.payment_rollup, "paid")
  t:equal(order.payments[1].transaction_id, "tx-1")
  send(t, ('{"id":8,"type":"note","order":"%s","text":"Hello"}'):format(order.order_number))
  local events = t:events(order)
  t:equal(events[#events].comment, "Hello")
end)

oms.test("odd messages are refused with a reason", function(t)
  local order = t:place {}
  local function reason(amount)
    return send(t, ('{"id":"a","type":"paid","order":"%s","data":{"amount":%s}}'):format(
      order.order_number, amount)).reason
  end
  t:equal(reason("1e3"), "data.amount must be a whole number")
  t:equal(reason("{}"), "data.amount must be a text of 1 to 4000 bytes")
  t:ok(reason('"1.005"'))
  t:ok(reason("99999999999999999999999"))
  t:equal(#order.payments, 0)
  t:equal(send(t, '{"type":"paid"}').reason, "id must be there")
  t:equal(send(t, "[1,2]").reason, "id must be there")
  t:equal(send(t, '{"id":"a","type":"gone"}').outcome, "ignored")
  local early = send(t, '{"id":"a","type":"paid","order":"NOBODY","data":{"amount":1}}')
  t:equal(early.outcome, "parked")
end)
