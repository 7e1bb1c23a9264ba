-- INV-2026-000001 and CM-2026-000001, with the store's prefix before it. A store that counts for
-- itself needs something of its own in the number.

local names = { invoice = "INV", credit_memo = "CM" }

local function prefix_of(store)
  if not store then return "" end
  return store.prefix or store.series and store.series .. "-" or ""
end

oms.policy("document.number", function(seq, order)
  local prefix = prefix_of(oms.store(order.store))
  return ("%s%s-%d-%06d"):format(prefix, names[seq.document], seq.year, seq.value)
end)
