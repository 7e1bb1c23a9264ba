oms.test("a number has the year and six digits, or more", function(t)
  local function number(value, year, series)
    return (t:ask("order.number", t:order {}, { value = value, year = year, series = series }))
  end
  t:equal(number(42, 2026), "ORD-2026-000042")
  t:equal(number(1234567, 2027), "ORD-2027-1234567")
end)

oms.test("all orders are one series, those of an unknown store as well", function(t)
  t:equal((t:ask("order.series", t:order {})), nil)
  t:equal((t:ask("order.series", t:order { store = "nowhere" })), nil)
end)

if oms.status("order", "pending").name == "" then return end -- a shop with other statuses

oms.test("a store has its prefix, and one that counts for itself its series", function(t)
  t:store { name = "berlin", series = "berlin" }
  t:store { name = "kobe", series = "kobe", prefix = "K-" }
  t:equal(t:place { store = "kobe" }.order_number, "K-2026-000001")
  t:equal(t:place { store = "kobe" }.order_number, "K-2026-000002")
  t:equal(t:place { store = "berlin" }.order_number, "berlin-2026-000001")
  t:equal(t:place {}.order_number, "ORD-2026-000001")
end)
