local function ask(t, delivered_at)
  t:at("2026-03-31T12:00:00Z")
  local order = t:order {
    items = { { qty = 2, qty_shipped = 2 }, { qty_shipped = 1 } },
    shipments = {
      { delivered_at = delivered_at, items = { { order_item_id = 1, qty = 1 } } },
      { items = { { order_item_id = 2, qty = 1 } } },
      { delivered_at = "2026-01-01T12:00:00Z", items = { { order_item_id = 1, qty = 1 } } },
    },
  }
  return t:ask("order.return", order, {
    items = { { order_item_id = 1, qty = 1 }, { order_item_id = 2, qty = 1 } },
  })
end

oms.test("goods come back within 30 days after the last of them arrived", function(t)
  t:allowed(ask(t, "2026-03-01T12:00:00Z"))
  t:refused(ask(t, "2026-03-01T11:59:59Z"), "return_window_closed")
end)

oms.test("broken goods come back for two years", function(t)
  t:at("2026-03-31T12:00:00Z")
  local function since(delivered_at)
    local order = t:order {
      items = { { qty_shipped = 1 } }, shipments = { { delivered_at = delivered_at } },
    }
    return t:ask("order.return", order, {
      reason = "defective", items = { { order_item_id = 1, qty = 1 } },
    })
  end
  t:allowed(since("2024-04-01T12:00:00Z"))
  t:refused(since("2024-03-30T12:00:00Z"), "return_window_closed")
end)

oms.test("an item's own reason counts before that of the return", function(t)
  t:at("2026-03-31T12:00:00Z")
  local order = t:order {
    items = { { qty_shipped = 1 } }, shipments = { { delivered_at = "2026-02-01T12:00:00Z" } },
  }
  local function because(own)
    return t:ask("order.return", order, {
      reason = "changed_mind", items = { { order_item_id = 1, qty = 1, reason = own } },
    })
  end
  t:refused(because(nil), "return_window_closed")
  t:allowed(because("damaged"))
end)
