// Sessions: what the cookie is, who may use it, how it ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, Client, order, until, useServer } from './lib.mjs'
import { addUser, Person, setUp } from './people.mjs'

const PASSWORD = 'correct horse battery'
const server = await useServer({
  options: { 'auth.mode': 'keys', 'auth.password_memory': '1m', 'auth.session_idle': '5m' },
})
const owner = await setUp(server)
await addUser(server, owner, 'ann@shop.example', 'staff')

async function person() {
  const someone = new Person(server.url)
  someone.session = (await someone.login('ann@shop.example', PASSWORD)).sessionId
  return someone
}

test('the cookie is kept from scripts and other sites, and goes over TLS alone but on loopback', async () => {
  const login = headers => server.post('/auth/login', { email: 'ann@shop.example', password: PASSWORD }, headers)
  const [session, device] = (await login()).headers['set-cookie']
  assert.match(session, /^orderd_session=[0-9a-f]{64}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/)
  assert.match(device, /^orderd_device=\d+\.[0-9a-f]{32}\.[0-9a-f]{64}; Path=\/auth; Max-Age=31536000; HttpOnly; SameSite=Lax$/)
  for (const cookie of (await login({ host: 'orders.shop.example' })).headers['set-cookie'])
    assert.match(cookie, /; Secure$/)
  const rows = JSON.stringify(await server.sql("select encode(token_hash, 'hex'), * from session"))
  assert.ok(!rows.includes(/=([0-9a-f]{64})/.exec(session)[1]), 'the cookie is nowhere in the database')
})

test('a change needs Origin or Sec-Fetch-Site, and those of this server', async () => {
  const { cookies } = await person()
  const bare = new Client(server.url)
  const cookie = `orderd_session=${cookies.get('orderd_session')}`
  const place = headers => bare.post('/api/orders', order(), { cookie, ...headers })
  assertProblem(await place(), 403, 'origin_missing')
  assertProblem(await place({ origin: 'https://evil.example' }), 403, 'foreign_origin')
  assertProblem(await place({ 'sec-fetch-site': 'cross-site' }), 403, 'foreign_origin')
  assertProblem(await place({ 'sec-fetch-site': 'same-site' }), 403, 'foreign_origin')
  assertProblem(await place({ 'sec-fetch-site': 'none' }), 403, 'origin_missing')
  assert.equal((await place({ origin: server.url })).status, 201)
  assert.equal((await place({ 'sec-fetch-site': 'same-origin' })).status, 201)
  assert.equal((await bare.get('/api/orders', { cookie })).status, 200, 'reading needs neither')
  bare.close()
})

test('what is no session is 401: a wrong one, two of them, one beside a wrong key', async () => {
  const { cookies } = await person()
  const good = cookies.get('orderd_session')
  const get = (cookie, headers = {}) => server.get('/api/orders', { cookie, ...headers })
  assert.equal((await get(`orderd_session=${good}`)).status, 200)
  for (const cookie of ['orderd_session=', `orderd_session=${'0'.repeat(64)}`, `orderd_session=${good}0`,
    `orderd_session=${good}; orderd_session=${'0'.repeat(64)}`, `ORDERD_SESSION=${good}`])
    assertProblem(await get(cookie), 401)
  assertProblem(await get(`orderd_session=${good}`, { authorization: 'Bearer od_wrong' }), 401, 'unknown_key')
})

test('logging out ends the session everywhere, and is no fault without one', async () => {
  const someone = await person()
  const token = someone.cookies.get('orderd_session')
  assert.equal((await someone.post('/auth/logout')).status, 204)
  assert.ok(!someone.cookies.has('orderd_session'))
  assertProblem(await server.get('/api/orders', { cookie: `orderd_session=${token}` }), 401)
  assert.equal((await someone.post('/auth/logout')).status, 204)
  someone.close()
})

test('one sees and ends one’s own sessions; an administrator those of all', async () => {
  const [one, two] = [await person(), await person()]
  const { items } = (await one.get('/api/sessions')).body
  assert.ok(items.every(({ email }) => email === 'ann@shop.example'))
  assert.equal(items.find(({ current }) => current).sessionId, one.session)
  assert.ok((await owner.get('/api/sessions?all=true')).body.items.some(({ sessionId }) => sessionId === one.session))
  assertProblem(await one.get('/api/sessions?all=true'), 403, 'forbidden')
  assertProblem(await server.get('/api/sessions'), 401)

  const own = (await owner.get('/api/sessions')).body.items[0].sessionId
  assertProblem(await one.api('DELETE', `/api/sessions/${own}?all=true`), 403, 'forbidden')
  assertProblem(await one.api('DELETE', `/api/sessions/${own}`), 404, 'session_not_found')
  assertProblem(await one.api('DELETE', '/api/sessions/x'), 404, 'session_not_found')
  assert.equal((await one.api('DELETE', `/api/sessions/${two.session}`)).status, 204)
  assertProblem(await two.get('/api/orders'), 401)
  assert.equal((await owner.api('DELETE', `/api/sessions/${one.session}?all=true`)).status, 204)
  assertProblem(await one.get('/api/orders'), 401)
  one.close()
  two.close()
})

test('another process knows a session, and its end, at once', async () => {
  const peer = await server.peer().start()
  const someone = await person()
  const cookie = `orderd_session=${someone.cookies.get('orderd_session')}`
  await until(async () => (await peer.get('/api/orders', { cookie })).status === 200, { what: 'the peer knowing the session' })
  await someone.post('/auth/logout')
  await until(async () => (await peer.get('/api/orders', { cookie })).status === 401, { what: 'the peer knowing its end', timeout: 2000 })
  await peer.stop()
  someone.close()
})

test('a session ends when it is idle for too long, and when its time is up', async () => {
  const [idle, old] = [await person(), await person()]
  await server.sql(`update session set last_seen_at = now() - interval '5 minutes 1 second' where session_id = ${idle.session}`)
  await server.sql(`update session set expires_at = now() where session_id = ${old.session}`)
  for (const each of [idle, old])
    await until(async () => (await each.get('/api/orders')).status === 401, { what: 'the end of the session' })
  assert.ok(!(await owner.get('/api/sessions?all=true')).body.items.some(({ sessionId }) => [idle.session, old.session].includes(sessionId)))
})

test('when it was seen last is written once a minute, and keeps it alive', async () => {
  const someone = await person()
  const seen = async () => (await server.sql(`select last_seen_at > now() - interval '1 minute' as lately from session where session_id = ${someone.session}`))
  await server.sql(`update session set last_seen_at = now() - interval '4 minutes' where session_id = ${someone.session}`)
  await until(async () => {
    await someone.get('/api/orders')
    return JSON.stringify(await seen()).includes('t')
  }, { what: 'its use being written' })
  someone.close()
})

test('beyond twenty sessions of a user the one that was used least recently ends', async () => {
  const people = []
  for (let i = 0; i < 21; i++) people.push(await person())
  assertProblem(await people[0].get('/api/orders'), 401)
  assert.equal((await people[1].get('/api/orders')).status, 200)
  assert.equal((await people[20].get('/api/sessions')).body.items.length, 20)
  people.forEach(each => each.close())
})
