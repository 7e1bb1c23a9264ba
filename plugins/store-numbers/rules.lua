-- The prefix names the store, the year begins anew at 1. Taking a number of a series waits for the
-- order before it in the same series, which is the price of a series without gaps.

local prefixes = {}
for _, row in ipairs(oms.config.prefixes) do
  prefixes[row.key:match("^store%.(.+)$")] = row.value
end

local function prefix_of(order)
  return order.store and prefixes[order.store] or oms.config.default_prefix
end

oms.policy("order.series", function(order)
  return ("%s-%d"):format(prefix_of(order), oms.date(order.created_at).year)
end)

oms.policy("order.number", function(seq)
  return ("%s-%0" .. oms.config.digits .. "d"):format(seq.series, seq.value)
end)
