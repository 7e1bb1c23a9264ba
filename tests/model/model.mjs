// The books of one order in plain JavaScript, written from what the shop is promised and not from the
// C code. `apply(order, command)` changes the order and returns how many events that is, or throws
// Refusal. Commands are data: { do: 'ship', items: [{ item: 1, qty: 2 }], … }.
import { account, canceledAmount, creditable, due, invoicedDue, outstanding, overpaid, paid, refundable, restoredAmount, share, source, uninvoiced,
  unitsAmount } from './money.mjs'

export class Refusal extends Error {}

/** What orders are paid by unless somebody says otherwise, and what money may go back by instead. */
export const ORDERS_METHOD = 'card'
export const INSTEAD = ['credit']

const refuse = code => { throw new Refusal(code) }
const need = (condition, code) => condition || refuse(code)
const sum = (list, of) => list.reduce((total, each) => total + of(each), 0)
const open = item => item.qty - item.canceled - item.shipped
const anyShipped = order => order.items.some(item => item.shipped > 0)
const underway = order => order.shipments.some(each => each.state !== 'canceled')

export function place({ items, discount = 0, shipping = 0 }) {
  const order = {
    version: 1, canceled: false, discount, shipping,
    amountCanceled: 0, authorized: 0, captured: 0, refunded: 0, chargedBack: 0,
    items: items.map(({ sku, qty, price, discount = 0, tax = 0 }) => ({
      sku, qty, price, subTotal: price * qty, discount, tax,
      canceled: 0, shipped: 0, delivered: 0, returned: 0, refunded: 0, restocked: 0, afterCancel: 0,
    })),
    payments: [], shipments: [], refunds: [], returns: [], invoices: [], changes: [], holds: [],
  }
  if (!discount) order.discount = sum(order.items, item => item.discount)
  return total(order)
}

function total(order) {
  order.grandTotal = sum(order.items, item => item.subTotal + item.tax) - order.discount + order.shipping
  return order
}

/** The lines of a command as { at, qty, … } with units summed per line; unknown ones refuse. */
function lines(order, wanted) {
  need(wanted.length, 'no_items')
  const found = new Map()
  for (const { item, qty, ...rest } of wanted) {
    need(order.items[item - 1], 'unknown_item')
    need(Number.isInteger(qty) && qty >= 1, 'bad_quantity')
    const before = found.get(item)
    found.set(item, before ? { ...before, qty: before.qty + qty } : { at: item - 1, qty, ...rest })
  }
  return [...found.values()]
}

const commands = {
  cancel(order, { items }) {
    need(!order.canceled, 'already_canceled')
    const units = items ? lines(order, items) : order.items.map((item, at) => ({ at, qty: open(item) })).filter(u => u.qty > 0)
    for (const { at, qty } of units) need(qty <= open(order.items[at]), 'units_exceeded')
    const rest = sum(order.items, open) - sum(units, u => u.qty)
    const whole = !items || (rest === 0 && !anyShipped(order))
    const amount = canceledAmount(order, units)
    for (const { at, qty } of units) order.items[at].canceled += qty
    order.amountCanceled += amount
    if (whole) order.canceled = true
    return 1
  },

  ship(order, { items, status, tracking, handedOver }) {
    let units
    if (handedOver) {
      need(items, 'items_required')
      units = lines(order, items)
      for (const { at, qty } of units) need(qty <= open(order.items[at]) + order.items[at].canceled, 'units_exceeded')
    } else {
      need(!order.canceled, 'order_canceled')
      need(order.items.some(item => open(item) > 0), 'nothing_to_ship')
      units = items ? lines(order, items) : order.items.map((item, at) => ({ at, qty: open(item) })).filter(u => u.qty > 0)
      for (const { at, qty } of units) need(qty <= open(order.items[at]), 'units_exceeded')
    }
    const late = units.map(({ at, qty }) => ({ at, qty: Math.max(0, qty - open(order.items[at])) })).filter(each => each.qty)
    order.amountCanceled -= restoredAmount(order, late)
    for (const { at, qty } of late) {
      order.items[at].canceled -= qty
      order.items[at].afterCancel += qty
    }
    for (const { at, qty } of units) order.items[at].shipped += qty
    order.shipments.push({ units, tracking, state: 'shipped' })
    return status === 'delivered' ? 1 + deliver(order, order.shipments.at(-1)) : 1
  },

  deliver(order, { shipment }) {
    const parcel = order.shipments[shipment - 1]
    need(parcel, 'shipment_not_found')
    if (parcel.state === 'delivered') return 0
    need(parcel.state === 'shipped', 'shipment_canceled')
    return deliver(order, parcel)
  },

  cancelShipment(order, { shipment }) {
    const parcel = order.shipments[shipment - 1]
    need(parcel, 'shipment_not_found')
    if (parcel.state === 'canceled') return 0
    need(parcel.state === 'shipped', 'shipment_delivered')
    for (const { at, qty } of parcel.units) {
      const item = order.items[at]
      // What came back cannot leave the parcel a second time.
      need(item.shipped - qty >= Math.max(item.delivered, item.returned), 'units_returned')
    }
    // Units of a line are alike: those that left late are the first to be late no more.
    const back = parcel.units.map(({ at, qty }) => ({ at, qty: order.canceled ? qty : Math.min(qty, order.items[at].afterCancel) }))
    for (const { at, qty } of parcel.units) order.items[at].shipped -= qty
    order.amountCanceled += canceledAmount(order, back.filter(each => each.qty))
    for (const { at, qty } of back) {
      order.items[at].canceled += qty
      order.items[at].afterCancel -= Math.min(qty, order.items[at].afterCancel)
    }
    parcel.state = 'canceled'
    return 1
  },

  track(order, { tracking }) {
    const known = order.shipments.filter(each => each.tracking === tracking)
    if (known.some(each => each.state !== 'canceled')) return 0
    need(!known.length, 'shipment_canceled')
    const bare = order.shipments.find(each => each.state === 'shipped' && !each.tracking)
    if (!bare) return commands.ship(order, { tracking })
    bare.tracking = tracking
    return 1
  },

  pay(order, { type, amount, method, transaction }) {
    const known = transaction && order.payments.find(each =>
      each.type === type && each.method === method && each.transaction === transaction)
    if (known) return known.amount + (known.moved ?? 0) === amount ? 0 : refuse('transaction_differs')
    if (type === 'refund') return gatewayRefund(order, { amount, method, transaction })
    const books = account(order, method)
    // What was authorized before, and what late parcels left owing, is still taken.
    const owed = type === 'capture' && ((books.authorizes && books.open > 0) || outstanding(order) > 0)
    if (['authorize', 'capture'].includes(type)) need(!order.canceled || owed, 'order_canceled')
    need(amount > 0 || type === 'fail', 'bad_amount')
    if (type === 'capture') need(!books.authorizes || amount <= books.open, 'capture_exceeds_authorized')
    if (type === 'void') need(amount <= books.open, 'void_exceeds_authorized')
    if (type === 'chargeback') need(amount <= books.kept, 'chargeback_exceeds_captured')
    if (type === 'authorize' || (type === 'capture' && !books.authorizes)) order.authorized += amount
    if (type === 'void') order.authorized -= amount
    if (type === 'capture') order.captured += amount
    if (type === 'chargeback') order.chargedBack += amount
    order.payments.push({ type, amount, method, transaction })
    return 1
  },

  refund(order, { amount, items, shipping, keep, method, transaction, of }) {
    const known = transaction && order.payments.find(each => each.refund && each.method === method && each.transaction === transaction)
    if (known) return 0
    const back = of && order.returns[of - 1]
    need(!of || back, 'return_not_found')
    need(!of || back.status === 'received', 'return_not_received')
    const units = items ? lines(order, items) : of ? received(order, back) : []
    for (const unit of units) {
      const item = order.items[unit.at]
      need(unit.qty <= unrefunded(order, unit.at), 'units_exceeded')
      unit.amount = unitsAmount(order, unit.at, item.refunded, item.refunded + unit.qty)
      unit.restock ??= 0
      need(unit.restock <= unit.qty, 'bad_restock')
      need(!of || !unit.restock, 'restock_of_return')
      need(unit.restock <= item.shipped - item.returned, 'restock_exceeds_shipped')
      unit.out = of ? 0 : leaving(order, unit, unit.keep ?? keep)
    }
    const goods = sum(units, u => u.amount)
    const fee = shipping ? order.shipping - sum(order.refunds, each => each.shipping) : 0
    const part = amount === undefined ? Math.min(fee, Math.max(0, refundable(order) - goods)) : Math.min(fee, amount)
    const asked = amount ?? (items || of || shipping ? goods + part : everything(order, method))
    need(asked > 0, 'nothing_to_refund')
    need(asked <= refundable(order), 'refund_exceeds_captured')
    const payments = payBack(order, { amount: asked, method, transaction })
    if (of) back.status = 'refunded'
    const alone = !items && !of && !shipping && keep !== true
    return refunded(order, { amount: asked, payments, transaction, of, ...(alone ? withTheLast(order, asked) : { shipping: part, units }) })
  },

  return(order, { items, status = 'requested' }) {
    const units = lines(order, items)
    const announced = at => sum(order.returns.filter(each => ['requested', 'approved'].includes(each.status))
      .flatMap(each => each.units.filter(u => u.at === at)), u => u.qty - u.received)
    for (const { at, qty } of units) {
      need(qty <= order.items[at].shipped - order.items[at].returned - announced(at), 'units_exceeded')
    }
    order.returns.push({ status, units: units.map(u => ({ ...u, received: 0, restocked: 0 })) })
    return 1
  },

  updateReturn(order, { id, status, items, restock }) {
    const it = order.returns[id - 1]
    need(it, 'return_not_found')
    const from = { approved: ['requested'], rejected: ['requested', 'approved'], canceled: ['requested', 'approved'],
      received: ['requested', 'approved', 'received'],
      refunded: ['received'] }[status]
    if (status === it.status && status !== 'received') return 0
    need(from.includes(it.status), 'return_state')
    if (status === 'refunded') {
      const byHand = order.returns.filter((each, at) => each.status === 'refunded' && !order.refunds.some(refund => refund.of === at + 1))
      need(order.refunds.filter(each => !each.of).length > byHand.length, 'return_not_refunded')
    }
    if (status !== 'received') {
      it.status = status
      return 1
    }
    const out = u => Math.min(u.qty - u.received, order.items[u.at].shipped - order.items[u.at].returned)
    const arrivals = items ? lines(order, items)
      : it.units.filter(u => out(u) > 0).map(u => ({ at: u.at, qty: out(u), restock: restock ? out(u) : 0 }))
    need(arrivals.length, 'nothing_to_receive')
    for (const { at, qty, restock: back = 0 } of arrivals) {
      const unit = it.units.find(u => u.at === at)
      need(unit && qty <= unit.qty - unit.received, 'units_exceeded')
      need(back <= qty, 'bad_restock')
      need(qty <= order.items[at].shipped - order.items[at].returned, 'units_exceeded')
    }
    for (const { at, qty, restock: back = 0 } of arrivals) {
      const unit = it.units.find(u => u.at === at)
      unit.received += qty
      unit.restocked += back
      order.items[at].returned += qty
      order.items[at].restocked += back
    }
    it.status = 'received'
    return 1
  },

  exchange(order, { id }) {
    const it = order.returns[id - 1]
    need(it, 'return_not_found')
    need(it.status === 'received', 'return_state')
    it.status = 'exchanged'
    return 1
  },

  invoice(order) {
    need(!order.canceled, 'order_canceled')
    const amount = uninvoiced(order)
    need(amount > 0, 'nothing_to_invoice')
    order.invoices.push(amount)
    return 1
  },

  credit(order) {
    const amount = creditable(order)
    need(amount > 0, 'nothing_to_credit')
    order.invoices.push(-amount)
    return 1
  },

  propose(order, { items = [], add = [], shipping }) {
    need(!order.canceled, 'order_canceled')
    need(!underway(order), 'already_shipped')
    need(order.changes.at(-1)?.status !== 'proposed', 'change_proposed')
    const after = changed(order, { items, add, shipping })
    order.changes.push({ status: 'proposed', request: { items, add, shipping }, difference: after.grandTotal - order.grandTotal })
    return 1
  },

  confirm(order) {
    const change = order.changes.at(-1)
    need(change?.status === 'proposed', 'no_change')
    need(!order.canceled, 'order_canceled')
    need(!underway(order), 'already_shipped')
    const after = changed(order, change.request)
    need(after.grandTotal - order.grandTotal === change.difference, 'change_outdated')
    Object.assign(order, { items: after.items, shipping: after.shipping, discount: after.discount, grandTotal: after.grandTotal })
    change.status = 'confirmed'
    return 1
  },

  discard(order) {
    const change = order.changes.at(-1)
    need(change?.status === 'proposed', 'no_change')
    change.status = 'discarded'
    return 1
  },

  split(order, { items }) {
    cut(order, { items })
    return 1
  },

  hold(order, { handle }) {
    need(!order.canceled, 'order_canceled')
    need(!order.holds.includes(handle), 'already_held')
    order.holds.push(handle)
    return 1
  },

  release(order, { handle }) {
    need(order.holds.includes(handle), 'hold_not_found')
    order.holds = order.holds.filter(each => each !== handle)
    return 1
  },
}

function deliver(order, parcel) {
  for (const { at, qty } of parcel.units) order.items[at].delivered += qty
  parcel.state = 'delivered'
  return 1
}

/** Of the units of a line that stay with the customer or never were there: those that now never go. Units
 * that were cancelled before are meant first, while more is paid than the order comes to. */
function leaving(order, { at, qty, restock }, keep) {
  const item = order.items[at]
  if (keep === true) return 0
  const gone = keep === undefined && overpaid(order) > 0 ? item.canceled : 0
  return Math.min(Math.max(0, qty - restock - gone), open(item))
}

/** An amount alone is for all that has not left when it is the last of the money, and for nothing else;
 * where nothing has left, for shipping as well. */
function withTheLast(order, amount) {
  if (amount < refundable(order)) return { shipping: 0, units: [] }
  const wanted = order.items.map((item, at) => ({ at, qty: Math.min(open(item), unrefunded(order, at)), restock: 0 })).filter(u => u.qty > 0)
  const units = wanted.map(u => ({ ...u, out: u.qty, amount: unitsAmount(order, u.at, order.items[u.at].refunded, order.items[u.at].refunded + u.qty) }))
  const fee = anyShipped(order) || !units.length ? 0 : order.shipping - sum(order.refunds, each => each.shipping)
  return { units, shipping: Math.max(0, Math.min(fee, amount - sum(units, u => u.amount))) }
}

/** All that may go back; by a method that is named and has something, no more than that. */
function everything(order, method) {
  const most = method ? account(order, method).refundable : 0
  return most ? Math.min(refundable(order), most) : refundable(order)
}

/** By which methods money goes back: [{ amount, method, paidBy }]. */
function payBack(order, { amount, method, transaction }) {
  const has = one => account(order, one).refundable
  const instead = method && !has(method) ? method : undefined
  need(!instead || INSTEAD.includes(instead), 'refund_exceeds_method')
  const captured = order.payments.filter(each => each.type === 'capture').map(each => each.method)
  const sources = [...new Set([instead || !method ? ORDERS_METHOD : method, ...captured])]
  const record = (from, amount) => (instead ? { amount, method: instead, paidBy: from } : { amount, method: from })
  const one = (method && !instead ? [method] : sources).find(each => has(each) >= amount)
  if (one) return [record(one, amount)]
  need(!transaction, 'refund_exceeds_method')
  let left = amount
  const records = []
  for (const each of sources) {
    const part = Math.min(left, has(each))
    if (part > 0) records.push(record(each, part))
    left -= part
  }
  need(left === 0, 'refund_exceeds_method')
  return records
}

function refunded(order, { amount, shipping, payments, transaction, units, of }) {
  const gone = units.filter(u => u.out > 0).map(u => ({ at: u.at, qty: u.out }))
  const amountCanceled = gone.length ? canceledAmount(order, gone) : 0
  for (const { at, qty, restock, out } of units) {
    const item = order.items[at]
    item.refunded += qty
    item.returned += restock
    item.restocked += restock
    item.canceled += out
  }
  order.amountCanceled += amountCanceled
  order.refunded += amount
  order.refunds.push({ amount, shipping, method: payments[0].method, transaction, units, of, amountCanceled })
  for (const each of payments) order.payments.push({ type: 'refund', ...each, transaction, refund: order.refunds.length })
  return 1
}

/** Units of a line whose price may still go back: not refunded, and no other order sent for them. */
const unrefunded = (order, at) => order.items[at].qty - order.items[at].refunded -
  sum(order.returns.filter(each => each.status === 'exchanged').flatMap(each => each.units.filter(u => u.at === at)), u => u.received)

/** What came back with a return and was not refunded before. */
const received = (order, back) => back.units
  .map(u => ({ at: u.at, qty: Math.min(u.received, unrefunded(order, u.at)) })).filter(u => u.qty > 0)

/** What a gateway tells of a refund: of one of ours, or of one that was made in its own pages. */
function gatewayRefund(order, { amount, method, transaction }) {
  const ours = order.payments.find(each => each.refund && each.method === method && each.amount === amount && !each.transaction)
  if (transaction && ours) {
    ours.transaction = transaction
    if (order.payments.find(each => each.refund === ours.refund) === ours) order.refunds[ours.refund - 1].transaction = transaction
    return 1
  }
  need(amount > 0, 'bad_amount')
  need(amount <= refundable(order) && amount <= account(order, method).refundable, 'refund_exceeds_captured')
  return refunded(order, { amount, payments: [{ amount, method }], transaction, ...withTheLast(order, amount) })
}

/** The order as a change would leave it. */
function changed(order, { items, add, shipping }) {
  const after = structuredClone(order)
  const extra = order.discount - sum(order.items, item => item.discount)
  for (const { item, qty } of items) {
    const line = after.items[item - 1]
    need(line, 'unknown_item')
    need(qty >= Math.max(line.canceled, line.refunded), 'units_gone')
    need(qty === 0 || line.qty > 0, 'line_removed')
    const scale = amount => (line.qty ? share(amount, qty, line.qty) : 0)
    Object.assign(line, { discount: scale(line.discount), tax: scale(line.tax), subTotal: line.price * qty })
    line.qty = qty
  }
  after.items.push(...place({ items: add }).items)
  after.discount = extra + sum(after.items, item => item.discount)
  if (shipping !== undefined) after.shipping = shipping
  total(after)
  need(JSON.stringify([after.items, after.shipping]) !== JSON.stringify([order.items, order.shipping]), 'nothing_changed')
  need(after.grandTotal >= 0, 'totals')
  need(after.shipping >= order.shipping || after.shipping >= sum(after.refunds, each => each.shipping), 'shipping_refunded')
  need(after.grandTotal >= after.amountCanceled, 'change_below_canceled')
  need(after.items.some(item => open(item) > 0), 'nothing_left')
  need(after.grandTotal >= order.grandTotal || due(after) >= invoicedDue(after), 'already_invoiced')
  return after
}

/** Takes the units out of `order` and returns the order that they become. */
export function cut(order, { items }) {
  need(!order.canceled, 'order_canceled')
  need(order.changes.at(-1)?.status !== 'proposed', 'change_proposed')
  const units = lines(order, items)
  for (const { at, qty } of units) {
    const item = order.items[at]
    need(qty <= Math.min(open(item), item.qty - item.refunded), 'units_exceeded')
  }
  const was = structuredClone(order)
  const made = { version: 1, canceled: false, shipping: 0, amountCanceled: 0, authorized: 0, captured: 0, refunded: 0,
    chargedBack: 0, payments: [], shipments: [], refunds: [], returns: [], invoices: [], changes: [], holds: [...order.holds] }
  made.items = units.map(({ at, qty }) => takeUnits(order.items[at], qty))
  const cost = list => sum(list, item => item.subTotal - item.discount + item.tax)
  const [part, whole] = cost(was.items) ? [cost(made.items), cost(was.items)] : [sum(made.items, item => item.qty), sum(was.items, item => item.qty)]
  made.shipping = Math.min(share(was.shipping, part, whole), was.shipping - sum(was.refunds, each => each.shipping))
  made.discount = was.items.some(item => item.discount) ? sum(made.items, item => item.discount) : share(was.discount, part, whole)
  order.shipping -= made.shipping
  order.discount -= made.discount
  total(made)
  total(order)
  need(order.items.some(item => item.qty > item.canceled), 'nothing_left')
  need(made.grandTotal >= 0 && due(order) >= 0, 'split_below_canceled')
  need(due(order) >= invoicedDue(order), 'already_invoiced')
  takePayments(was, order, made)
  made.version += made.holds.length
  return made
}

/** So many units of a line as a line of their own. */
function takeUnits(item, qty) {
  const off = { ...item, qty, canceled: 0, shipped: 0, delivered: 0, returned: 0, refunded: 0, restocked: 0, afterCancel: 0 }
  for (const key of ['subTotal', 'discount', 'tax']) {
    off[key] = share(item[key], qty, item.qty)
    item[key] -= off[key]
  }
  item.qty -= qty
  return off
}

/** Cuts `amount` into records in proportion to what each carries. */
function spread(amount, records) {
  const all = sum(records, each => each.amount)
  let before = 0
  return new Map(records.map(each => {
    const from = before
    before += each.amount
    return [each, all ? share(amount, before, all) - share(amount, from, all) : 0]
  }))
}

/** As much of the new order is paid as was of the old one; what went back stays with that. */
function takePayments(was, order, made) {
  if (!due(was)) return
  const methods = [...new Set(was.payments.map(each => each.method))]
  const books = methods.map(method => ({ method, ...account(was, method) }))
  const nets = sum(books, each => each.refundable)
  const along = Math.min(share(Math.min(paid(was), due(was)), made.grandTotal, due(was)), refundable(was), nets)
  let before = 0
  const moves = new Map()
  for (const { method, refundable: net, authorizes, open } of books) {
    const amount = nets ? share(along, before + net, nets) - share(along, before, nets) : 0
    before += net
    const mine = order.payments.filter(each => source(each) === method)
    const captures = spread(amount, mine.filter(each => each.type === 'capture'))
    for (const [each, off] of captures) moves.set(each, off)
    if (!authorizes) continue
    const first = mine.findIndex(each => each.type === 'authorize')
    const captured = sum([...captures].filter(([each]) => mine.indexOf(each) > first), ([, off]) => off)
    const list = mine.filter(each => each.type === 'authorize')
    const wanted = Math.min(captured + share(Math.max(0, open), made.grandTotal, due(was)), sum(list, each => each.amount))
    for (const [each, off] of spread(wanted < captured ? 0 : wanted, list)) moves.set(each, off)
  }
  const sale = each => each.type === 'capture' && !order.payments.slice(0, order.payments.indexOf(each))
    .some(other => other.method === each.method && other.type === 'authorize')
  const rank = each => (sale(each) ? 0 : each.type === 'authorize' ? 1 : 2)
  const moved = order.payments.filter(each => moves.get(each) > 0)
  for (const each of [0, 1, 2].flatMap(at => moved.filter(one => rank(one) === at))) {
    made.payments.push({ type: each.type, amount: moves.get(each), method: each.method, transaction: each.transaction })
  }
  for (const each of moved) Object.assign(each, { amount: each.amount - moves.get(each), moved: (each.moved ?? 0) + moves.get(each) })
  recount(order)
  recount(made)
}

/** The sums of the order by its records, each method by itself. */
function recount(order) {
  const total = type => sum(order.payments.filter(each => each.type === type), each => each.amount)
  const sales = order.payments.filter((each, i) => each.type === 'capture' &&
    !order.payments.slice(0, i).some(other => other.method === each.method && other.type === 'authorize'))
  order.authorized = total('authorize') - total('void') + sum(sales, each => each.amount)
  order.captured = total('capture')
}

/** Changes `order`; throws Refusal and leaves it alone. Returns how many events there are. */
export function apply(order, command) {
  const before = structuredClone(order)
  try {
    const events = commands[command.do](order, structuredClone(command))
    order.version += events
    return events
  } catch (error) {
    for (const key of Object.keys(order)) delete order[key]
    Object.assign(order, before)
    throw error
  }
}
