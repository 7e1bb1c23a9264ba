if oms.status("order", "closed").name == "" or oms.status("order", "pending").name == "" then
  return -- a shop with other statuses
end

local EVIL = "</td><script>alert('x')</script>\nBcc: evil@example.net"
local ESCAPED = "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"

local function place(t, more)
  local order = {
    currency = "EUR",
    customer = { email = "ada@example.org", full_name = EVIL },
    items = { { sku = "MUG", name = EVIL, qty = 3, price = 1000 } },
    shipping_address = { full_name = EVIL, address1 = "1 Pier", city = "Cork", country = "IE" },
  }
  for key, value in pairs(more or {}) do order[key] = value end
  return t:place(order)
end

--- Each mail is whole in both forms, and what a customer wrote is but text in it.
local function check(t, mail, texts)
  t:ok(mail.subject ~= "", "a subject")
  t:equal(mail.subject:find("[\r\n]"), nil, "the subject is one line")
  t:equal(mail.html:sub(1, 15), "<!DOCTYPE html>")
  t:ok(mail.html:find("</html>", -8, true), "the HTML is whole")
  t:equal(mail.html:find("<script", 1, true), nil, "no script")
  t:ok(mail.html:find(ESCAPED, 1, true), "what a customer wrote is escaped")
  t:ok(mail.text:find("Hello </td><script>", 1, true), "text is not escaped")
  for _, text in ipairs(texts) do
    t:ok(mail.text:find(text, 1, true), "the text has " .. text .. ": " .. mail.text)
    t:ok(mail.html:find(text, 1, true), "the HTML has " .. text .. ": " .. mail.html)
  end
end

oms.test("the confirmation says what was ordered, and where it goes", function(t)
  local order = place(t)
  local mail = t:mail("order_confirmation", order)
  t:equal(mail.subject, "Your order " .. order.order_number)
  t:equal(mail.language, "")
  check(t, mail, { order.order_number, "EUR 30.00", "1 Pier", "The Shop", "shop@example.org" })
end)

oms.test("the payment's mail says how much has arrived", function(t)
  local order = place(t)
  t:ok(order:add_payment { type = "capture", amount = 3000 })
  check(t, t:mail("payment_received", order), { "EUR 30.00" })
end)

oms.test("each parcel's mail says what is in it, and where to follow it", function(t)
  local order = place(t)
  t:ok(order:create_shipment {
    carrier = "DHL", tracking_number = "X1", items = { { order_item_id = 1, qty = 1 } },
  })
  t:ok(order:create_shipment { carrier = "UPS", tracking_number = "X2" })
  local first = t:mail("order_shipped", order, { shipment_id = 1 })
  check(t, first, { "DHL", "X1" })
  t:equal(first.text:find("X2", 1, true), nil)
  check(t, t:mail("order_shipped", order), { "UPS", "X2" })
  check(t, t:mail("order_delivered", order), { "X2" })
end)

oms.test("what is left of an order is said to follow", function(t)
  local order = place(t)
  t:ok(order:create_shipment { items = { { order_item_id = 1, qty = 1 } } })
  check(t, t:mail("order_shipped", order), { "A part of your order", "The rest follows" })
end)

oms.test("a cancellation's mail says why, and a refund's how much", function(t)
  local order = place(t)
  t:ok(order:add_payment { type = "capture", amount = 3000 })
  local mail = t:mail("order_canceled", order, { data = { reason = "Out of stock" } })
  check(t, mail, { "Out of stock", "goes back to you" })
  t:ok(order:refund { amount = 1250, reason = "Broken" })
  check(t, t:mail("refund_issued", order), { "EUR 12.50", "CM-2026-000001", "Broken" })
  local part = { items = { { name = "Mug", qty = 2 } }, reason = "Out of stock" }
  check(t, t:mail("items_canceled", order, { data = part }), { "Mug", "Out of stock" })
end)

oms.test("each step of a return has its mail", function(t)
  local order = place(t)
  for _, step in ipairs { "requested", "approved", "rejected", "received" } do
    check(t, t:mail("return_" .. step, order, { data = { note = "With thanks" } }),
      { order.order_number, "With thanks" })
  end
end)

oms.test("a line break in a name ends no subject", function(t)
  local order = place(t, { order_number = "A-1" })
  t:equal(t:mail("order_confirmation", order).subject, "Your order A-1")
  t:raises(function() t:mail("order_confirmed", order) end, "mail/order_confirmed.txt")
end)

oms.test("a mail in a language that there is none of is the one without", function(t)
  local order = place(t, { locale = "xx-YY" })
  t:equal(t:mail("order_confirmation", order, { language = "xx-YY" }).language, "")
end)
