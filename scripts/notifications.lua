-- What the customer is told, and when.

local function tell_customer(topic, template, details, when)
  oms.on(topic, function(event, order)
    if not order.customer_email or order.historical then return end
    if when and not when(event, order) then return end

    local data = details and details(event, order) or {}
    data.order_number = order.order_number
    data.customer_name = order.customer_full_name
    return oms.mail { to = order.customer_email, template = template, data = data }
  end)
end

local function parcel(event)
  return {
    carrier = event.carrier,
    tracking_number = event.tracking_number,
    tracking_url = event.tracking_url,
  }
end

local function reason(event)
  return { reason = event.reason }
end

local function refund(event, order)
  return {
    credit_memo_number = event.credit_memo_number,
    amount = oms.format_amount(event.amount, order.currency),
    currency = order.currency,
  }
end

local function rma(event, order)
  local data = { note = event.note }
  for _, one in ipairs(order.returns) do
    if one.return_id == event.return_id then
      data.return_number, data.reason = one.return_number, one.reason
    end
  end
  return data
end

local function units(event, order)
  local names = {}
  for _, item in ipairs(order.items) do names[item.order_item_id] = item.name or item.sku end
  local items = oms.list {}
  for i, unit in ipairs(event.items) do
    items[i] = { name = names[unit.order_item_id], qty = unit.qty }
  end
  return { items = items, reason = event.reason }
end

-- The customer knows the order that this one was split from, and what was paid for it.
local function is_news(event, order)
  return not (order.split_of and event.type == "order.placed")
end

tell_customer("order.placed", "order_confirmation", nil, is_news)
tell_customer("payment.paid", "payment_received", nil, is_news)
tell_customer("shipment.created", "order_shipped", parcel)
tell_customer("shipment.delivered", "order_delivered")
tell_customer("order.canceled", "order_canceled", reason)
tell_customer("items.canceled", "items_canceled", units)
tell_customer("payment.refunded", "refund_issued", refund)
tell_customer("return.requested", "return_requested", rma)
tell_customer("return.approved", "return_approved", rma)
tell_customer("return.rejected", "return_rejected", rma)
tell_customer("return.received", "return_received", rma)
