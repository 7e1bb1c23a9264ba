local released_in_march = { releaseDate = "2026-03-01" }

local function preorder(t)
  t:at("2026-02-20T10:00:00Z")
  return t:place {
    items = {
      { sku = "GAME", qty = 1, price = 5999, product_custom_options = released_in_march },
      { sku = "CASE", qty = 1, price = 999 },
    },
  }
end

oms.test("a pre-order does not ship before its date", function(t)
  local order = preorder(t)
  local ok, refusal = order:create_shipment { items = { { order_item_id = 1, qty = 1 } } }
  t:equal(ok, false)
  t:equal(refusal.code, "not_released")
  t:equal(refusal.message, "Pre-order: on sale from 2026-03-01")
end)

oms.test("what is out ships at once", function(t)
  local order = preorder(t)
  t:ok(order:create_shipment { items = { { order_item_id = 2, qty = 1 } } })
end)

oms.test("it ships on the day", function(t)
  local order = preorder(t)
  t:at("2026-03-01T00:00:00Z")
  t:ok(order:create_shipment {})
end)

oms.test("a paid pre-order may be cancelled until its date", function(t)
  local order = preorder(t)
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  t:allowed(t:ask("order.cancel", order))
  t:at("2026-03-02T00:00:00Z")
  t:refused(t:ask("order.cancel", order), "payment_not_cancelable")
end)

oms.test("a released one goes early and keeps its metadata", function(t)
  t:at("2026-02-20T10:00:00Z")
  local order = t:place {
    metadata = { source = "app" },
    items = { { sku = "GAME", price = 5999, product_custom_options = released_in_march } },
  }
  t:ok(t:run("release_preorder", order))
  t:equal(order.metadata.source, "app")
  t:ok(order:create_shipment {})
end)

oms.test("orders without dates follow the default rules", function(t)
  local order = t:place {}
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  t:refused(t:ask("order.cancel", order), "payment_not_cancelable")
end)
