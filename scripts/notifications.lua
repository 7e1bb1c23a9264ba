-- What the customer is told, and when.

local function tell_customer(topic, template, details)
  oms.on(topic, function(event, order)
    if not order.customer_email or order.historical then return end

    local data = details and details(event) or {}
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

tell_customer("order.placed", "order_confirmation")
tell_customer("payment.paid", "payment_received")
tell_customer("shipment.created", "order_shipped", parcel)
tell_customer("shipment.delivered", "order_delivered")
tell_customer("order.canceled", "order_canceled", reason)
