-- A shop may have other statuses, and others of them cancelable: any that fit will do.
local function find(kind, codes, cancelable)
  for _, code in ipairs(codes) do
    local status = oms.status(kind, code)
    if status.name ~= "" and status.cancelable == cancelable then return status end
  end
end

local open_payment = find("payment", { "pending", "authorized" }, true)
local done_payment = find("payment", { "paid", "partially_paid", "refunded" }, false)
local open_shipment = find("shipment", { "pending", "canceled" }, true)
local done_shipment = find("shipment", { "shipped", "delivered", "partially_shipped" }, false)
if not (open_payment and done_payment and open_shipment and done_shipment) then return end

local function ask(t, state)
  state.payment_status = state.payment_status or open_payment.code
  state.shipment_status = state.shipment_status or open_shipment.code
  return t:ask("order.cancel", t:order(state))
end

oms.test("an order of which nothing left the house may be cancelled", function(t)
  t:allowed(ask(t, {}))
end)

oms.test("a held order is released first", function(t)
  t:refused(ask(t, { holds = { { handle = "fraud" } } }), "on_hold")
end)

oms.test("what is on its way is not cancelled, not even in part", function(t)
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
