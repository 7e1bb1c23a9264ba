-- A card is one more method of payment. Its service has debited it already; the order records that.

local METHOD = "gift_card"

local function paid_by_card(order)
  local total, cards = 0, {}
  for _, payment in ipairs(order.payments) do
    if payment.method == METHOD and payment.type == "capture" then
      total = total + payment.amount
      cards[#cards + 1] = { card = payment.transaction_id, amount = payment.amount }
    end
  end
  return total, cards
end

-- args: card, amount ("10.00"; without it, as much as is due)
oms.command("redeem_gift_card", function(order, args)
  if type(args.card) ~= "string" then return oms.refuse("no_card", "Say which card") end

  local due = order.amount_outstanding
  local amount = args.amount and oms.parse_amount(args.amount, order.currency) or due
  if due <= 0 then return oms.refuse("nothing_due", "The order is paid") end
  if amount <= 0 then return oms.refuse("no_amount", "A card pays more than nothing") end
  if amount > due then
    return oms.refuse("more_than_due", oms.format_amount(due, order.currency) .. " is due")
  end
  order:add_payment {
    type = "capture", method = METHOD, transaction_id = args.card, amount = amount,
  }
  order:add_activity(("Gift card %s paid %s"):format(args.card,
    oms.format_amount(amount, order.currency)), { customer_notified = false })
end)

-- Money on a card is easily given back: as long as cards alone have paid and nothing is on its way.
oms.policy("order.cancel", function(order, request)
  local by_card = paid_by_card(order)
  local verdict = oms.default("order.cancel", order, request)
  if verdict.allowed or verdict.code ~= "payment_not_cancelable" then return verdict end
  if by_card > 0 and by_card == order.amount_captured then
    return oms.allow("paid by gift card, which is credited again")
  end
  return verdict
end)

oms.on("order.canceled", function(_, order)
  local intents = {}
  local _, cards = paid_by_card(order)
  if order.historical then return end
  for i, part in ipairs(cards) do
    intents[i] = oms.notify {
      channel = oms.config.channel,
      text = ("Credit %s to gift card %s"):format(oms.format_amount(part.amount, order.currency),
        part.card),
      data = { card = part.card, amount = part.amount, currency = order.currency,
        order_number = order.order_number },
    }
  end
  return intents
end)
