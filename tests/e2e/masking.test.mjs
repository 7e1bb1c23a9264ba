// Who sees a part: fields of classes that a role does not see, and orders of other stores.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, Client, fullOrder, order, until, useServer } from './lib.mjs'

const ROLES = `
[store.berlin]
title = Berlin
[store.oslo]
title = Oslo
[role.oslo]
inherits = staff
stores = oslo
`
const server = await useServer({ options: { 'auth.mode': 'keys' }, config: text => text + ROLES })
const document = (await server.get('/openapi.json')).body

async function clientFor(role) {
  const { code, stdout, stderr } = await server.run(['key', 'add'], [`a-${role}`, '--role', role])
  assert.equal(code, 0, stderr)
  const client = new Client(server.url, { key: stdout.trim().split(/\s+/).at(-1) })
  await until(async () => (await client.get('/api/orders')).status === 200, { what: `the key of ${role}` })
  return client
}

const [owner, junior, warehouse, oslo] = await Promise.all(['owner', 'junior', 'warehouse', 'oslo'].map(clientFor))
const PERSON = { id: 'c-4711', email: 'grete.wagner@example.org', fullName: 'Grete Wagner' }
const ADDRESS = { fullName: 'Grete Wagner', telephone: '+49 30 901820', address1: 'Unter den Linden 7', city: 'Potsdam', country: 'DE', postcode: '14467' }
const SECRETS = ['grete.wagner', 'Grete', 'Wagner', '901820', 'Linden 7', 'Potsdam', '14467', 'c-4711']
const MONEY = ['1234.56', '1239.51', 'txn-4242']

const placed = await owner.place(fullOrder({
  store: 'berlin', currency: 'EUR', customer: PERSON, shippingAddress: ADDRESS, billingAddress: ADDRESS, coupon: 'PROMO77', tags: ['vip'],
  metadata: {}, shippingNote: 'Ring twice, Wagner', items: [{ sku: 'LAMP', name: 'Lamp', qty: 1, price: 1234.56 }], shippingFeeInclTax: 4.95,
  subTotal: undefined, taxAmount: undefined, discountAmount: undefined, grandTotal: undefined, subTotalInclTax: undefined, shippingFeeExclTax: undefined,
}))
assert.equal((await owner.post(`/api/orders/${placed.uuid}/activities`, { comment: 'She is called Wagner' })).status, 201)
assert.equal((await owner.post(`/api/orders/${placed.uuid}/payments`, { type: 'capture', method: 'card', transactionId: 'txn-4242' })).status, 201)

test('an order shows what the role sees, and says what it does not', async () => {
  const at = `/api/orders/${placed.uuid}`
  const whole = (await owner.get(at)).body
  assert.equal(whole.masked, undefined)
  assert.equal(whole.customer.email, PERSON.email)
  const seen = (await junior.get(at)).body
  for (const path of ['customer.email', 'shippingAddress.city', 'grandTotal', 'payments.transactionId', 'tags']) assert.ok(seen.masked.includes(path), `${path} of ${seen.masked}`)
  assert.deepEqual(seen.customer, { id: null, email: null, fullName: null })
  assert.deepEqual([seen.grandTotal, seen.amountCaptured, seen.items[0].price, seen.payments[0].amount, seen.payments[0].transactionId], Array(5).fill(null))
  assert.ok(!JSON.stringify([seen.tags, seen.metadata, seen.activities]).includes('vip'))
  assert.deepEqual([seen.orderNumber, seen.status.code, seen.items[0].sku, seen.shippingAddress.country, seen.shippingAddress.city],
    [whole.orderNumber, whole.status.code, 'LAMP', 'DE', null])
  const packer = (await warehouse.get(at)).body
  assert.ok(packer.masked.includes('grandTotal') && !packer.masked.includes('customer.email'), `${packer.masked}`)
  assert.equal(packer.shippingAddress.fullName, ADDRESS.fullName)
  assert.equal(packer.grandTotal, null)
  assert.ok((await warehouse.get(`${at}?at=1`)).body.masked.includes('grandTotal'))
})

test('no answer to a role has what it does not see', async () => {
  const of = { junior: [junior, [...SECRETS, ...MONEY]], warehouse: [warehouse, MONEY] }
  let answered = 0
  for (const [role, [client, hidden]] of Object.entries(of)) {
    for (const [path, item] of Object.entries(document.paths)) {
      if (!item.get || item.get.responses[200]?.content?.['text/event-stream']) continue
      for (const id of [placed.uuid, '1', placed.orderNumber]) {
        for (const query of ['', '?limit=5', `?fields=customer,grandTotal,payments`, '?q=wagner', '?at=1']) {
          const { status, text } = await client.get(path.replace(/\{[^}]+\}/g, id) + query)
          answered += status === 200
          for (const word of hidden) assert.ok(!text.includes(word), `${role} ${path}${query}: ${word} in ${text.slice(0, 2000)}`)
        }
      }
    }
    const added = await client.post(`/api/orders/${placed.uuid}/activities`, { comment: 'hello' })
    assert.equal(added.status, 201)
    for (const word of hidden) assert.ok(!added.text.includes(word), word)
  }
  assert.ok(answered > 20, `${answered} answers`)
})

test('actions are those that the role may do', async () => {
  const allowed = async client => (await client.get(`/api/orders/${placed.uuid}/actions`)).body.items
  const of = await allowed(junior)
  assert.deepEqual([...new Set(of.filter(a => a.allowed).map(a => a.command))], ['activity'])
  const ship = of.find(a => a.command === 'create_shipment')
  assert.deepEqual([ship.allowed, ship.code, ship.policy], [false, 'forbidden', null])
  assert.match(ship.reason, /shipments\.manage/)
  assert.ok((await allowed(warehouse)).find(a => a.command === 'create_shipment').allowed)
})

test('nobody asks about fields that he does not see', async () => {
  for (const query of ['customerEmail=grete.wagner@example.org', 'customerId.neq=x', 'grandTotal.gte=5', 'tag=vip', 'figure=refund,2020-01-01T00:00:00Z,2030-01-01T00:00:00Z,Damaged', 'sort=-grandTotal', 'q=wagner', 'q=1']) {
    const answer = await junior.get(`/api/orders?${query}`)
    assertProblem(answer, 403)
    assert.equal(answer.body.code, 'fields_hidden', query)
  }
  for (const path of ['/api/changes', '/api/events', '/api/stream', '/graphql?query=%7B__typename%7D', `/api/orders/${placed.uuid}/events`, `/api/orders/${placed.uuid}/activities`]) {
    const answer = await junior.get(path)
    assertProblem(answer, 403)
    assert.equal(answer.body.code, 'fields_hidden', path)
  }
  const { items } = (await junior.get('/api/orders?sku=LAMP&fields=orderNumber,grandTotal')).body
  assert.deepEqual(items, [{ orderNumber: placed.orderNumber, grandTotal: null, masked: ['grandTotal'] }])
})

test('orders of other stores are not there', async () => {
  const own = await oslo.place(order({ store: 'oslo' }))
  const at = `/api/orders/${placed.uuid}`
  for (const answer of [
    await oslo.get(at), await oslo.get(`/api/orders/${placed.orderNumber}`), await oslo.get(`${at}?at=1`), await oslo.get(`${at}/shipments`),
    await oslo.post(`${at}/activities`, { comment: 'x' }), await oslo.post(`${at}/cancel`, { reason: 'x' }), await oslo.post(`${at}/cancel?dryRun=true`, { reason: 'x' }),
  ]) {
    assertProblem(answer, 404)
    assert.equal(answer.body.code, 'order_not_found')
  }
  assertProblem(await oslo.post('/api/orders', order({ store: 'berlin' })), 403)
  assertProblem(await oslo.post('/api/orders', order({})), 403)
  assert.deepEqual((await oslo.get('/api/orders?count=true')).body.items.map(o => o.uuid), [own.uuid])
  assert.deepEqual((await oslo.get('/api/orders?store=berlin&count=true')).body, { items: [], next: null, total: 0 })
  for (const path of ['/api/orders.csv', '/api/changes', '/api/reports/sales', '/api/orders?q=LAMP', '/api/drafts', '/api/deliveries']) assert.ok(!(await oslo.get(path)).text.includes(placed.orderNumber), path)
})

test('a role that is taken away may do nothing, at once', async () => {
  server.editConfig(text => text.replace('[role.oslo]\ninherits = staff', '[role.oslo]\npermissions = inventory.view'))
  const { code, stderr } = await server.run('reload')
  assert.equal(code, 0, stderr)
  assertProblem(await oslo.get('/api/orders'), 403)
  assert.ok([200, 404].includes((await oslo.get('/api/inventory/LAMP')).status))
})

test('the books are whole', async () => {
  for (const client of [owner, junior, warehouse, oslo]) client.close()
  await assertVerified(server)
})
