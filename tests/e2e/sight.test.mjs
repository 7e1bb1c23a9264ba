// What a role does not see: classes of fields, and orders of other stores. Hidden is null and named, or
// refused; a person's data is in no answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, Client, order, until, useServer } from './lib.mjs'

const ROLES = `
[store.tokyo]
title = Tokyo
[store.paris]
title = Paris
[role.tokyo_desk]
permissions = *
fields = *
stores = tokyo
`
const PERSON = ['Grete', 'Meinhardt', 'grete.m@example.org', '0176 5550123', 'Fliederweg']
const ORDER = order({
  store: 'tokyo',
  customer: { id: 'c-77', email: 'grete.m@example.org', fullName: 'Grete Meinhardt' },
  shippingAddress: { fullName: 'Grete Meinhardt', telephone: '0176 5550123', address1: 'Fliederweg 3', city: 'Ulm', country: 'DE', postcode: '89073' },
  shippingNote: 'Ask for Grete', tags: ['vip'], metadata: { source: 'fair' }, paymentMethod: 'card',
})

const server = await useServer({ config: text => `${text}${ROLES}`, options: { 'auth.mode': 'keys' } })

async function clientFor(role, name = role) {
  const { code, stdout, stderr } = await server.run(['key', 'add'], [name, '--role', role])
  assert.equal(code, 0, stderr)
  const client = new Client(server.url, { key: stdout.trim().split(/\s+/).at(-1) })
  await until(async () => ![401, 503].includes((await client.get('/api/orders')).status), { what: `the key of ${name}` })
  return client
}

const owner = await clientFor('owner')
const [junior, warehouse, desk] = [await clientFor('junior'), await clientFor('warehouse'), await clientFor('tokyo_desk')]
const placed = await owner.place(ORDER)
const elsewhere = await owner.place(order({ store: 'paris' }))
const nowhere = await owner.place(order())
await owner.post(`/api/orders/${placed.uuid}/payments`, { type: 'capture', amount: placed.grandTotal, method: 'card', transactionId: 'tx-4711' })
await owner.post(`/api/orders/${placed.uuid}/activities`, { comment: 'Grete called' })

/** Every path of the document that is read without a body, of this order. */
async function reads() {
  const { body } = await owner.get('/openapi.json')
  const paths = Object.entries(body.paths).filter(([, item]) => item.get && !item.get.responses[200]?.content?.['text/event-stream'])
  return paths.map(([path]) => path.replace(/\{id\}/, placed.uuid).replace(/\{[^}]+\}/g, '1'))
}

test('a junior reads statuses, and of the rest that it is there', async () => {
  const { body } = await junior.get(`/api/orders/${placed.uuid}`)
  assert.equal(body.status.code, (await owner.get(`/api/orders/${placed.uuid}`)).body.status.code)
  assert.deepEqual(body.customer, { id: null, email: null, fullName: null })
  assert.equal(body.shippingAddress.country, 'DE')
  for (const value of [body.grandTotal, body.amountCaptured, body.items[0].price, body.payments[0].amount, body.tags, body.metadata, body.activities, body.shippingAddress.city]) assert.equal(value, null)
  for (const path of ['customer.email', 'shippingAddress.telephone', 'items.price', 'grandTotal', 'amountCaptured', 'payments.amount', 'payments.transactionId', 'tags', 'activities', 'shippingNote']) {
    assert.ok(body.masked.includes(path), `${path} in ${body.masked}`)
  }
  assert.ok(!body.masked.some(path => path.startsWith('billingAddress') || path === 'cancelReason'), 'what has no value is not masked')
  assert.equal((await owner.get(`/api/orders/${placed.uuid}`)).body.masked, undefined)
})

test('a warehouse sees where parcels go, and no sums', async () => {
  const { body } = await warehouse.get(`/api/orders/${placed.uuid}`)
  assert.equal(body.shippingAddress.address1, 'Fliederweg 3')
  assert.equal(body.grandTotal, null)
  assert.equal((await warehouse.get(`/api/orders/${placed.uuid}/invoice`)).body.code, 'fields_hidden')
  const shipped = await warehouse.post(`/api/orders/${placed.uuid}/shipments`, { carrier: 'dhl', note: 'by the door' })
  assert.equal(shipped.status, 201, shipped.text)
  assert.equal(shipped.body.note, null)
  assert.deepEqual(shipped.body.masked, ['shipments.note'])
  const slip = await warehouse.get(`/api/orders/${placed.uuid}/packing-slip`)
  assert.equal(slip.status, 200, slip.text)
  assert.match(slip.text, /Fliederweg/)
})

test('no read of any path names the person to who does not see persons', async () => {
  let told = 0
  for (const path of await reads()) {
    const [mine, theirs] = [await junior.get(path), await owner.get(path)]
    told += PERSON.some(word => theirs.text.includes(word))
    for (const word of PERSON) assert.ok(!mine.text.includes(word), `${path} tells ${word}`)
  }
  assert.ok(told >= 3, 'the owner is told the person')
  const query = '{ orders { items { customerEmail shippingAddress { fullName } } } }'
  for (const word of PERSON) assert.ok(!(await junior.post('/graphql', { query })).text.includes(word))
  const noted = await junior.post(`/api/orders/${placed.uuid}/activities`, { comment: 'checked' })
  assert.equal(noted.status, 201, noted.text)
})

test('lists are filtered, sorted and searched by what is seen', async () => {
  for (const query of ['customerEmail=grete.m@example.org', 'customerId.in=c-77', 'grandTotal.gte=1', 'sort=-grandTotal', 'tag=vip', 'q=Grete', 'q=4711']) {
    const answer = await junior.get(`/api/orders?${query}`)
    assertProblem(answer, 403, { code: 'fields_hidden' })
    assert.match(answer.body.detail, /personal|money|internal/)
  }
  const { body } = await junior.get('/api/orders?store=tokyo&fields=orderNumber,customer,status')
  assert.deepEqual(body.items.map(o => o.masked), [['customer.id', 'customer.email', 'customer.fullName']])
})

test('an order of another store is not there', async () => {
  assert.equal((await desk.get(`/api/orders/${placed.uuid}`)).status, 200)
  for (const hidden of [elsewhere, nowhere]) {
    const at = `/api/orders/${hidden.uuid}`
    for (const path of ['', '?at=1', '?at=99', '/shipments', '/events', '/activities', '/actions', '/packing-slip']) {
      assertProblem(await desk.get(`${at}${path}`), 404, { code: 'order_not_found' })
    }
    for (const [path, body] of [['cancel', { reason: 'x' }], ['holds', { handle: 'h', reason: 'r' }], ['activities', { comment: 'c' }], ['payments', { type: 'capture', amount: 1 }], ['split', { items: [{ orderItemId: 1, qty: 1 }] }]]) {
      assertProblem(await desk.post(`${at}/${path}`, body), 404, { code: 'order_not_found' })
    }
    assertProblem(await desk.api('PATCH', at, { tags: ['x'] }, { 'if-match': '"77"' }), 404)
    assert.equal((await owner.get(at)).body.version, hidden.version)
  }
  assert.equal((await desk.post(`/api/orders/${placed.uuid}/holds`, { handle: 'mine', reason: 'r' })).status, 201)
})

test('lists and search have the stores of the role as a filter', async () => {
  assert.deepEqual((await desk.get('/api/orders?count=true')).body.items.map(o => o.orderId), [placed.orderId])
  assert.equal((await desk.get('/api/orders?count=true')).body.total, 1)
  assert.deepEqual((await desk.get('/api/orders?store=paris')).body.items, [])
  assert.deepEqual((await desk.get(`/api/orders?q=${elsewhere.orderNumber}`)).body.items, [])
  assert.equal((await desk.get(`/api/orders?q=${placed.orderNumber}`)).body.items.length, 1)
  for (const path of ['/api/changes', '/api/events', '/api/orders.csv', '/api/deliveries']) assertProblem(await desk.get(path), 403, { code: 'stores_hidden' })
})

test('orders are placed in the stores of the role', async () => {
  assertProblem(await desk.post('/api/orders', order({ store: 'paris' })), 403, { code: 'stores_hidden' })
  assertProblem(await desk.post('/api/orders', order()), 403, { code: 'stores_hidden' })
  assert.equal((await desk.post('/api/orders', order({ store: 'tokyo' }))).status, 201)
  await assertVerified(server)
})

test('each caller is told who it is', async () => {
  const { body } = await desk.get('/api/me')
  assert.deepEqual({ ...body, permissions: body.permissions.includes('keys.manage') },
    { kind: 'key', name: 'tokyo_desk', role: 'tokyo_desk', permissions: true, fields: ['public', 'personal', 'money', 'internal'], stores: ['tokyo'] })
  assert.deepEqual((await junior.get('/api/me')).body,
    { kind: 'key', name: 'junior', role: 'junior', permissions: ['orders.view', 'orders.note', 'inventory.view'], fields: ['public'], stores: null })
  assertProblem(await server.get('/api/me'), 401)
})
