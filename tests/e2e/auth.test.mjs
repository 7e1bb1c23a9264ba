// Bearer keys and roles; an open door only where nobody else can knock.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, childrenOf, Client, order, Server, until, useServer } from './lib.mjs'

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
  const [refused] = (await reader.api('POST', '/api/batch', lines, ndjson)).text.trim().split('\n').map(line => JSON.parse(line))
  assert.equal(refused.status, 403)
  assert.match(JSON.stringify(refused), /orders\.place/)
  const asked = (await reader.post('/graphql', { query: 'mutation { cancelOrder(order: "1", reason: "r") { userErrors { code message } } }' })).body
  assert.deepEqual(asked.data?.cancelOrder.userErrors.map(e => e.code), ['forbidden'], JSON.stringify(asked))
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

test('a role gives back at most what its limit says, whichever way it asks', async () => {
  const [owner, support] = [await clientFor('refunder', 'owner'), await clientFor('helper', 'support')]
  const { uuid } = await owner.place(order({ items: [{ sku: 'A', qty: 1, price: 900 }] }))
  assert.equal((await owner.post(`/api/orders/${uuid}/payments`, { type: 'capture', amount: 900, method: 'card', transactionId: 'limit-1' })).status, 201)
  const refunds = `/api/orders/${uuid}/refunds`
  assert.match(assertProblem(await support.post(refunds, { amount: '500.01' }), 409, { code: 'refund_limit' }).detail, /500/)
  assertProblem(await support.post(refunds, {}), 409, { code: 'refund_limit' }) // all that is left
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const line = `${JSON.stringify({ command: 'refund', order: uuid, amount: 600 })}\n`
  assert.match((await support.api('POST', '/api/batch', line, ndjson)).text, /refund_limit|forbidden/)
  const query = `mutation { refundOrder(order: "${uuid}", input: { amount: 600 }) { userErrors { code } } }`
  assert.deepEqual((await support.post('/graphql', { query })).body.data?.refundOrder.userErrors, [{ code: 'refund_limit' }])
  assert.equal((await owner.get(`/api/orders/${uuid}`)).body.amountRefunded, 0)
  assert.equal((await support.post(refunds, { amount: 500 })).status, 201)
  assert.equal((await owner.post(refunds, {})).status, 201, 'an owner has none')
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

/** Whether a key works, told without asking the database: 422, as orders have no such member, else 401 or 503. */
const tried = client => client.post('/api/orders', { nonsense: true })

/** What `work` comes to while every process of the private cluster is frozen. */
async function frozen(on, work) {
  const { pid } = on.cluster()
  process.kill(pid, 'SIGSTOP') // first, so that it makes no more of them
  const children = childrenOf(pid)
  for (const child of children) process.kill(child, 'SIGSTOP')
  try {
    return await work()
  } finally {
    for (const each of [...children, pid]) process.kill(each, 'SIGCONT')
  }
}

/** A key whose revocation is committed: not taken any more after 2 s (503 on a machine that is too busy), then 401. */
async function assertRefused(client) {
  await until(async () => (await tried(client)).status !== 422, { what: 'the key being refused', timeout: 2000 })
  await until(async () => (await tried(client)).status === 401, { what: 'the reason being told' })
}

test('a revoked key is refused at once, also while lists and writes wait', async () => {
  const { stderr } = await server.run(['key', 'revoke'], ['nobody'])
  assert.match(stderr, /no working key named nobody/)
  const [leaver, boss] = [await clientFor('leaver', 'staff'), await clientFor('boss-2', 'admin')]
  assertProblem(await tried(leaver), 422)
  const { uuid } = await boss.place()
  await server.withLock('orders', async () => {
    const waiting = [boss.get('/api/orders'), boss.get('/api/orders?q=x'), leaver.get('/api/orders'), boss.place()]
    await until(async () => (await server.sql('select 1 from pg_locks where not granted')).length > 0, { what: 'a list waiting' })
    const { code, stdout } = await server.run(['key', 'revoke'], ['leaver'])
    assert.equal(code, 0)
    assert.match(stdout, /revoked leaver; running servers refuse it at once, and after 2 s at the latest/)
    await assertRefused(leaver)
    assertProblem(await tried(boss), 422)
    // It stays so, whatever comes back late.
    for (let i = 0; i < 20; i++) assert.equal((await tried(leaver)).status, 401)
    Promise.allSettled(waiting)
  }, 'access exclusive')
  assert.equal((await boss.get(`/api/orders/${uuid}`)).status, 200)
  leaver.close()
  boss.close()
})

test('keys that were revoked behind orderd’s back are refused as well', async () => {
  const client = await clientFor('quiet', 'staff')
  await server.sql("update api_key set revoked_at = now() where name = 'quiet'")
  await assertRefused(client)
  client.close()
})

test('while the database does not answer no key is taken on trust: 503 with the reason', async () => {
  const client = await clientFor('patient', 'staff')
  assertProblem(await tried(client), 422)
  await frozen(server, async () => {
    const refused = await until(async () => {
      const answer = await tried(client)
      return answer.status !== 422 && answer
    }, { what: 'what is known being too old', timeout: 10_000 })
    assertProblem(refused, 503, { code: 'keys_unknown', detail: /database has not answered for [2-9] s/ })
    assert.equal(refused.headers['retry-after'], '1')
    assertProblem(await server.post('/api/orders', {}), 401, { code: 'unauthenticated' })
    assertProblem(await new Client(server.url, { key: 'od_wrong' }).post('/api/orders', {}), 503)
    const age = /^orderd_keys_age_seconds ([\d.]+)$/m.exec((await server.get('/metrics')).text)
    assert.ok(Number(age[1]) > 2)
    await until(() => /keys_unknown/.test(server.log), { what: 'the log saying so' })
  })
  await until(async () => (await tried(client)).status === 422, { what: 'the key working again', timeout: 30_000 })
  await until(() => /keys_known/.test(server.log), { what: 'the log saying that it is over' })
  client.close()
})

test('a connection for keys that never answers again is replaced', async () => {
  const client = await clientFor('stubborn', 'staff')
  const backend = "select pid from pg_stat_activity where query like '%s.token_hash, s.session_id%' and pid <> pg_backend_pid()"
  const [{ pid }] = await server.sql(backend)
  process.kill(pid, 'SIGSTOP')
  try {
    await until(async () => (await tried(client)).status === 503, { what: 'what is known being too old' })
    await until(async () => (await tried(client)).status === 422, { what: 'another connection', timeout: 30_000 })
    assert.match(server.log, /database_lost reason="the database did not answer within 3000 ms"/)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  client.close()
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
