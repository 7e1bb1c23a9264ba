// Every command and read of the HTTP contract, with its headers, statuses and refusals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomUUID } from 'node:crypto'

import { ADDRESS, assertProblem, assertVerified, fullOrder, order, raw, totals, useServer } from './lib.mjs'

const server = await useServer()
const client = () => server.client

const pay = (id, body, headers) => server.post(`/api/orders/${id}/payments`, body, headers)
const ship = (id, body, headers) => server.post(`/api/orders/${id}/shipments`, body, headers)
const patch = (id, body, headers) => server.api('PATCH', `/api/orders/${id}`, body, headers)

let skus = 0
const newSku = () => `API-${++skus}`

test('the least order is placed and answered with its address, version and derived fields', async () => {
  const placed = await server.post('/api/orders', order())
  assert.equal(placed.status, 201, placed.text)
  const { body } = placed
  assert.equal(placed.headers.location, `/api/orders/${body.uuid}`)
  assert.equal(placed.headers.etag, `"${body.version}"`)
  assert.match(body.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.ok(Number.isInteger(body.orderId) && body.orderId > 0)
  assert.ok(body.orderNumber.length > 0)
  assert.equal(body.status.code, 'pending')
  assert.equal(body.paymentStatus.code, 'pending')
  assert.equal(body.shipmentStatus.code, 'pending')
  for (const part of ['name', 'badge', 'progress']) assert.ok(part in body.status)
  assert.equal(body.subTotal, 39.98)
  assert.equal(body.grandTotal, 39.98)
  assert.equal(body.totalQty, 2)
  assert.equal(body.items[0].orderItemId, 1)
  assert.match(body.items[0].uuid, /^[0-9a-f-]{36}$/)
  assert.deepEqual(body.payments, [])
  assert.deepEqual(body.shipments, [])
  for (const list of ['refunds', 'returns', 'holds', 'invoices', 'tags']) assert.deepEqual(body[list], [])
  assert.deepEqual(body.metadata, {})
  assert.deepEqual(await client().order(body.uuid), body)
})

test('a full order keeps every field as it was given', async () => {
  const given = fullOrder()
  const placed = await server.place(given)
  for (const field of Object.keys(given).filter(key => key !== 'items')) {
    assert.deepEqual(placed[field], given[field], field)
  }
  given.items.forEach((item, i) => {
    for (const field of Object.keys(item)) assert.deepEqual(placed.items[i][field], item[field], field)
  })
  assert.equal(placed.items[1].finalPrice, 100)
  assert.equal(placed.totalWeight, 1.65)
  assert.equal(placed.totalQty, 3)
})

test('amounts are exact: in their text, as strings, and with the digits of their currency', async () => {
  const text = '{"items":[{"sku":"A","qty":3,"price":0.10},{"sku":"B","qty":1,"price":"90071992547409.93"}]}'
  const placed = await server.post('/api/orders', text)
  assert.equal(placed.status, 201, placed.text)
  assert.match(placed.text, /"grandTotal":90071992547410\.23[,}]/)
  const yen = await server.post('/api/orders', '{"currency":"JPY","items":[{"sku":"A","qty":2,"price":1980}]}')
  assert.match(yen.text, /"grandTotal":3960[,}]/)
  const dinar = await server.post('/api/orders', '{"currency":"KWD","items":[{"sku":"A","qty":1,"price":1.005}]}')
  assert.match(dinar.text, /"grandTotal":1\.005[,}]/)
})

test('placedAt, orderNumber, uuid and a first paymentStatus may be given', async () => {
  const uuid = randomUUID()
  const placed = await server.place({
    placedAt: '2024-02-29T23:59:59+01:00', orderNumber: 'WEB-0042', uuid, paymentStatus: 'paid',
  })
  assert.equal(placed.uuid, uuid)
  assert.equal(placed.orderNumber, 'WEB-0042')
  assert.equal(new Date(placed.createdAt).toISOString(), '2024-02-29T22:59:59.000Z')
  assert.equal(placed.paymentStatus.code, 'paid')
  assert.equal(placed.status.code, 'processing')
  assertProblem(await server.post('/api/orders', order({ orderNumber: 'WEB-0042' })), 409)
})

test('an order is found by uuid, by orderId and by orderNumber, under both prefixes', async () => {
  const placed = await server.place({ orderNumber: 'THREE-NAMES' })
  for (const id of [placed.uuid, placed.orderId, placed.orderNumber]) {
    for (const prefix of ['/api', '/api/oms']) {
      const found = await server.get(`${prefix}/orders/${id}`)
      assert.equal(found.status, 200, found.text)
      assert.equal(found.body.uuid, placed.uuid)
      assert.equal(found.headers.etag, `"${placed.version}"`)
    }
  }
  assert.equal((await server.post('/api/oms/orders', order())).status, 201)
})

test('what does not exist is 404, and a method a path does not know is 405 with Allow', async () => {
  for (const id of [randomUUID(), '999999999', 'NO-SUCH-NUMBER', '9'.repeat(30)]) {
    assertProblem(await server.get(`/api/orders/${id}`), 404)
    assertProblem(await server.post(`/api/orders/${id}/cancel`), 404)
  }
  assertProblem(await server.get('/api/nothing'), 404)
  assertProblem(await server.get(`/api/inventory/NO-SUCH-SKU`), 404)
  const wrong = await server.api('DELETE', '/api/orders')
  assertProblem(wrong, 405)
  assert.match(wrong.headers.allow, /GET/)
  assert.match(wrong.headers.allow, /POST/)
  const placed = await server.place()
  assertProblem(await server.api('PATCH', `/api/orders/${placed.uuid}/shipments/7`, { carrier: 'x' }), 404)
  assertProblem(await server.api('DELETE', `/api/orders/${placed.uuid}/holds/none`), 404)
})

test('patch changes what it names, empties what it nulls, and says nothing when nothing changes', async () => {
  const placed = await server.place(fullOrder())
  const changed = await patch(placed.uuid, {
    shippingNote: 'Leave at the door', tags: ['vip'], metadata: { channel: 'phone' },
    customer: { email: 'new@example.org' }, shippingAddress: { ...ADDRESS, city: 'Porto' },
  })
  assert.equal(changed.status, 200, changed.text)
  assert.equal(changed.body.version, placed.version + 1)
  assert.equal(changed.headers.etag, `"${changed.body.version}"`)
  assert.equal(changed.body.shippingNote, 'Leave at the door')
  assert.deepEqual(changed.body.tags, ['vip'])
  assert.deepEqual(changed.body.metadata, { channel: 'phone' })
  assert.deepEqual(changed.body.customer, { ...placed.customer, email: 'new@example.org' })
  assert.equal(changed.body.shippingAddress.city, 'Porto')
  assert.deepEqual(changed.body.billingAddress, placed.billingAddress)

  const emptied = await patch(placed.uuid, { shippingNote: null, billingAddress: null })
  assert.equal(emptied.body.shippingNote, null)
  assert.equal(emptied.body.billingAddress, null)
  assert.equal((await client().order(placed.uuid)).billingAddress, null)
  const given = await patch(placed.uuid, { billingAddress: ADDRESS })
  assert.deepEqual(given.body.billingAddress, ADDRESS)

  const same = await patch(placed.uuid, { tags: ['vip'], billingAddress: ADDRESS })
  assert.equal(same.status, 200)
  assert.equal(same.body.version, given.body.version)
  assertProblem(await patch(placed.uuid, { grandTotal: 1 }), 422, { pointer: '/grandTotal' })
  assertProblem(await patch(placed.uuid, { paymentStatus: 'nonsense' }), 422, { pointer: '/paymentStatus' })
})

test('payments add up: partly paid, then paid; the same transaction again is one record', async () => {
  const { uuid } = await server.place({ items: [{ sku: 'PAY', qty: 1, price: 100 }], paymentMethod: 'card' })
  const first = await pay(uuid, { type: 'capture', amount: 40.5, transactionId: 'tx-1' })
  assert.equal(first.status, 201, first.text)
  let now = await client().order(uuid)
  assert.equal(now.paymentStatus.code, 'partially_paid')
  assert.equal(now.amountCaptured, 40.5)
  assert.equal(now.payments[0].method, 'card')

  const again = await pay(uuid, { type: 'capture', amount: 40.5, transactionId: 'tx-1' })
  assert.ok(again.status === 201 || again.status === 200, again.text)
  assert.equal((await client().order(uuid)).version, now.version)
  assertProblem(await pay(uuid, { type: 'capture', amount: 41, transactionId: 'tx-1' }), 409, { code: 'transaction_differs' })

  assert.equal((await pay(uuid, { type: 'capture' })).status, 201, 'no amount means what is outstanding')
  now = await client().order(uuid)
  assert.equal(now.paymentStatus.code, 'paid')
  assert.equal(now.status.code, 'processing')
  assert.equal(now.amountCaptured, 100)
  assert.deepEqual(now.payments.map(p => p.amount), [40.5, 59.5])
  assertProblem(await pay(uuid, { type: 'capture' }), 409)
})

test('captured never exceeds authorized, a void frees what was not captured, a failure moves no money', async () => {
  const { uuid } = await server.place({ items: [{ sku: 'PAY', qty: 1, price: 50 }], paymentMethod: 'card' })
  assert.equal((await pay(uuid, { type: 'fail', transactionId: 'declined' })).status, 201)
  assert.equal((await pay(uuid, { type: 'authorize', amount: 50 })).status, 201)
  assert.equal((await client().order(uuid)).amountAuthorized, 50)
  assertProblem(await pay(uuid, { type: 'capture', amount: 50.01 }), 409, { code: 'capture_exceeds_authorized' })
  assert.equal((await pay(uuid, { type: 'capture', amount: 20 })).status, 201)
  assertProblem(await pay(uuid, { type: 'void', amount: 30.01 }), 409, { code: 'void_exceeds_authorized' })
  assert.equal((await pay(uuid, { type: 'void' })).status, 201)
  const now = await client().order(uuid)
  assert.deepEqual([now.amountAuthorized, now.amountCaptured], [20, 20])
  assert.deepEqual(now.payments.map(p => p.type), ['fail', 'authorize', 'capture', 'void'])
})

test('a payment in another currency digit, of no type or of an unknown one is refused', async () => {
  const { uuid } = await server.place()
  assertProblem(await pay(uuid, {}), 422, { pointer: '/type' })
  assertProblem(await pay(uuid, { type: 'gift' }), 422, { pointer: '/type' })
  assertProblem(await pay(uuid, { type: 'capture', amount: 1.001 }), 422, { pointer: '/amount' })
  assertProblem(await pay(uuid, { type: 'capture', amount: -1 }), 422, { pointer: '/amount' })
  assertProblem(await pay(uuid, { type: 'capture', amount: 0 }), 422, { pointer: '/amount' })
})

test('shipments: partial, several, updated, delivered; units and stock follow', async () => {
  const sku = newSku()
  await client().setStock(sku, 10)
  const { uuid, orderNumber } = await server.place({ items: [{ sku, qty: 5, price: 1 }], paymentStatus: 'paid' })
  assert.deepEqual(await client().stock(sku), { sku, qty: 10, reserved: 5, available: 5 })

  const first = await ship(uuid, { items: [{ orderItemId: 1, qty: 2 }], carrier: 'ctt', trackingNumber: 'T1' })
  assert.equal(first.status, 201, first.text)
  assert.equal(first.body.shipmentNumber, `${orderNumber}-S1`)
  assert.deepEqual(first.body.items, [{ orderItemId: 1, qty: 2 }])
  assert.equal((await client().order(uuid)).status.code, 'partially_shipped')
  assert.deepEqual(await client().stock(sku), { sku, qty: 8, reserved: 3, available: 5 })

  assertProblem(await ship(uuid, { items: [{ orderItemId: 1, qty: 4 }] }), 422, { pointer: '/items/0/qty' })
  assertProblem(await ship(uuid, { items: [{ orderItemId: 1, qty: 2 }, { orderItemId: 1, qty: 2 }] }), 422)
  assertProblem(await ship(uuid, { items: [{ orderItemId: 9, qty: 1 }] }), 422, { pointer: '/items/0/orderItemId' })

  assert.equal((await ship(uuid)).status, 201, 'no items means all that is left')
  assert.equal((await client().order(uuid)).status.code, 'shipped')
  assert.deepEqual(await client().stock(sku), { sku, qty: 5, reserved: 0, available: 5 })
  assertProblem(await ship(uuid), 409, { code: 'nothing_to_ship' })

  const update = (n, body) => server.api('PATCH', `/api/orders/${uuid}/shipments/${n}`, body)
  const renamed = await update(2, { carrier: 'dhl', trackingNumber: 'T2' })
  assert.equal(renamed.status, 200, renamed.text)
  assert.equal(renamed.body.trackingNumber, 'T2')
  assert.equal((await update(1, { status: 'delivered' })).status, 200)
  assert.notEqual((await client().order(uuid)).status.code, 'completed')
  assert.equal((await update(2, { status: 'delivered' })).status, 200)
  const now = await client().order(uuid)
  assert.equal(now.status.code, 'completed')
  assert.ok(now.shipments.every(s => s.deliveredAt))
  assert.equal((await update(2, { status: 'delivered' })).body.shipmentId, 2)
  assert.equal((await client().order(uuid)).version, now.version, 'delivered twice is one event')
  assertProblem(await update(2, { status: 'canceled' }), 409, { code: 'shipment_delivered' })
  assert.deepEqual((await server.get(`/api/orders/${uuid}/shipments`)).body.items.map(s => s.shipmentId), [1, 2])
})

test('a cancelled shipment gives its units back to be shipped again', async () => {
  const sku = newSku()
  await client().setStock(sku, 3)
  const { uuid } = await server.place({ items: [{ sku, qty: 3, price: 1 }], paymentStatus: 'paid' })
  await ship(uuid)
  const canceled = await server.api('PATCH', `/api/orders/${uuid}/shipments/1`, { status: 'canceled' })
  assert.equal(canceled.status, 200, canceled.text)
  assert.deepEqual(await client().stock(sku), { sku, qty: 3, reserved: 3, available: 0 })
  assert.equal((await client().order(uuid)).items[0].qtyShipped, 0)
  assert.equal((await ship(uuid)).status, 201)
  assert.deepEqual(await client().stock(sku), { sku, qty: 0, reserved: 0, available: 0 })
})

test('cancel gives back what was reserved, once', async () => {
  const sku = newSku()
  await client().setStock(sku, 4)
  const { uuid } = await server.place({ items: [{ sku, qty: 3, price: 5 }] })
  const canceled = await server.post(`/api/orders/${uuid}/cancel`, { reason: 'Ordered twice' })
  assert.equal(canceled.status, 200, canceled.text)
  assert.equal(canceled.body.status.code, 'canceled')
  assert.equal(canceled.body.items[0].qtyCanceled, 3)
  assert.deepEqual(await client().stock(sku), { sku, qty: 4, reserved: 0, available: 4 })
  assertProblem(await server.post(`/api/orders/${uuid}/cancel`), 409, { code: 'already_canceled' })
  assert.deepEqual(await client().stock(sku), { sku, qty: 4, reserved: 0, available: 4 })
  assertProblem(await ship(uuid), 409, { code: 'order_canceled' })
  assertProblem(await pay(uuid, { type: 'capture' }), 409, { code: 'order_canceled' })
  assert.equal((await client().events(uuid)).at(-1).reason, 'Ordered twice')
})

test('a hold stops shipments and cancels until it is released', async () => {
  const { uuid } = await server.place({ paymentStatus: 'paid' })
  const held = await server.post(`/api/orders/${uuid}/holds`, { handle: 'fraud', reason: 'Check the address' })
  assert.equal(held.status, 201, held.text)
  let now = await client().order(uuid)
  assert.equal(now.status.code, 'on_hold')
  assert.equal(now.holds[0].handle, 'fraud')
  assert.equal(now.holds[0].reason, 'Check the address')
  assertProblem(await server.post(`/api/orders/${uuid}/holds`, { handle: 'fraud' }), 409, { code: 'hold_exists' })
  assertProblem(await ship(uuid), 409, { code: 'on_hold' })
  const released = await server.api('DELETE', `/api/orders/${uuid}/holds/fraud`)
  assert.equal(released.status, 200, released.text)
  now = await client().order(uuid)
  assert.equal(now.status.code, 'processing')
  assert.deepEqual(now.holds, [])
})

test('activities and events tell the order’s life', async () => {
  const { uuid } = await server.place()
  const added = await server.post(`/api/orders/${uuid}/activities`, { comment: 'Called the customer', customerNotified: true })
  assert.equal(added.status, 201, added.text)
  const timeline = await server.get(`/api/orders/${uuid}/activities`)
  const activity = timeline.body.items.find(a => a.comment === 'Called the customer')
  assert.equal(activity.customerNotified, true)
  assert.equal(activity.activityId, added.body.activityId)
  assert.ok(Date.parse(activity.createdAt) > 0)

  await pay(uuid, { type: 'capture' })
  const events = await client().events(uuid)
  assert.deepEqual(events.map(e => e.seq), events.map((_, i) => i + 1))
  assert.deepEqual(events.map(e => e.type), ['order.placed', 'activity.added', 'payment.captured'])
  const captured = events.at(-1)
  assert.equal(captured.bundle.length, 64)
  assert.ok(captured.actor && Date.parse(captured.at) > 0)
  assert.match(captured.policy, /order\.status@/)
  assert.deepEqual(captured.status, { from: 'pending', to: 'processing' })
  assert.equal((await client().order(uuid)).version, events.length)
})

test('inventory is set, changed by a difference, and never below what is reserved', async () => {
  const sku = newSku()
  const put = body => server.api('PUT', `/api/inventory/${sku}`, body)
  assert.deepEqual(totals((await put({ qty: 10 })).body), { sku, qty: 10, reserved: 0, available: 10 })
  assert.deepEqual(totals((await put({ delta: -3 })).body), { sku, qty: 7, reserved: 0, available: 7 })
  await server.place({ items: [{ sku, qty: 5, price: 1 }] })
  assert.deepEqual(await client().stock(sku), { sku, qty: 7, reserved: 5, available: 2 })
  assertProblem(await put({ qty: 4 }), 409, { code: 'below_reserved' })
  assertProblem(await put({ qty: -1 }), 422, { pointer: '/qty' })
  assertProblem(await put({ qty: 1, delta: 1 }), 422)
  assertProblem(await put({}), 422)
  assertProblem(await server.post('/api/orders', order({ items: [{ sku, qty: 3, price: 1 }] })), 409, { code: 'stock_unavailable' })
  assertProblem(await server.post('/api/orders', order({ items: [{ sku, qty: 1, price: 1 }, { sku, qty: 2, price: 1 }] })),
    409, { code: 'stock_unavailable' })
  assert.equal((await client().stock(sku)).available, 2)
})

test('an idempotency key gives the first answer again, and is refused for another request', async () => {
  const key = { 'idempotency-key': randomUUID() }
  const body = order({ metadata: { cart: 7 } })
  const first = await server.post('/api/orders', body, key)
  assert.equal(first.status, 201)
  assert.equal(first.headers['idempotency-replayed'], undefined)
  await pay(first.body.uuid, { type: 'capture' })
  const again = await server.post('/api/orders', body, key)
  assert.equal(again.status, 201)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.text, first.text, 'the answer of then, not of now')
  assertProblem(await server.post('/api/orders', order({ metadata: { cart: 8 } }), key), 422)

  const payment = { 'idempotency-key': randomUUID() }
  const { uuid } = await server.place()
  const payments = [await pay(uuid, { type: 'capture', amount: 1 }, payment), await pay(uuid, { type: 'capture', amount: 1 }, payment)]
  assert.deepEqual(payments.map(p => p.status), [201, 201])
  assert.deepEqual(payments[1].body, payments[0].body)
  assert.equal((await client().order(uuid)).amountCaptured, 1)
})

test('one key sent at once over many connections has one effect', async () => {
  const key = { 'idempotency-key': randomUUID() }
  const tag = `race-${randomUUID().slice(0, 8)}`
  const answers = await Promise.all(Array.from({ length: 24 }, () => server.post('/api/orders', order({ tags: [tag] }), key)))
  for (const answer of answers) assert.ok([201, 409].includes(answer.status), answer.text)
  assert.equal(new Set(answers.filter(a => a.status === 201).map(a => a.body.uuid)).size, 1)
  assert.equal((await server.get(`/api/orders?tag=${tag}`)).body.items.length, 1)
})

test('If-Match guards against a version that has moved on', async () => {
  const placed = await server.place()
  const stale = { 'if-match': `"${placed.version}"` }
  const first = await patch(placed.uuid, { shippingNote: 'one' }, stale)
  assert.equal(first.status, 200)
  assertProblem(await patch(placed.uuid, { shippingNote: 'two' }, stale), 412)
  assertProblem(await server.post(`/api/orders/${placed.uuid}/cancel`, {}, stale), 412)
  assert.equal((await client().order(placed.uuid)).shippingNote, 'one')
  assert.equal((await patch(placed.uuid, { shippingNote: 'three' }, { 'if-match': first.headers.etag })).status, 200)
  const bad = await patch(placed.uuid, { shippingNote: 'four' }, { 'if-match': 'garbage' })
  assert.ok(bad.status >= 400 && bad.status < 500, bad.text)
})

test('a dry run answers what would happen and changes nothing', async () => {
  const sku = newSku()
  await client().setStock(sku, 5)
  const count = async () => (await server.sql('select count(*)::int as n from order_event'))[0].n
  const placed = await server.place({ items: [{ sku, qty: 2, price: 1 }] })
  const before = [await count(), await client().order(placed.uuid), await client().stock(sku)]
  const would = await server.post('/api/orders?dryRun=true', order({ items: [{ sku, qty: 2, price: 1 }] }))
  assert.ok([200, 201].includes(would.status), would.text)
  assert.equal(would.body.grandTotal, 2)
  const canceled = await server.post(`/api/orders/${placed.uuid}/cancel?dryRun=true`)
  assert.equal(canceled.body.status.code, 'canceled')
  const paid = await server.post(`/api/orders/${placed.uuid}/payments?dryRun=true`, { type: 'capture' })
  assert.ok([200, 201].includes(paid.status), paid.text)
  assertProblem(await server.post('/api/orders?dryRun=true', order({ items: [{ sku, qty: 9, price: 1 }] })), 409)
  assert.deepEqual([await count(), await client().order(placed.uuid), await client().stock(sku)], before)
})

test('the list filters, sorts and pages with a cursor that neither skips nor repeats', async () => {
  const tag = `list-${randomUUID().slice(0, 8)}`
  const email = `${tag}@example.org`
  const placed = []
  for (let i = 0; i < 7; i++) {
    placed.push(await server.place({
      tags: [tag], customer: { id: `cust-${i % 2}`, email }, paymentMethod: i % 2 ? 'card' : 'cash',
      items: [{ sku: `${tag}-${i}`, qty: 1, price: i + 1 }], placedAt: `2023-01-0${i + 1}T00:00:00Z`,
      paymentStatus: i < 3 ? 'paid' : undefined,
    }))
  }
  const list = async query => {
    const found = await server.get(`/api/orders?tag=${tag}&${query}`)
    assert.equal(found.status, 200, found.text)
    return found.body.items.map(o => o.grandTotal)
  }
  assert.deepEqual(await list('sort=createdAt'), [1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(await list('sort=-createdAt'), [7, 6, 5, 4, 3, 2, 1])
  assert.deepEqual(await list('sort=createdAt&status=processing'), [1, 2, 3])
  assert.deepEqual(await list('sort=createdAt&paymentStatus=pending'), [4, 5, 6, 7])
  assert.deepEqual(await list('sort=createdAt&shipmentStatus=shipped'), [])
  assert.deepEqual(await list('sort=createdAt&customerId=cust-1'), [2, 4, 6])
  assert.deepEqual(await list(`sort=createdAt&customerEmail=${encodeURIComponent(email)}&limit=2`), [1, 2])
  assert.deepEqual(await list(`sku=${tag}-4`), [5])
  assert.deepEqual(await list('sort=createdAt&paymentMethod=card'), [2, 4, 6])
  assert.deepEqual(await list('sort=createdAt&createdAt.gte=2023-01-03T00:00:00Z&createdAt.lt=2023-01-05T00:00:00Z'), [3, 4])
  assert.deepEqual(await list('sort=createdAt&grandTotal.gte=6'), [6, 7])

  const seen = []
  let after = ''
  for (let page = 0; page < 10; page++) {
    const { body } = await server.get(`/api/orders?tag=${tag}&sort=-createdAt&limit=3${after}`)
    seen.push(...body.items.map(o => o.uuid))
    if (!body.next) break
    after = `&after=${encodeURIComponent(body.next)}`
  }
  assert.deepEqual(seen, placed.map(o => o.uuid).reverse())
})

test('an unknown filter, sort, cursor or limit is refused instead of ignored', async () => {
  for (const query of ['colour=red', 'sort=colour', 'limit=0', 'limit=201', 'limit=x', 'after=garbage',
    'createdAt.gte=yesterday', 'grandTotal.gte=much', 'status.gte=paid', 'tag=a&tag=b&colour=1']) {
    assertProblem(await server.get(`/api/orders?${query}`), 422)
  }
})

test('a body of another type is 415, of another charset too', async () => {
  const text = JSON.stringify(order())
  assertProblem(await server.post('/api/orders', text, { 'content-type': 'text/plain' }), 415)
  assertProblem(await server.post('/api/orders', text, { 'content-type': 'application/x-www-form-urlencoded' }), 415)
  const utf8 = await server.post('/api/orders', text, { 'content-type': 'application/json; charset=UTF-8' })
  assert.equal(utf8.status, 201, utf8.text)
})

test('health, readiness and metrics answer', async () => {
  assert.equal((await server.get('/healthz')).status, 200)
  assert.equal((await server.get('/readyz')).status, 200)
  const metrics = await server.get('/metrics')
  assert.equal(metrics.status, 200)
  assert.match(metrics.headers['content-type'], /^text\/plain/)
  // https://prometheus.io/docs/instrumenting/exposition_formats/
  const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\.)*",?)*\})? -?([0-9.eE+-]+|Inf|NaN)$/
  for (const text of metrics.text.split('\n')) {
    assert.ok(text === '' || text.startsWith('#') || line.test(text) || / \+Inf$/.test(text), text)
  }
  assert.match(metrics.text, /^orderd_idempotency_replays_total /m)
  const buckets = [...metrics.text.matchAll(/^orderd_http_request_seconds_bucket\{route="place",le="([^"]+)"\} (\d+)$/gm)]
  assert.deepEqual(buckets.slice(0, 3).map(b => b[1]), ['6.4e-05', '0.000256', '0.001024'])
  assert.deepEqual(buckets.map(b => Number(b[2])), buckets.map(b => Number(b[2])).sort((a, b) => a - b), 'cumulative')
})

test('the OpenAPI document is whole: every path it names answers, every reference resolves', async () => {
  const { status, body } = await server.get('/openapi.json')
  assert.equal(status, 200)
  assert.match(body.openapi, /^3\.1\./)
  assert.ok(body.info.title && body.info.version)
  const resolve = ref => ref.slice(2).split('/').reduce((at, key) => at?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], body)
  const walk = node => {
    if (node === null || typeof node !== 'object') return
    if (typeof node.$ref === 'string') assert.ok(resolve(node.$ref), node.$ref)
    Object.values(node).forEach(walk)
  }
  walk(body)
  const ids = []
  for (const [path, operations] of Object.entries(body.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!['get', 'post', 'put', 'patch', 'delete'].includes(method)) continue
      assert.ok(Object.keys(operation.responses).length > 0, `${method} ${path}`)
      ids.push(operation.operationId)
      if (method !== 'get' || path.includes('stream')) continue
      const answer = await server.get(path.replace(/\{[^}]+\}/g, '1'))
      assert.ok(answer.status < 500, `${path}: ${answer.text}`)
      if (answer.status === 404) assert.notEqual(answer.body.code, 'no_such_path', path)
    }
  }
  assert.equal(new Set(ids).size, ids.length, 'operation ids are unique')
  for (const path of ['/api/orders', '/api/orders/{id}', '/api/orders/{id}/cancel', '/api/orders/{id}/payments',
    '/api/orders/{id}/shipments', '/api/orders/{id}/holds', '/api/inventory/{sku}', '/api/orders/{id}/refunds',
    '/api/orders/{id}/returns/{returnId}/exchange', '/api/orders/{id}/changes/{changeId}/confirm',
    '/api/orders/{id}/invoices', '/api/orders/{id}/track']) {
    assert.ok(body.paths[path], path)
  }
})

test('requests pipelined on one connection are answered in their order', async () => {
  const paths = ['/healthz', '/api/orders/999999', '/healthz', '/nowhere']
  const requests = paths.map((path, i) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${i === paths.length - 1 ? 'Connection: close\r\n' : ''}\r\n`)
  const { text, closed } = await raw(server.url, requests.join(''))
  assert.deepEqual(text.match(/HTTP\/1\.1 \d{3}/g), ['200', '404', '200', '404'].map(s => `HTTP/1.1 ${s}`))
  assert.ok(closed)
})

test('after all of it the rows are what the events add up to', () => assertVerified(server))
