// An entry of the ledger as a sentence.
import { has, money, t } from '../lib/text.js'

/** event: of GET /api/orders/:id/events. */
export function eventText({ type, data }, order) {
  const name = `event.${type}`
  if (!has(name)) return type
  const amount = data.amount ?? data.payment?.amount
  return t(name, {
    amount: amount === undefined ? '' : money(amount, order.currency),
    method: data.method ?? data.payment?.method ?? '',
    number: data.invoiceNumber ?? data.creditMemoNumber ?? data.shipmentNumber ?? data.orderNumber ?? '',
    tracking: [data.carrier, data.trackingNumber].filter(Boolean).join(' '),
    handle: data.handle ?? '',
    fields: Object.keys(data).join(', '),
  })
}
