// Two servers in one URL: a process is on one of them at a time, and never goes back to an old primary.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { Cluster } from './clusters.mjs'
import { assertVerified, order, pool, Server, until } from './lib.mjs'

const first = await Cluster.start('first')
const second = await Cluster.start('second', { of: first })
after(() => [second, first].forEach(cluster => cluster.disposeNow()))

const urlOf = (...clusters) =>
  `postgresql://orderd@${clusters.map(c => `127.0.0.1:${c.port}`).join(',')}/orderd`
const server = new Server({ options: { 'database.url': urlOf(first, second), 'database.watch': '200ms', 'database.lanes': '4' } })
after(() => server.dispose())
await server.start()

/** How many sessions of orderd a cluster has, by what they are for. */
const sessions = async cluster => (await cluster.sql(
  "select count(*)::int as n from pg_stat_activity where application_name like 'orderd%'"))[0].n

const count = async cluster => (await cluster.sql('select count(*)::int as n from orders'))[0].n

/** Places until one succeeds. */
const placed = on => until(async () => {
  const answer = await on.post('/api/orders', order()).catch(() => ({}))
  return answer.status === 201 && answer.body
}, { what: 'an order' })

test('the standby is not written to', async () => {
  await pool(20, 5, () => server.place())
  // But for a moment, by a connection that finds out that it is a standby.
  await until(async () => (await sessions(second)) === 0, { what: 'nobody on the standby' })
  assert.equal(await count(first), 20)
})

test('after a promotion with the old primary still there, all connections move together', async () => {
  await until(async () => (await count(second)) === 20, { what: 'the standby to have all' })
  await second.promote()
  await until(async () => (await sessions(second)) >= 7, { what: 'the connections to move' })
  const before = await count(first)
  await placed(server)
  const orders = await pool(40, 8, () => server.place())
  assert.equal(await count(first), before, 'written to the old primary')
  for (const { uuid } of orders) assert.equal((await server.client.order(uuid)).uuid, uuid)
  assert.match(server.log, /database_lost reason="the server was replaced/)
  assert.match(server.log, /database_server system=\d+ timeline=2/)
})

test('connections that are lost come back to the new primary alone', async () => {
  const before = await count(first)
  for (let round = 0; round < 5; round++) {
    await second.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'orderd%'")
    await placed(server)
  }
  assert.equal(await count(first), before)
})

test('a start does not go back to the old primary, whichever host comes first or answers', async () => {
  const before = await count(first)
  await server.stop()
  await server.start()
  await placed(server)
  assert.equal(await count(first), before)

  await server.stop()
  server.options['database.url'] = urlOf(first)
  await assert.rejects(server.start(), /old primary.*timeline 1.*timeline 2/s)
  server.options['database.url'] = urlOf(first, second)
  await server.start()
})

test('of two processes the one that has not seen the new primary hears of it', async () => {
  // It knows the old primary alone, and shares the data directory, not the URL.
  const data = path.join(server.dir, 'other')
  fs.mkdirSync(data)
  const peer = server.peer({ 'database.url': urlOf(first), 'database.data_dir': data })
  await peer.start()
  const before = await count(first)
  fs.copyFileSync(path.join(server.dataDir, 'server'), path.join(data, 'server'))
  await until(async () => (await peer.get('/readyz')).status === 503, { what: 'the peer to stop writing' })
  const refused = await peer.post('/api/orders', order())
  assert.equal(refused.status, 503, refused.text)
  assert.equal(await count(first), before)
  assert.match((await peer.get('/readyz')).text, /old primary|was replaced/)
  await peer.stop()
})

test('the books are whole', () => assertVerified(server))
