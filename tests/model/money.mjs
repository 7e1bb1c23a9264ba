// Money and counts of one order, as a shop's accountant would keep them by hand: what the order is
// worth, who paid what, what may go back. Amounts are whole minor units.

const sum = (list, of) => list.reduce((total, each) => total + of(each), 0)

// Whole numbers stay exact below 2^53; products are made in BigInt.
export const share = (amount, part, whole) => Number(BigInt(amount) * BigInt(part) / BigInt(whole))

/** What the order's lines cost: its worth without shipping, cut by line total, to the cent. */
export function lineAmounts(order) {
  const totals = order.items.map(item => item.subTotal - item.discount + item.tax)
  const [all, goods] = [sum(totals, each => each), Math.max(0, order.grandTotal - order.shipping)]
  let before = 0
  return totals.map(total => {
    const from = before
    before += total
    return all ? share(goods, before, all) - share(goods, from, all) : 0
  })
}

/** What units (from, to] of a line cost; ranges add up to the line. */
export function unitsAmount(order, index, from, to) {
  const { qty } = order.items[index]
  if (!qty) return 0
  const line = lineAmounts(order)[index]
  return share(line, to, qty) - share(line, from, qty)
}

const allCanceled = (order, canceled) => order.items.every((item, at) => canceled(item, at) === item.qty)
const unitsOf = (units, at) => sum(units.filter(each => each.at === at), each => each.qty)

/** What cancelling units takes off the order: all that is left of it with the last one. */
export function canceledAmount(order, units) {
  if (allCanceled(order, (item, at) => item.canceled + unitsOf(units, at))) return due(order)
  const amount = sum(units, ({ at, qty }) => unitsAmount(order, at, order.items[at].canceled, order.items[at].canceled + qty))
  return Math.min(amount, due(order))
}

/** What comes back onto the order with cancelled units that left after all; with the first, shipping. */
export function restoredAmount(order, units) {
  const left = (item, at) => item.canceled - unitsOf(units, at)
  if (!units.length) return 0
  if (allCanceled(order, item => item.canceled)) {
    return Math.max(0, order.amountCanceled - sum(order.items.map((item, at) => unitsAmount(order, at, 0, left(item, at))), each => each))
  }
  const amount = sum(units, ({ at, qty }) => unitsAmount(order, at, order.items[at].canceled - qty, order.items[at].canceled))
  return Math.min(amount, order.amountCanceled)
}

export const due = order => order.grandTotal - order.amountCanceled
/** Of what refunds gave back, the price of units that they took out of the order. */
export const credited = order => sum(order.refunds, each => Math.min(each.amount, each.amountCanceled))
/** The money that pays for what is due: not what went back for units that are due no more. */
export const paid = order => Math.max(0, held(order) - credited(order))
/** The least that the order may be due: a unit that left although its money went back is due again. */
export const invoicedDue = order => Math.max(0, sum(order.invoices, each => each) - Math.min(credited(order), order.amountCanceled))
/** What invoices may still ask for: units that a refund took out count, for its credit memo takes them off. */
export const uninvoiced = order => Math.max(0, order.grandTotal - Math.max(0, order.amountCanceled - credited(order)) -
  sum(order.invoices, each => each))
/** What invoices ask for beyond what is owed, and beyond what is paid and a refund would credit. */
export function creditable(order) {
  const invoiced = order.invoices.reduce((sum, each) => sum + each, 0)
  const kept = Math.max(0, order.captured - order.chargedBack - order.refunded)
  return Math.max(0, invoiced - order.refunded - Math.max(due(order), kept))
}
export const held = order => order.captured - order.chargedBack
export const refundable = order => Math.max(0, held(order) - order.refunded)
export const outstanding = order => Math.max(0, due(order) - paid(order))
export const overpaid = order => Math.max(0, held(order) - order.refunded - due(order))

/** The method whose money a record is about: a refund may go by another one. */
export const source = record => record.paidBy ?? record.method

/** The records of one payment method. A capture of one that has authorized nothing yet is a sale: it
 * takes nothing from what is authorized later. */
export function account(order, method) {
  const records = order.payments.filter(each => source(each) === method)
  const total = type => sum(records.filter(each => each.type === type), each => each.amount)
  const first = records.findIndex(each => each.type === 'authorize')
  const sales = records.filter((each, i) => each.type === 'capture' && (first < 0 || i < first))
  const captured = total('capture')
  return {
    authorizes: first >= 0,
    open: total('authorize') - total('void') - captured + sum(sales, each => each.amount),
    kept: captured - total('chargeback'),
    refundable: Math.max(0, captured - total('chargeback') - total('refund')),
  }
}

export function paymentStatus(order) {
  const back = order.refunded + order.chargedBack
  if (!order.captured) {
    if (order.canceled) return 'canceled'
    if (order.authorized > 0) return 'authorized'
    if (order.grandTotal === 0) return 'paid'
    return order.payments.at(-1)?.type === 'fail' ? 'failed' : 'pending'
  }
  if (back >= order.captured) return order.chargedBack ? 'charged_back' : 'refunded'
  if (paid(order) < due(order)) return 'partially_paid'
  if (credited(order)) return 'partially_refunded'
  return order.refunded && held(order) - order.refunded < due(order) ? 'partially_refunded' : 'paid'
}

export function shipmentStatus(order) {
  const total = key => sum(order.items, item => item[key])
  const [qty, canceled, shipped, delivered, returned] =
    ['qty', 'canceled', 'shipped', 'delivered', 'returned'].map(total)
  const wanted = qty - canceled
  if (!shipped) return canceled ? (wanted ? 'partially_canceled' : 'canceled') : 'pending'
  if (returned >= shipped && shipped >= wanted) return 'returned'
  if (delivered >= wanted) return returned ? 'partially_returned' : 'delivered'
  if (delivered) return 'partially_delivered'
  return shipped >= wanted ? 'shipped' : 'partially_shipped'
}
