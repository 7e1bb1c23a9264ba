-- Invoices and credit memos count from 1 every year, without a gap: invoice-2026, credit_memo-2026.
-- A store with a series of its own counts for itself.

oms.policy("document.series", function(request, order)
  local store = oms.store(order.store)
  local series = ("%s-%d"):format(request.document, request.year)
  return store and store.series and store.series .. "-" .. series or series
end)
