-- Without rows of its own the table is empty; conf/evershop.ini has the tests of the preset.

local function status_of(t, payment, shipment)
  return (t:ask("order.status", t:order {
    payment_status = payment, shipment_status = shipment, unconfigured = true,
  }))
end

if oms.config.preset == "evershop" then
  oms.test("EverShop's pairs have EverShop's statuses", function(t)
    t:equal(status_of(t, "pending", "pending"), "new")
    t:equal(status_of(t, "pending", "shipped"), "processing")
    t:equal(status_of(t, "paid", "pending"), "processing")
    t:equal(status_of(t, "paid", "delivered"), "completed")
    t:equal(status_of(t, "canceled", "canceled"), "canceled")
    t:equal(status_of(t, "canceled", "pending"), "canceled")
    t:equal(status_of(t, "stripe_captured", "delivered"), "completed")
    t:equal(status_of(t, "stripe_captured", "shipped"), "processing")
    t:equal(status_of(t, "stripe_failed", "pending"), "new")
    t:equal(status_of(t, "stripe_refunded", "delivered"), "closed")
    t:equal(status_of(t, "stripe_refunded", "canceled"), "closed")
  end)

  oms.test("a cancelled payment with partly cancelled parcels reads as processing", function(t)
    t:equal(status_of(t, "canceled", "partially_canceled"), "processing")
  end)

  oms.test("an unknown payment status is an error", function(t)
    t:raises(function() status_of(t, "bitcoin_sent", "pending") end, "unknown payment status")
  end)

  oms.test("paid and delivered orders are not cancelable", function(t)
    t:refused(t:ask("order.cancel", t:order { payment_status = "paid" }), "payment_not_cancelable")
    t:refused(t:ask("order.cancel", t:order { shipment_status = "delivered" }),
      "shipment_not_cancelable")
    t:allowed(t:ask("order.cancel", t:order { shipment_status = "shipped" }))
  end)

  oms.test("money that goes back has the gateway's word, where it has one", function(t)
    local function refunded(method, amount)
      local order = t:place {}
      t:ok(order:add_payment { type = "capture", amount = 1000, method = method })
      t:ok(order:create_shipment {})
      t:ok(order:update_shipment(1, { status = "delivered" }))
      t:ok(order:refund { amount = amount })
      return order.payment_status
    end
    t:equal(refunded("stripe", 400), "stripe_partial_refunded")
    t:equal(refunded("stripe", 1000), "stripe_refunded")
    t:equal(refunded("paypal", 1000), "paypal_captured")
    t:equal(refunded("cod", 400), "paid")
  end)

  oms.test("an order's life: new, processing, completed", function(t)
    local order = t:place {}
    t:equal(order.status, "new")
    t:ok(order:add_payment { type = "capture", amount = order.grand_total, method = "stripe" })
    t:equal(order.payment_status, "stripe_captured")
    t:equal(order.status, "processing")
    t:ok(order:create_shipment { carrier = "ups" })
    t:equal(order.shipment_status, "shipped")
    t:ok(order:update_shipment(1, { status = "delivered" }))
    t:equal(order.status, "completed")
  end)
end

if #oms.config.rows == 0 and oms.config.preset == "none" then
  oms.test("without rows the error says what to add", function(t)
    t:raises(function() status_of(t, "pending", "pending") end, "no row fits pending:pending")
  end)
end
