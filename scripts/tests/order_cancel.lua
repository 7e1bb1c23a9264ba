-- A shop may have other statuses, and others of them cancelable: any that fit will do.
local function find(kind, phases, cancelable)
  for _, phase in ipairs(phases) do
    local status = oms.status(kind, oms.rollup_status(kind, phase))
    if status.cancelable == cancelable then return status end
  end
end

local open_payment = find("payment", { "pending", "authorized" }, true)
local done_payment = find("payment", { "paid", "partially_paid", "refunded" }, false)
local open_shipment = find("shipment", { "pending", "canceled" }, true)
local done_shipment = find("shipment", { "shipped", "delivered", "partially_shipped" }, false)
if not (open_payment and done_payment and open_shipment and done_shipment) then return end

local function ask(t, state, request)
  state.payment_status = state.payment_status or open_payment.code
  state.shipment_status = state.shipment_status or open_shipment.code
  return t:ask("order.cancel", t:order(state), request)
end

oms.test("an order of which nothing left the house may be cancelled", function(t)
  t:allowed(ask(t, {}))
end)

oms.test("a held order is released first", function(t)
  t:refused(ask(t, { holds = { { handle = "fraud" } } }), "on_hold")
end)

oms.test("what is on its way is not cancelled", function(t)
  t:refused(ask(t, { items = { { qty = 2 }, { qty = 3, qty_shipped = 1 } } }), "already_shipped")
end)

oms.test("a parcel that was cancelled is not on its way", function(t)
  t:allowed(ask(t, { shipments = { { canceled_at = 1, items = {} } } }))
end)

oms.test("of an order without lines each parcel counts", function(t)
  t:refused(ask(t, { items = {}, shipments = { {} } }), "already_shipped")
  t:allowed(ask(t, { items = {}, shipments = { { canceled_at = 1 } } }))
end)

oms.test("both statuses must allow it, and the reason names the one that does not", function(t)
  local paid = ask(t, { payment_status = done_payment.code })
  t:refused(paid, "payment_not_cancelable")
  t:ok(paid.reason:find(done_payment.name, 1, true), paid.reason)

  local sent = ask(t, { shipment_status = done_shipment.code })
  t:refused(sent, "shipment_not_cancelable")
  t:ok(sent.reason:find(done_shipment.name, 1, true), sent.reason)
end)

local two_units = { items = { { order_item_id = 1, qty = 2 } } }

oms.test("open units are cancelled, paid or not, while something remains", function(t)
  t:allowed(ask(t, { payment_status = done_payment.code, items = { { qty = 3 } } }, two_units))
  t:allowed(ask(t, {
    shipment_status = done_shipment.code, items = { { qty = 3, qty_shipped = 1 } },
  }, two_units))
end)

oms.test("all units that are there are the order", function(t)
  local all = { payment_status = done_payment.code, items = { { qty = 2 } } }
  t:refused(ask(t, all, two_units), "payment_not_cancelable")
end)

oms.test("a held order's units wait with it", function(t)
  local held = { items = { { qty = 3 } }, holds = { { handle = "fraud" } } }
  t:refused(ask(t, held, two_units), "on_hold")
end)

local refunded = oms.status("payment", oms.rollup_status("payment", "refunded"))
if refunded.phase == "refunded" then
  oms.test("what was refunded may be cancelled, so that its units are free again", function(t)
    t:allowed(ask(t, { payment_status = refunded.code }))
  end)
end
