// Lists are answered from a projection that commands do not write. It is never seen behind by the one who
// wrote, whichever process is asked; it survives kill -9, an open transaction and a rebuild under load.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'

import { assertProblem, assertVerified, order, until, useServer, withServer } from './lib.mjs'

const server = await useServer()
const peer = server.peer()
await peer.start()
after(() => peer.stop())

const tagged = () => `t-${randomUUID()}`
const idsOf = answer => {
  assert.equal(answer.status, 200, answer.text)
  return answer.body.items.map(o => o.orderId)
}
const position = answer => {
  assert.match(answer.headers['orderd-position'] ?? '', /^\d+-\d+/, answer.text)
  return answer.headers['orderd-position']
}
const atLeast = answer => ({ 'orderd-at-least': position(answer) })

test('a process lists what it has just written, and another one what it is told of', async () => {
  for (let i = 0; i < 25; i++) {
    const tag = tagged()
    const [writer, reader] = i % 2 ? [server, peer] : [peer, server]
    const placed = await writer.post('/api/orders', order({ tags: [tag] }))
    assert.equal(placed.status, 201, placed.text)
    const { orderId, uuid } = placed.body
    assert.deepEqual(idsOf(await writer.get(`/api/orders?tag=${tag}`)), [orderId])
    assert.deepEqual(idsOf(await reader.get(`/api/orders?tag=${tag}`, atLeast(placed))), [orderId])
    const held = await writer.post(`/api/orders/${uuid}/holds`, { handle: 'look' })
    assert.equal(held.status, 201, held.text)
    assert.deepEqual(idsOf(await reader.get(`/api/orders?tag=${tag}&hold=look`, atLeast(held))), [orderId])
    assert.deepEqual(idsOf(await reader.get(`/api/orders?tag=${tag}&hold.exists=false`)), [])
  }
})

test('GraphQL, the export and batches keep the same promise', async () => {
  const tag = tagged()
  const lines = [1, 2, 3].map(() => JSON.stringify({ command: 'place', ...order({ tags: [tag] }) })).join('\n')
  const batch = await server.api('POST', '/api/batch', lines, { 'content-type': 'application/x-ndjson' })
  assert.equal(batch.status, 200, batch.text)
  assert.equal(position(batch).split(',').length, 3)
  const query = `{ orders(filters: [{key: "tag", value: "${tag}"}]) { total items { orderNumber } } }`
  const asked = await peer.post('/graphql', { query }, atLeast(batch))
  assert.equal(asked.body.data?.orders.total, 3, asked.text)
  const csv = await peer.get(`/api/orders.csv?tag=${tag}`, atLeast(batch))
  assert.equal(csv.text.trim().split('\n').length, 4, csv.text)
})

test('a position that never comes is 503 within seconds, and what is none is 400', async () => {
  const { orderId } = await server.place()
  const far = await server.get('/api/orders', { 'orderd-at-least': `${orderId}-1000` })
  assertProblem(far, 503)
  assert.equal(far.headers['retry-after'], '1')
  assertProblem(await server.get('/api/orders', { 'orderd-at-least': 'yesterday' }), 400)
})

test('a dry run, a refusal and stock carry no position', async () => {
  const dry = await server.post('/api/orders?dryRun=true', order())
  assert.equal(dry.status, 200, dry.text)
  assert.equal(dry.headers['orderd-position'], undefined)
  const { uuid } = await server.place()
  await server.post(`/api/orders/${uuid}/cancel`, { reason: 'x' })
  const refused = await server.post(`/api/orders/${uuid}/cancel`, { reason: 'x' })
  assert.ok(refused.status >= 400)
  assert.equal(refused.headers['orderd-position'], undefined)
})

test('count, fields and country', async () => {
  const tag = tagged()
  const address = country => ({ fullName: 'A', address1: 'B', city: 'C', country })
  for (const country of ['DE', 'FR', 'DE']) await server.place({ tags: [tag], shippingAddress: address(country) })
  const found = await server.get(`/api/orders?tag=${tag}&country=de&count=true&limit=1&fields=orderNumber,grandTotal`)
  assert.equal(found.status, 200, found.text)
  assert.deepEqual([found.body.total, found.body.items.length], [2, 1])
  assert.deepEqual(Object.keys(found.body.items[0]).sort(), ['grandTotal', 'orderNumber'])
  assert.equal(idsOf(await server.get(`/api/orders?tag=${tag}&country.neq=DE`)).length, 1)
  assertProblem(await server.get('/api/orders?count=maybe'), 422)
})

test('a transaction that is left open on the server holds no list up', async () => {
  await server.withDatabase(async db => {
    await db.query('begin; create table left_open (x int); select pg_current_xact_id()')
    const tag = tagged()
    const placed = await server.post('/api/orders', order({ tags: [tag] }))
    assert.equal(idsOf(await peer.get(`/api/orders?tag=${tag}`, atLeast(placed))).length, 1)
    // What nobody folded is found beyond the cursor, which cannot move.
    const left = await server.place({ tags: [tag] })
    assert.equal(idsOf(await server.get(`/api/orders?tag=${tag}`)).length, 2)
    await server.sql('delete from order_list where order_id = $1', [left.orderId])
    const unswept = async () => {
      const { stdout } = await server.run(['projection', 'list'])
      return Number(/^list +\d+ +\d+ +(\d+)/m.exec(stdout)?.[1])
    }
    await peer.restart() // it has looked ahead of nothing yet
    await until(async () => (await server.sql('select from order_list where order_id = $1', [left.orderId])).length,
      { what: 'the order that nobody folded' })
    assert.ok(await unswept() > 0)
    await db.query('rollback')
  })
  await assertVerified(server)
})

test('what a killed process left between commit and fold is caught up', async () => {
  const tag = tagged()
  // Nobody can fold, so the order is committed and not listed when its process is killed.
  let placed
  const victim = server.peer()
  await victim.start()
  await server.withLock('order_list', async () => {
    placed = await victim.post('/api/orders', order({ tags: [tag] }))
    assert.equal(placed.status, 201, placed.text)
    await victim.kill()
  })
  await until(async () => idsOf(await peer.get(`/api/orders?tag=${tag}`)).length === 1, { what: 'the sweep' })
  await assertVerified(server)
})

test('a rebuild runs beside writes and reads, and loses none of them', async () => {
  const tag = tagged()
  let going = true
  const placed = []
  const load = Promise.all([server, peer].map(async each => {
    while (going) {
      const answer = await each.post('/api/orders', order({ tags: [tag] }))
      assert.equal(answer.status, 201, answer.text)
      placed.push(answer.body.orderId)
      const listed = idsOf(await each.get(`/api/orders?tag=${tag}&limit=200`, atLeast(answer)))
      assert.ok(placed.length > 190 || listed.includes(answer.body.orderId))
    }
  }))
  const indexes = () => server.sql("select indexname, indexdef from pg_indexes where tablename ~ '^(order_list|list_class)' order by 1")
  const before = await indexes()
  for (let i = 0; i < 3; i++) {
    const { code, stdout, stderr } = await server.run(['projection', 'rebuild'], ['list'])
    assert.equal(code, 0, stdout + stderr)
  }
  going = false
  await load
  assert.deepEqual(await indexes(), before, 'migrations find them by their names')
  const { rows } = await server.withDatabase(db => db.query('select count(*) n from order_list_value where value = $1', [tag]))
  assert.equal(rows[0].n, placed.length)
  await assertVerified(server)
  const { code, stderr } = await server.run(['projection', 'rebuild'], ['nothing'])
  assert.equal(code, 1)
  assert.match(stderr, /no projection nothing/)
})

test('verify names an order whose rows in the projection are wrong; a rebuild heals it', async () => {
  const { orderId } = await server.place({ tags: ['x'] })
  await server.get('/api/orders?limit=1')
  for (const damage of ['update order_list set amount = amount + 1 where order_id = $1',
    'delete from order_list_value where order_id = $1 and kind = 5']) {
    await server.sql(damage, [orderId])
    const { code, stdout } = await server.run('verify')
    assert.equal(code, 1, stdout)
    assert.match(stdout, new RegExp(`order ${orderId}: projection list: `))
    assert.equal((await server.run(['projection', 'rebuild'], ['list'])).code, 0)
    await assertVerified(server)
  }
})

test('a database of before has its lists built at the first start', async () => {
  await withServer({}, async old => {
    const { orderId } = await old.place()
    await old.get('/api/orders')
    const { socketDir } = old.cluster()
    assert.ok(socketDir)
    await old.sql('truncate order_list, order_list_value, list_class')
    await old.sql('delete from projection')
    await old.restart()
    assert.deepEqual(idsOf(await old.get('/api/orders')), [orderId])
    await assertVerified(old)
  })
})

test('while the database cannot write folds no order is given up, and the log says so once', async () => {
  // 53100: the disk is full. It is the same for every order, so no order is to blame.
  await server.sql(`create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'no space left' using errcode = '53100'; end $$`)
  await server.sql('create trigger full_disk before insert on order_list execute function full_disk()')
  const told = () => server.log.match(/projection_failed/g)?.length ?? 0
  const before = told()
  const placed = []
  for (let i = 0; i < 5; i++) placed.push((await server.place()).orderNumber)
  await until(() => told() > before, { what: 'the line', timeout: 60_000 })
  assertProblem(await server.get('/api/orders'), 503) // after two seconds, and several tries
  await server.sql('drop trigger full_disk on order_list')
  const listed = await until(async () => {
    const { status, body } = await server.get('/api/orders?limit=5')
    return status === 200 && body.items.map(o => o.orderNumber)
  }, { what: 'the list', timeout: 60_000 })
  assert.deepEqual(listed, placed.reverse())
  assert.equal(told(), before + 1)
  assert.doesNotMatch(server.log, /projection_refused/)
  await server.sql('drop function full_disk')
})

