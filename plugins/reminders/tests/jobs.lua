-- With the settings as they are shipped: 24h and 72h, 48h and 96h, seven days.

local function comments(t, order)
  local list = {}
  for _, event in ipairs(t:events(order)) do
    if event.type == "activity.added" then list[#list + 1] = event.comment end
  end
  return list
end

local function both(t)
  t:job("remind_unpaid")
  t:job("alert_unshipped")
end

oms.test("an unpaid order is told twice and then cancelled, each once", function(t)
  t:stock("A", 5)
  local order = t:place { items = { { sku = "A", qty = 2, price = 1000 } } }
  for _, hours in ipairs { 23, 1, 1, 47, 1, 95, 1, 10 } do
    t:after(hours .. "h")
    both(t)
    both(t)
  end
  t:equal(comments(t, order), { "Reminder 1: not paid for 24h", "Reminder 2: not paid for 72h" })
  t:equal(order.status, "canceled")
  t:equal(order.cancel_reason, "Not paid in time")
  t:equal(order.metadata.reminders.unpaid, 2)
end)

oms.test("what was slept through is told once, at its highest level", function(t)
  local order = t:place { metadata = { gift = true } }
  t:after("100h")
  both(t)
  t:equal(comments(t, order), { "Reminder 2: not paid for 72h" })
  t:equal(order.metadata.gift, true)
end)

oms.test("a payment ends the reminders, and begins the time to ship", function(t)
  local order = t:place {}
  t:after("30h")
  both(t)
  t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  t:after("47h")
  both(t)
  t:equal(#comments(t, order), 1)
  t:after("1h")
  both(t)
  t:after("48h")
  both(t)
  both(t)
  t:equal(comments(t, order), { "Reminder 1: not paid for 24h",
    "Alert 1: paid, not shipped for 48h", "Alert 2: paid, not shipped for 96h" })
end)

oms.test("what is shipped, held or authorised is not cancelled", function(t)
  local shipped, held, authorised = t:place {}, t:place {}, t:place {}
  t:ok(shipped:create_shipment {})
  t:ok(held:add_hold { handle = "phone" })
  t:ok(authorised:add_payment { type = "authorize", amount = authorised.grand_total })
  t:after("200h")
  both(t)
  for _, order in ipairs { shipped, held, authorised } do t:equal(order.canceled, false) end
end)

oms.test("a part that is still to leave is told; all of it shipped is not", function(t)
  local part, whole = t:place { items = { { sku = "A", qty = 2, price = 1000 } } }, t:place {}
  for _, order in ipairs { part, whole } do
    t:ok(order:add_payment { type = "capture", amount = order.grand_total })
  end
  t:ok(part:create_shipment { items = { { order_item_id = 1, qty = 1 } } })
  t:ok(whole:create_shipment {})
  t:after("50h")
  both(t)
  t:equal(comments(t, part), { "Alert 1: paid, not shipped for 48h" })
  t:equal(comments(t, whole), {})
end)

oms.test("the customer and the shop are told by their targets", function(t)
  local order = t:place { customer_email = "ada@example.org" }
  local mail = t:emit("activity.added", order, { comment = "Reminder 1: not paid for 24h" })[1]
  t:equal(mail.to, "ada@example.org")
  t:equal(mail.template, "payment_reminder")
  local alert = { comment = "Alert 2: paid, not shipped for 96h" }
  local note = t:emit("activity.added", order, alert)[1]
  t:equal(note.channel, "operations")
  t:equal(#t:emit("activity.added", order, { comment = "Called the customer" }), 0)
end)

oms.test("the mail says how much is open, and until when", function(t)
  local order = t:place { customer_email = "ada@example.org", currency = "EUR" }
  local intent = t:emit("activity.added", order, { comment = "Reminder 1: not paid for 24h" })[1]
  t:equal(intent.data.cancel_on, "2026-01-08")
  local mail = t:mail("payment_reminder", order, { data = intent.data })
  t:equal(mail.subject, ("Your order %s waits for its payment"):format(order.order_number))
  for _, form in ipairs { mail.text, mail.html } do
    t:ok(form:find("EUR " .. oms.format_amount(order.grand_total, "EUR"), 1, true), form)
    t:ok(form:find("2026-01-08", 1, true), form)
  end
end)

oms.test("metadata of any form is none of ours", function(t)
  for _, reminders in ipairs { { reminders = "soon" }, { reminders = { unpaid = "x" } } } do
    local order = t:place { metadata = reminders }
    t:after("25h")
    both(t)
    t:equal(order.metadata.reminders.unpaid, 1)
  end
end)
