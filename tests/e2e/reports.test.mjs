// Reports are compared with what JavaScript adds up over the same orders: random histories of orders in several currencies
// and stores, in three zones whose clocks are put forward or back meanwhile. Every link leads to the orders that its figures
// are made of.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'

import { random } from '../model/generate.mjs'
import { life } from '../model/life.mjs'
import { Shop } from '../model/shop.mjs'
import { bruteForce, factsOf } from './report_model.mjs'
import { assertProblem, assertVerified, Client, fullOrder, useServer } from './lib.mjs'

const ZONES = ['Europe/Berlin', 'America/St_Johns', 'Pacific/Auckland'] // 29 March, 8 March, 5 April 2026
const FROM = '2026-03-03', TO = '2026-04-10'
const ORDERS = 150

const server = await useServer({
  config: text => `${text}\n[store.north]\n[store.south]\ntimezone = Pacific/Auckland\n`,
  options: { 'shop.timezone': 'Europe/Berlin', 'stock.track': 'none' },
})

let asked = server // whom reports and lists are asked
async function withServer(other, work) {
  asked = other
  try {
    await work()
  } finally {
    asked = server
    await readAll()
  }
}

async function report(path) {
  const answer = await asked.get(`/api/reports/${path}`)
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}

// ---- random histories

const fraction = r => r.below(1000) / 1000
const START = Date.parse('2026-03-02T00:00:00Z'), DAYS = 40
const iso = ms => new Date(ms).toISOString()

/** A time whose local day is easily mistaken: often near midnight of one of the zones. */
function moment(r, from = START) {
  const ms = from + r.below(START + DAYS * 86400e3 - from)
  if (r.chance(0.5)) return ms
  const offset = r.of([1, 2, -2.5, -3.5, 12, 13]) * 3600e3
  const midnight = Math.floor((ms + offset) / 86400e3) * 86400e3 - offset
  return Math.max(from, midnight + r.of([-1, 0, 1, 899_000, -899_000]))
}

function history(r, number) {
  const pick = r.of
  const currency = pick(['EUR', 'EUR', 'JPY', 'KWD'])
  const unit = { EUR: 0.01, JPY: 1, KWD: 0.001 }[currency]
  const digits = { EUR: 2, JPY: 0, KWD: 3 }[currency]
  const round = amount => Number((Math.round(amount / unit) * unit).toFixed(digits))
  const items = Array.from({ length: 1 + r.below(3) }, () => {
    const qty = 1 + r.below(4), price = round(unit * (1 + r.below(9999)))
    const discountAmount = r.chance(0.3) ? round(qty * price * fraction(r) * 0.5) : 0
    const taxPercent = pick([0, 7, 19, 7.75])
    return { sku: pick(['A', 'B', 'C', 'D']), name: 'Thing', qty, price, discountAmount, taxPercent, taxAmount: round((qty * price - discountAmount) * taxPercent / 100) }
  })
  const goods = items.reduce((n, i) => n + i.qty * i.price - i.discountAmount, 0)
  const discountAmount = items.every(i => !i.discountAmount) && r.chance(0.4) ? round(goods * fraction(r)) : undefined
  const placed = moment(r)
  const shippingFeeExclTax = r.chance(0.6) ? round(unit * r.below(900)) : 0
  const line = {
    orderNumber: `R-${number}`, historical: true, placedAt: iso(placed), currency, items,
    ...(discountAmount === undefined ? {} : { discountAmount }),
    shippingFeeExclTax, shippingFeeInclTax: round(shippingFeeExclTax * pick([1, 1.19])),
    ...(r.chance(0.5) ? { store: pick(['north', 'south']) } : {}), paymentMethod: pick(['card', 'bank']),
    customer: pick([{ id: 'c-1', email: 'One@example.org', fullName: 'One' }, { id: 'c-2', fullName: 'Two' }, { email: 'three@example.org', fullName: 'Three' }, undefined]),
  }
  const tax = items.reduce((n, i) => n + i.taxAmount, 0)
  const total = round(goods - (discountAmount ?? 0) + tax + line.shippingFeeInclTax)
  const paid = moment(r, placed)
  const share = pick([0, 1, 1, 1, 0.5, 1.2])
  const amount = round(total * share)
  if (amount > 0) line.payments = [{ type: 'capture', amount, method: line.paymentMethod, transactionId: `t${number}`, at: iso(paid) }]
  if (r.chance(0.2)) {
    const one = r.chance(0.5)
    line.canceled = { at: iso(moment(r, paid)), reason: 'changed mind', ...(one ? { items: [{ orderItemId: 1, qty: 1 }] } : {}) }
  } else if (r.chance(0.5)) {
    line.shipments = [{ at: iso(moment(r, placed)), ...(r.chance(0.3) ? { items: [{ orderItemId: 1, qty: 1 }] } : {}) }]
  }
  if (amount > 0 && r.chance(0.5)) {
    const at = moment(r, paid), reason = pick(['Damaged, wet', 'late & "lost"', undefined])
    line.refunds = [pick([
      { at: iso(at), reason, items: [{ orderItemId: 1, qty: 1 }], keep: true },
      { at: iso(at), reason, amount: round(amount * fraction(r)) || unit },
      { at: iso(at), reason, shipping: true, amount: round(amount * fraction(r)) || unit },
      { at: iso(at), reason, items: [{ orderItemId: 1, qty: 1 }] },
    ])]
  }
  if (amount > 0 && r.chance(0.1)) line.payments.push({ type: 'chargeback', amount: round(amount / 3) || unit, method: line.paymentMethod, transactionId: `x${number}`, at: iso(moment(r, paid)) })
  return line
}

let orders, facts
async function readAll() {
  orders = []
  for (let next = ''; next !== null;) {
    const { body, status, text } = await asked.get(`/api/orders?limit=200${next ? `&after=${next}` : ''}`)
    assert.equal(status, 200, text)
    orders.push(...body.items)
    next = body.next
  }
  facts = orders.flatMap(factsOf)
}

before(async () => {
  const r = random(Number(process.env.SEED ?? 20260329))
  const input = Array.from({ length: ORDERS }, (_, n) => JSON.stringify(history(r, n))).join('\n')
  const { stdout, stderr } = await server.run('import', ['--format', 'ndjson', '-'], { input })
  await readAll()
  assert.ok(orders.length > ORDERS * 0.9, stdout + stderr)
  for (const kind of ['sale', 'refund', 'product-refund', 'capture', 'tax-refund', 'fulfilment']) {
    assert.ok(facts.filter(f => f.kind === kind).length >= 5, `${kind} is tried`)
  }
})

// ---- comparing

const KEYS = { 'top-products': ['sku'], 'revenue-by-payment-method': ['method'], 'status-breakdown': ['of', 'code'], refunds: ['reason', 'method'], tax: ['on', 'rate'] }
/** The links of a row, and the facts of which orders they are. */
const LINKS = {
  sales: { orders: ['sale'], refunds: ['refund'], net: ['sale', 'refund'] },
  'top-products': { orders: ['product'], refunds: ['product-refund'], net: ['product', 'product-refund'] },
  'revenue-by-payment-method': { captured: ['capture'], refunded: ['repayment'], net: ['capture', 'repayment'] },
  'status-breakdown': { orders: ['status'] },
  refunds: { refunds: ['refund'] },
  'refunds by method': { refunds: ['repayment'] },
  tax: { orders: ['tax'], refunds: ['tax-refund'], net: ['tax', 'tax-refund'] },
  'fulfilment-time': { orders: ['fulfilment'] },
}

const isEmpty = row => row.orders === 0 && row.refunds === 0 && row.gross === 0

async function listed(link) {
  const ids = []
  for (let next = ''; next !== null;) {
    const { body, status, text } = await asked.get(`${link}&limit=200&fields=orderId${next ? `&after=${next}` : ''}`)
    assert.equal(status, 200, `${link}\n${text}`)
    ids.push(...body.items.map(o => o.orderId))
    next = body.next
  }
  return ids.sort((a, b) => a - b)
}

async function compare(name, { zone, interval, byStore, links, from = FROM, to = TO }) {
  const path = `${name.split(' ')[0]}?from=${from}&to=${to}&timezone=${zone}`
  const { rows, totals } = await report(`${path}${interval ? `&interval=${interval}` : ''}${byStore ? '&groupBy=store' : ''}${name.includes(' ') ? '&by=method' : ''}`)
  const expected = bruteForce(name, facts, { zone, from, to, interval, byStore })
  const seen = new Set()
  for (const row of rows) {
    const key = Object.fromEntries([...(interval ? ['period'] : []), ...('currency' in row ? ['currency'] : []), ...(byStore ? ['store'] : []), ...(KEYS[name.split(' ')[0]] ?? [])].map(k => [k, row[k]]))
    const text = JSON.stringify(key)
    const group = expected.get(text)
    if (!group) {
      assert.ok(name === 'sales' && isEmpty(row), `${name} ${zone} has ${text}`)
      continue
    }
    seen.add(text)
    assert.deepEqual(Object.fromEntries(Object.keys(group.figures).map(k => [k, row[k]])), group.figures, `${name} ${zone} ${interval} ${text}`)
    for (const [link, kinds] of links ? Object.entries(LINKS[name]) : []) {
      const ids = [...new Set(kinds.flatMap(kind => group.orders(kind)))].sort((a, b) => a - b)
      assert.deepEqual(await listed(row.links[link]), ids, `${name} ${text} ${row.links[link]}`)
    }
  }
  assert.deepEqual([...expected.keys()].filter(key => !seen.has(key)), [], `${name} ${zone} ${interval}: rows that are missing`)
  const whole = bruteForce(name, facts, { zone, from, to, byStore })
  for (const total of KEYS[name.split(' ')[0]] ? [] : totals) {
    const key = JSON.stringify({ ...('currency' in total ? { currency: total.currency } : {}), ...(byStore ? { store: total.store } : {}) })
    assert.deepEqual(Object.fromEntries(Object.keys(whole.get(key).figures).map(k => [k, total[k]])), whole.get(key).figures, `total of ${name} ${key}`)
  }
}

const CUT = [null, 'day', 'week', 'month']
const CASES = { sales: ['day', 'week', 'month'], 'top-products': [null], 'revenue-by-payment-method': CUT, 'status-breakdown': [null], refunds: CUT, 'refunds by method': CUT, tax: CUT, 'fulfilment-time': ['day', 'week', 'month'] }

for (const [name, intervals] of Object.entries(CASES)) {
  test(`${name} is what the orders come to, in three zones`, async () => {
    for (const zone of ZONES) {
      for (const interval of intervals) {
        await compare(name, { zone, interval })
        await compare(name, { zone, interval, byStore: true })
      }
    }
  })
  test(`${name}: each link leads to the orders that its figures are made of`, async () => {
    await compare(name, { zone: ZONES[1], interval: intervals.at(-1), links: true })
    await compare(name, { zone: ZONES[2], interval: intervals.at(-1), byStore: true, links: true })
  })
}

test('the history of customers: the list of those who brought most, and one by id or e-mail', async () => {
  const inRange = f => f.at >= Date.parse(`${FROM}T00:00:00Z`) && f.at < Date.parse(`${TO}T00:00:00Z`)
  const whose = new Map(orders.map(o => [o.orderId, o.customer]))
  const nameOf = id => whose.get(id)?.id ?? whose.get(id)?.email
  const sums = (list, currency) => {
    const own = list.filter(f => f.currency === currency)
    const digits = { JPY: 0, KWD: 3 }[currency] ?? 2
    const total = (kind, member) => Number(own.filter(f => f.kind === kind).reduce((n, f) => n + f[member], 0n)) / 10 ** digits
    const [gross, discounts, refunds] = [total('sale', 'gross'), total('sale', 'discount'), total('refund', 'refund')]
    const net = Number((gross - discounts - refunds).toFixed(digits))
    return { orders: own.filter(f => f.kind === 'sale').length, gross, discounts, refunds, net }
  }
  const figures = row => ({ orders: row.orders, gross: row.gross, discounts: row.discounts, refunds: row.refunds, net: row.net })
  const { rows, totals } = await report(`customer-history?from=${FROM}&to=${TO}&timezone=UTC`)
  const some = facts.filter(f => inRange(f) && (f.kind === 'sale' || f.kind === 'refund'))
  const names = { 'c-1': c => c?.id === 'c-1', 'c-2': c => c?.id === 'c-2', 'three@example.org': c => !c?.id && c?.email === 'three@example.org' }
  assert.equal(rows.length, new Set(some.filter(f => nameOf(f.order)).map(f => `${f.currency} ${nameOf(f.order)}`)).size)
  for (const row of rows) {
    const own = some.filter(f => names[row.customer](whose.get(f.order)))
    assert.deepEqual(figures(row), sums(own, row.currency), row.customer)
    const of = kinds => [...new Set(own.filter(f => f.currency === row.currency && kinds.includes(f.kind)).map(f => f.order))].sort((a, b) => a - b)
    assert.deepEqual(await listed(row.links.orders), of(['sale']))
    assert.deepEqual(await listed(row.links.net), of(['sale', 'refund']))
  }
  for (const currency of ['EUR', 'JPY', 'KWD']) {
    const nets = rows.filter(r => r.currency === currency).map(r => r.net)
    assert.deepEqual(nets, [...nets].sort((a, b) => b - a), 'the most first')
    assert.deepEqual(figures(totals.find(t => t.currency === currency)), sums(some, currency), 'the total has those that nobody knows as well')
  }
  assert.equal((await report(`customer-history?from=${FROM}&to=${TO}&limit=1&currency=EUR`)).rows.length, 1)

  const all = facts.filter(f => f.kind === 'sale' || f.kind === 'refund')
  for (const [customer, is] of [['c-1', names['c-1']], ['ONE@example.org', names['c-1']], ['three@example.org', names['three@example.org']]]) {
    const one = await report(`customer-history?customer=${encodeURIComponent(customer)}`)
    const own = all.filter(f => is(whose.get(f.order)))
    assert.ok(one.rows.length)
    for (const row of one.rows) {
      assert.deepEqual(figures(row), sums(own, row.currency), customer)
      const times = own.filter(f => f.kind === 'sale' && f.currency === row.currency).map(f => f.at)
      assert.deepEqual([Date.parse(row.first), Date.parse(row.last)], [Math.min(...times), Math.max(...times)])
      assert.deepEqual(await listed(row.links.orders), [...new Set(own.filter(f => f.kind === 'sale' && f.currency === row.currency).map(f => f.order))].sort((a, b) => a - b))
    }
  }
})

const money = row => [row.gross, row.discounts, row.refunds, row.net]
const adds = (row, text) => assert.ok(Math.abs(row.gross - row.discounts - row.refunds - row.net) < 0.0005, `${text}: ${money(row)}`)

test('gross - discounts - refunds = net in every row and total, and equals what the orders hold', async () => {
  for (const path of ['sales?interval=week', 'top-products?limit=3', 'customer-history?limit=2', 'sales?groupBy=store&interval=month']) {
    const { rows, totals } = await report(`${path}&from=${FROM}&to=${TO}`)
    for (const row of [...rows, ...totals]) adds(row, path)
  }
  // Over all time: what orders are due, less what went back of it, is what the shop has or is owed.
  const { totals } = await report('sales?from=2026-01-01&interval=month')
  for (const { currency, net } of totals) {
    const digits = { JPY: 0, KWD: 3 }[currency] ?? 2
    const expected = orders.filter(o => o.currency === currency).reduce((n, o) => {
      const due = Math.max(o.grandTotal - o.amountCanceled, 0), back = o.amountRefunded + o.amountChargedBack
      const sold = Math.max(due, Math.min(o.grandTotal, o.amountCaptured)) + Math.min(Math.max(o.amountCaptured - o.grandTotal, 0), back)
      return n + sold - back
    }, 0)
    assert.equal(net.toFixed(digits), expected.toFixed(digits))
  }
})

test('any time may be asked for, whole buckets or not', async () => {
  const r = random(5)
  for (let i = 0; i < 40; i++) {
    const from = START + r.below(DAYS * 86400e3), to = from + 1 + r.below(r.of([1000, 900_000, 86400e3, 20 * 86400e3]))
    const own = facts.filter(f => f.at >= from && f.at < to)
    const { totals } = await report(`sales?from=${iso(from)}&to=${iso(to)}&interval=month`)
    const counts = {}
    for (const f of own) if (f.kind === 'sale') counts[f.currency] = (counts[f.currency] ?? 0) + 1
    assert.deepEqual(Object.fromEntries(totals.filter(t => t.orders).map(t => [t.currency, t.orders])), counts, `${iso(from)} ${iso(to)}`)
    const products = await report(`top-products?from=${iso(from)}&to=${iso(to)}&limit=500`)
    const units = own.filter(f => f.kind === 'product').reduce((n, f) => n + f.units, 0)
    assert.equal(products.totals.reduce((n, t) => n + t.units, 0), units, `${iso(from)} ${iso(to)}`)
  }
})

test('days of 23 and 25 hours, and a zone whose clock goes back to midnight', async () => {
  const lengths = async (zone, from, to) => (await report(`sales?timezone=${zone}&from=${from}&to=${to}&currency=EUR`)).rows.map(row => (Date.parse(row.to) - Date.parse(row.from)) / 3600e3)
  assert.deepEqual(await lengths('Europe/Berlin', '2026-03-28', '2026-03-31'), [24, 23, 24])
  assert.deepEqual(await lengths('Pacific/Auckland', '2026-04-04', '2026-04-07'), [24, 25, 24])
  assert.deepEqual(await lengths('America/St_Johns', '2026-03-07', '2026-03-10'), [24, 23, 24])
  // Havana goes back from 01:00 to 00:00, so midnight comes twice; the day begins with the first.
  const placed = ['2025-11-02T03:59:59Z', '2025-11-02T04:00:00Z', '2025-11-02T05:30:00Z']
  for (const placedAt of placed) await server.place({ placedAt, currency: 'CUP' })
  const { rows } = await report('sales?timezone=America/Havana&from=2025-11-01&to=2025-11-03&currency=CUP')
  assert.deepEqual(rows.map(row => [row.period, row.orders]), [['2025-11-01', 1], ['2025-11-02', 2]])
})

test('without times, a report is about the last 30 days of the shop, and of a store in its own zone', async () => {
  const sales = await report('sales')
  assert.equal(sales.timezone, 'Europe/Berlin')
  assert.equal(sales.interval, 'day')
  const days = (Date.parse(sales.to) - Date.parse(sales.from)) / 86400e3
  assert.ok(Math.abs(days - 30) < 0.1, `${days}`)
  assert.ok(Date.parse(sales.to) > Date.now())
  assert.equal((await report('sales?store=south')).timezone, 'Pacific/Auckland')
})

test('compare=previous has beside each row the period of as many days before, and how much has changed', async () => {
  const query = 'currency=EUR&timezone=Europe/Berlin'
  const now = await report(`sales?from=2026-03-25&to=2026-04-01&compare=previous&${query}`)
  assert.deepEqual([now.previous.from, now.previous.to], ['2026-03-17T23:00:00Z', '2026-03-24T23:00:00Z'], 'seven days, though the clock was put forward')
  const before = await report(`sales?from=2026-03-18&to=2026-03-25&${query}`)
  assert.equal(now.rows.length, 7)
  now.rows.forEach((row, i) => {
    const { orders, units, gross, discounts, refunds, net, tax, shipping, average } = before.rows[i]
    assert.deepEqual(row.previous, { orders, units, gross, discounts, refunds, net, tax, shipping, average })
    assert.equal(row.change.gross, gross ? Number(((row.gross - gross) / gross).toFixed(4)) : null)
  })
  assert.equal(now.totals[0].previous.net, before.totals[0].net)
  const products = await report(`top-products?from=2026-03-25&to=2026-04-01&compare=previous&limit=1&${query}`)
  const others = await report(`top-products?from=2026-03-18&to=2026-03-25&limit=500&${query}`)
  assert.equal(products.rows.length, 1)
  assert.equal(products.rows[0].previous.net, others.rows.find(row => row.sku === products.rows[0].sku).net)
  assert.equal(products.totals[0].previous.net, others.totals[0].net)
})

/** Records of RFC 4180. */
function parseCsv(text) {
  const records = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (quoted === undefined && plain === '' && end === '' && records.at(-1).length === 0) break
    records.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') records.push([])
  }
  return records.filter(record => record.length)
}

test('CSV has the rows and columns of JSON', async () => {
  for (const query of ['sales?interval=week&compare=previous', 'top-products?', 'refunds?interval=month', 'tax?groupBy=store', 'customer-history?', 'fulfilment-time?interval=week', 'status-breakdown?', 'revenue-by-payment-method?']) {
    const [name, rest] = query.split('?')
    const { rows } = await report(`${name}?from=${FROM}&to=${TO}&${rest}`)
    const csv = await server.get(`/api/reports/${name}.csv?from=${FROM}&to=${TO}&${rest}`)
    assert.equal(csv.status, 200)
    assert.match(csv.headers['content-type'], /^text\/csv/)
    const [header, ...records] = parseCsv(csv.text)
    assert.equal(records.length, rows.length)
    records.forEach((record, i) => header.forEach((column, k) => {
      const value = column.split('.').reduce((row, part) => (row === null ? null : row[part]), rows[i])
      assert.ok(value !== undefined, `${name} has ${column}`)
      const same = typeof value === 'number' ? Number(record[k]) === value : record[k] === (value ?? '')
      assert.ok(same, `${name} ${column}: ${record[k]} is ${value}`)
    }))
    const known = Object.keys(rows[0]).filter(key => !['links', 'previous', 'change'].includes(key))
    assert.deepEqual(header.filter(column => !column.includes('.')), known)
  }
})

test('what a report cannot be asked for is refused with a reason', async () => {
  const refused = async (path, status, detail) => {
    const answer = await server.get(`/api/reports/${path}`)
    assertProblem(answer, status)
    assert.match(answer.body.detail, detail, path)
  }
  await refused('sale', 404, /did you mean 'sales'/)
  await refused('sales?timezone=Berlin', 422, /did you mean 'Europe\/Berlin'/)
  await refused('sales?timezone=Europe/Berlim', 422, /did you mean 'Europe\/Berlin'/)
  await refused('sales?timezone=europe/berlin', 422, /did you mean 'Europe\/Berlin'/)
  for (const zone of ['UTC%2B5', 'EST5EDT4', '%2B02:00', "x'y"]) await refused(`sales?timezone=${zone}`, 422, /no time zone/)
  await refused('sales?from=yesterday', 422, /from must be a day/)
  await refused('sales?to=2026-02-30', 422, /to must be a day/)
  await refused('sales?from=2026-03-02&to=2026-03-02', 422, /before to/)
  await refused('sales?from=2020-01-01&to=2026-01-01', 422, /more than 1500 periods/)
  await refused('sales?interval=hour', 422, /day, week or month/)
  await refused('top-products?interval=day', 422, /no interval/)
  await refused('sales?limit=3', 422, /no limit/)
  await refused('top-products?limit=0', 422, /1 to 500/)
  await refused('refunds?by=colour', 422, /reason or method/)
  await refused('sales?by=reason', 422, /no `by`/)
  await refused('sales?customer=c-1', 422, /customer-history/)
  await refused('sales?currency=XYZ', 422, /ISO 4217/)
  await refused('sales?compare=next', 422, /previous/)
  await refused('sales?groupBy=currency', 422, /store/)
  await refused('sales?colour=red', 422, /colour/)
  for (const figure of ['sale', 'sale,a,b', 'wish,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z', ',,']) {
    assertProblem(await server.get(`/api/orders?figure=${figure}`), 422)
  }
  assertProblem(await server.get('/api/orders?figure.in=sale,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z'), 422)
})

test('what is done now is in the report that is read next, and in that of the order\'s own day', async () => {
  const sku = 'LIVE', day = '2026-03-15'
  const read = async () => (await report(`top-products?from=${day}&to=2026-03-16&limit=500`)).rows.find(row => row.sku === sku)
  const place = () => server.place(fullOrder({ placedAt: `${day}T12:00:00Z`, items: [{ sku, qty: 2, price: 10 }], subTotal: 20, discountAmount: 5, taxAmount: 0, shippingFeeExclTax: 1, shippingFeeInclTax: 1, grandTotal: 16 }))
  const { uuid } = await place()
  assert.deepEqual(money(await read()), [20, 5, 0, 15])
  const command = async (path, body) => {
    const answer = await server.post(`/api/orders/${uuid}/${path}`, body)
    assert.ok(answer.status < 300, answer.text)
  }
  // Cancelled before it is paid: never sold.
  await command('cancel', { items: [{ orderItemId: 1, qty: 1 }] })
  assert.deepEqual(money(await read()), [10, 2.5, 0, 7.5])
  await command('payments', { type: 'capture', amount: 8.5, method: 'card' })
  await command('refunds', { items: [{ orderItemId: 1, qty: 1 }], reason: 'broken' })
  assert.deepEqual(money(await read()), [10, 2.5, 0, 7.5], 'refunds are of their own day')
  const today = await report('refunds')
  assert.equal(today.rows.find(row => row.reason === 'broken').refunds, 1)
  const other = await place()
  assert.equal((await server.post(`/api/orders/${other.uuid}/cancel`, {})).status, 200)
  assert.deepEqual(money(await read()), [10, 2.5, 0, 7.5], 'never sold')
  await readAll()
  for (const name of Object.keys(CASES)) await compare(name, { zone: 'Europe/Berlin', interval: CASES[name].at(-1) })
})

test('after random lives of orders, with splits, changes, returns and exchanges, reports are what the orders come to', async () => {
  const shop = new Shop()
  const [other] = shop.servers
  try {
    await shop.start()
    const client = new Client(other.url)
    for (let number = 0; number < 12; number++) await life([client], { seed: Number(process.env.SEED ?? 11), number, length: 25 })
    client.close()
    await withServer(other, async () => {
      await readAll()
      const day = offset => new Date(Date.now() + offset * 86400e3).toISOString().slice(0, 10)
      for (const [name, intervals] of Object.entries(CASES)) await compare(name, { zone: 'UTC', interval: intervals.at(-1), links: true, from: day(-1), to: day(2) })
    })
    await assertVerified(other)
  } finally {
    await other.dispose()
  }
})

test('a rebuild makes the same, and verify proves facts and sums', async () => {
  const dump = () => server.sql('select kind, bucket, currency, store, key, count, units, gross, discount, refund, tax, shipping from report_sum where count <> 0 or gross <> 0 or refund <> 0 order by 1, 2, 3, 4, 5')
  const before = await dump()
  assert.ok(before.length > 100)
  await assertVerified(server)
  const { code, stdout, stderr } = await server.run(['projection', 'rebuild'], ['reports'])
  assert.equal(code, 0, stdout + stderr)
  assert.deepEqual(await dump(), before)
  await compare('sales', { zone: ZONES[0], interval: 'day' })
  const broken = async (sql, what) => {
    await server.sql(sql)
    const { code, stdout, stderr } = await server.run('verify')
    assert.notEqual(code, 0, 'verify sees it')
    assert.match(stdout + stderr, what)
    await server.run(['projection', 'rebuild'], ['reports'])
    await assertVerified(server)
  }
  await broken('update report_sum set gross = gross + 1 where (kind, bucket) = (select kind, bucket from report_sum where kind = 1 limit 1)', /kind 1.*the sum of ".*" differs/)
  await broken('update report_fact set gross = gross + 1 where order_id = (select min(order_id) from report_fact where kind = 1) and kind = 1', /kind 1: a fact that it has is not in report_fact/)
  await broken('update report_order set customer = $$nobody$$ where order_id = (select min(order_id) from report_order)', /report_order differs/)
})
