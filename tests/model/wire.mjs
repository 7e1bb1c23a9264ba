// Commands of the model as requests, and an order as the API shows it as the model's view of it.
import { due, outstanding, overpaid, paymentStatus, refundable, shipmentStatus } from './money.mjs'

export const decimal = (amount, digits) => {
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const whole = digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text
  return (amount < 0 ? '-' : '') + whole
}

const units = (items, more = () => ({})) => items?.map(each => ({ orderItemId: each.item, qty: each.qty, ...more(each) }))
const restock = each => (each.restock ? { restock: each.restock } : {})
const refunded = each => ({ ...restock(each), ...(each.keep === undefined ? {} : { keep: each.keep }) })

/** The body of an order to be placed, or of a line to be added. */
const line = (item, digits) => ({
  sku: item.sku, qty: item.qty, price: decimal(item.price, digits),
  ...(item.discount ? { discountAmount: decimal(item.discount, digits) } : {}),
  ...(item.tax ? { taxAmount: decimal(item.tax, digits) } : {}),
})

export const draft = ({ items, discount, shipping }, digits, more = {}) => ({
  items: items.map(item => line(item, digits)),
  ...(discount ? { discountAmount: decimal(discount, digits) } : {}),
  ...(shipping ? { shippingFeeExclTax: decimal(shipping, digits), shippingFeeInclTax: decimal(shipping, digits) } : {}),
  paymentMethod: 'card', ...more,
})

/** [method, path below the order, body] */
export function request(command, digits) {
  const money = amount => (amount === undefined ? undefined : decimal(amount, digits))
  const c = command
  switch (c.do) {
    case 'cancel': return ['POST', '/cancel', { reason: 'model', items: units(c.items) }]
    case 'ship': return ['POST', '/shipments', { carrier: 'Post', trackingNumber: c.tracking, status: c.status,
      handedOver: c.handedOver, items: units(c.items) }]
    case 'deliver': return ['PATCH', `/shipments/${c.shipment}`, { status: 'delivered' }]
    case 'cancelShipment': return ['PATCH', `/shipments/${c.shipment}`, { status: 'canceled' }]
    case 'track': return ['POST', '/track', { carrier: 'Post', trackingNumber: c.tracking }]
    case 'pay': return ['POST', '/payments', { type: c.type, amount: money(c.amount), method: c.method, transactionId: c.transaction }]
    case 'refund': return ['POST', '/refunds', { amount: money(c.amount), items: units(c.items, refunded), shipping: c.shipping, keep: c.keep,
      method: c.method, transactionId: c.transaction, returnId: c.of }]
    case 'return': return ['POST', '/returns', { items: units(c.items), status: c.status }]
    case 'updateReturn': return ['PATCH', `/returns/${c.id}`, { status: c.status, items: units(c.items, restock), restock: c.restock }]
    case 'exchange': return ['POST', `/returns/${c.id}/exchange`, { items: c.items.map(item => line(item, digits)) }]
    case 'invoice': return ['POST', '/invoices']
    case 'credit': return ['POST', '/invoices/credit']
    case 'propose': return ['POST', '/changes', { items: units(c.items), add: c.add?.map(item => line(item, digits)),
      shippingFeeExclTax: money(c.shipping), shippingFeeInclTax: money(c.shipping) }]
    case 'confirm': return ['POST', `/changes/${c.id}/confirm`]
    case 'discard': return ['DELETE', `/changes/${c.id}`]
    case 'split': return ['POST', '/split', { items: units(c.items) }]
    case 'hold': return ['POST', '/holds', { handle: c.handle, reason: 'model' }]
    case 'release': return ['DELETE', `/holds/${c.handle}`]
  }
  throw new Error(`no request for ${c.do}`)
}

const none = value => value ?? null

/** What the model says of an order, in the API's terms. */
export function expected(order, digits) {
  const money = amount => decimal(amount, digits)
  const unit = (each, more = {}) => ({ orderItemId: each.at + 1, qty: each.qty, ...more })
  return {
    version: order.version, canceled: order.canceled,
    paymentStatus: paymentStatus(order), shipmentStatus: shipmentStatus(order),
    grandTotal: money(order.grandTotal), amountAuthorized: money(order.authorized), amountCaptured: money(order.captured),
    amountRefunded: money(order.refunded), amountChargedBack: money(order.chargedBack), amountCanceled: money(order.amountCanceled),
    amountOutstanding: money(outstanding(order)), amountOverpaid: money(overpaid(order)), amountRefundable: money(refundable(order)),
    items: order.items.map(item => ({ sku: item.sku, qty: item.qty, subTotal: money(item.subTotal),
      total: money(item.subTotal - item.discount + item.tax), qtyCanceled: item.canceled, qtyShipped: item.shipped,
      qtyReturned: item.returned, qtyRefunded: item.refunded, qtyRestocked: item.restocked, qtyShippedAfterCancel: item.afterCancel,
      qtyDelivered: item.delivered })),
    payments: order.payments.map(each => ({ type: each.type, amount: money(each.amount), method: each.method,
      transactionId: none(each.transaction), paidBy: none(each.paidBy), amountMoved: money(each.moved ?? 0) })),
    shipments: order.shipments.map(each => ({ trackingNumber: none(each.tracking), status: each.state,
      items: each.units.map(u => unit(u)).sort(byItem) })),
    refunds: order.refunds.map(each => ({ amount: money(each.amount), shippingAmount: money(each.shipping), method: each.method,
      transactionId: none(each.transaction), amountCanceled: money(each.amountCanceled),
      items: each.units.map(u => unit(u, { amount: money(u.amount), qtyRestocked: u.restock, qtyCanceled: u.out })).sort(byItem) })),
    returns: order.returns.map(each => ({ status: each.status,
      items: each.units.map(u => unit(u, { qtyReceived: u.received, qtyRestocked: u.restocked })).sort(byItem) })),
    invoices: order.invoices.map(money),
    changes: order.changes.map(each => ({ status: each.status, difference: money(each.difference) })),
    holds: [...order.holds].sort(), due: money(due(order)),
  }
}

const byItem = (a, b) => a.orderItemId - b.orderItemId
const pick = (object, keys) => Object.fromEntries(keys.map(key => [key, none(object[key])]))

/** The same view of an order that the API answered, its lists in the order they stand in: items by
 * number, holds by handle. Numbers there are decimals, kept as texts. */
export function shown(body, digits) {
  const money = value => decimal(Math.round(value * 10 ** digits), digits)
  const moneys = (object, keys) => Object.fromEntries(keys.map(key => [key, money(object[key])]))
  return {
    version: body.version, canceled: body.canceledAt !== null,
    paymentStatus: body.paymentStatus.code, shipmentStatus: body.shipmentStatus.code,
    ...moneys(body, ['grandTotal', 'amountAuthorized', 'amountCaptured', 'amountRefunded', 'amountChargedBack',
      'amountCanceled', 'amountOutstanding', 'amountOverpaid', 'amountRefundable']),
    items: body.items.map(item => ({ ...pick(item, ['sku', 'qty', 'qtyCanceled', 'qtyShipped', 'qtyReturned', 'qtyRefunded',
      'qtyRestocked', 'qtyShippedAfterCancel', 'qtyDelivered']), ...moneys(item, ['subTotal', 'total']) })),
    payments: body.payments.map(each => ({ ...pick(each, ['type', 'method', 'transactionId', 'paidBy']), ...moneys(each, ['amount', 'amountMoved']) })),
    shipments: body.shipments.map(each => ({ ...pick(each, ['trackingNumber', 'status']),
      items: each.items.map(u => pick(u, ['orderItemId', 'qty'])) })),
    refunds: body.refunds.map(each => ({ ...moneys(each, ['amount', 'shippingAmount', 'amountCanceled']), ...pick(each, ['method', 'transactionId']),
      items: each.items.map(u => ({ ...pick(u, ['orderItemId', 'qty', 'qtyRestocked', 'qtyCanceled']), amount: money(u.amount) })) })),
    returns: body.returns.map(each => ({ status: each.status,
      items: each.items.map(u => pick(u, ['orderItemId', 'qty', 'qtyReceived', 'qtyRestocked'])) })),
    invoices: body.invoices.map(each => money(each.amount)),
    changes: body.changes.map(each => ({ status: each.status, difference: money(each.difference) })),
    holds: body.holds.map(each => each.handle), due: money(body.grandTotal - body.amountCanceled),
  }
}
