// A database that says nothing: everybody is answered in time, and the process can be stopped.
import assert from 'node:assert/strict'
import net from 'node:net'
import { after, test } from 'node:test'

import { Cluster } from './clusters.mjs'
import { assertProblem, assertVerified, order, Server, until } from './lib.mjs'

const cluster = await Cluster.start('frozen')
after(() => cluster.disposeNow())

const options = {
  'database.url': cluster.url(), 'database.statement_timeout': '1s', 'database.lock_timeout': '500ms',
  'database.answer_grace': '500ms', 'database.connect_timeout': '500ms', 'database.watch': '500ms',
  'server.half_timeout': '500ms', 'server.drain_timeout': '1s', 'feed.interval': '20ms',
}
const ANSWER_MS = 1_500
// What a machine under load adds to that, until the caller has its answer.
const SLACK_MS = 25_000

async function withFrozen(work) {
  cluster.signal('SIGSTOP')
  try {
    return await work()
  } finally {
    cluster.signal('SIGCONT')
  }
}

async function started(use, more = {}, prepare = () => {}) {
  const server = new Server({ options: { ...options, ...more } })
  try {
    prepare(server)
    await server.start()
    await use(server)
  } finally {
    cluster.signal('SIGCONT')
    server.disposeNow()
  }
}

/** Waits for the end of the process; a timer of its own keeps the test alive meanwhile. */
async function ended(server) {
  let end
  server.exited.then(result => { end = result })
  await until(() => end, { what: 'the end of the process' })
  assert.equal(end.signal, null)
}

const ready = server => until(async () => (await server.get('/readyz')).status === 200, { what: 'ready again' })
const metric = async (server, name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await server.get('/metrics')).text)[1])

test('while the database is frozen every caller has an answer in time, and it comes back by itself', () => started(async server => {
  const { uuid } = await server.place()
  await withFrozen(async () => {
    const from = Date.now()
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, () => server.post('/api/orders', order(), {})),
      ...Array.from({ length: 5 }, () => server.get(`/api/orders/${uuid}`)),
      server.get('/api/orders'), server.post('/api/drafts', { items: [] }),
      server.post(`/api/orders/${uuid}/activities`, { comment: 'hello' }),
    ])
    const took = Date.now() - from
    for (const answer of answers) {
      assertProblem(answer, 503)
      assert.ok(Number(answer.headers['retry-after']) >= 1)
    }
    assert.ok(took < ANSWER_MS + SLACK_MS, `${took} ms`)
    const readyz = await until(async () => {
      const answer = await server.get('/readyz')
      return answer.status === 503 && answer
    }, { what: 'readyz to tell' })
    assert.match(readyz.text, /did not answer/)
    // Whoever comes later is told at once.
    const late = Date.now()
    assertProblem(await server.post('/api/orders', order()), 503)
    assert.ok(Date.now() - late < SLACK_MS)
  })
  assert.equal(server.log.match(/database_lost reason="database: the database did not answer within|database_lost reason="the database did not answer within/g)?.length, 1, server.log)
  await ready(server)
  await server.place()
  // The sessions that were given up are gone, and with them their locks.
  await until(async () => (await cluster.sql(
    "select count(*)::int as n from pg_stat_activity where application_name like 'orderd%'"))[0].n <= 10, { what: 'the old sessions to end' })
  await assertVerified(server)
  await server.stop()
}))

test('callers who leave are let go, and their queued commands are dropped', () => started(async server => {
  await server.place()
  const { hostname, port } = new URL(server.url)
  const body = JSON.stringify(order({ items: [{ sku: 'LEFT', qty: 1, price: 1 }] }))
  await withFrozen(async () => {
    const sent = Array.from({ length: 8 }, () => server.post('/api/orders', order()))
    // All of them have come, and both lanes have begun a batch.
    await until(async () => (await metric(server, 'orderd_http_requests')) === 9)
    await server.get('/healthz')
    const queued = await metric(server, 'orderd_queue_depth')
    const sockets = Array.from({ length: 60 }, () => {
      const socket = net.connect(Number(port), hostname).on('error', () => {})
      socket.write(`POST /api/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      return socket
    })
    await until(async () => (await metric(server, 'orderd_queue_depth')) === queued + 60, { what: 'the queue' })
    sockets.forEach((socket, i) => (i % 2 ? socket.resetAndDestroy() : socket.destroy()))
    await until(async () => (await metric(server, 'orderd_commands_withdrawn_total')) === 60, { what: 'their commands to be dropped' })
    assert.equal(await metric(server, 'orderd_queue_depth'), queued)
    await until(async () => (await metric(server, 'orderd_http_connections')) <= 10, { what: 'their connections to be closed' })
    cluster.signal('SIGCONT')
    for (const { status, text } of await Promise.all(sent)) assert.equal(status, 201, text)
  })
  await server.place()
  assert.deepEqual(await cluster.sql("select 1 from order_item where sku = 'LEFT'"), [])
  await server.stop()
}, { 'database.statement_timeout': '60s' }))

test('lines of a batch whose caller leaves are dropped, those behind others of their order too', () => started(async server => {
  const { uuid, orderNumber } = await server.place()
  const { hostname, port } = new URL(server.url)
  const lines = [
    ...Array.from({ length: 100 }, () => ({ command: 'place', ...order({ items: [{ sku: 'LEFT', qty: 1, price: 1 }] }) })),
    ...Array.from({ length: 50 }, () => ({ command: 'activities', order: orderNumber, comment: 'left' })),
  ]
  const body = lines.map(line => JSON.stringify(line)).join('\n')
  await withFrozen(async () => {
    // Both lanes have begun a batch, so that lines wait in queues.
    const sent = Array.from({ length: 8 }, () => server.post('/api/orders', order()))
    await until(async () => (await metric(server, 'orderd_http_requests')) === 9)
    await server.get('/healthz')
    const queued = await metric(server, 'orderd_queue_depth')
    const socket = net.connect(Number(port), hostname).on('error', () => {})
    socket.write('POST /api/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    // The first of those on the order has been looked up, the others wait for it.
    await until(async () => (await metric(server, 'orderd_queue_depth')) >= queued + 100, { what: 'the queue' })
    socket.resetAndDestroy()
    await until(async () => (await metric(server, 'orderd_commands_withdrawn_total')) === 100, { what: 'the lines to be dropped' })
    await until(async () => (await metric(server, 'orderd_http_connections')) <= 10, { what: 'the connection to be closed' })
    cluster.signal('SIGCONT')
    for (const { status, text } of await Promise.all(sent)) assert.equal(status, 201, text)
  })
  await until(async () => (await metric(server, 'orderd_commands_withdrawn_total')) === 101, { what: 'the one that was looked up' })
  await server.place()
  assert.deepEqual(await cluster.sql("select 1 from order_item where sku = 'LEFT'"), [])
  assert.equal((await server.client.order(uuid)).version, 1)
  await server.stop()
}, { 'database.statement_timeout': '60s' }))

test('a process that is frozen inside of a transaction holds up neither its orders nor the feed of another', () => started(async server => {
  const { uuid, orderId } = await server.place()
  const peer = server.peer()
  await peer.start()
  const idle = () => cluster.sql("select 1 from pg_stat_activity where application_name = 'orderd lane' and state = 'idle in transaction'")
  let comment
  await cluster.withOrder(orderId, async () => {
    comment = server.post(`/api/orders/${uuid}/activities`, { comment: 'of the frozen one' }, { 'idempotency-key': 'frozen' })
    await until(async () => (await cluster.sql("select 1 from pg_locks where not granted")).length, { what: 'a batch that waits' })
    server.signal('SIGSTOP')
  })
  await until(async () => (await idle()).length, { what: 'the batch to have what it waited for' })

  const placed = await peer.place()
  const limit = { timeout: 30_000 } // ten times what its sessions may stand idle
  await until(async () => (await peer.post(`/api/orders/${uuid}/activities`, { comment: 'of the other' })).status === 201,
    { what: 'a command on the same order', ...limit })
  await until(async () => (await cluster.sql("select 1 from delivery where order_id = $1 and state = 'delivered'", [placed.orderId])).length,
    { what: 'the notification', ...limit })
  server.signal('SIGCONT')
  assertProblem(await comment, 503)
  await ready(server)
  assert.equal((await server.post(`/api/orders/${uuid}/activities`, { comment: 'of the frozen one' }, { 'idempotency-key': 'frozen' })).status, 201)
  await assertVerified(server)
  await peer.stop()
  await server.stop()
}, { 'database.statement_timeout': '2500ms', 'database.lock_timeout': '2s', 'plugins.load': 'tell', 'grant.tell': 'mail' },
server => server.writePlugin('tell', `
  oms.on("order.placed", function(event, order)
    return oms.mail { to = "shop@example.org", template = "new", data = {} }
  end)
`, { capabilities: ['mail'] })))

test('a stop while the database is frozen ends with the drain limit', () => started(server => withFrozen(async () => {
  const pending = server.post('/api/orders', order()).catch(() => {})
  await until(async () => (await metric(server, 'orderd_http_connections')) >= 1)
  const from = Date.now()
  server.signal('SIGTERM')
  await ended(server)
  assert.ok(Date.now() - from < 1_000 + 5_000 + SLACK_MS, `${Date.now() - from} ms`)
  await pending
})))

test('a second SIGTERM while the database is frozen ends it at once', async () => {
  const server = new Server({ options: { ...options, 'server.drain_timeout': '10m', 'database.statement_timeout': '10m' } })
  try {
    await server.start()
    await withFrozen(async () => {
      const pending = server.post('/api/orders', order()).catch(() => {})
      await until(async () => (await metric(server, 'orderd_queue_depth')) + 1 >= 1)
      server.signal('SIGTERM')
      await until(() => /stopping/.test(server.log), { what: 'the stop' })
      const from = Date.now()
      server.signal('SIGTERM')
      await ended(server)
      assert.ok(Date.now() - from < 5_000 + SLACK_MS, `${Date.now() - from} ms`)
      await pending
    })
  } finally {
    server.disposeNow()
  }
})
