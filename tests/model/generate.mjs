// Random commands, mostly such as make sense for the order at hand, some that do not; the same seed
// gives the same commands for the same states.

import { creditable } from './money.mjs'

/** mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6D2B79F5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = n => Math.floor(next() * n)
  return { below, from: (a, b) => a + below(b - a + 1), chance: p => next() < p, of: list => list[below(list.length)] }
}

const METHODS = ['card', 'voucher', 'transfer']
const HANDLES = ['fraud', 'address', 'stock']

export function draft(r, skus) {
  const count = r.from(1, 4)
  const items = Array.from({ length: count }, () => {
    const [qty, price] = [r.from(1, 6), r.of([1, 7, 99, 1999, 3333, 10001])]
    return { sku: r.of(skus), qty, price, tax: r.chance(0.5) ? r.below(qty * price / 4 + 1) : 0,
      discount: r.chance(0.2) ? r.below(qty * price / 3 + 1) : 0 }
  })
  const goods = items.reduce((total, item) => total + item.qty * item.price, 0)
  const plain = items.every(item => !item.discount)
  return { items, discount: plain && r.chance(0.4) ? r.below(goods / 2 + 1) : 0, shipping: r.chance(0.6) ? r.below(900) : 0 }
}

const open = item => item.qty - item.canceled - item.shipped

/** Some units of lines, by what `left` says there are of each; sometimes one too many. */
function units(r, order, left, more = () => ({})) {
  const able = order.items.map((item, at) => ({ item: at + 1, left: left(item, at) })).filter(each => each.left > 0)
  if (r.chance(0.03)) return [{ item: r.from(1, order.items.length + 1), qty: r.from(1, 9) }]
  const taken = able.filter(() => r.chance(0.6))
  return (taken.length ? taken : able.slice(0, 1)).map(each => {
    const qty = r.from(1, each.left)
    return { item: each.item, qty, ...more(qty, order.items[each.item - 1]) }
  })
}

const orNone = list => (list.length ? list : undefined)

/** What a caller might do next with the order. `fresh()` gives a text nobody else has. */
export function command(r, order, skus, fresh) {
  const back = (limit = qty => qty) => (qty, item) => {
    const most = Math.min(qty, limit(qty, item))
    return r.chance(0.5) && most > 0 ? { restock: r.from(1, most) } : {}
  }
  const shipment = () => r.from(1, Math.max(1, order.shipments.length))
  const known = r.chance(0.1) && order.payments.length ? r.of(order.payments) : undefined
  const transaction = () => (r.chance(0.7) ? fresh() : undefined)
  const amount = most => Math.max(1, r.chance(0.4) ? most : r.below(most + (r.chance(0.05) ? 500 : 1)))
  const pay = (type, most) => ({ do: 'pay', type, method: r.of(METHODS), amount: amount(most), transaction: transaction() })
  // What makes sense comes often, what does not now and then.
  const when = (weight, sensible) => (sensible ? weight : weight / 10)
  const captured = order.payments.filter(each => each.type === 'capture').map(each => each.method)
  const method = () => (captured.length && !r.chance(0.1) ? r.of(captured) : r.of(METHODS))
  // A refund may leave it to orderd, or go by a method that nobody pays by.
  const way = () => (r.chance(0.15) ? undefined : r.chance(0.1) ? 'credit' : method())
  const keep = () => (r.chance(0.2) ? r.chance(0.5) : undefined)
  const early = !order.shipments.length && !order.canceled
  const alive = !order.canceled
  const makers = [
    [0.5, () => ({ do: 'cancel' })],
    [5, () => ({ do: 'cancel', items: orNone(units(r, order, open)) })],
    [when(10, alive && order.items.some(item => open(item) > 0)), () => ({ do: 'ship', items: r.chance(0.7) ? orNone(units(r, order, open)) : undefined,
      status: r.chance(0.2) ? 'delivered' : undefined, tracking: r.chance(0.4) ? fresh() : undefined })],
    [3, () => ({ do: 'ship', handedOver: true, items: units(r, order, item => open(item) + item.canceled) })],
    [when(7, order.shipments.length), () => ({ do: 'deliver', shipment: shipment() })],
    [when(3, order.shipments.length), () => ({ do: 'cancelShipment', shipment: shipment() })],
    [3, () => ({ do: 'track', tracking: r.chance(0.2) && order.shipments.length ? r.of(order.shipments).tracking ?? fresh() : fresh() })],
    [when(4, alive), () => pay('authorize', order.grandTotal)],
    [when(12, alive), () => pay('capture', order.grandTotal)],
    [2, () => pay('void', Math.max(1, order.authorized - order.captured))],
    [1, () => pay('fail', 100)],
    [2, () => pay('chargeback', Math.max(1, order.captured - order.chargedBack))],
    [3, () => pay('refund', Math.max(1, order.captured))],
    [3, () => (known ? { do: 'pay', type: known.type, method: known.method, amount: known.amount, transaction: known.transaction } : pay('capture', 100))],
    // The gateway's word of a refund that was made here.
    [3, () => {
      const back = order.payments.filter(each => each.refund)
      const ours = back.find(each => !each.transaction) ?? back.at(-1)
      return ours ? { do: 'pay', type: 'refund', method: ours.method, amount: ours.amount, transaction: ours.transaction ?? fresh() }
        : pay('authorize', 100)
    }],
    [4, () => ({ do: 'refund', amount: amount(Math.max(1, order.captured - order.refunded)), method: way(), transaction: r.chance(0.3) ? fresh() : undefined })],
    [when(8, captured.length), () => ({ do: 'refund', method: way(), shipping: r.chance(0.3) || undefined, keep: keep(),
      items: orNone(units(r, order, item => item.qty - item.refunded, (qty, item) => ({
        ...back((most, of) => of.shipped - of.returned)(qty, item), ...(r.chance(0.2) ? { keep: r.chance(0.5) } : {}) }))),
      amount: r.chance(0.2) ? r.from(1, 500) : undefined })],
    [when(1, captured.length), () => ({ do: 'refund', method: way(), keep: keep() })],
    [5, () => ({ do: 'return', items: units(r, order, item => item.shipped - item.returned), status: r.chance(0.3) ? 'approved' : undefined })],
    [when(10, order.returns.length), () => {
      const id = r.from(1, Math.max(1, order.returns.length))
      const status = r.of(['approved', 'rejected', 'canceled', 'received', 'received', 'received', 'refunded'])
      const left = (item, at) => {
        const unit = order.returns[id - 1]?.units.find(u => u.at === at)
        return unit ? unit.qty - unit.received : 0
      }
      const whole = status !== 'received' || r.chance(0.4)
      return { do: 'updateReturn', id, status, items: whole ? undefined : orNone(units(r, order, left, back())),
        restock: (whole && status === 'received' && r.chance(0.5)) || undefined }
    }],
    [when(2, order.returns.some(each => each.status === 'received')), () => ({ do: 'refund', method: way(),
      of: r.from(1, Math.max(1, order.returns.length)), amount: r.chance(0.2) ? r.from(1, 500) : undefined })],
    [when(8, order.returns.some(each => each.status === 'received')), () => ({ do: 'exchange',
      id: r.from(1, Math.max(1, order.returns.length)), items: [{ sku: r.of(skus), qty: r.from(1, 3), price: 500 }] })],
    [4, () => ({ do: 'invoice' })],
    [when(60, creditable(order) > 0), () => ({ do: 'credit' })],
    [when(8, early), () => ({ do: 'propose', items: orNone(changes(r, order)), add: r.chance(0.3) ? [{ sku: r.of(skus), qty: r.from(1, 3), price: 500 }] : undefined,
      shipping: r.chance(0.2) ? r.below(900) : undefined })],
    [when(30, order.changes.at(-1)?.status === 'proposed'), () => ({ do: r.chance(0.8) ? 'confirm' : 'discard', id: Math.max(1, order.changes.length) })],
    [when(5, alive && order.items.some(item => open(item) > 0)), () => ({ do: 'split', items: units(r, order, item => Math.min(open(item), item.qty - item.refunded)) })],
    [2, () => ({ do: 'hold', handle: r.of(HANDLES) })],
    [when(6, order.holds.length > 0), () => ({ do: 'release', handle: r.of(HANDLES) })],
  ]
  let pick = r.below(1000 * makers.reduce((total, [weight]) => total + weight, 0)) / 1000
  return makers.find(([weight]) => (pick -= weight) < 0)[1]()
}

function changes(r, order) {
  return order.items.map((line, at) => ({ item: at + 1, qty: r.from(Math.min(6, Math.max(line.canceled, line.refunded)), 6) })).filter(() => r.chance(0.4))
}
