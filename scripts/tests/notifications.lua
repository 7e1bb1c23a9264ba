local function customer(state)
  state = state or {}
  state.customer_email = "ada@example.org"
  state.customer_full_name = "Ada Lovelace"
  state.order_number = "ORD-2026-000007"
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

oms.test("nobody is written to without an address", function(t)
  t:equal(t:emit("order.placed", t:order {}), {})
end)

oms.test("customers of imported orders are left in peace", function(t)
  t:equal(t:emit("order.placed", t:order(customer { historical = true })), {})
end)
