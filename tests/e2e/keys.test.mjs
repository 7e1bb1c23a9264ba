// API keys over HTTP and on the command line: shown once, limited in time, replaced without a gap.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, Client, until, useServer } from './lib.mjs'
import { setUp } from './people.mjs'

const server = await useServer({ options: { 'auth.mode': 'keys', 'auth.password_memory': '1m' } })
const owner = await setUp(server)

const make = async body => {
  const made = await owner.post('/api/keys', body)
  assert.equal(made.status, 201, made.text)
  return made.body
}
const tried = key => new Client(server.url, { key }).get('/api/orders')
const listed = async name => (await owner.get('/api/keys')).body.items.find(each => each.name === name)

test('a key works when it has been answered, and is shown once', async () => {
  const made = await make({ name: 'erp', role: 'reader', purpose: 'nightly export' })
  assert.match(made.key, /^od_[0-9a-f]{40}$/)
  assert.equal((await tried(made.key)).status, 200)
  const row = await listed('erp')
  assert.equal(row.key, undefined)
  assert.equal(row.prefix, made.key.slice(0, 9))
  assert.equal(row.purpose, 'nightly export')
  assert.ok(!(await owner.get('/api/keys')).text.includes(made.key))
  assertProblem(await owner.post('/api/keys', { name: 'erp', role: 'reader' }), 409, 'key_exists')
  assertProblem(await owner.post('/api/keys', { name: 'x', role: 'king' }), 422, 'invalid')
  assertProblem(await owner.post('/api/keys', { name: 'x', role: 'reader', expires: 'soon' }), 422, 'invalid')
  assertProblem(await owner.post('/api/keys', { name: 'x' }), 422, 'invalid')
  assertProblem(await owner.post('/api/keys', { name: 'x', role: 'reader', secret: 'mine' }), 422, 'invalid')
})

test('its last use is written', async () => {
  const { key } = await make({ name: 'used', role: 'reader' })
  assert.equal((await listed('used')).lastUsedAt, null)
  await tried(key)
  await until(async () => (await listed('used')).lastUsedAt, { what: 'its last use' })
})

test('after a rotation both work, each with its own last use, until the overlap ends', async () => {
  const first = await make({ name: 'shop', role: 'reader' })
  const rotated = await owner.post('/api/keys/shop/rotate', { overlap: '1h' })
  assert.equal(rotated.status, 200, rotated.text)
  for (const { key } of [first, rotated.body]) assert.equal((await tried(key)).status, 200)
  await until(async () => {
    const { lastUsedAt, previousUsedAt } = await listed('shop')
    return lastUsedAt && previousUsedAt
  }, { what: 'the last use of both' })
  const { key: third } = (await owner.post('/api/keys/shop/rotate', { overlap: '0s' })).body
  assert.equal((await tried(third)).status, 200)
  for (const { key } of [first, rotated.body]) assertProblem(await tried(key), 401, 'unknown_key')
  assertProblem(await owner.post('/api/keys/none/rotate'), 404, 'key_not_found')
})

test('a key ends by itself when its time is up', async () => {
  const { key } = await make({ name: 'short', role: 'reader', expires: '1h' })
  assert.equal((await tried(key)).status, 200)
  await server.sql("update api_key set expires_at = now() where name = 'short'")
  await until(async () => (await tried(key)).status === 401, { what: 'the end of the key' })
  const soon = await make({ name: 'soon', role: 'reader', expires: '1s' })
  await until(async () => (await tried(soon.key)).status === 401, { what: 'the end of the key' })
  assertProblem(await owner.post('/api/keys/soon/rotate'), 404, 'key_not_found')
})

test('a revoked key is refused by the time that is answered, and so is the one before it', async () => {
  const first = await make({ name: 'leaked', role: 'reader' })
  const { key } = (await owner.post('/api/keys/leaked/rotate', { overlap: '1h' })).body
  assert.equal((await owner.api('DELETE', '/api/keys/leaked')).status, 204)
  for (const each of [first.key, key]) assertProblem(await tried(each), 401, 'unknown_key')
  assert.ok((await listed('leaked')).revokedAt)
  assertProblem(await owner.api('DELETE', '/api/keys/leaked'), 404, 'key_not_found')
})

test('a key may do of its role what its scopes say', async () => {
  const { key } = await make({ name: 'narrow', role: 'admin', scopes: 'orders.* -orders.export,  inventory.view', stores: 'main, outlet' })
  const narrow = new Client(server.url, { key })
  assert.equal((await narrow.get('/api/orders')).status, 200)
  assert.equal((await narrow.get('/api/inventory/NONE')).status, 404)
  assertProblem(await narrow.get('/api/orders.csv'), 403, 'forbidden')
  assertProblem(await narrow.post('/admin/reload'), 403, 'forbidden')
  const { scopes, stores } = await listed('narrow')
  assert.deepEqual(scopes, ['orders.*', '-orders.export', 'inventory.view'])
  assert.deepEqual(stores, ['main', 'outlet'])
  assertProblem(await owner.post('/api/keys', { name: 'x', role: 'admin', scopes: 'orders.fly' }), 422, 'invalid')
  narrow.close()
  // What a later version wrote, and this one does not know, permits nothing.
  await server.sql("update api_key set scopes = '{orders.view,orders.teleport}' where name = 'narrow'")
  await until(async () => (await tried(key)).status === 403, { what: 'the unknown scope' })
})

test('the command line adds, lists, rotates and revokes keys', async () => {
  const run = (...args) => server.run(['key', args[0]], args.slice(1))
  const works = key => until(async () => (await tried(key)).status === 200, { what: 'the key working' })
  const added = await run('add', 'till', '--role', 'reader', '--expires', '90d', '--purpose', 'the till', '--scope', 'orders.view', '--store', 'a,b')
  assert.equal(added.code, 0, added.stderr)
  const first = added.stdout.trim()
  await works(first)
  const rotated = await run('rotate', 'till', '--overlap', '2h')
  assert.equal(rotated.code, 0, rotated.stderr)
  await works(rotated.stdout.trim())
  await works(first)
  const { stdout } = await run('list')
  assert.match(stdout, /^till +reader +od_[0-9a-f]{6} .*expires .*previous until .*scopes orders\.view  stores a,b  the till$/m)
  assert.ok(!stdout.includes(first))
  assert.match((await run('revoke', 'till')).stdout, /revoked till/)
  await until(async () => (await tried(first)).status === 401, { what: 'the end of the key' })
  assert.match((await run('rotate', 'till')).stderr, /no working key named till/)
  assert.equal((await run('add', 'z', '--role', 'reader', '--expires', 'x')).code, 2)
})
