// An order on which much was said: no command and no read of it may cost more for that, slow others, or
// show less than there is as if it were all.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertVerified, until, useServer } from './lib.mjs'

const server = await useServer()
const COMMENTS = 5000
const SHOWN = 50

/** Comments as if they had been made one by one; the texts take 20 MB. */
async function talk(order) {
  await server.sql(`with said as (insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data)
      select $1, $2 + n, 'activity.added', now(), now(), 'chatty', 0,
        json_build_object('comment', n || repeat(' é"\\', 900), 'customer_notified', false)
      from generate_series(1, $3) n)
    update orders set version = version + $3, updated_at = now() where order_id = $1`, [order.orderId, order.version, COMMENTS])
}

const numbers = items => items.map(item => Number.parseInt(item.comment, 10))

test('the latest comments are shown with the order, and pages hold them all', async () => {
  const placed = await server.place()
  await talk(placed)
  const { status, body } = await server.get(`/api/orders/${placed.uuid}`)
  assert.equal(status, 200)
  assert.deepEqual(numbers(body.activities), Array.from({ length: SHOWN }, (_, i) => COMMENTS - SHOWN + 1 + i))
  const all = []
  for (let after = 0; after !== null;) {
    const page = await server.get(`/api/orders/${placed.uuid}/activities?limit=700&after=${after}`)
    assert.equal(page.status, 200, page.text.slice(0, 300))
    assert.ok(page.body.items.length <= 700)
    all.push(...page.body.items)
    after = page.body.next
  }
  assert.deepEqual(numbers(all), Array.from({ length: COMMENTS }, (_, i) => i + 1))
  const list = await server.get('/api/orders?limit=5')
  assert.equal(list.status, 200)
  assert.equal(list.body.items.find(o => o.uuid === placed.uuid).activities.length, SHOWN)
})

test('a command on it is answered with the latest, also when it is repeated', async () => {
  const placed = await server.place()
  await talk(placed)
  const key = { 'idempotency-key': `long-${placed.orderId}` }
  const added = await server.post(`/api/orders/${placed.uuid}/activities`, { comment: 'one more' }, key)
  assert.equal(added.status, 201, added.text)
  const again = await server.post(`/api/orders/${placed.uuid}/activities`, { comment: 'one more' }, key)
  assert.deepEqual(again.body, added.body)
  const holdKey = { 'idempotency-key': `long-hold-${placed.orderId}` }
  const held = await server.post(`/api/orders/${placed.uuid}/holds`, { handle: 'talk', reason: 'Too much of it' }, holdKey)
  assert.equal(held.status, 201, held.text.slice(0, 300))
  assert.equal(held.body.activities.length, SHOWN)
  assert.equal(held.body.activities.at(-1).comment, 'one more')
  assert.equal(numbers(held.body.activities)[0], COMMENTS - SHOWN + 2)
  const repeated = await server.post(`/api/orders/${placed.uuid}/holds`, { handle: 'talk', reason: 'Too much of it' }, holdKey)
  assert.equal(repeated.headers['idempotency-replayed'], 'true')
  assert.deepEqual(repeated.body.activities, held.body.activities)
})

test('a repeated command is answered as the order was then, whatever came since', async () => {
  const placed = await server.place()
  const comment = `/api/orders/${placed.uuid}/activities`
  const hold = `/api/orders/${placed.uuid}/holds`
  const answers = []
  // Versions on both sides of a page of 200 events.
  for (const [i, count] of [197, 1, 1, 1, 1, 300].entries()) {
    await server.sql(`with said as (insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data)
        select order_id, version + n, 'activity.added', now(), now(), 'chatty', 0, json_build_object('comment', $3 || ' ' || n, 'customer_notified', false)
        from orders, generate_series(1, $2) n where order_id = $1)
      update orders set version = version + $2, updated_at = now() where order_id = $1`, [placed.orderId, count, `round ${i}`])
    const key = { 'idempotency-key': `then-${placed.orderId}-${i}` }
    answers.push([hold, { handle: `h${i}`, reason: 'so' }, key], [comment, { comment: `c${i}` }, { 'idempotency-key': `${key['idempotency-key']}-c` }])
    for (const answer of answers.slice(-2)) {
      answer.push(await server.post(...answer))
      assert.equal(answer.at(-1).status, 201, answer.at(-1).text)
    }
  }
  const again = await Promise.all(answers.map(([path, body, key]) => server.post(path, body, key)))
  for (const [i, answer] of again.entries()) {
    assert.equal(answer.headers['idempotency-replayed'], 'true')
    assert.deepEqual(answer.body, answers[i].at(-1).body)
  }
})

test('a ledger that does not reach what a key names is an error, not an answer', async () => {
  const placed = await server.place()
  const key = { 'idempotency-key': `gap-${placed.orderId}` }
  const added = await server.post(`/api/orders/${placed.uuid}/activities`, { comment: 'kept' }, key)
  assert.equal(added.status, 201, added.text)
  await server.sql('update idempotency_key set version = 9 where order_id = $1 and version = $2', [placed.orderId, added.body.version ?? 2])
  const again = await server.post(`/api/orders/${placed.uuid}/activities`, { comment: 'kept' }, key)
  assert.equal(again.status, 500, again.text)
  const line = new RegExp(`the ledger of order ${placed.orderId} ends at version 2, not 9`)
  await until(() => line.test(server.log), { what: 'the line of the log' })
  await server.sql('delete from idempotency_key where order_id = $1', [placed.orderId])
})

test('the books of such orders are proved', () => assertVerified(server))
