local canceled
for _, code in ipairs(oms.statuses("order")) do
  if oms.status("order", code).phase == "canceled" then canceled = canceled or code end
end

oms.test("an order that stands may be shipped", function(t)
  t:allowed(t:ask("order.ship", t:order {}))
end)

if canceled then
  oms.test("nothing is sent for an order that is called off", function(t)
    t:refused(t:ask("order.ship", t:order { status = canceled }), "order_canceled")
  end)
end

oms.test("a held order waits", function(t)
  t:refused(t:ask("order.ship", t:order { holds = { { handle = "fraud" } } }), "on_hold")
end)

local charged_back = oms.status("payment", oms.rollup_status("payment", "charged_back"))
if charged_back.phase == "charged_back" then
  oms.test("nothing is sent for money that was charged back", function(t)
    t:refused(t:ask("order.ship", t:order { payment_status = charged_back.code }), "charged_back")
  end)
end

if oms.status("payment", "refunded").phase == "refunded" then
  oms.test("nothing is sent for money that went back", function(t)
    t:refused(t:ask("order.ship", t:order { payment_status = "refunded" }), "refunded")
    local kept = t:order { payment_status = "refunded", refunds = { { keep = true } } }
    t:allowed(t:ask("order.ship", kept))
  end)
end
