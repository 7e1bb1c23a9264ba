oms.test("an order that nobody holds may be split", function(t)
  t:allowed(t:ask("order.split", t:order {}, { items = { { order_item_id = 1, qty = 1 } } }))
end)

oms.test("a held order is not split", function(t)
  t:refused(t:ask("order.split", t:order { holds = { { handle = "fraud" } } }), "on_hold")
end)
