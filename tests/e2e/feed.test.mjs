// A feed that does not get on says how far behind it is and because of whom, and a process that stands
// still inside the feed's transaction does not keep it from the others.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PG_USER, until, useServer, withServer } from './lib.mjs'

const HELD = { 'feed.held_after': '300ms' }
const server = await useServer({ options: HELD })

/** A session of somebody else. */
async function stranger(on, { database = 'orderd', name = 'stranger' } = {}) {
  const { default: pg } = await import('pg')
  const { socketDir, port } = on.cluster()
  const db = new pg.Client({ host: socketDir, port, user: PG_USER, database, application_name: name })
  db.on('error', () => {})
  await db.connect()
  return db
}

const customer = { customer: { email: 'ana@example.org' } }
const state = async on => (await on.get('/admin/feed')).body
const metrics = async on => (await on.get('/metrics')).text
const count = (text, pattern) => text.match(pattern)?.length ?? 0

const delivered = (on, { orderId }) => until(async () => (await on.sql(
  "select from delivery where order_id = $1 and state = 'delivered'", [orderId])).length, { what: 'the delivery', timeout: 30_000 })

const held = on => until(async () => {
  const now = await state(on)
  return now.holder && now.heldMs > 1000 && now
}, { what: 'a feed that is held', timeout: 30_000 })

test('an open transaction in another database: named in the state, the metrics and once in the log', async () => {
  await server.sql('create database warehouse')
  const db = await stranger(server, { database: 'warehouse', name: 'the "nightly" report' })
  await db.query('begin; select pg_current_xact_id()')
  const order = await server.place(customer)
  const { holder, lagMs } = await held(server)
  assert.deepEqual({ ...holder, transactionMs: 0 },
    { kind: 'session', pid: db.processID, database: 'warehouse', application: 'the "nightly" report', transactionMs: 0 })
  assert.ok(holder.transactionMs >= lagMs)
  const text = await metrics(server)
  assert.match(text, /^orderd_feed_lag_seconds [1-9]/m)
  assert.match(text, /^orderd_feed_held_seconds [1-9]/m)
  assert.ok(text.includes(`orderd_feed_holder{kind="session",pid="${db.processID}",database="warehouse",application="the \\"nightly\\" report",gid=""} 1\n`), text)
  await until(async () => (await state(server)).heldMs > 3000, { what: 'more looks' })
  assert.deepEqual(await server.sql('select from delivery where order_id = $1', [order.orderId]), [])
  assert.equal(count(server.log, /feed_held by=session/g), 1)
  await db.end()
  await delivered(server, order)
  await until(async () => !(await state(server)).holder, { what: 'nobody in the way' })
  await until(async () => (await state(server)).lagMs === 0, { what: 'nothing unread' })
  await until(() => count(server.log, /feed_released/g) === 1, { what: 'the end in the log' })
  assert.match(await metrics(server), /^orderd_feed_held_seconds 0$/m)
})

test('whoever has locked the cursor is named', async () => {
  const db = await stranger(server, { name: 'by hand' })
  await db.query("begin; select from feed_cursor where consumer = 'hooks' for update")
  const order = await server.place(customer)
  const { holder } = await held(server)
  assert.equal(holder.pid, db.processID)
  await db.end()
  await delivered(server, order)
})

test('a prepared transaction that nobody ends is named', async () => {
  await server.sql('alter system set max_prepared_transactions = 5')
  await server.restart()
  const db = await stranger(server)
  await db.query("begin; create table left_over (); prepare transaction 'half done'")
  const order = await server.place(customer)
  const { holder } = await held(server)
  assert.equal(holder.kind, 'prepared')
  assert.equal(holder.gid, 'half done')
  assert.equal(holder.database, 'orderd')
  await db.query("rollback prepared 'half done'")
  await db.end()
  await delivered(server, order)
})

/** Stops a server's process inside the feed's transaction, where it has locked the cursor and is sent what
 * it reads next: all that `events` brought about. */
async function freezeInFeed(on, events) {
  const older = await stranger(on, { database: 'postgres' }) // nothing is read yet
  const ledger = await stranger(on)
  await older.query('begin; select pg_current_xact_id()')
  await events()
  await ledger.query('begin; lock table order_event in access exclusive mode')
  await until(async () => (await on.sql(`select from pg_stat_activity a join feed_cursor c on a.backend_xid = c.xmax
    where a.application_name = 'orderd feed' and a.wait_event_type = 'Lock'`)).length, { what: 'the feed waits for the ledger', timeout: 30_000 })
  process.kill(on.pid, 'SIGSTOP')
  await older.end()
  await ledger.query('rollback')
  await ledger.end()
}

for (const [what, comments, session] of [
  ['idle in its transaction', 1, "state = 'idle in transaction'"],
  ['and its backend waits until it reads', 150, "wait_event = 'ClientWrite'"],
]) {
  test(`a process frozen inside the feed's transaction, ${what}: another takes over`, async () => {
    await withServer({ options: { ...HELD, 'feed.transaction_limit': '3s' } }, async frozen => {
      let order
      await freezeInFeed(frozen, async () => {
        order = await frozen.place(customer)
        for (let i = 0; i < comments; i++) {
          const { status, text } = await frozen.post(`/api/orders/${order.uuid}/activities`, { comment: 'x'.repeat(4000) })
          assert.equal(status, 201, text)
        }
      })
      try {
        await until(async () => (await frozen.sql(`select from pg_stat_activity where application_name = 'orderd feed' and ${session}`)).length,
          { what: `a session with ${session}` })
        const other = await frozen.peer().start()
        await delivered(other, order)
        await until(async () => (await state(other)).lagMs === 0, { what: 'nothing unread' })
      } finally {
        process.kill(frozen.pid, 'SIGCONT')
      }
      const later = await frozen.place(customer)
      await delivered(frozen, later)
      assert.deepEqual(await frozen.sql('select order_id from delivery group by order_id, seq, topic, intent having count(*) > 1'), [])
      for (const peer of frozen.peers) await peer.stop()
    })
  })
}

test('what is committed is told of in the next quiet moment, not at the end of the interval', async () => {
  await withServer({ options: { 'feed.interval': '1m' } }, async on => {
    await until(async () => (await on.get('/metrics')).text.includes('orderd_target_owned{target="log",kind="log"} 1'), { what: 'a target' })
    for (let i = 0; i < 3; i++) await delivered(on, await on.place(customer))
  })
})
