// Bearer keys and roles; an open door only where nobody else can knock.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, Client, order, Server, until, useServer } from './lib.mjs'

const server = await useServer({ options: { 'auth.mode': 'keys' } })

async function keyFor(name, role) {
  const { code, stdout, stderr } = await server.run(['key', 'add'], [name, '--role', role])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /Running servers know it within \d+ s/)
  return stdout.trim().split(/\s+/).at(-1)
}

// A new key may take a moment until the running server knows it.
async function clientFor(name, role) {
  const client = new Client(server.url, { key: await keyFor(name, role) })
  await until(async () => (await client.get('/api/orders')).status !== 401, { what: `the key of ${name}` })
  return client
}

test('without a key, with a wrong one or by another scheme it is 401', async () => {
  await until(async () => (await server.get('/api/orders')).status !== 503, { what: 'keys being loaded' })
  for (const authorization of [undefined, 'Bearer', 'Bearer nonsense', 'Basic YTpi', `Bearer ${'x'.repeat(500)}`]) {
    const answer = await server.get('/api/orders', authorization ? { authorization } : {})
    assertProblem(answer, 401)
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer/)
  }
  assertProblem(await server.post('/api/orders', order()), 401)
  assertProblem(await server.post('/admin/reload'), 401)
  assert.equal((await server.get('/healthz')).status, 200, 'liveness needs no key')
})

test('an administrator may do all; a reader may only read; events name who it was', async () => {
  const admin = await clientFor('boss', 'admin')
  const reader = await clientFor('viewer', 'reader')
  const { uuid } = await admin.place()
  assert.equal((await admin.events(uuid))[0].actor, 'boss')
  assert.equal((await reader.get(`/api/orders/${uuid}`)).status, 200)
  assertProblem(await reader.post('/api/orders', order()), 403)
  assertProblem(await reader.post(`/api/orders/${uuid}/cancel`), 403)
  assertProblem(await reader.get(`/api/orders/${uuid}/invoice`), 403)
  assertProblem(await reader.api('PUT', '/api/inventory/A', { qty: 1 }), 403)
  assertProblem(await reader.post('/admin/reload'), 403)
  assert.equal((await admin.post('/admin/reload')).status, 200)
  admin.close()
  reader.close()
})

test('staff works on orders but does not administer', async () => {
  const staff = await clientFor('till', 'staff')
  const { uuid } = await staff.place()
  assert.equal((await staff.post(`/api/orders/${uuid}/cancel`)).status, 200)
  assertProblem(await staff.post('/admin/reload'), 403)
  staff.close()
})

test('what a key may do by itself it may do, or not, in a batch and to drafts', async () => {
  const [staff, reader] = [await clientFor('bulk', 'staff'), await clientFor('auditor', 'reader')]
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const lines = `${JSON.stringify({ command: 'place', ...order() })}\n`
  assertProblem(await reader.api('POST', '/api/batch', lines, ndjson), 403)
  assertProblem(await server.api('POST', '/api/batch', lines, ndjson), 401)
  assertProblem(await reader.post('/api/drafts', order()), 403)
  const { uuid } = (await staff.post('/api/drafts', order())).body
  assert.equal((await reader.get(`/api/drafts/${uuid}`)).status, 200)
  assertProblem(await reader.api('PUT', `/api/drafts/${uuid}`, {}), 403)
  assertProblem(await reader.api('DELETE', `/api/drafts/${uuid}`), 403)
  assertProblem(await reader.post(`/api/drafts/${uuid}/place`), 403)
  assertProblem(await server.get('/api/orders.csv'), 401)
  assert.equal((await reader.get('/api/orders.csv?limit=1')).status, 200)
  const large = `${' '.repeat(2 << 20)}${lines}`
  for (const client of [server, reader]) assertProblem(await client.api('POST', '/api/batch', large, ndjson), 413)
  assert.equal(JSON.parse((await staff.api('POST', '/api/batch', large, ndjson)).text).status, 201)
  staff.close()
  reader.close()
})

test('one principal’s idempotency key is not another’s', async () => {
  const [one, two] = [await clientFor('shop-1', 'staff'), await clientFor('shop-2', 'staff')]
  const key = { 'idempotency-key': 'cart-1' }
  const a = await one.place({}, key)
  const b = await two.place({}, key)
  assert.notEqual(a.uuid, b.uuid)
  one.close()
  two.close()
})

test('the key itself is nowhere in the database', async () => {
  const key = await keyFor('secret', 'staff')
  const rows = await server.sql('select * from api_key')
  assert.ok(!JSON.stringify(rows).includes(key))
})

test('an unknown role is refused', async () => {
  const { code, stderr, stdout } = await server.run(['key', 'add'], ['x', '--role', 'emperor'])
  assert.notEqual(code, 0)
  assert.match(stderr + stdout, /role/)
})

test('open mode on any address but loopback does not start', async () => {
  const open = new Server({ options: { 'server.listen': '0.0.0.0:0', 'auth.mode': 'open' } })
  try {
    await assert.rejects(open.start(), /\[auth\] mode = keys/)
  } finally {
    open.disposeNow()
  }
})
