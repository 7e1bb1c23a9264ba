// The database's clock is the one that counts: for what expires, what is due, and what rules compare with it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { Cluster, hasClocks } from './clusters.mjs'
import { assertVerified, order, until, useServer } from './lib.mjs'

const skip = !hasClocks && 'faketime is not installed'
const HOUR = 3_600_000

const database = skip || await Cluster.start('clock', { clock: true })
after(() => skip || database.disposeNow())
if (!skip) database.setClock(25)
const server = skip || await useServer({
  options: { 'database.url': database.url(), 'database.watch': '200ms', 'plugins.load': 'clock', 'jobs.interval': '100ms', 'grant.clock': 'mail' },
  prepare: at => at.writePlugin('clock', `
    oms.job("tick", { every = "1s" }, function(job) end)
    oms.on("order.placed", function(event, order)
      return oms.mail { to = "shop@example.org", template = "new", data = { number = order.order_number } }
    end)
  `, { capabilities: ['mail'] }),
})

const now = async () => (await database.sql('select (extract(epoch from now()) * 1000)::float8 as ms'))[0].ms

test('a key outlives a process whose clock is 25 hours behind', { skip }, async () => {
  const headers = { 'idempotency-key': 'behind' }
  const first = await server.post('/api/orders', order(), headers)
  assert.equal(first.status, 201, first.text)
  // What upkeep removes, at once instead of within half a minute.
  const [{ expired }] = await database.sql(
    "select count(*)::int as expired from idempotency_key where created_at < now() - interval '24 hours'")
  assert.equal(expired, 0)
  const again = await server.post('/api/orders', order(), headers)
  assert.equal(again.body.uuid, first.body.uuid)
  assert.equal(again.headers['idempotency-replayed'], 'true')
})

test('orders are dated by the database, with which rules compare them', { skip }, async () => {
  const placed = await server.place()
  assert.ok(Math.abs(Date.parse(placed.createdAt) - await now()) < 60_000, placed.createdAt)
  assert.ok(Date.parse(placed.createdAt) - Date.now() > 24 * HOUR)
  assert.match(server.log, /clock_put_right by_ms=9\d{7}/)
})

test('after the clock was put back, jobs and deliveries that lie absurdly ahead are planned anew', { skip }, async () => {
  const runs = async () => (await database.sql("select runs from job where job = 'tick@clock'"))[0].runs
  const before = await until(async () => (await runs()) > 0 && runs(), { what: 'a first run' })
  database.setClock(-25)
  await until(async () => (await runs()) >= before + 2, { what: 'runs by the new time' })

  // One whose process died when the clock was ahead.
  await database.sql(`update job set runner = '00000000-0000-7000-8000-000000000001',
    lease_until = now() + interval '50 hours', next_at = now() where job = 'tick@clock'`)
  const held = await runs()
  await until(async () => (await runs()) > held, { what: 'the takeover' })

  const placed = await until(async () => {
    const answer = await server.post('/api/orders', order({ orderNumber: `BACK-${Date.now()}` }))
    return Math.abs(Date.parse(answer.body.createdAt) - await now()) < 60_000 && answer.body
  }, { what: 'an order of the new time' })

  const log = path.join(server.dataDir, 'notifications.log')
  await until(() => fs.readFileSync(log, 'utf8').includes(placed.orderNumber), { what: 'its notification' })
  const [{ id }] = await database.sql(`insert into delivery (order_id, seq, topic, intent, kind, target, payload, bundle_id, next_at)
    select order_id, seq, topic, 99, kind, 'late@example.org', payload, bundle_id, now() + interval '50 hours' from delivery
    order by delivery_id desc limit 1 returning delivery_id as id`)
  await until(async () => (await database.sql('select state from delivery where delivery_id = $1', [id]))[0].state === 'delivered',
    { what: 'the delivery that was put off' })
})

test('the books are whole', { skip }, () => assertVerified(server))
