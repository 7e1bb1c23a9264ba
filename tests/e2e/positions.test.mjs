// Positions in the ledger outlive the server that gave them: what is new after a restore, a point in time
// or a failover is read by the feed, once, and what is old is not read again.
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { dump, load, useUpIds } from './dumps.mjs'
import { assertVerified, until, useServer, withServer } from './lib.mjs'

const origin = await useServer()
const file = path.join(origin.dir, 'origin.dump')
after(() => origin.dispose())

const customer = n => ({ customer: { email: `ana${n}@example.org` } })

async function placeSome(server, count) {
  const placed = []
  for (let i = 0; i < count; i++) placed.push((await server.place(customer(i))).orderId)
  return placed
}

/** The orders that were confirmed to their customers, as often as each was. */
const confirmed = async server => (await server.sql(`select order_id as id from delivery
  where topic = 'order.placed' and state = 'delivered' order by 1`)).map(({ id }) => id)

const confirmedAre = (server, orders) => until(async () => {
  const found = await confirmed(server)
  assert.deepEqual(found, [...orders].sort((a, b) => a - b))
  return true
}, { what: 'one confirmation of each order', timeout: 30_000 })

/** How many attempts all deliveries took; one more for each that is sent again. */
const attempts = async server => (await server.sql('select coalesce(sum(attempts), 0)::int as n from delivery'))[0].n

const old = []
test('orders are placed, their events read, and the database is dumped', async () => {
  await useUpIds(origin, 3000)
  old.push(...await placeSome(origin, 12))
  await confirmedAre(origin, old)
  await dump(origin, file)
})

test('restored into a fresh cluster: new events are read, old ones not again', async () => {
  await withServer({}, async server => {
    await server.kill() // its PostgreSQL runs on
    await load(server, file)
    const before = await attempts(server)
    await server.start()
    assert.match(server.log, /database_warning.*ledger_settled/)
    const fresh = await placeSome(server, 12)
    await confirmedAre(server, [...old, ...fresh])
    assert.equal(await attempts(server), before + fresh.length)
    await assertVerified(server)
    await server.restart()
    assert.equal(server.log.match(/ledger_settled/g).length, 1, 'settled once')
  })
})

test('restored beside a running orderd: what was written before anybody noticed is read as well', async () => {
  await withServer({}, async server => {
    // All sessions are there: one that comes would notice.
    await until(async () => (await server.sql("select from pg_stat_activity where application_name = 'orderd feed' and state like 'idle%'")).length,
      { what: 'the feed is up' })
    await load(server, file)
    const unnoticed = await placeSome(server, 5)
    assert.equal((await server.sql('select generation from ledger'))[0].generation, 0)
    process.kill(server.cluster().pid, 'SIGINT')
    await until(() => /ledger_settled/.test(server.log), { what: 'the ledger settled by those who come back', timeout: 60_000 })
    await until(async () => (await server.get('/readyz')).status === 200, { what: 'ready again', timeout: 60_000 })
    assert.match(server.log, /ledger_settled.*; 5 events moved/)
    const fresh = await placeSome(server, 5)
    await confirmedAre(server, [...old, ...unnoticed, ...fresh])
    await assertVerified(server)
  })
})

test('an event whose old id is by chance the restoring transaction\'s is not taken for a new one', async () => {
  await withServer({}, async server => {
    await server.kill()
    const [{ next }] = await server.sql('select pg_current_xact_id()::text::int8 + 1 as next')
    await origin.sql(`update order_event e set txid = ($1 + n)::text::xid8
      from (select order_id, seq, row_number() over (order by order_id, seq) - 1 as n from order_event) i
      where (e.order_id, e.seq) = (i.order_id, i.seq) and n < 12`, [next])
    await dump(origin, file)
    await load(server, file)
    assert.ok((await server.sql('select from order_event where xmin = txid::xid')).length, 'one has that id')
    await server.start()
    assert.match(server.log, /ledger_settled.*; 0 events moved/)
    await assertVerified(server)
  })
})

test('events that were not read before the dump are read after the restore', async () => {
  await withServer({}, async server => {
    await origin.withDatabase(async db => {
      await db.query("begin; select from feed_cursor where consumer = 'hooks' for update")
      old.push(...await placeSome(origin, 3))
      await dump(origin, file)
    })
    await confirmedAre(origin, old)
    await server.kill()
    await load(server, file)
    assert.equal((await confirmed(server)).length, old.length - 3)
    await server.start()
    await confirmedAre(server, old)
    await assertVerified(server)
  })
})

test('another timeline: positions go on above all that a lost tail can have had', async () => {
  const ends = () => origin.sql('select base, generation, (select max(txid::text::int8) from order_event) as last from ledger')
  await assertVerified(origin)
  const [before] = await ends()
  await origin.sql('update ledger set timeline = timeline - 1') // as if it had been promoted since
  await origin.restart()
  old.push(...await placeSome(origin, 2))
  const [now] = await ends()
  assert.equal(now.generation, before.generation + 1)
  assert.ok(now.last > before.last + 2 ** 32, `${now.last} after ${before.last}`)
  await confirmedAre(origin, old)
  await assertVerified(origin)
})

async function verify() {
  const { code, stdout } = await origin.run('verify')
  return { code, text: stdout }
}

test('an event that the feed has passed unread is found', async () => {
  const [lost] = await origin.withDatabase(async db => {
    await db.query("begin; select from feed_cursor where consumer = 'hooks' for update")
    const placed = await placeSome(origin, 1)
    await origin.sql("update order_event set txid = '1' where order_id = $1", placed)
    return placed
  })
  await confirmedAre(origin, [...old, ...await placeSome(origin, 1)])
  const { code, text } = await verify()
  assert.equal(code, 1, text)
  assert.match(text, /cursor hooks: has read \d+ events since 0, but \d+ are behind it/)
  await origin.sql(`update order_event set txid = (pg_current_xact_id()::text::int8 + (select base from ledger))::text::xid8
    where order_id = $1`, [lost])
  await until(async () => (await confirmed(origin)).includes(lost))
  await assertVerified(origin)
})

test('a base that is not the one that events are written with is found', async () => {
  await origin.sql('update ledger set base = base + 1')
  const { code, text } = await verify()
  await origin.sql('update ledger set base = base - 1')
  assert.equal(code, 1, text)
  assert.match(text, /positions: events are written with base \d+, and read with \d+/)
  await assertVerified(origin)
})

test('a process that moves the cursor without counting begins the count anew', async () => {
  const [{ events }] = await origin.sql(`update feed_cursor set (txid, order_id, seq) =
    (select txid, order_id, seq from order_event order by txid desc, order_id desc, seq desc offset 3 limit 1) returning events`)
  assert.equal(events, 0)
  await until(async () => (await origin.sql('select events from feed_cursor'))[0].events === 3)
  await assertVerified(origin)
})
