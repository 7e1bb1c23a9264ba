// What was acknowledged is there, whoever is killed when; what was not can be sent again.
import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'

import { assertProblem, assertVerified, isAlive, order, Server, until, useServer, withServer } from './lib.mjs'
import { checkAcknowledged, Load } from '../fault/load.mjs'

const server = await useServer()

test('kill -9 of orderd under load loses nothing that was acknowledged, twice', async () => {
  for (let round = 0; round < 2; round++) {
    const load = new Load(server, { width: 16 }).start()
    await until(() => load.acknowledged.length >= 150, { what: 'acknowledged orders' })
    await server.kill()
    await load.stop()
    await server.start()
    await checkAcknowledged(server, load)
  }
  await assertVerified(server)
})

test('kill -9 of its PostgreSQL: 503 with Retry-After meanwhile, then it serves again by itself', async () => {
  const load = new Load(server, { width: 16 }).start()
  await until(() => load.acknowledged.length >= 150, { what: 'acknowledged orders' })
  process.kill(server.cluster().pid, 'SIGKILL')
  const count = load.acknowledged.length
  await until(() => load.acknowledged.length >= count + 50, { what: 'orders after the crash' })
  await load.stop()
  assert.ok(isAlive(server.pid))
  await until(async () => (await server.get('/readyz')).status === 200, { what: 'ready again' })
  for (const refused of load.refused) {
    assert.equal(refused.status, 503, refused.text)
    assert.ok(Number(refused.headers['retry-after']) >= 1)
  }
  await checkAcknowledged(server, load)
  await assertVerified(server)
})

test('a start after kill -9 adopts or recovers the cluster that is still there', async () => {
  const { uuid } = await server.place()
  const { pid } = server.cluster()
  await server.kill()
  await server.start()
  assert.equal((await server.client.order(uuid)).uuid, uuid)
  const now = server.cluster().pid
  assert.ok(now === pid || !isAlive(pid), 'two servers on one cluster')
})

test('a graceful stop answers what it has begun, stops the cluster, and the next start has it all', async () => {
  const pending = Array.from({ length: 40 }, () => server.post('/api/orders', order()).catch(error => ({ error })))
  await until(async () => (await server.sql('select 1 from orders limit 1')).length > 0, { what: 'a first order' })
  const { pid } = server.cluster()
  await server.stop()
  assert.ok(!isAlive(pid), 'PostgreSQL is left running')
  const answers = await Promise.all(pending)
  await server.start()
  for (const answer of answers.filter(a => a.status === 201)) {
    assert.equal((await server.client.order(answer.body.uuid)).uuid, answer.body.uuid)
  }
})

/** A request whose body never comes: a drain waits for it. */
async function hang(on) {
  const { hostname, port } = new URL(on.url)
  const socket = net.connect(Number(port), hostname)
  socket.on('error', () => {}).resume()
  const closed = new Promise(resolve => socket.once('close', resolve))
  await new Promise(resolve => socket.write(
    'POST /api/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n', resolve))
  const before = /^orderd_http_connections (\d+)$/m
  await until(async () => Number(before.exec((await on.get('/metrics')).text)?.[1]) >= 2, { what: 'the connection' })
  return { socket, closed }
}

async function ended(on) {
  let end
  on.exited.then(result => { end = result })
  await until(() => end, { what: 'the end of the process' })
  assert.equal(end.code, 0, `${end.signal}\n${on.log}`)
  on.child = undefined
  on.client.close()
}

test('a second signal: one of another kind changes nothing, the same drops connections; PostgreSQL stops either way', async () => {
  for (const [second, patient] of [['SIGTERM', true], ['SIGINT', false]]) {
    await withServer({}, async on => {
      const { pid } = on.cluster()
      const { socket, closed } = await hang(on)
      on.signal('SIGINT')
      await until(() => on.log.includes('info stopping'), { what: 'the drain' })
      on.signal(second)
      if (patient) socket.end('{}       ')
      await Promise.all([closed, ended(on)])
      assert.ok(!isAlive(pid), `PostgreSQL is left running after SIGINT and ${second}`)
    })
  }
})

test('a signal while it starts ends it quietly, with its PostgreSQL', async () => {
  const on = new Server()
  try {
    const starting = on.start().catch(error => error)
    await until(() => on.cluster(), { what: 'the cluster' })
    const { pid } = on.cluster()
    on.signal('SIGTERM')
    on.client = { close() {} }
    await Promise.all([starting, ended(on)])
    assert.match(on.log, /stopped while starting|stopping/)
    assert.doesNotMatch(on.log, /did not come up/)
    assert.ok(!isAlive(pid), 'PostgreSQL is left running')
  } finally {
    on.disposeNow()
  }
})

test('with the database down at a URL it answers 503, stays alive and comes back', async () => {
  await withServer({}, async store => {
    const options = { 'database.url': store.databaseUrl() }
    await withServer({ options }, async front => {
      await front.place()
      await store.stop()
      await until(async () => (await front.get('/readyz')).status === 503, { what: 'not ready' })
      const down = await front.post('/api/orders', order())
      assertProblem(down, 503)
      assert.ok(Number(down.headers['retry-after']) >= 1)
      assertProblem(await front.get('/api/orders'), 503)
      assert.equal((await front.get('/healthz')).status, 200)
      await store.start()
      await until(async () => (await front.get('/readyz')).status === 200, { what: 'ready again' })
      await front.place()
    })
  })
})

test('two daemons on one database see each other’s orders', async () => {
  await withServer({ options: { 'database.url': server.databaseUrl() } }, async other => {
    const { uuid } = await server.place()
    assert.equal((await other.client.order(uuid)).uuid, uuid)
    assert.equal((await other.post(`/api/orders/${uuid}/cancel`)).status, 200)
    assertProblem(await server.post(`/api/orders/${uuid}/cancel`), 409, { code: 'already_canceled' })
  })
})
