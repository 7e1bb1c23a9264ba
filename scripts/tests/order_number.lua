oms.test("a number has the year and six digits, or more", function(t)
  local function number(value, year)
    return (t:ask("order.number", t:order {}, { value = value, year = year }))
  end
  t:equal(number(42, 2026), "ORD-2026-000042")
  t:equal(number(1234567, 2027), "ORD-2027-1234567")
end)
