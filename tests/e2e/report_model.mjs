// Reports by brute force: what each order comes to, added up in JavaScript, with the zones of Intl. Amounts are BigInt
// minor units.
const DIGITS = { JPY: 0, KWD: 3 }
const digitsOf = currency => DIGITS[currency] ?? 2
const minor = (amount, currency) => BigInt(Math.round((amount ?? 0) * 10 ** digitsOf(currency)))
const max = (a, b) => (a > b ? a : b)
const min = (a, b) => (a < b ? a : b)
const sum = list => list.reduce((a, b) => a + b, 0n)

/** Cuts an amount by weights, in whole units that add up to it where there is any weight. */
function cut(amount, weights) {
  const whole = sum(weights)
  let upto = 0n
  return weights.map(weight => {
    const before = whole ? (amount * upto) / whole : 0n
    upto += weight
    return whole ? (amount * upto) / whole - before : 0n
  })
}

/** The facts of an order as GET /api/orders shows it: {kind, at, key, count, units, gross, discount, refund, tax, shipping}. */
export function factsOf(o) {
  const m = amount => minor(amount, o.currency)
  const facts = []
  const scope = { order: o.orderId, currency: o.currency, store: o.store ?? null }
  const fact = (kind, at, key, figures) => facts.push({ count: 1, units: 0, gross: 0n, discount: 0n, refund: 0n, tax: 0n, shipping: 0n, ...figures, kind, at: Date.parse(at), key, ...scope })

  const total = m(o.grandTotal), canceled = m(o.amountCanceled), captured = m(o.amountCaptured)
  const fee = m(o.shippingFeeInclTax), feeTax = fee - m(o.shippingFeeExclTax)
  const due = max(total - canceled, 0n)
  const sold = max(due, min(total, captured)) + min(max(captured - total, 0n), m(o.amountRefunded) + m(o.amountChargedBack))
  // Of the price of the cancelled units, so much was not paid. Units that refunds took out were paid, so it is of the others first.
  const unpaid = max(total - max(due, captured), 0n)
  const taken = min(sum(o.refunds.map(r => m(r.amountCanceled))), canceled), plain = canceled - taken
  const lost = { plain: plain > 0n ? min(unpaid, plain) : 1n, taken: max(unpaid - plain, 0n) }
  const of = { plain: max(plain, 1n), taken: max(taken, 1n) }
  const gone = (amount, units, qty) => ['plain', 'taken'].reduce((n, k) => n + (amount * BigInt(units[k]) * lost[k]) / (BigInt(Math.max(qty, 1)) * of[k]), 0n)

  const totals = o.items.map(i => m(i.total))
  const byTotal = totals.some(t => t > 0n)
  const amounts = cut(max(total - fee, 0n), o.items.map((i, n) => (byTotal ? max(totals[n], 0n) : BigInt(i.qty))))
  const lines = o.items.map((i, n) => {
    const value = m(i.subTotal) + m(i.taxAmount), tax = m(i.taxAmount)
    const back = taken > 0n ? Math.min(o.refunds.flatMap(r => r.items).filter(r => r.orderItemId === i.orderItemId).reduce((n, r) => n + r.qtyCanceled, 0), i.qtyCanceled) : 0
    const canceledUnits = { plain: i.qtyCanceled - back, taken: back }
    const without = amount => amount - gone(amount, canceledUnits, i.qty)
    return {
      id: i.orderItemId, sku: i.sku, rate: i.taxPercent, amount: amounts[n], value, tax, qty: i.qty, canceled: i.qtyCanceled,
      cost: k => (amounts[n] * BigInt(canceledUnits[k])) / BigInt(Math.max(i.qty, 1)), units: i.qty - Number(gone(1n, canceledUnits, 1)),
      amountKept: without(amounts[n]), valueKept: without(value), taxKept: without(tax), open: i.qty - i.qtyCanceled - i.qtyShipped, shipped: i.qtyShipped,
    }
  })
  const nothing = lines.length ? lines.every(l => l.qty === l.canceled) : canceled > 0n || Boolean(o.canceledAt)
  const beyond = (whole, k) => whole - sum(lines.map(l => l.cost(k)))
  const last = lines.length && beyond(taken, 'taken') > beyond(plain, 'plain') ? 'taken' : 'plain'
  const kept = amount => (nothing ? amount - (amount * lost[last]) / of[last] : amount)
  const feeDiscount = m(o.discountAmount) - sum(lines.map(l => l.value - l.amount))
  const feeAmount = total - sum(amounts)
  const units = lines.reduce((n, l) => n + l.units, 0)
  const discount = sum(lines.map(l => l.valueKept - l.amountKept)) + kept(feeDiscount)

  if (!o.canceledAt || sold > 0n || units > 0) {
    fact('sale', o.createdAt, '', { units, gross: sold + discount, discount, tax: sum(lines.map(l => l.taxKept)) + kept(feeTax), shipping: kept(fee) })
  }
  for (const l of lines) {
    if (l.units > 0 || l.amountKept > 0n) fact('product', o.createdAt, l.sku, { units: l.units, gross: l.valueKept, discount: l.valueKept - l.amountKept })
    if (l.amountKept || l.taxKept) fact('tax', o.createdAt, l.rate, { gross: l.amountKept - l.taxKept, tax: l.taxKept })
  }
  if (kept(feeAmount) || kept(feeTax)) fact('tax', o.createdAt, null, { gross: kept(feeAmount) - kept(feeTax), tax: kept(feeTax) })
  for (const of of ['status', 'paymentStatus', 'shipmentStatus']) fact('status', o.createdAt, `${of} ${o[of].code}`, { gross: total })

  const refunds = o.refunds.map(r => ({ ...r, reason: [...(r.reason ?? '')].slice(0, 200).join('') }))
  for (const p of o.payments) if (p.type === 'chargeback') refunds.push({ amount: p.amount, reason: 'chargeback', createdAt: p.createdAt, items: [] })
  for (const r of refunds) {
    const shipping = m(r.shippingAmount), items = new Map(r.items.map(i => [i.orderItemId, i]))
    const bearers = [...lines.map(l => ({ rate: l.rate, weight: l.amount, tax: l.tax, direct: m(items.get(l.id)?.amount) })), { rate: null, weight: feeAmount, tax: feeTax, direct: shipping }]
    const rest = m(r.amount) - sum(bearers.map(b => b.direct))
    const shares = cut(rest, bearers.map(b => b.weight))
    const whole = sum(bearers.map(b => b.weight))
    let tax = 0n
    bearers.forEach((b, n) => {
      const amount = b.direct + (whole ? shares[n] : b.rate === null ? rest : 0n)
      const part = b.weight > 0n ? (amount * b.tax) / b.weight : 0n
      tax += part
      if (amount) fact('tax-refund', r.createdAt, b.rate, { refund: amount - part, tax: part })
    })
    fact('refund', r.createdAt, r.reason, { refund: m(r.amount), units: r.items.reduce((n, i) => n + i.qty, 0), shipping, tax })
    for (const i of r.items) fact('product-refund', r.createdAt, lines.find(l => l.id === i.orderItemId).sku, { units: i.qty, refund: m(i.amount) })
  }
  for (const p of o.payments) {
    if (p.type === 'capture') fact('capture', p.createdAt, p.method ?? null, { gross: m(p.amount) })
    if (p.type === 'refund' || p.type === 'chargeback') fact('repayment', p.createdAt, p.method ?? null, { refund: m(p.amount) })
  }
  const sent = o.shipments.filter(s => !s.canceledAt && s.shippedAt).map(s => s.shippedAt).sort().at(-1)
  let run = 0n
  const paid = o.payments.filter(p => p.type === 'capture').sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.paymentId - b.paymentId))
    .find(p => (run += m(p.amount)) >= due)?.createdAt
  if (sent && paid && lines.every(l => l.open === 0) && lines.some(l => l.shipped > 0) && Date.parse(sent) >= Date.parse(paid)) {
    fact('fulfilment', sent, '', { seconds: (Date.parse(sent) - Date.parse(paid)) / 1000 })
  }
  return facts
}

const formats = new Map()
/** "2026-03-29" in the zone. */
export function dayOf(ms, zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }))
  return formats.get(zone).format(ms)
}

/** The first day of the period that a day is in, but none before `from`. */
export function periodOf(day, interval, from) {
  const date = new Date(`${day}T00:00:00Z`)
  if (interval === 'week') date.setUTCDate(date.getUTCDate() - (date.getUTCDay() + 6) % 7)
  if (interval === 'month') date.setUTCDate(1)
  const first = date.toISOString().slice(0, 10)
  return first < from ? from : first
}

const decimal = (units, currency) => Number(units) / 10 ** digitsOf(currency)
const totalOf = (list, member) => list.reduce((a, f) => a + f[member], typeof list[0]?.[member] === 'number' ? 0 : 0n)

/** What of the facts makes a row of a report: its key and its figures, by the report's name. */
const REPORTS = {
  sales: {
    kinds: ['sale', 'refund'], key: () => ({}),
    figures: (of, money) => {
      const sale = of('sale'), refund = of('refund')
      const gross = totalOf(sale, 'gross') || 0n, discounts = totalOf(sale, 'discount') || 0n, refunds = totalOf(refund, 'refund') || 0n
      const kept = gross - discounts
      const n = BigInt(sale.length)
      return {
        orders: sale.length, units: Number(totalOf(sale, 'units')), gross: money(gross), discounts: money(discounts), refunds: money(refunds),
        net: money(kept - refunds), tax: money(totalOf(sale, 'tax')), shipping: money(totalOf(sale, 'shipping')),
        average: n ? money((kept * 2n + n) / (2n * n)) : null,
      }
    },
  },
  'top-products': {
    kinds: ['product', 'product-refund'], key: f => ({ sku: f.key }),
    figures: (of, money) => {
      const sold = of('product'), back = of('product-refund')
      const gross = totalOf(sold, 'gross'), discounts = totalOf(sold, 'discount'), refunds = totalOf(back, 'refund')
      return {
        units: Number(totalOf(sold, 'units')), gross: money(gross), discounts: money(discounts),
        refundedUnits: Number(totalOf(back, 'units')), refunds: money(refunds), net: money(gross - discounts - refunds),
      }
    },
  },
  'revenue-by-payment-method': {
    kinds: ['capture', 'repayment'], key: f => ({ method: f.key }),
    figures: (of, money) => {
      const captured = totalOf(of('capture'), 'gross'), refunded = totalOf(of('repayment'), 'refund')
      return { captures: of('capture').length, captured: money(captured), refunds: of('repayment').length, refunded: money(refunded), net: money(captured - refunded) }
    },
  },
  'status-breakdown': {
    kinds: ['status'], key: f => ({ of: f.key.split(' ')[0], code: f.key.split(' ')[1] }),
    figures: (of, money) => ({ orders: of('status').length, amount: money(totalOf(of('status'), 'gross')) }),
  },
  refunds: {
    kinds: ['refund'], key: f => ({ reason: f.key || null, method: null }),
    figures: (of, money) => {
      const r = of('refund')
      return { refunds: r.length, amount: money(totalOf(r, 'refund')), units: Number(totalOf(r, 'units')), shipping: money(totalOf(r, 'shipping')), tax: money(totalOf(r, 'tax')) }
    },
  },
  'refunds by method': {
    kinds: ['repayment'], key: f => ({ reason: null, method: f.key }),
    figures: (of, money) => ({ refunds: of('repayment').length, amount: money(totalOf(of('repayment'), 'refund')), units: null, shipping: null, tax: null }),
  },
  tax: {
    kinds: ['tax', 'tax-refund'], key: f => ({ on: f.key === null ? 'shipping' : 'items', rate: f.key }),
    figures: (of, money) => {
      const s = of('tax'), r = of('tax-refund')
      const base = totalOf(s, 'gross'), tax = totalOf(s, 'tax'), refundedBase = totalOf(r, 'refund'), refundedTax = totalOf(r, 'tax')
      return { base: money(base), tax: money(tax), refundedBase: money(refundedBase), refundedTax: money(refundedTax), netBase: money(base - refundedBase), netTax: money(tax - refundedTax) }
    },
  },
  'fulfilment-time': {
    kinds: ['fulfilment'], key: () => ({}), noCurrency: true,
    figures: of => {
      const s = of('fulfilment').map(f => f.seconds).sort((a, b) => a - b)
      const at = part => Math.round(s[Math.ceil(part * s.length) - 1])
      return { orders: s.length, median: at(0.5), p90: at(0.9), average: Math.round(s.reduce((a, b) => a + b, 0) / s.length) }
    },
  },
}

/**
 * The rows of a report over days [from, to) of a zone, by their keys as JSON: {figures, orders}; `orders` are those that the
 * row is made of. interval: null, "day", "week" or "month".
 */
export function bruteForce(name, facts, { zone, from, to, interval = null, byStore = false }) {
  const report = REPORTS[name]
  const groups = new Map()
  for (const f of facts) {
    const day = dayOf(f.at, zone)
    if (!report.kinds.includes(f.kind) || day < from || day >= to) continue
    const key = {
      ...(interval ? { period: periodOf(day, interval, from) } : {}), ...(report.noCurrency ? {} : { currency: f.currency }),
      ...(byStore ? { store: f.store } : {}), ...report.key(f),
    }
    const text = JSON.stringify(key)
    if (!groups.has(text)) groups.set(text, [])
    groups.get(text).push(f)
  }
  return new Map([...groups].map(([text, list]) => {
    const of = kind => list.filter(f => f.kind === kind)
    const figures = report.figures(of, units => decimal(units || 0n, list[0].currency))
    return [text, { figures, orders: kind => [...new Set(of(kind).map(f => f.order))].sort((a, b) => a - b) }]
  }))
}
