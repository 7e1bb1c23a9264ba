oms.test("an order that nobody holds may be changed", function(t)
  t:allowed(t:ask("order.change", t:order {}, { difference = 500 }))
end)

oms.test("a held order is not changed", function(t)
  t:refused(t:ask("order.change", t:order { holds = { { handle = "fraud" } } }), "on_hold")
end)
