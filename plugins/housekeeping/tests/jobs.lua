-- The jobs find their candidates among all orders, and the commands decide.

oms.test("the job cancels what was not paid in time, and nothing else", function(t)
  local old, paid = t:place {}, t:place {}
  t:ok(paid:add_payment { type = "capture", amount = paid.grand_total })
  t:after("72h")
  local young = t:place {}
  t:after("1m")
  t:job("cancel_unpaid")
  t:equal(old.status, "canceled")
  t:equal(paid.canceled, false)
  t:equal(young.canceled, false)
end)

oms.test("the job delivers parcels that nobody hears of", function(t)
  local silent, kept = t:place {}, t:place { tags = { "keep" } }
  t:ok(silent:create_shipment {})
  t:ok(kept:create_shipment {})
  t:after("15d")
  t:job("deliver_silent")
  t:equal(silent.shipment_status, oms.rollup_status("shipment", "delivered"))
  t:equal(kept.shipment_status, oms.rollup_status("shipment", "shipped"))
  t:job("deliver_silent")
  t:equal(#t:events(silent), 4)
end)

oms.test("one order that cannot be dealt with does not keep the others waiting", function(t)
  local function paid(rollup)
    return t:order {
      payment_status = oms.rollup_status("payment", rollup), amount_captured = 0, created_at = 1000,
    }
  end
  local returned, odd = paid "paid", paid "partially_paid" -- not cancelable
  local old = t:place {}
  t:after("73h")
  t:job("cancel_unpaid")
  t:equal(returned.canceled, false)
  t:equal(odd.canceled, false)
  t:equal(old.status, "canceled")
end)

oms.test("what is left of an order after a part was cancelled is cancelled, too", function(t)
  local part = t:place { items = { { sku = "A", qty = 2, price = 1000 } } }
  t:ok(part:cancel { items = { { order_item_id = 1, qty = 1 } } })
  t:equal(part.shipment_status, oms.rollup_status("shipment", "partially_canceled"))
  t:after("73h")
  t:job("cancel_unpaid")
  t:equal(part.status, "canceled")
end)
