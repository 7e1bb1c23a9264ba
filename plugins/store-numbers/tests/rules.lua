local function number_of(t, value, series)
  return (t:ask("order.number", t:order {}, { value = value, series = series, year = 2026 }))
end

oms.test("the number is the series and what it counts", function(t)
  t:equal(number_of(t, 42, "DE-2026"), "DE-2026-00042")
  t:equal(number_of(t, 1234567, "DE-2026"), "DE-2026-1234567")
end)

oms.test("the series is the store's prefix and the year it was placed in", function(t)
  t:at("2026-12-31T23:59:59Z")
  t:equal((t:ask("order.series", t:order {})), "WEB-2026")
  t:at("2027-01-01T00:00:00Z")
  t:equal((t:ask("order.series", t:order {})), "WEB-2027")
end)

oms.test("a store without a prefix counts with the others", function(t)
  t:equal((t:ask("order.series", t:order { store = "nowhere" })), "WEB-2026")
end)

oms.test("placed orders are numbered by it", function(t)
  t:equal(t:place {}.order_number, "WEB-2026-00001")
  t:equal(t:place {}.order_number, "WEB-2026-00002")
end)
