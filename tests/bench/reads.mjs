// `tools/bench reads`: what questions cost in a shop with a long history, through HTTP, one client at a
// time. The floor of a question is hand-written SQL with an index made for it, over a socket of
// PostgreSQL, in turn with orderd: a page of orders with their items, addresses, parcels and payments
// as JSON. Classes of questions, such as all pairs of filters, have goals of their own in milliseconds.
import assert from 'node:assert/strict'

import { copyOrders } from '../e2e/copies.mjs'
import { order } from '../e2e/lib.mjs'

const TEMPLATES = 600 // orders placed over HTTP, that went each its own way, and were then copied
const PAGE = 50
const GOALS_MS = { list: 50, search: 100, number: 5, report: 100 }
const GRAPHQL_GOAL = 0.7 // of the rate of REST for the same rows
const REPEATS = 7 // of one question
const RATE_SECONDS = 3
const RATE_CLIENTS = 4

const pick = (random, values) => values[Math.floor(random() * values.length)]

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const FIRST = ['Ana', 'João', 'Marie', 'Jürgen', 'Zoë', 'Smith', 'Olga', 'Mehmet', 'Chloé', 'Li']
const LAST = ['Souza', 'Müller', 'Smith', 'García', 'Øster', 'Nowak', 'Jones', 'Rossi', 'Kaya', 'Wang', 'Lindström', 'Brown']
const COUNTRIES = ['PT', 'PT', 'PT', 'DE', 'DE', 'FR', 'ES', 'US', 'JP', 'MT']
const METHODS = ['card', 'card', 'card', 'paypal', 'invoice', 'cod']
const PARCELS = ['post', 'post', 'dhl', 'ups', 'pickup']

/** Orders of every kind that a shop has, by the commands that bring them there. */
async function placeTemplates(server, random) {
  const must = async answer => {
    const { status, text, body } = await answer
    assert.ok(status < 300, text)
    return body
  }
  for (let i = 0; i < TEMPLATES; i++) {
    const country = pick(random, COUNTRIES), fullName = `${pick(random, FIRST)} ${pick(random, LAST)}`
    const address = { fullName, telephone: '+351 210 000 000', address1: 'Rua Augusta 1', city: 'Lisboa', country, postcode: '1100-048' }
    const { uuid } = await server.place(order({
      currency: country === 'US' ? 'USD' : country === 'JP' ? 'JPY' : 'EUR',
      customer: { id: `c-${i}`, email: `c${i}@example.org`, fullName }, shippingAddress: address, billingAddress: address,
      paymentMethod: pick(random, METHODS), shippingMethod: pick(random, PARCELS), shippingFeeInclTax: 5,
      ...random() < 0.1 && { coupon: `SALE${1 + Math.floor(random() * 5)}` },
      ...random() < 0.2 && { tags: [pick(random, ['vip', 'gift', 'fragile', 'b2b'])] },
      items: Array.from({ length: 1 + Math.floor(random() * 4) }, (_, k) => ({ sku: `T-${i}-${k}`, name: 'Camisola', qty: 1 + Math.floor(random() * 3), price: 10 + Math.floor(random() * 190) })),
    }))
    const at = `/api/orders/${uuid}`
    const way = random()
    if (way < 0.05) await must(server.post(`${at}/cancel`, { reason: 'changed mind' }))
    if (way < 0.05) continue
    if (way > 0.2) await must(server.post(`${at}/payments`, { type: 'capture', method: 'card', transactionId: `txn-${i}` }))
    if (way > 0.3) await must(server.post(`${at}/shipments`, { carrier: pick(random, ['dhl', 'ups', 'fedex']), trackingNumber: `TRK-${i}` }))
    if (way > 0.95) await must(server.post(`${at}/refunds`, { amount: 5, reason: 'scratched' }))
    if (random() < 0.02) await must(server.post(`${at}/holds`, { handle: pick(random, ['fraud', 'address']), reason: 'look at it' }))
  }
}

/** As many orders as asked for: two years, a customer for four orders and one with a hundredth of them, 20,000
 * SKUs of which few are popular. The books alone are changed, so `orderd verify` would not agree. */
const spread = count => [
  `update orders set created_at = now() - interval '2 years' * (abs(hashint8(order_id)) % 1000003 / 1000003.0),
     customer_id = c.id, customer_email = 'u' || c.id || '@example.org'
     from (select order_id as of, case when order_id % 100 = 0 then 'company' else 'c-' || abs(hashint8(order_id)) % ${Math.ceil(count / 4)} end as id from orders) c
     where c.of = order_id`,
  'update orders set updated_at = created_at + interval \'3 days\'',
  "update order_item set sku = 'SKU-' || floor(20000 * power((abs(hashint8(order_id * 31 + order_item_id)) % 1000003) / 1000003.0, 3))",
  "update shipment set tracking_number = 'TRK' || lpad((order_id * 7 + shipment_id)::text, 12, '0') where tracking_number is not null",
  "update payment set transaction_id = 'txn_' || md5(order_id::text || payment_id) where transaction_id is not null",
  "update order_address set telephone = '+351 2' || lpad((abs(hashint8(order_id)) % 100000000)::text, 8, '0')",
  'vacuum analyze',
]

const FLOOR_INDEXES = [
  'orders (payment_status, created_at, order_id)', 'orders (customer_id, created_at, order_id)', 'orders (lower(customer_email), created_at, order_id)',
  'orders (payment_status, shipment_status, created_at, order_id)', 'orders (payment_method, grand_total, order_id)', 'orders (grand_total, order_id)',
].map(index => `create index on ${index}`)

const FLOOR = (where, sort = 'created_at') => `select to_json(o) as o,
    (select json_agg(i order by i.order_item_id) from order_item i where i.order_id = o.order_id) as items,
    (select json_agg(a) from order_address a where a.order_id = o.order_id) as addresses,
    (select json_agg(s) from shipment s where s.order_id = o.order_id) as shipments,
    (select json_agg(p) from payment p where p.order_id = o.order_id) as payments
  from (select * from orders where ${where} order by ${sort} desc, order_id desc limit ${PAGE + 1}) o`

const quantile = (times, q) => times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * q))]

/**
 * Runs everything in a shop of `count` orders. `show(row)` takes {name, goal, reached} with {orderd, floor, ratio}
 * of one question, or with {of, p50, p95, most, worst} of a class; times in milliseconds.
 */
export async function measureReads(server, { count, note, show }) {
  const random = randomFrom(20_000)
  note(`placing ${TEMPLATES} orders`)
  await placeTemplates(server, random)
  await server.withDatabase(async db => {
    note(`copying them until there are ${count}`)
    const base = (await db.query(`select setval('order_id_seq', nextval('order_id_seq') + ${count}) - ${count} as base`)).rows[0].base
    await db.query(copyOrders({ count: count - TEMPLATES, base }))
    for (const statement of [...spread(count), ...FLOOR_INDEXES]) await db.query(statement)
    await db.query(`update feed_cursor set events = 0, (txid, order_id, seq, since_txid, since_order_id, since_seq) =
      (select txid, order_id, seq, txid, order_id, seq from order_event order by txid desc, order_id desc, seq desc limit 1)`)
  })
  const { stdout: projections } = await server.run('projection', ['list'])
  const names = projections.trim().split('\n').map(line => line.split(/\s+/)[0]).filter(name => /^(list|search|reports)$/.test(name))
  for (const name of names) {
    const from = performance.now()
    const { code, stderr } = await server.run(['projection', 'rebuild'], [name], { timeout: 7_200_000 })
    assert.equal(code, 0, stderr)
    note(`projection ${name} rebuilt in ${((performance.now() - from) / 1000).toFixed(0)} s`)
  }
  await server.sql('vacuum analyze')
  await server.restart()
  await server.withDatabase(db => ask(server, db, { random, show, names }))
}

/** What values the shop has of each field: one that many orders have, one that few have, and one of nobody. */
async function valuesOf(db) {
  const most = async (expression, from = 'orders', where = 'true') => {
    const { rows } = await db.query(`select v, n from (select ${expression} as v, count(*) as n from ${from} where ${where} group by 1) x where v is not null order by n desc`)
    return [rows[0].v, rows.at(-1).v, 'nobody']
  }
  return {
    paymentStatus: (await most('payment_status')).slice(0, 2), shipmentStatus: (await most('shipment_status')).slice(0, 2),
    status: (await most('status')).slice(0, 2), currency: (await most('currency')).slice(0, 2), paymentMethod: await most('payment_method'),
    shippingMethod: await most('shipping_method'), country: await most('country', 'order_address'), carrier: await most('carrier', 'shipment'),
    coupon: await most('coupon'), hold: await most('handle', 'order_hold'), tag: await most('t', 'orders, json_array_elements_text(tags) t'),
    customerId: await most('customer_id'), customerEmail: await most('customer_email'), sku: await most('sku', 'order_item'),
    trackingNumber: (await most('tracking_number', 'shipment')).slice(1), 'createdAt.gte': [new Date(Date.now() - 30 * 864e5).toISOString()],
    'grandTotal.gte': [900], 'grandTotal.lt': [20],
  }
}

async function ask(server, db, { random, show, names }) {
  const timed = async (path, expected = 200) => {
    const from = performance.now()
    const { status, text, body } = await server.get(path)
    const took = performance.now() - from
    assert.equal(status, expected, `${path}: ${text.slice(0, 300)}`)
    return { took, body, path }
  }
  const median = async path => {
    const runs = []
    for (let i = 0; i < REPEATS; i++) runs.push(await timed(path))
    return { took: quantile(runs.map(r => r.took), 0.5), body: runs[0].body, path }
  }
  /** A class of questions: how long each takes, and of them all the middle, the 95th of a hundred and the longest. */
  const group = async (name, paths, goal) => {
    const runs = []
    for (const path of paths) runs.push(await median(path))
    const times = runs.map(r => r.took)
    const longest = runs.reduce((a, b) => (b.took > a.took ? b : a))
    show({ name, of: paths.length, p50: quantile(times, 0.5), p95: quantile(times, 0.95), most: longest.took, goal: `p95 <= ${goal} ms`, reached: quantile(times, 0.95) <= goal, worst: longest.path })
    return runs
  }
  const list = query => `/api/orders?limit=${PAGE}&${new URLSearchParams(query)}`
  const values = await valuesOf(db)
  const fields = Object.keys(values)

  const against = async (name, query, where, params, sort, column) => {
    const ours = [], theirs = []
    for (let i = 0; i < 3 * REPEATS; i++) {
      ours.push((await timed(list({ ...query, ...sort && { sort: `-${sort}` } }))).took)
      const from = performance.now()
      await db.query({ name, text: FLOOR(where, column), values: params })
      theirs.push(performance.now() - from)
    }
    const [a, b] = [quantile(ours, 0.5), quantile(theirs, 0.5)]
    show({ name, orderd: a, floor: b, ratio: a / b, p50: a, p95: quantile(ours, 0.95) })
  }
  const [many, few] = values.paymentStatus
  await against('list_status', { paymentStatus: many }, 'payment_status = $1', [many])
  await against('list_rare', { paymentStatus: few }, 'payment_status = $1', [few])
  await against('list_nobody', { customerId: 'nobody' }, 'customer_id = $1', ['nobody'])
  await against('list_customer', { customerId: values.customerId[1] }, 'customer_id = $1', [values.customerId[1]])
  await against('list_email', { customerEmail: values.customerEmail[1].toUpperCase() }, 'lower(customer_email) = $1', [values.customerEmail[1]])
  await against('list_pair', { paymentStatus: many, shipmentStatus: values.shipmentStatus[1] }, 'payment_status = $1 and shipment_status = $2', [many, values.shipmentStatus[1]])
  await against('list_amount', { currency: 'EUR' }, "currency = 'EUR'", [], 'grandTotal', 'grand_total')
  await against('list_method', { paymentMethod: 'card' }, 'payment_method = $1', ['card'], 'grandTotal', 'grand_total')

  const single = fields.flatMap(field => values[field].map(value => ({ [field]: value })))
  const not = fields.filter(field => !field.includes('.')).map(field => ({ [`${field}.neq`]: values[field][0] }))
  const missing = ['coupon', 'carrier', 'hold', 'tag', 'customerId'].map(field => ({ [`${field}.exists`]: 'false' }))
  await group('filters', [...single, ...not, ...missing].map(list), GOALS_MS.list)
  await group('filters_by_total', [...single, ...not, ...missing].map(q => list({ ...q, sort: '-grandTotal' })), GOALS_MS.list)
  await group('filters_counted', single.map(q => list({ ...q, count: 'true' })), GOALS_MS.list)
  const pairs = fields.flatMap((a, i) => fields.slice(i + 1).map(b => ({ [a]: pick(random, values[a]), [b]: pick(random, values[b]) })))
  await group('pairs', pairs.map(list), GOALS_MS.list)
  const deep = []
  for (let after, i = 0; i < 40; i++) {
    const page = await timed(list({ paymentStatus: many, ...after && { after } }))
    deep.push(page.took)
    after = page.body.next
  }
  show({ name: 'pages', of: deep.length, p50: quantile(deep, 0.5), p95: quantile(deep, 0.95), most: Math.max(...deep), goal: `p95 <= ${GOALS_MS.list} ms`, reached: quantile(deep, 0.95) <= GOALS_MS.list })

  const some = (await db.query('select o.order_number, o.customer_email, a.telephone, a.full_name, i.sku, o.uuid from orders o join order_address a using (order_id) join order_item i using (order_id) where order_id % 997 = 3 limit 40')).rows
  const search = term => `/api/orders?limit=20&q=${encodeURIComponent(term)}`
  await group('search_number', some.slice(0, 20).map(o => search(o.order_number)), GOALS_MS.number)
  await group('search', [
    ...some.map(o => o.customer_email), ...some.slice(0, 10).map(o => o.telephone.replaceAll(' ', '').slice(-6)), ...some.slice(0, 10).map(o => o.customer_email.slice(1, 7)),
    ...LAST, 'smtih', 'mueller', 'Lindstrom', 'souza ana', 'smith jurgen', 'example.org', 'example', 'a', 'sm', 'SKU-1', 'SKU-19', 'TRK00000', 'zzzqqq',
  ].map(search), GOALS_MS.search)
  if (names.includes('reports')) {
    const [from, to] = [new Date(Date.now() - 365 * 864e5), new Date()].map(t => t.toISOString().slice(0, 10))
    const period = `from=${from}&to=${to}&timezone=Europe/Berlin`
    await group('reports_of_a_year', ['sales', 'top-products', 'revenue-by-payment-method', 'status-breakdown', 'refunds', 'tax', 'fulfilment-time'].map(name => `/api/reports/${name}?${period}`), GOALS_MS.report)
  }
  await group('order', some.map(o => `/api/orders/${o.uuid}`), GOALS_MS.number)
  await graphqlRate(server, show)
}

/** Pages of orders with items, parcels and notes: by GraphQL, and by REST the same rows. */
async function graphqlRate(server, show) {
  const query = `{ orders(limit: ${PAGE}) { items { orderId orderNumber grandTotal status { code } customer { email } items { sku qty total } shipments { trackingNumber } activities { comment } } } }`
  const rate = async once => {
    let done = 0
    const end = performance.now() + RATE_SECONDS * 1000
    await Promise.all(Array.from({ length: RATE_CLIENTS }, async () => {
      for (; performance.now() < end; done++) await once()
    }))
    return done / RATE_SECONDS
  }
  const rest = () => rate(async () => assert.equal((await server.get(`/api/orders?limit=${PAGE}`)).status, 200))
  const graphql = () => rate(async () => assert.equal((await server.post('/graphql', { query })).body.errors, undefined))
  const rates = { rest: [], graphql: [] }
  for (let i = 0; i < 3; i++) {
    rates.rest.push(await rest())
    rates.graphql.push(await graphql())
  }
  const [ours, theirs] = [quantile(rates.graphql, 0.5), quantile(rates.rest, 0.5)]
  show({ name: 'graphql_of_rest', orderd: ours, floor: theirs, ratio: ours / theirs, goal: `>= ${GRAPHQL_GOAL}`, reached: ours / theirs >= GRAPHQL_GOAL })
}
