-- A parcel is found by its tracking number, which also may be one of several orders. Each status
-- says one thing that stays true, and none undoes another; so their order does not matter.
-- Shapes: https://docs.easypost.com/docs/trackers and https://docs.easypost.com/docs/events

local SHAPE = {
  id = "id", description = "text", created_at = "time",
  result = {
    tracking_code = "name?", status = "text?", public_url = "text?",
  },
}

-- The parcels that have the number and were not called back. Only their ids: a list is good until
-- the order changes.
local function parcels(order, number)
  local ids = {}
  for _, parcel in ipairs(order.shipments) do
    if parcel.tracking_number == number and not parcel.canceled_at then
      ids[#ids + 1] = parcel.shipment_id
    end
  end
  return ids
end

local function parcel_of(order, id)
  for _, parcel in ipairs(order.shipments) do
    if parcel.shipment_id == id then return parcel end
  end
end

local function deliver(order, id)
  if parcel_of(order, id).delivered_at then return end
  order:update_shipment(id, { status = oms.rollup_status("shipment", "delivered") })
end

-- The units come back without their customer asking: a return that is approved already.
local function send_back(order, id, number)
  local reason = "returned to sender: " .. number
  for _, rma in ipairs(order.returns) do
    if rma.reason == reason then return end
  end
  local items = {}
  for i, part in ipairs(parcel_of(order, id).items) do
    items[i] = { order_item_id = part.order_item_id, qty = part.qty }
  end
  order:create_return { items = items, reason = reason, status = "approved" }
end

local words = {
  failure = "the carrier could not deliver the parcel",
  error = "the carrier lost track of the parcel",
  cancelled = "the label was cancelled",
}

oms.command("carrier_told", function(order, args)
  args = oms.read(args, { number = "name", status = "text", url = "text?" })
  local ids = parcels(order, args.number)
  if #ids == 0 then return oms.refuse("no_parcel", "No parcel has the number " .. args.number) end
  for _, id in ipairs(ids) do
    if args.url and not parcel_of(order, id).tracking_url then
      order:update_shipment(id, { tracking_url = args.url })
    end
    if args.status == "delivered" then deliver(order, id) end
    if args.status == "return_to_sender" then send_back(order, id, args.number) end
  end
  if words[args.status] then
    order:add_activity(("Parcel %s: %s"):format(args.number, words[args.status]))
  end
end)

local telling = {
  delivered = true, return_to_sender = true, in_transit = true, out_for_delivery = true,
}
for status in pairs(words) do telling[status] = true end

oms.receiver("carrier", function(message)
  oms.check_signature {
    secret = oms.config.webhook_secret, text = message.body, prefix = "hmac-sha256-hex=",
    signature = message.headers["x-hmac-signature"],
  }
  local event = oms.read(message.json, SHAPE)
  if math.abs(message.received_at - event.created_at) > oms.config.max_age then
    return oms.reject("too_old", "The event is older than max_age")
  end
  oms.message_id(event.id)
  if not event.description:find("^tracker%.") then
    return oms.ignore(event.description .. " changes no order")
  end
  local tracker = oms.read(event.result, { tracking_code = "name", status = "text" }, "result")
  if not telling[tracker.status] then return oms.ignore(tracker.status .. " changes no order") end
  for _, order_id in ipairs(oms.find_orders { tracking_number = tracker.tracking_code }) do
    oms.command_order(order_id, "carrier_told", {
      number = tracker.tracking_code, status = tracker.status, url = event.result.public_url,
    })
  end
end)
