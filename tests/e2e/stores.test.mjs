// Several shops of one merchant: their currencies, number series, names of statuses, metadata of
// declared types, and locations of stock.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertProblem, assertVerified, findOrderd, order, run, useServer } from './lib.mjs'

const STORES = `
[store.tokyo]
title = Tokyo
currencies = JPY, USD
series = tokyo
prefix = T-
order_status.pending = 受付
payment_status.paid = 支払済
[store.kuwait]
currency = KWD
[store.web]
email = web@example.org
[metadata.channel]
choices = web, phone
[metadata.gift]
type = boolean
[metadata.deliver_on]
type = date
`

const KIOSK = `
oms.route("POST", "/kiosk/:store", { role = "staff" }, function(request)
  local placed = oms.place_order {
    store = request.params.store, items = { { sku = "K", qty = 1, price = 1250 } },
  }
  return { json = { currency = placed.currency, total = placed.grand_total } }
end)
`

const server = await useServer({
  config: text => `${text}${STORES}[grant]\nkiosk = commands\n`,
  options: { 'stock.locations': 'front, back', 'stock.track': 'known', 'plugins.load': 'kiosk' },
  prepare: on => on.writePlugin('kiosk', KIOSK, { capabilities: ['commands'] }),
})
const patch = (id, body) => server.api('PATCH', `/api/orders/${id}`, body)

test('an order is of a store that there is', async () => {
  const placed = await server.place({ store: 'web' })
  assert.equal(placed.store, 'web')
  assert.equal(placed.currency, 'EUR')
  const refused = await server.post('/api/orders', order({ store: 'paris' }))
  const problem = assertProblem(refused, 422, { code: 'unknown_store', pointer: '/store' })
  assert.match(problem.detail, /tokyo, kuwait, web/)
  assert.equal((await server.place()).store, null, 'an order may be of no store')
})

test('a store has its currency, with that currency\'s digits', async () => {
  const tokyo = await server.place({ store: 'tokyo', items: [{ sku: 'A', qty: 3, price: 1980 }] })
  assert.equal(tokyo.currency, 'JPY')
  assert.match(await raw(`/api/orders/${tokyo.orderId}`), /"grandTotal":5940[,}]/)
  const kuwait = await server.place({ store: 'kuwait', items: [{ sku: 'A', qty: 1, price: 1.255 }] })
  assert.equal(kuwait.currency, 'KWD')
  assert.match(await raw(`/api/orders/${kuwait.orderId}`), /"grandTotal":1\.255[,}]/)
  const fraction = await server.post('/api/orders', order({ store: 'tokyo', items: [{ sku: 'A', qty: 1, price: 9.5 }] }))
  assertProblem(fraction, 422, { pointer: '/items/0/price' })
})

test('a store sells in its currencies alone', async () => {
  const dollars = await server.place({ store: 'tokyo', currency: 'USD' })
  assert.equal(dollars.currency, 'USD')
  const euros = await server.post('/api/orders', order({ store: 'tokyo', currency: 'EUR' }))
  assertProblem(euros, 422, { code: 'currency_not_sold', pointer: '/currency', detail: /JPY, USD/ })
  assert.equal((await server.place({ store: 'kuwait', currency: 'EUR' })).currency, 'EUR', 'none listed: any')
})

test('partial money of currencies without and with three digits adds up', async () => {
  for (const [store, price, part, rest] of [['tokyo', 1000, 333, 667], ['kuwait', 10.001, 3.334, 6.667]]) {
    const { orderId } = await server.place({ store, items: [{ sku: 'A', qty: 1, price }] })
    const pay = amount => server.post(`/api/orders/${orderId}/payments`, { type: 'capture', method: 'card', amount })
    assert.equal((await pay(part)).body.paymentStatus.code, 'partially_paid')
    assert.equal((await pay(rest)).body.paymentStatus.code, 'paid')
    assert.equal((await server.client.order(orderId)).amountOutstanding, 0)
  }
})

test('a store counts its orders by itself, without gaps and with its prefix', async () => {
  const before = await server.place({ store: 'tokyo', items: [{ sku: 'A', qty: 1, price: 1 }] })
  await server.place({ store: 'kuwait', items: [{ sku: 'A', qty: 1, price: 1 }] })
  const next = await server.place({ store: 'tokyo', items: [{ sku: 'A', qty: 1, price: 1 }] })
  const [, year, value] = /^T-(\d{4})-(\d+)$/.exec(before.orderNumber)
  assert.equal(next.orderNumber, `T-${year}-${String(Number(value) + 1).padStart(value.length, '0')}`)
})

test('an order split off is counted in its store\'s series, without gaps', async () => {
  const items = [{ sku: 'A', qty: 3, price: 1 }]
  const first = await server.place({ store: 'tokyo', items })
  const value = number => Number(/^T-\d{4}-(\d+)$/.exec(number)[1])
  const split = async () => (await server.post(`/api/orders/${first.uuid}/split`, { items: [{ orderItemId: 1, qty: 1 }] }))
  const made = await split()
  assert.equal(made.status, 201, made.text)
  assertProblem(await server.post(`/api/orders/${first.uuid}/split`, { items: [{ orderItemId: 1, qty: 2 }] }), 422, { code: 'nothing_left' })
  const another = await split()
  const next = await server.place({ store: 'tokyo', items })
  assert.deepEqual([made.body, another.body, next].map(each => value(each.orderNumber) - value(first.orderNumber)), [1, 2, 3])
  await assertVerified(server)
})

test('customers of a store read its names of statuses', async () => {
  const items = [{ sku: 'A', qty: 1, price: 1 }]
  const tokyo = await server.place({ store: 'tokyo', items })
  assert.deepEqual([tokyo.status.code, tokyo.status.name], ['pending', '受付'])
  const paid = (await patch(tokyo.orderId, { paymentStatus: 'paid' })).body
  assert.equal(paid.paymentStatus.name, '支払済')
  assert.equal(paid.status.name, 'Processing', 'what a store does not name has the common name')
  assert.equal((await server.place({ store: 'kuwait', items })).status.name, 'Pending')
  const { items: [listed] } = (await server.get(`/api/orders?orderId=${tokyo.orderId}`)).body
  assert.equal(listed.paymentStatus.name, '支払済')
})

test('metadata is of its declared types', async () => {
  const placed = await server.place({ metadata: { channel: 'phone', gift: true, deliver_on: '2028-02-29', other: 1 } })
  for (const [key, value, detail] of [['channel', 'fax', /web, phone/], ['gift', 'yes', /true or false/],
    ['deliver_on', '2026-02-29', /date/]]) {
    const refused = await server.post('/api/orders', order({ metadata: { [key]: value } }))
    assertProblem(refused, 422, { code: 'bad_metadata', pointer: `/metadata/${key}`, detail })
    const patched = await patch(placed.orderId, { metadata: { [key]: value } })
    assertProblem(patched, 422, { code: 'bad_metadata', pointer: `/metadata/${key}` })
  }
  assert.deepEqual((await server.client.order(placed.orderId)).metadata, placed.metadata)
})

test('stock lies in several places, taken in their order', async () => {
  const put = (location, qty) => server.api('PUT', '/api/inventory/MUG', { qty, location })
  assert.equal((await put('front', 2)).status, 200)
  assert.equal((await put('back', 5)).status, 200)
  const first = await server.place({ items: [{ sku: 'MUG', qty: 2, price: 1 }] })
  const second = await server.place({ items: [{ sku: 'MUG', qty: 3, price: 1 }] })
  assert.equal(first.items[0].location, 'front')
  assert.equal(second.items[0].location, 'back')
  const named = await server.post('/api/orders', order({ items: [{ sku: 'MUG', qty: 1, price: 1, location: 'attic' }] }))
  assertProblem(named, 422, { code: 'unknown_location', pointer: '/items/0/location' })
  assertProblem(await put('attic', 1), 422, { code: 'unknown_location' })
})

test('a configuration of stores that cannot be is refused by the reload, with its line', async () => {
  server.editConfig(text => `${text}\n[store.rome]\ncurrency = LIRA\n`)
  const { code, stdout, stderr } = await server.run('reload')
  assert.equal(code, 1)
  assert.match(stdout + stderr, /orderd\.ini:\d+.*ISO 4217/s)
  server.editConfig(text => text.replace('currency = LIRA', 'currency = EUR'))
  assert.equal((await server.run('reload')).code, 0)
  assert.equal((await server.place({ store: 'rome' })).currency, 'EUR')
})

test('rules that are brought back bring their stores with them', async () => {
  const rollback = await server.run(['bundle', 'rollback'])
  assert.equal(rollback.code, 0, rollback.stderr)
  const gone = await server.post('/api/orders', order({ store: 'rome' }))
  assertProblem(gone, 422, { code: 'unknown_store' })
  assert.equal((await server.place({ store: 'tokyo', items: [{ sku: 'A', qty: 1, price: 1 }] })).status.name, '受付')
})

test('amounts in filters are in each order\'s own currency', async () => {
  const tag = 'digits'
  const at = async (currency, price) =>
    (await server.place({ tags: [tag], currency, items: [{ sku: 'D', qty: 1, price }] })).orderId
  const [eur, jpy, kwd] = [await at('EUR', 50), await at('JPY', 50), await at('KWD', 50.125)]
  const found = async query => (await server.get(`/api/orders?tag=${tag}&sort=orderId&${query}`)).body.items.map(o => o.orderId)
  assert.deepEqual(await found('grandTotal=50'), [eur, jpy])
  assert.deepEqual(await found('grandTotal.gte=50.0'), [eur, jpy, kwd])
  assert.deepEqual(await found('grandTotal.gt=50.12'), [kwd])
  assert.deepEqual(await found('grandTotal.lt=49.99'), [])
  assert.deepEqual(await found('grandTotal.in=1,50.125'), [kwd])
  assertProblem(await server.get('/api/orders?grandTotal=1.00001'), 422)
  const { text } = await server.get(`/api/orders.csv?tag=${tag}&grandTotal.gte=50.1`)
  assert.equal(text.trim().split('\r\n').length, 2)
})

test('a script\'s order for a store is in the store\'s currency', async () => {
  const at = async store => (await server.post(`/kiosk/${store}`)).body
  assert.deepEqual(await at('tokyo'), { currency: 'JPY', total: 1250 })
  assert.deepEqual(await at('kuwait'), { currency: 'KWD', total: 1250 })
  assert.deepEqual(await at('web'), { currency: 'EUR', total: 1250 })
})

test('all of it is what the events add up to', () => assertVerified(server))

async function raw(path) {
  return (await server.get(path)).text.replaceAll(' ', '')
}

// Every payment and shipment status under another code, its phase kept.
function renamed(conf) {
  const codes = text => text.replace(/\w+/g, code => `eigen_${code}`)
  return conf.slice(conf.indexOf('[order_status.pending]'))
    .split(/^(?=\[)/m)
    .map(section => /^\[(payment|shipment)_status\./.test(section)
      ? section.replace(/_status\.(\w+)/, (_, code) => `_status.${codes(code)}`).replace(/^next = (.*)/m, (_, next) => `next = ${codes(next)}`)
      : section)
    .join('')
}

test('the rules that come with orderd, and their tests, hold whatever a shop declares', async () => {
  const file = path.join(server.dir, 'own.ini')
  const conf = fs.readFileSync(new URL('../../conf/orderd.ini', import.meta.url), 'utf8')
  fs.writeFileSync(file, `
[order]
default_currency = JPY
[stock]
locations = front, back
[metadata]
strict = yes
[metadata.channel]
choices = phone, shop
required = yes
[store.berlin]
currencies = USD
series = own
${renamed(conf)}`)
  const plugins = ['cash-on-delivery', 'fraud-review', 'gift-card', 'housekeeping', 'net30', 'pick-lock', 'preorder', 'store-numbers', 'vip-window']
  for (const load of ['', ...plugins]) {
    const options = ['plugins.load=' + load, 'check.max_states=200', 'check.time=60s', ...load ? [`grant.${load}=mail, notify, http:*, commands, sql.read`] : []]
    const { code, stdout, stderr } = await run(findOrderd(), ['check', '-c', file, ...options.flatMap(option => ['-o', option])])
    assert.equal(code, 0, `${load || 'default'}: ${stdout}${stderr}`)
    assert.match(stdout, /tests: \d+ passed/)
    assert.match(stdout, /eigen_refunded/)
  }
})
