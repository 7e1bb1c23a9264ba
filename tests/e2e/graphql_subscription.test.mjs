// GraphQL's subscription over server-sent events, followed by a client that knows nothing of orderd.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createClient } from 'graphql-sse'

import { assertVerified, fullOrder, order, until, useServer } from './lib.mjs'

const server = await useServer()
const client = () => createClient({ url: `${server.url}/graphql`, retryAttempts: 0 })
const QUERY = 'subscription ($filter: [FilterInput!], $after: String) { orderChanged(filter: $filter, after: $after) { position order { orderId orderNumber status { code } grandTotal items { sku } activities { comment } events(last: 1) { type } } } }'

/** What comes of a subscription: {got, fault, close}. */
function follow(variables, query = QUERY) {
  const found = { got: [], client: client() }
  found.close = found.client.subscribe({ query, variables }, {
    next: result => found.got.push(result), error: fault => { found.fault = fault }, complete: () => { found.complete = true },
  })
  return found
}
const listening = n => until(async () => Number(/^orderd_stream_listeners (\d+)$/m.exec((await server.get('/metrics')).text)[1]) === n, { what: `${n} listeners`, timeout: 60_000 })
const numbers = found => found.got.map(r => r.data.orderChanged.order.orderNumber)

test('each order that changes is told of, as it then stands', async () => {
  const found = follow()
  await listening(1)
  const placed = await server.place(fullOrder({}))
  await until(() => found.got.length, { what: 'the order that was placed', timeout: 60_000 })
  const [{ data, errors }] = found.got
  assert.equal(errors, undefined)
  assert.deepEqual([data.orderChanged.order.orderId, data.orderChanged.order.orderNumber], [String(placed.orderId), placed.orderNumber])
  assert.equal(data.orderChanged.order.items.length, placed.items.length)
  assert.equal(data.orderChanged.order.events[0].type, 'order.placed')
  await server.post(`/api/orders/${placed.uuid}/activities`, { comment: 'hello' })
  await until(() => found.got.at(-1).data.orderChanged.order.activities.some(a => a.comment === 'hello'), { what: 'the comment', timeout: 60_000 })
  found.close()
  await listening(0)
  // Whoever comes back with the last position misses nothing.
  const { position } = found.got.at(-1).data.orderChanged
  const meanwhile = []
  for (let i = 0; i < 45; i++) meanwhile.push((await server.place()).orderNumber)
  const again = follow({ after: position })
  await until(() => new Set(numbers(again)).size >= meanwhile.length, { what: 'what happened meanwhile', timeout: 60_000 })
  assert.deepEqual([...new Set(numbers(again))].sort(), meanwhile.sort())
  again.close()
})

test('filters are those of a list', async () => {
  const found = follow({ filter: [{ key: 'currency', value: 'JPY' }, { key: 'sku', operation: 'neq', value: 'B' }] })
  await listening(1)
  const items = sku => [{ sku, name: sku, qty: 1, price: 500 }]
  await server.place()
  await server.place(order({ currency: 'JPY', items: items('B') }))
  const wanted = await server.place(order({ currency: 'JPY', items: items('A') }))
  await until(() => found.got.length, { what: 'the order', timeout: 60_000 })
  assert.deepEqual(numbers(found), [wanted.orderNumber])
  found.close()
  await listening(0)
})

test('what cannot be followed is refused before it begins', async () => {
  for (const [variables, message] of [
    [{ filter: [{ key: 'colour', value: 'red' }] }, /colour/],
    [{ filter: [{ key: 'status', value: 'nowhere' }] }, /nowhere/],
    [{ filter: [{ key: 'grandTotal', operation: 'gteq', value: 'much' }] }, /grandTotal/],
    [{ filter: Array.from({ length: 17 }, () => ({ key: 'sku', value: 'A' })) }, /more than 16/],
  ]) {
    const answer = await server.post('/graphql', { query: QUERY, variables }, { accept: 'text/event-stream' })
    assert.match(JSON.stringify(answer.body.errors), message)
    assert.equal(answer.body.data, undefined)
  }
  const ahead = await server.post('/graphql', { query: QUERY, variables: { after: '999999999999999-1-1' } }, { accept: 'text/event-stream' })
  assert.equal(ahead.status, 422)
  const plain = await server.post('/graphql', { query: QUERY })
  assert.equal(plain.status, 406)
  assert.match(plain.text, /text\/event-stream/)
  const two = await server.post('/graphql', { query: 'subscription { a: orderChanged { position } b: orderChanged { position } }' }, { accept: 'text/event-stream' })
  assert.match(two.text, /only one|one field|one root/i)
  await listening(0)
})

test('a stop ends the stream without a word that it is complete', async () => {
  const found = follow()
  await listening(1)
  await server.restart()
  await until(() => found.fault || found.complete, { what: 'the end', timeout: 60_000 })
  assert.equal(found.complete, undefined)
})

test('many listeners leave at any moment, and nothing is left behind', async () => {
  const all = Array.from({ length: 30 }, () => follow())
  await listening(30)
  const placing = Promise.all(Array.from({ length: 20 }, () => server.place()))
  for (const [i, found] of all.entries()) if (i % 3) found.close()
  await placing
  for (const [i, found] of all.entries()) if (i % 3 === 0) await until(() => new Set(numbers(found)).size === 20, { what: 'all orders', timeout: 60_000 })
  for (const found of all) found.close()
  await listening(0)
})

test('a stream that is to end twice while it reads is counted once', async () => {
  const before = follow()
  await listening(1)
  await server.place(fullOrder({}))
  await until(() => before.got.length, { what: 'a position', timeout: 60_000 })
  const { position } = before.got[0].data.orderChanged
  before.close()
  await listening(0)
  await server.place(fullOrder({}))
  // Its round waits for a table; meanwhile its reading of the ledger is lost, and then its client leaves.
  await server.withLock('order_address', async () => {
    const found = follow({ after: position }, 'subscription ($after: String) { orderChanged(after: $after) { order { shippingAddress { city } } } }')
    await until(async () => (await server.sql('select from pg_locks where not granted')).length, { what: 'the round to wait', timeout: 60_000 })
    await server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'orderd tail'")
    await listening(0)
    found.close()
    await server.get('/healthz') // the server has seen it go
  }, 'access exclusive')
  await until(async () => {
    const answer = await fetch(`${server.url}/api/stream`)
    await answer.body.cancel()
    return answer.status === 200
  }, { what: 'the ledger to be followed again', timeout: 60_000 })
  await listening(0)
  const again = follow()
  await listening(1)
  again.close()
  await listening(0)
})

test('the books are whole', () => assertVerified(server))
