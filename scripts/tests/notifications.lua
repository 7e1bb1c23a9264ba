local function customer(state)
  state = state or {}
  state.customer_email = "ada@example.org"
  state.customer_full_name = "Ada Lovelace"
  state.order_number = "ORD-2026-000007"
  state.currency = "EUR"
  return state
end

local function mail_for(t, topic, state, fields)
  local intents = t:emit(topic, t:order(customer(state)), fields)
  t:equal(#intents, 1, topic)
  t:equal(intents[1].kind, "mail", topic)
  t:equal(intents[1].to, "ada@example.org", topic)
  t:equal(intents[1].data.order_number, "ORD-2026-000007", topic)
  t:equal(intents[1].data.customer_name, "Ada Lovelace", topic)
  return intents[1]
end

oms.test("the customer hears of the order, its payment and its parcels", function(t)
  t:equal(mail_for(t, "order.placed").template, "order_confirmation")
  t:equal(mail_for(t, "payment.paid").template, "payment_received")
  t:equal(mail_for(t, "shipment.delivered", { shipments = { {} } }).template, "order_delivered")
end)

oms.test("an order that was split off is no news until it is paid", function(t)
  local order = t:order(customer({ split_of = "0192f000-0000-7000-8000-000000000001" }))
  t:equal(t:emit("order.placed", order), {})
  t:equal(#t:emit("payment.paid", order), 1)
end)

oms.test("a parcel's mail says how to follow it", function(t)
  local mail = mail_for(t, "shipment.created", {
    shipments = {
      { carrier = "DHL", tracking_number = "X1", tracking_url = "https://dhl.example" },
    },
  })
  t:equal(mail.template, "order_shipped")
  t:equal(mail.data.carrier, "DHL")
  t:equal(mail.data.tracking_number, "X1")
  t:equal(mail.data.tracking_url, "https://dhl.example")
end)

oms.test("a cancellation's mail says why", function(t)
  local mail = mail_for(t, "order.canceled", {}, { reason = "Out of stock" })
  t:equal(mail.template, "order_canceled")
  t:equal(mail.data.reason, "Out of stock")
end)

oms.test("cancelled units' mail says which and why", function(t)
  local mail = mail_for(t, "items.canceled", {
    items = { { name = "Mug", qty = 3, qty_canceled = 2 }, { qty = 1 } },
  }, { reason = "Out of stock" })
  t:equal(mail.template, "items_canceled")
  t:equal(mail.data.items, { { name = "Mug", qty = 2 } })
  t:equal(mail.data.reason, "Out of stock")
end)

oms.test("a refund's mail says how much, and on which credit memo", function(t)
  local mail = mail_for(t, "payment.refunded", {
    refunds = { { amount = 1250, credit_memo_number = "CM-2026-000001" } },
  })
  t:equal(mail.template, "refund_issued")
  t:equal(mail.data.credit_memo_number, "CM-2026-000001")
  t:equal(mail.data.amount, "12.50")
end)

oms.test("the customer hears of each step of a return", function(t)
  for step, template in pairs {
    requested = "return_requested", approved = "return_approved",
    rejected = "return_rejected", received = "return_received",
  } do
    local rma = { status = step, return_number = "R-1", note = "With thanks", reason = "Too big" }
    local mail = mail_for(t, "return." .. step, { returns = { rma } })
    t:equal(mail.template, template)
    t:equal(mail.data.return_number, "R-1")
    t:equal(mail.data.note, "With thanks")
    t:equal(mail.data.reason, "Too big")
  end
end)

oms.test("nobody is written to without an address", function(t)
  t:equal(t:emit("order.placed", t:order {}), {})
end)

oms.test("customers of imported orders are left in peace", function(t)
  t:equal(t:emit("order.placed", t:order(customer { historical = true })), {})
end)
