// Whoever follows the ledger by positions sees each order's events in their order, however writers wait
// for one another.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, PG_USER, ROOT, until, useServer } from './lib.mjs'

const ONE_LANE = { 'database.lanes': 1, 'database.lock_timeout': '60s', 'database.statement_timeout': '60s' }
const server = await useServer({ options: ONE_LANE })

async function session(on) {
  const { default: pg } = await import('pg')
  const { socketDir, port } = on.cluster()
  const db = new pg.Client({ host: socketDir, port, user: PG_USER, database: 'orderd' })
  await db.connect()
  return db
}

const comment = (on, { orderId }, text) => on.post(`/api/orders/id:${orderId}/activities`, { comment: text })

/** How many lanes wait for a row of somebody else. */
const waiting = on => on.sql(`select pid, backend_xid::text::int8 as xid from pg_stat_activity
  where wait_event_type = 'Lock' and query like '%from orders where%for update'`)

test('a batch that took its transaction id before it waited for an order does not write behind what it waited for', async () => {
  const other = await server.peer().start()
  const [gate, first, between, contended] = await Promise.all([1, 2, 3, 4].map(() => server.place()))
    .then(orders => orders.sort((a, b) => a.orderId - b.orderId))
  const holdsGate = await session(server), holdsBetween = await session(server)
  for (const [db, { orderId }] of [[holdsGate, gate], [holdsBetween, between]]) {
    await db.query('begin')
    await db.query('select from orders where order_id = $1 for update', [orderId])
  }
  // The lane of this process waits at the gate while three commands queue, which become one batch.
  const early = [comment(server, gate, 'at the gate')]
  await until(async () => (await waiting(server)).length === 1, { what: 'the lane waits at the gate' })
  for (const order of [first, between, contended]) early.push(comment(server, order, 'early'))
  await until(async () => /orderd_queue_depth 3/.test((await server.get('/metrics')).text), { what: 'three commands queue' })
  await holdsGate.query('commit')
  // It has locked the first, so it has its id, and waits for the second; the third is free.
  const [{ xid }] = await until(async () => {
    const rows = await waiting(server)
    return rows.length === 1 && rows[0].xid && (await early[0]).status === 201 && rows
  }, { what: 'the batch waits between' })
  assert.equal((await comment(other, contended, 'late')).status, 201)
  await holdsBetween.query('commit')
  for (const answer of await Promise.all(early)) assert.equal(answer.status, 201, answer.text)
  await Promise.all([holdsGate, holdsBetween].map(db => db.end()))

  const events = await server.sql(`select seq, txid::text::int8 - (select base from ledger) as position, xmin::text::int8 as xid,
    data->>'comment' as comment from order_event where order_id = $1 order by seq`, [contended.orderId])
  assert.deepEqual(events.slice(-2).map(e => e.comment), ['late', 'early'])
  assert.ok(events.at(-1).xid === Number(xid) && events.at(-1).xid < events.at(-2).xid, 'the ids are the other way round')
  assert.ok(events.at(-1).position >= events.at(-2).position, `positions go on: ${JSON.stringify(events)}`)
  await assertVerified(server)
  await other.stop()
})

test('verify finds an order whose events are not in the order of positions, and the migration puts it right', async () => {
  const { orderId } = await server.place()
  await server.post(`/api/orders/id:${orderId}/activities`, { comment: 'second' })
  await until(async () => (await server.sql('select from feed_cursor c, order_event e where e.order_id = $1 and (c.txid, c.order_id, c.seq) >= (e.txid, e.order_id, e.seq)', [orderId])).length === 2,
    { what: 'the feed has read both' })
  await server.sql(`update order_event set txid = (select min(txid::text::int8) from order_event)::text::xid8
    where order_id = $1 and seq = 2`, [orderId])
  const { code, stdout, stderr } = await server.run('verify')
  assert.notEqual(code, 0)
  assert.match(stdout + stderr, new RegExp(`order ${orderId}: event 2 is at \\d+, before the one it follows, at \\d+`))
  await server.sql(fs.readFileSync(path.join(ROOT, 'core/store/migrations/008_order_of_events.sql'), 'utf8'))
  await assertVerified(server)
})
