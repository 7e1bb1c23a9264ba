if oms.status("order", "canceled").phase ~= "canceled" then return end -- a shop with other statuses

oms.test("an order that stands may be shipped", function(t)
  t:allowed(t:ask("order.ship", t:order {}))
end)

oms.test("nothing is sent for an order that is called off", function(t)
  t:refused(t:ask("order.ship", t:order { status = "canceled" }), "order_canceled")
end)
