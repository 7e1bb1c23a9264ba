// People: the first by a link, more by the first; passwords, second factors, and those who guess.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, Client, order, until, useServer, withServer } from './lib.mjs'
import { addUser, Person, setUp, tokenOf, totp } from './people.mjs'

const PASSWORD = 'correct horse battery'
// Cheap hashes: what is tested here is not their cost.
const options = { 'auth.mode': 'keys', 'auth.password_memory': '1m', 'auth.password_passes': '1', 'auth.password_queue': '2000' }
const server = await useServer({
  options,
  config: text => `${text}\n[role.personnel]\npermissions = users.*, keys.*\n`,
})
const setup = /\/auth\/setup\?token=(\w+)/.exec(server.out)?.[1]
const owner = await setUp(server)

test('the first user is made once, by the link that the server printed', async () => {
  assert.ok(setup)
  const again = { token: setup, email: 'second@shop.example', password: PASSWORD }
  assertProblem(await server.post('/auth/setup', again), 410, 'link_expired')
  assertProblem(await server.post('/auth/setup', { ...again, token: 'f'.repeat(64) }), 410, 'link_expired')
  const { items } = (await owner.get('/api/users')).body
  assert.equal(items.length, 1)
  assert.equal(items[0].role, 'owner')
  assert.ok(items[0].lastLoginAt)
  assert.ok(!JSON.stringify(await server.sql('select * from app_user')).includes(PASSWORD))
  const page = await server.get('/auth/setup?token=x')
  assert.match(page.headers['content-security-policy'], /default-src 'none'/)
  assert.equal(page.headers['referrer-policy'], 'no-referrer')
  assert.ok(!page.text.includes('token=x'), 'the page says nothing of the token')
})

test('a server that has users prints no link', async () => {
  await server.restart()
  owner.url = server.url
  assert.ok(!server.out.includes('/auth/setup'))
})

test('a user does what his role may, and events name him', async () => {
  await addUser(server, owner, 'Staff@shop.example', 'staff')
  const staff = new Person(server.url)
  await staff.login('staff@SHOP.example', PASSWORD)
  const { uuid } = await staff.place()
  assert.equal((await staff.events(uuid))[0].actor, 'Staff@shop.example')
  assertProblem(await staff.get('/api/users'), 403, 'forbidden')
  assertProblem(await staff.post('/admin/reload'), 403, 'forbidden')
  staff.close()
})

test('nothing tells whether an e-mail is known', async () => {
  await addUser(server, owner, 'known@shop.example', 'reader')
  const id = (await owner.post('/api/users', { email: 'fresh@shop.example', role: 'reader' })).body.userId
  const gone = await addUser(server, owner, 'gone@shop.example', 'reader')
  assert.equal((await owner.api('PATCH', `/api/users/${gone.userId}`, { disabled: true })).status, 200)
  const answers = []
  for (const email of ['known@shop.example', 'fresh@shop.example', 'gone@shop.example', 'nobody@shop.example', 'no address'])
    answers.push(await server.post('/auth/login', { email, password: 'a wrong password' }))
  answers.push(await server.post('/auth/login', { email: 'gone@shop.example', password: PASSWORD }))
  for (const { status, text, headers } of answers) {
    assert.equal(status, 401)
    assert.equal(text, answers[0].text)
    assert.equal(headers['set-cookie'], undefined)
  }
  assert.ok(id)
  assert.ok(!server.log.includes('@shop.example'), 'the log has no e-mail')
})

test('a link to choose a password works once and the latest alone', async () => {
  const made = (await owner.post('/api/users', { email: 'link@shop.example', role: 'reader', name: 'Li Nk' })).body
  const first = tokenOf(made.link)
  const reset = await owner.post(`/api/users/${made.userId}/reset`)
  assert.equal(reset.status, 200, reset.text)
  const second = tokenOf(reset.body.link)
  assertProblem(await server.post('/auth/reset', { token: first, password: PASSWORD }), 410, 'link_expired')
  assertProblem(await server.post('/auth/reset', { token: second, password: 'short' }), 422, 'weak_password')
  assert.equal((await server.post('/auth/reset', { token: second, password: PASSWORD })).status, 200)
  assertProblem(await server.post('/auth/reset', { token: second, password: PASSWORD }), 410, 'link_expired')
  assertProblem(await owner.post('/api/users', { email: 'LINK@shop.example', role: 'reader' }), 409, 'user_exists')
  assertProblem(await owner.post('/api/users', { email: 'x@shop.example', role: 'king' }), 422, 'invalid')
  assertProblem(await owner.post('/api/users', { email: 'a b@c', role: 'reader' }), 422, 'invalid')
  assertProblem(await owner.post('/api/users/999999/reset'), 404, 'user_not_found')
  assertProblem(await owner.get('/api/users/none'), 404, 'user_not_found')
})

test('a changed password ends the other sessions, and the one before works no more', async () => {
  await addUser(server, owner, 'change@shop.example', 'reader')
  const [here, there] = [new Person(server.url), new Person(server.url)]
  for (const person of [here, there]) await person.login('change@shop.example', PASSWORD)
  assertProblem(await here.post('/auth/password', { current: 'not my password', password: 'another password' }), 403, 'wrong_password')
  assertProblem(await here.post('/auth/password', { current: PASSWORD, password: 'aaaaaaaaaaaa' }), 422, 'weak_password')
  assert.equal((await here.post('/auth/password', { current: PASSWORD, password: 'another password' })).status, 204)
  assert.equal((await here.get('/api/orders')).status, 200)
  assertProblem(await there.get('/api/orders'), 401)
  assertProblem(await there.post('/auth/login', { email: 'change@shop.example', password: PASSWORD }), 401, 'login_failed')
  await there.login('change@shop.example', 'another password')
  here.close()
  there.close()
})

test('a second factor: codes and recovery codes work once, and an administrator can take it away', async () => {
  const email = 'totp@shop.example'
  const { userId } = await addUser(server, owner, email, 'reader')
  const person = new Person(server.url)
  await person.login(email, PASSWORD)
  assertProblem(await person.post('/auth/totp', { password: 'a wrong password' }), 403, 'wrong_password')
  const { secret, uri } = (await person.post('/auth/totp', { password: PASSWORD })).body
  assert.match(uri, /^otpauth:\/\/totp\/orderd:totp%40shop\.example\?secret=[A-Z2-7]{32}&issuer=orderd$/)
  assertProblem(await person.post('/auth/totp/confirm', { code: '000000' === totp(secret) ? '000001' : '000000' }), 422, 'totp_wrong')
  const code = totp(secret)
  const confirmed = await person.post('/auth/totp/confirm', { code })
  assert.equal(confirmed.status, 200, confirmed.text)
  const { recoveryCodes } = confirmed.body
  assert.equal(new Set(recoveryCodes).size, 10)
  assert.ok(!JSON.stringify(await server.sql('select * from app_user')).includes(recoveryCodes[0]))

  const login = totp => person.post('/auth/login', { email, password: PASSWORD, totp })
  assertProblem(await login(), 401, 'totp_required')
  assertProblem(await login(code), 401, 'totp_wrong')
  const next = totp(secret, 1) // a step early, which telephones are
  const both = await Promise.all([login(next), login(next)])
  assert.deepEqual(both.map(each => each.status).sort(), [200, 401], 'of two with one code, one gets in')
  assertProblem(await login('abcd-efgh-ijkl-mnop'), 401, 'totp_wrong')
  assert.equal((await login(recoveryCodes[3].toUpperCase().replaceAll('-', ' '))).status, 200)
  assertProblem(await login(recoveryCodes[3]), 401, 'totp_wrong')

  const reset = await owner.post(`/api/users/${userId}/reset`, { totp: true })
  assert.equal(reset.status, 200, reset.text)
  assert.equal(reset.body.totp, false)
  assert.equal((await login()).status, 200)
  person.close()
})

test('who guesses waits; a browser that is known waits for nobody else’s guesses', async () => {
  const email = 'victim@shop.example'
  await addUser(server, owner, email, 'reader')
  const known = new Person(server.url)
  await known.login(email, PASSWORD)
  const attacker = new Client(server.url)
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) =>
    attacker.post('/auth/login', { email, password: `guess number ${i}` })))
  const limited = answers.filter(({ status }) => status === 429)
  assert.ok(limited.length >= 50, `${limited.length} of 60 were limited`)
  for (const answer of limited) {
    assertProblem(answer, 429, 'too_many_attempts')
    assert.ok(Number(answer.headers['retry-after']) >= 1)
  }
  // Locked out from here: also with the right password, unless the browser is known.
  assertProblem(await attacker.post('/auth/login', { email, password: PASSWORD }), 429)
  assert.equal((await known.post('/auth/login', { email, password: PASSWORD })).status, 200)
  // A device cookie is of one user alone, and nobody can make one.
  for (const forged of [`1.${'0'.repeat(32)}.${'0'.repeat(64)}`, owner.cookies.get('orderd_device')])
    assertProblem(await attacker.post('/auth/login', { email, password: PASSWORD }, { cookie: `orderd_device=${forged}` }), 429)
  attacker.close()
  known.close()
})

test('a disabled user is out at once; one who is enabled again logs in anew', async () => {
  const { userId } = await addUser(server, owner, 'out@shop.example', 'reader')
  const person = new Person(server.url)
  await person.login('out@shop.example', PASSWORD)
  assert.equal((await owner.api('PATCH', `/api/users/${userId}`, { role: 'staff', disabled: true })).status, 200)
  assertProblem(await person.get('/api/orders'), 401)
  assert.equal((await owner.api('PATCH', `/api/users/${userId}`, { disabled: false })).body.disabledAt, null)
  assertProblem(await person.get('/api/orders'), 401)
  person.close()
})

test('the command line adds, lists, changes and resets users', async () => {
  const run = (...args) => server.run(['user', args[0]], args.slice(1))
  const added = await run('add', 'cli@shop.example', '--role', 'reader', '--name', 'Cli')
  assert.equal(added.code, 0, added.stderr)
  const token = /^http:\S+\/auth\/reset\?token=(\w{64})$/m.exec(added.stdout)?.[1]
  assert.ok(token, added.stdout)
  assert.match((await run('add', 'CLI@shop.example', '--role', 'reader')).stderr, /there is a user/)
  assert.match((await run('add', 'x', '--role', 'reader')).stderr, /not an e-mail address/)
  assert.match((await run('add', 'y@shop.example', '--role', 'king')).stderr, /there is no role king/)
  assert.equal((await run('add', 'y@shop.example')).code, 2)
  assert.equal((await server.post('/auth/reset', { token, password: PASSWORD })).status, 200)
  assert.match((await run('role', 'cli@shop.example', 'staff')).stdout, /has the role staff/)
  assert.match((await run('list')).stdout, /cli@shop\.example +staff/)
  assert.match((await run('disable', 'cli@shop.example')).stdout, /cannot log in/)
  assert.match((await run('list')).stdout, /cli@shop\.example.*disabled/)
  assert.match((await run('enable', 'cli@shop.example')).stdout, /can log in again/)
  assert.match((await run('reset', 'cli@shop.example', '--totp')).stdout, /\/auth\/reset\?token=/)
  assert.match((await run('reset', 'nobody@shop.example')).stderr, /there is no user/)
  assert.equal((await run('destroy')).code, 2)
})

test('nobody gives what he does not have, nor takes the place of somebody who may more', async () => {
  const boss = await addUser(server, owner, 'boss@shop.example', 'owner')
  await addUser(server, owner, 'hr@shop.example', 'personnel')
  const hr = new Person(server.url)
  await hr.login('hr@shop.example', PASSWORD)
  assertProblem(await hr.post('/api/users', { email: 'me@shop.example', role: 'owner' }), 403, 'forbidden')
  assertProblem(await hr.post('/api/keys', { name: 'mine', role: 'owner' }), 403, 'forbidden')
  const temp = await hr.post('/api/users', { email: 'temp@shop.example', role: 'personnel' })
  assert.equal(temp.status, 201, temp.text)
  assertProblem(await hr.api('PATCH', `/api/users/${temp.body.userId}`, { role: 'owner' }), 403, 'forbidden')
  assert.equal((await hr.post(`/api/users/${temp.body.userId}/reset`)).status, 200)
  for (const totp of [true, null]) assertProblem(await hr.post(`/api/users/${boss.userId}/reset`, { totp }), 404, 'user_not_found')
  for (const change of [{ disabled: true }, { role: 'personnel' }, { name: 'x' }])
    assertProblem(await hr.api('PATCH', `/api/users/${boss.userId}`, change), 404, 'user_not_found')
  await owner.post('/api/keys', { name: 'strong', role: 'owner' })
  assertProblem(await hr.post('/api/keys/strong/rotate'), 404, 'key_not_found')
  assertProblem(await hr.api('DELETE', '/api/keys/strong'), 404, 'key_not_found')
  hr.close()
})

test('in open mode nobody logs in, and no link is printed', async () => {
  await withServer({}, async open => {
    assert.ok(!open.out.includes('/auth/setup'))
    assertProblem(await open.post('/auth/login', { email: 'a@b.example', password: 'x' }), 409, 'auth_open')
    assert.equal((await open.post('/api/orders', order())).status, 201)
  })
})

test('a server that is to end while passwords wait ends well', async () => {
  const dear = { 'auth.mode': 'keys', 'auth.password_memory': '256m', 'auth.password_passes': '4' }
  await withServer({ options: dear }, async busy => {
    const answers = Promise.allSettled(Array.from({ length: 12 }, (_, i) =>
      busy.post('/auth/login', { email: `u${i}@shop.example`, password: 'a wrong password' })))
    await until(async () => (await busy.get('/healthz')).status === 200, { what: 'the server having read them' })
    await busy.stop() // asserts that it ended with 0
    for (const { value } of await answers) assert.ok(value === undefined || [401, 503].includes(value.status), value?.text)
  })
})

test('whoever sees a part of the orders has the whole of their own account', async () => {
  await addUser(server, owner, 'part@shop.example', 'junior')
  const person = new Person(server.url)
  await person.login('part@shop.example', PASSWORD)
  assert.equal((await person.get('/api/me')).body.role, 'junior')
  assert.equal((await person.get('/api/sessions')).body.items.length, 1)
  assert.equal((await person.post('/auth/password', { current: PASSWORD, password: 'another password' })).status, 204)
  assert.equal((await person.post('/auth/totp', { password: 'another password' })).status, 200)
})
