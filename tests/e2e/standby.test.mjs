// A synchronous standby that is gone: what is not replicated is neither confirmed nor sent.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { Cluster } from './clusters.mjs'
import { assertProblem, assertVerified, order, until, useServer } from './lib.mjs'

const primary = await Cluster.start('primary')
const standby = await Cluster.start('s1', { of: primary })
after(() => [standby, primary].forEach(cluster => cluster.disposeNow()))
primary.set({ synchronous_standby_names: 's1' })
await primary.reload()
await standby.streams(primary)

const server = await useServer({
  options: { 'database.url': primary.url(), 'plugins.load': 'tell', 'feed.interval': '20ms', 'grant.tell': 'mail' },
  prepare: at => at.writePlugin('tell', `
    oms.on("order.placed", function(event, order)
      return oms.mail { to = "shop@example.org", template = "new", data = { number = order.order_number } }
    end)
  `, { capabilities: ['mail'] }),
})

const notifications = path.join(server.dataDir, 'notifications.log')
const told = number => fs.existsSync(notifications) && fs.readFileSync(notifications, 'utf8').includes(`"${number}"`)

/** Cancels every commit that waits for the standby, until done() comes about. */
async function cancelUntil(done, what) {
  const seen = new Set()
  await until(async () => {
    for (const { pid, name, query } of await primary.waitingForStandby()) {
      seen.add(`${name}: ${query}`)
      await primary.sql('select pg_cancel_backend($1)', [pid])
    }
    return done(seen)
  }, { what })
}

/** The answer to a request whose commits are all cancelled while they wait. */
async function cancelled(method, url, body, headers) {
  let answer
  server.api(method, url, body, headers, { timeout: 60_000 }).then(a => { answer = a }, e => { answer = e })
  await cancelUntil(() => answer, 'an answer')
  return answer
}

test('with the standby streaming an order is placed and told of', async () => {
  const placed = await server.place()
  await until(() => told(placed.orderNumber), { what: 'the notification' })
})

test('a commit that is cancelled while it waits for the standby is an unknown outcome, which the key resolves', async () => {
  const headers = { 'idempotency-key': 'unsure-1' }
  const body = order({ orderNumber: 'UNSURE-1' })
  await standby.down()

  const first = await cancelled('POST', '/api/orders', body, headers)
  assertProblem(first, 503)
  assert.ok(Number(first.headers['retry-after']) >= 1)
  assert.equal((await primary.sql("select 1 from orders where order_number = 'UNSURE-1'")).length, 1,
    'the order is committed on the primary, and there alone')

  // The row and its key can be read, but the standby still lacks them.
  assertProblem(await cancelled('POST', '/api/orders', body, headers), 503)

  // Nor does anything leave: not by the feed's commit, not by the deliverer's witness.
  await cancelUntil(async seen => [...seen].some(text => /^orderd deliver: .*pg_logical_emit_message/.test(text)),
    'the deliverer asks whether it may')
  assert.equal((await primary.sql("select 1 from delivery where payload::text like '%UNSURE-1%'")).length, 1)
  assert.ok(!told('UNSURE-1'), 'told of an order that may be lost')

  // Drafts are written outside of the lanes, in transactions of one statement.
  assertProblem(await cancelled('POST', '/api/drafts', { items: [] }), 503)
  assert.ok(!told('UNSURE-1'), 'told of an order that may be lost')

  await standby.up()
  await standby.streams(primary)
  const again = await until(async () => {
    const answer = await server.post('/api/orders', body, headers)
    return answer.status === 201 && answer
  }, { what: 'the stored answer' })
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.body.orderNumber, 'UNSURE-1')
  assert.equal((await standby.sql("select 1 from orders where order_number = 'UNSURE-1'")).length, 1)
  await until(() => told('UNSURE-1'), { what: 'the notification' })
  await assertVerified(server)
})

test('while the standby is gone callers are answered in time, and no session is left to wait', async () => {
  const peer = server.peer({ 'database.statement_timeout': '1s', 'database.answer_grace': '300ms', 'feed.interval': '1m', 'jobs.enabled': 'no' })
  await peer.start()
  await standby.down()
  for (let i = 0; i < 6; i++) {
    const from = Date.now()
    assertProblem(await peer.post('/api/orders', order()), 503)
    assert.ok(Date.now() - from < 1_300 + 25_000, `${Date.now() - from} ms`)
  }
  // One for each lane that has not come back yet, the feeds' own, and the survivors of other tests: not one for each try.
  const left = (await primary.waitingForStandby()).filter(({ query }) => query === 'commit')
  assert.ok(left.length <= 4, JSON.stringify(left))

  // Sessions come about and can read, but /readyz is not taken in by one after the other.
  const proving = new Set()
  await until(async () => {
    const readyz = await peer.get('/readyz')
    assertProblem(readyz, 503)
    assert.match(readyz.text, /does not commit|did not answer|being connected/)
    for (const { pid, name, query } of await primary.waitingForStandby()) {
      if (name === 'orderd lane' && /pg_logical_emit_message/.test(query)) proving.add(pid)
    }
    return proving.size >= 5
  }, { what: 'sessions that prove that the database commits' })

  await standby.up()
  await standby.streams(primary)
  await until(async () => (await peer.get('/readyz')).status === 200, { what: 'ready by itself' })
  await until(async () => (await peer.post('/api/orders', order())).status === 201, { what: 'an order' })
  await peer.stop()
})

test('a stop does not wait for a standby that is gone', async () => {
  await standby.down()
  const asked = server.post('/api/orders', order()).catch(() => {})
  await until(async () => (await primary.waitingForStandby()).length, { what: 'a commit that waits' })
  server.signal('SIGTERM')
  await until(() => /stopping/.test(server.log), { what: 'the stop' })
  server.signal('SIGTERM')
  await server.stop()
  await asked
  await standby.up()
})
