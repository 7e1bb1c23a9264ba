// Drafts: kept whatever they lack, placed exactly once, and then no more to be changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, order, pool, until, useServer } from './lib.mjs'

const server = await useServer()
const put = (uuid, body) => server.api('PUT', `/api/drafts/${uuid}`, body)
const remove = uuid => server.api('DELETE', `/api/drafts/${uuid}`)

async function draft(body = order()) {
  const made = await server.post('/api/drafts', body)
  assert.equal(made.status, 201, made.text)
  assert.equal(made.headers.location, `/api/drafts/${made.body.uuid}`)
  return made.body
}

test('a draft is any object, and says what is missing of an order', async () => {
  const empty = await draft({})
  assert.deepEqual(empty.body, {})
  assert.equal(empty.placed, false)
  assert.ok(empty.problems.length > 0 || (await place(empty.uuid)).status === 422)
  const partly = await draft({ items: [{ sku: 'TEE' }], nonsense: 1 })
  const pointers = partly.problems.map(p => p.pointer).sort()
  assert.deepEqual(pointers, ['/items/0/price', '/items/0/qty', '/nonsense'])
  assert.deepEqual((await draft()).problems, [])
  for (const body of ['[]', '7', 'null']) assertProblem(await server.post('/api/drafts', body), 422)
  assertProblem(await server.post('/api/drafts', '{"a":'), 400, { code: 'malformed_json' })
})

test('a draft is changed until it is right', async () => {
  const { uuid } = await draft({ items: [] })
  const refused = await place(uuid)
  assertProblem(refused, 422)
  const changed = await put(uuid, order())
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual(changed.body.problems, [])
  assert.deepEqual((await server.get(`/api/drafts/${uuid}`)).body, changed.body)
  assert.equal((await place(uuid)).status, 201)
})

test('placing a draft again answers the order that it is', async () => {
  const { uuid } = await draft()
  const placed = await place(uuid)
  assert.equal(placed.status, 201, placed.text)
  assert.equal(placed.body.uuid, uuid)
  assert.equal(placed.headers.location, `/api/orders/${uuid}`)
  await server.post(`/api/orders/${uuid}/cancel`, {})
  const again = await place(uuid)
  assert.equal(again.status, 200)
  assert.equal(again.body.orderId, placed.body.orderId)
  assert.equal(again.body.status.code, 'canceled', 'as it is now')
  const { body } = await server.get(`/api/drafts/${uuid}`)
  assert.deepEqual([body.placed, body.orderId, body.orderNumber], [true, placed.body.orderId, placed.body.orderNumber])
  assertProblem(await put(uuid, order()), 409, { code: 'draft_placed' })
  assertProblem(await remove(uuid), 409, { code: 'draft_placed' })
})

test('however many place it at once, there is one order', async () => {
  const before = await count()
  const { uuid } = await draft()
  const answers = await pool(24, 24, () => place(uuid))
  assert.deepEqual(answers.map(a => a.status).filter(s => s !== 200), [201])
  assert.equal(new Set(answers.map(a => a.body.orderId)).size, 1)
  assert.equal(await count(), before + 1)
})

test('what is being placed does not change any more, and does again when it was refused', async () => {
  const { uuid } = await draft()
  const answer = await server.withLock('orders', async () => {
    const placing = place(uuid)
    await until(async () => (await server.sql('select placing_until from draft where uuid = $1', [uuid]))[0].placing_until)
    assertProblem(await put(uuid, order({ shippingNote: 'too late' })), 409, { code: 'draft_being_placed' })
    assertProblem(await remove(uuid), 409, { code: 'draft_being_placed' })
    return () => placing
  })
  assert.equal((await answer()).status, 201)
  assert.deepEqual((await server.get(`/api/drafts/${uuid}`)).body.body, order())
  const other = await draft(order({ orderNumber: 'TAKEN-2' }))
  await server.place({ orderNumber: 'TAKEN-2' })
  assertProblem(await place(other.uuid), 409, { code: 'order_number_taken' })
  assert.equal((await put(other.uuid, order())).status, 200)
})

test('a number that is another order\'s refuses the draft', async () => {
  await server.place({ orderNumber: 'TAKEN-1' })
  const { uuid } = await draft(order({ orderNumber: 'TAKEN-1' }))
  assertProblem(await place(uuid), 409, { code: 'order_number_taken' })
  assert.equal((await server.get(`/api/drafts/${uuid}`)).body.placed, false)
})

test('a dry run shows the order and places none', async () => {
  const { uuid } = await draft()
  const shown = await server.post(`/api/drafts/${uuid}/place?dryRun=true`)
  assert.equal(shown.status, 200, shown.text)
  assert.equal(shown.body.grandTotal, 39.98)
  assert.equal((await server.get(`/api/drafts/${uuid}`)).body.placed, false)
})

test('the list goes by pages, newest first, and may leave out what was placed', async () => {
  const made = []
  for (let i = 0; i < 5; i++) made.unshift((await draft()).uuid)
  await place(made[0])
  const seen = []
  for (let next = ''; next !== null;) {
    const page = (await server.get(`/api/drafts?limit=2${next && `&after=${next}`}`)).body
    assert.ok(page.items.length <= 2)
    seen.push(...page.items.map(d => d.uuid))
    next = page.next
  }
  assert.deepEqual(seen.slice(0, 5), made)
  assert.equal(new Set(seen).size, seen.length)
  const open = (await server.get('/api/drafts?open=true&limit=4')).body
  assert.deepEqual(open.items.map(d => d.uuid), made.slice(1))
  assertProblem(await server.get('/api/drafts?limit=0'), 422)
  assertProblem(await server.get('/api/drafts?color=red'), 422)
})

test('a draft that is taken back is gone', async () => {
  const { uuid } = await draft()
  assert.equal((await remove(uuid)).status, 204)
  for (const gone of [await remove(uuid), await put(uuid, {}), await server.get(`/api/drafts/${uuid}`), await place(uuid)]) {
    assertProblem(gone, 404, { code: 'draft_not_found' })
  }
  assertProblem(await server.get('/api/drafts/nonsense'), 404)
})

test('who asks for a draft that is not there and goes away harms nobody', async () => {
  await server.abandon('/api/drafts/01890000-0000-7000-8000-000000000000', 'draft')
  assert.equal((await server.get('/api/drafts?limit=1')).status, 200)
})

test('all of it is what the events add up to', () => assertVerified(server))

function place(uuid) {
  return server.api('POST', `/api/drafts/${uuid}/place`)
}

async function count() {
  return (await server.sql('select count(*) as n from orders'))[0].n
}
