// An order as it was: at each version, at a time, over REST and GraphQL.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, fullOrder, useServer } from './lib.mjs'

const server = await useServer()
const at = (order, when, rest = '') => server.get(`/api/orders/${order.uuid}${rest}?at=${encodeURIComponent(when)}`)

/** A placed order and what it looked like after each command, by its version. */
async function history() {
  const seen = new Map()
  const look = async () => {
    const { body } = await server.get(`/api/orders/${order.uuid}`)
    seen.set(body.version, body)
    return body
  }
  const order = await server.place(fullOrder({}))
  const did = async (method, rest, body) => {
    const answer = await server.api(method, `/api/orders/${order.uuid}${rest}`, body)
    assert.ok(answer.status < 300, answer.text)
    return look()
  }
  await look()
  await did('POST', '/payments', { type: 'capture', amount: 162.23, method: 'card', transactionId: `tx-${order.uuid}` })
  await did('POST', '/activities', { comment: 'packed «with care»', customerNotified: true })
  await did('POST', '/holds', { handle: 'check', reason: 'unusual' })
  await did('DELETE', '/holds/check')
  await did('POST', '/shipments', { items: [{ orderItemId: 1, qty: 1 }], carrier: 'DHL', trackingNumber: '0034' })
  await did('POST', '/refunds', { amount: 5, reason: 'late' })
  await did('POST', '/activities', { comment: 'the last' })
  return { order, seen }
}

const { order, seen } = await history()
const last = Math.max(...seen.keys())

test('each version is answered as it was answered then', async () => {
  assert.ok(seen.size >= 7)
  for (const [version, then] of seen) {
    const { status, body, headers } = await at(order, version)
    assert.equal(status, 200)
    assert.deepEqual(body, then)
    assert.match(headers.etag, new RegExp(`\\b${version}\\b`))
  }
  const shipped = [...seen.values()].find(o => o.shipments.length)
  assert.deepEqual((await at(order, shipped.version, '/shipments')).body.items, shipped.shipments)
  assert.deepEqual((await at(order, shipped.version - 1, '/shipments')).body.items.length, 0)
})

test('a time is the version that was recorded last until then', async () => {
  const events = await server.sql('select seq, recorded_at from order_event where order_id = $1 order by seq', [order.orderId])
  for (const { seq, recorded_at: time } of events) {
    // One command may record several events at once; the time is that of the last of them.
    const version = Math.max(...events.filter(e => +e.recorded_at <= +time).map(e => e.seq))
    const { body } = await at(order, new Date(+time + 1).toISOString())
    assert.ok(body.version >= version)
    if (seen.has(body.version)) assert.deepEqual(body, seen.get(body.version))
    assert.ok(seq <= body.version)
  }
  assert.deepEqual((await at(order, '2999-01-01T00:00:00Z')).body, seen.get(last))
})

test('what was not there is not found, and what is no time or version is refused', async () => {
  assertProblem(await at(order, last + 1), 404, 'version_not_found')
  assertProblem(await at(order, '2001-01-01T00:00:00Z'), 404, 'version_not_found')
  for (const wrong of ['0', '-1', '', 'yesterday', '2026-13-01T00:00:00Z', '99999999999', '1.0']) assertProblem(await at(order, wrong), 422, 'bad_query')
  assertProblem(await server.get('/api/orders/nowhere?at=1'), 404, 'order_not_found')
  const cached = await server.api('GET', `/api/orders/${order.uuid}?at=2`, undefined, { 'if-none-match': (await at(order, 2)).headers.etag })
  assert.equal(cached.status, 304)
})

test('GraphQL says the same', async () => {
  const ask = async when => (await server.post('/graphql', {
    query: 'query ($order: ID!, $at: String) { order(id: $order, at: $at) { grandTotal paymentStatus { code } shipments { trackingNumber } activities { comment } holds { handle } } }',
    variables: { order: order.uuid, at: when },
  })).body
  for (const [version, then] of seen) {
    const { data, errors } = await ask(String(version))
    assert.equal(errors, undefined)
    assert.equal(data.order.paymentStatus.code, then.paymentStatus.code)
    assert.deepEqual(data.order.shipments.map(s => s.trackingNumber), then.shipments.map(s => s.trackingNumber))
    assert.deepEqual(data.order.activities.map(a => a.comment), then.activities.map(a => a.comment))
    assert.deepEqual(data.order.holds.map(h => h.handle), then.holds.map(h => h.handle))
  }
  assert.equal((await ask(String(last + 1))).data.order, null)
  assert.match((await ask('soon')).errors[0].message, /at must be a version/)
})

test('a long past is folded while others are answered', async () => {
  const long = await server.place()
  for (let i = 0; i < 500; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => server.post(`/api/orders/${long.uuid}/activities`, { comment: `${i + k}` })))
  const { body } = await at(long, 450)
  assert.equal(body.version, 450)
  assert.equal(body.activities.length, 50)
  const [many, other] = await Promise.all([Promise.all(Array.from({ length: 20 }, (_, i) => at(long, 100 + i))), server.get(`/api/orders/${order.uuid}`)])
  assert.deepEqual(many.map(a => a.body.version), Array.from({ length: 20 }, (_, i) => 100 + i))
  assert.equal(other.status, 200)
})

test('the books are whole', () => assertVerified(server))
