// Targets made by the API: kept in the database, known to every process at once, with secrets that are shown once.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import { after, test } from 'node:test'

import { Webhook } from 'standardwebhooks'

import { assertVerified, until, useServer } from './lib.mjs'

const got = []
const answers = {} // by path: a function that answers
const receiver = http.createServer(async (req, res) => {
  let body = ''
  for await (const chunk of req) body += chunk
  got.push({ path: req.url, headers: req.headers, body, event: JSON.parse(body) })
  if (answers[req.url]) return answers[req.url](req, res)
  res.writeHead(204).end()
})
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve))
after(() => receiver.close())
const url = path => `http://127.0.0.1:${receiver.address().port}${path}`
const at = path => got.filter(g => g.path === path)

const server = await useServer({
  options: { 'feed.private_targets': 'yes', 'feed.max_targets': '5', 'feed.retry_min': '50ms', 'feed.retry_max': '200ms' },
  config: text => `${text}\n[target.fixed]\nkind = log\nfile = fixed.log\n`,
})
const make = (name, more) => server.post('/api/targets', { name, kind: 'webhook', url: url(`/${name}`), allowPrivate: true, ...more })
const patch = (name, body) => server.api('PATCH', `/api/targets/${name}`, body)
const remove = name => server.api('DELETE', `/api/targets/${name}`)
const arrived = (path, count = 1) => until(() => at(path).length >= count && at(path), { what: `${count} messages at ${path}`, timeout: 60_000 })

test('a target is made, gets the very next order, signed with the secret that was shown once', async () => {
  const made = await make('erp', { events: ['order.*'] })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { secret, settings } = made.body
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.equal(settings.secret, 'whsec_***')
  assert.deepEqual(settings.events, ['order.*'])
  const order = await server.place()
  const [message] = await arrived('/erp')
  assert.equal(message.event.data.orderId, order.orderId)
  assert.equal(message.event.type, 'order.placed')
  new Webhook(secret).verify(message.body, message.headers)
  const shown = await server.get('/api/targets/erp')
  assert.equal(shown.body.source, 'api')
  assert.equal(shown.body.settings.allowPrivate, true)
  assert.ok(!JSON.stringify(shown.body).includes(secret.slice(6)))
  assert.ok(!server.log.includes(secret.slice(6)), 'the log has no secret')
})

test('a secret that was given in a list counts on after it was rotated', async () => {
  const old = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  assert.equal((await make('listed', { secret: [old] })).status, 201)
  const rotated = await server.post('/api/targets/listed/rotate', { keep: '365d' })
  assert.match(rotated.body.settings.secret, /^whsec_\*\*\* whsec_\*\*\*@/, rotated.text)
  for (const [body, pointer] of [[{ keep: '366d' }, '/keep'], [{ keep: '99999999999h' }, '/keep'], [{ keep: '2540400000h' }, '/keep'], [{ keep: 5 }, '/keep'], [{ secret: [old] }, '/secret'], [{ secret: '' }, '/secret'], [{ colour: 1 }, '/colour']]) {
    const { status, body: problem } = await server.post('/api/targets/listed/rotate', body)
    assert.deepEqual([status, problem.errors?.[0].pointer], [422, pointer], JSON.stringify([body, problem]))
  }
  assert.equal((await remove('listed')).status, 200)
})

test('settings that are too large or too deep are refused as that, and cost no memory', async () => {
  const rss = () => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])
  const before = rss()
  for (const [more, pointer] of [[{ events: Array(50_000).fill('a') }, '/events'], [{ events: Array(90_000).fill('a') }, ''], [{ events: [[[[[]]]]] }, '']]) {
    const { status, body: problem } = await make('large', more)
    assert.deepEqual([status, problem.errors?.[0].pointer], [422, pointer], problem.detail)
  }
  assert.ok(rss() - before < 400_000, `${rss() - before} KiB`) // of which a sanitizer keeps most for a while
})

test('what cannot be is refused, and says which member', async () => {
  const cases = [
    [{ kind: 'webhook', name: 'x', url: 'ftp://erp' }, '/url'], [{ kind: 'webhook', name: 'x' }, '/url'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), maxAttempts: 0.5 }, '/maxAttempts'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), colour: 'red' }, '/colour'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), max_attempts: 3 }, '/max_attempts'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), events: 'Order placed!' }, '/events'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), filter: 'colour=red' }, '/filter'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), caFile: '/etc/passwd' }, '/caFile'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), secret: 'whsec_short' }, '/secret'],
    [{ kind: 'webhook', name: 'x', url: { a: 1 } }, '/url'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), secret: '' }, '/secret'], [{ kind: 'webhook', name: 'x', url: url('/x'), secret: null }, '/secret'],
    [{ kind: 'webhook', name: 'x', url: url('/x'), secret: ' ' }, '/secret'], [{ kind: 'webhook', name: 'x', url: url('/x'), secret: [] }, '/secret'],
    [{ kind: 'mail', name: 'x', server: 'smtp://mail.example.com', from: 'a@example.com' }, '/kind'],
    [{ kind: 'kafka', name: 'x', brokers: 'kafka.example.com', topic: 'orders' }, '/kind'], [{ kind: 'command', name: 'x' }, '/kind'],
    [{ kind: 'log', name: 'x' }, '/kind'], [{ kind: 'pigeon', name: 'x' }, '/kind'], [{ kind: 'webhook', name: 'X y', url: url('/x') }, '/name'],
    [{ kind: 'webhook', url: url('/x') }, '/name'],
  ]
  for (const [body, pointer] of cases) {
    const { status, body: problem } = await server.post('/api/targets', body)
    assert.equal(status, 422, JSON.stringify([body, problem]))
    assert.equal(problem.errors[0].pointer, pointer, JSON.stringify([body, problem]))
    assert.ok(problem.detail.length > 10)
    assert.ok(!problem.detail.includes('[target.'), problem.detail)
    if (pointer === '/kind' && body.kind !== 'pigeon') assert.match(problem.detail, /in the file alone: .{20}/)
  }
  assert.equal((await server.post('/api/targets', { name: 'fixed', kind: 'webhook', url: url('/x') })).body.code, 'target_in_file')
  assert.equal((await make('erp')).body.code, 'target_exists')
  for (const answer of [await patch('fixed', { ordered: true }), await remove('fixed'), await server.post('/api/targets/fixed/rotate', {})])
    assert.deepEqual([answer.status, answer.body.code], [409, 'target_in_file'])
  for (const answer of [await patch('nobody', { ordered: true }), await remove('nobody'), await server.post('/api/targets/nobody/rotate', {})])
    assert.deepEqual([answer.status, answer.body.code], [404, 'target_not_found'])
})

test('a change counts for the next order; a member that is null goes', async () => {
  const changed = await patch('erp', { url: url('/erp2'), maxAttempts: 7, events: 'order.placed activity.*' })
  assert.equal(changed.status, 200, JSON.stringify(changed.body))
  assert.equal(changed.body.settings.maxAttempts, 7)
  assert.equal(changed.body.secret, undefined)
  await server.place()
  await arrived('/erp2')
  const less = await patch('erp', { maxAttempts: null })
  assert.equal(less.body.settings.maxAttempts, undefined)
  assert.equal((await patch('erp', { url: 'nonsense' })).status, 422)
  for (const secret of ['', null, [], ' ']) assert.equal((await patch('erp', { secret })).body.errors?.[0].pointer, '/secret', `an unsigned webhook: ${JSON.stringify(secret)}`)
  assert.equal((await server.get('/api/targets/erp')).body.settings.url, url('/erp2'))
})

test('a rotated secret: both sign until the old one has had its time', async () => {
  const rotated = await make('safe', { events: '*' })
  const old = rotated.body.secret
  const next = await server.post('/api/targets/safe/rotate', { keep: '1h' })
  assert.equal(next.status, 200, JSON.stringify(next.body))
  assert.match(next.body.settings.secret, /^whsec_\*\*\* whsec_\*\*\*@\d{4}-/)
  await server.place()
  const [both] = await arrived('/safe')
  assert.equal(both.headers['webhook-signature'].split(' ').length, 2)
  new Webhook(old).verify(both.body, both.headers)
  new Webhook(next.body.secret).verify(both.body, both.headers)
  const last = await server.post('/api/targets/safe/rotate', { keep: '0s' })
  const before = at('/safe').length
  await until(async () => (await server.get('/api/targets/safe')).body.revision === 2, { what: 'the new secret' })
  await server.place()
  const one = (await arrived('/safe', before + 1)).at(-1)
  new Webhook(last.body.secret).verify(one.body, one.headers)
  assert.throws(() => new Webhook(next.body.secret).verify(one.body, one.headers))
  assert.equal((await server.post('/api/targets/safe/rotate', { keep: 'long' })).status, 422)
})

test('a filter lets only the orders through that a list of orders would find', async () => {
  const made = await make('big', { events: 'order.placed', filter: 'grandTotal.gte=100&customerEmail.in=ANA@example.org,bo@example.org' })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const item = (qty, price) => ({ items: [{ sku: 'A', qty, price }] })
  const small = await server.place({ ...item(1, 10), customer: { email: 'ana@example.org' } })
  const other = await server.place({ ...item(20, 10), customer: { email: 'eve@example.org' } })
  const big = await server.place({ ...item(20, 10), customer: { email: 'Ana@Example.org' } })
  const [only] = await arrived('/big')
  assert.equal(only.event.data.orderId, big.orderId)
  const found = await server.get('/api/orders?grandTotal.gte=100&customerEmail.in=ANA@example.org,bo@example.org')
  assert.deepEqual(found.body.items.map(o => o.orderId), [big.orderId])
  await until(async () => (await server.sql('select from delivery where order_id = $1 and target_name = $2', [big.orderId, 'safe'])).length, { what: 'the feed is past them' })
  const rows = await server.sql("select from delivery where target_name = 'big' and order_id = any($1)", [[small.orderId, other.orderId]])
  assert.equal(rows.length, 0)
})

test('there are not more than the configuration allows', async () => {
  assert.equal((await make('four')).status, 201)
  const made = await Promise.all(['five', 'six', 'seven'].map(name => make(name)))
  assert.deepEqual(made.map(m => m.status).sort(), [201, 409, 409])
  const rest = made.find(m => m.status === 201).body.name
  for (const name of ['four', rest]) assert.equal((await remove(name)).status, 200)
})

test('a request that hangs keeps no target from being made, and is made again', async () => {
  const held = []
  answers['/hang'] = (req, res) => held.push(res)
  assert.equal((await make('hang', { events: 'order.placed', timeout: '5m' })).status, 201)
  await server.place()
  await until(() => held.length === 1, { what: 'the request that hangs', timeout: 60_000 })
  const before = at('/safe').length
  assert.equal((await patch('big', { filter: null })).status, 200)
  const order = await server.place()
  await until(() => at('/big').some(g => g.event.data.orderId === order.orderId), { what: 'the changed target', timeout: 120_000 })
  await arrived('/safe', before + 1)
  await until(() => held.length >= 2, { what: 'the request again', timeout: 60_000 })
  assert.equal(at('/hang')[0].event.id, at('/hang')[1].event.id)
  for (const res of held) res.writeHead(204).end()
  answers['/hang'] = undefined
  assert.equal((await remove('hang')).status, 200)
})

test('of two changes at the same moment none is lost', async () => {
  const changes = await Promise.all([5, 6, 7, 8].map(n => patch('safe', { [n % 2 ? 'rate' : 'concurrency']: n })))
  for (const { status, body } of changes) assert.ok(status === 200 || body.code === 'target_changed', JSON.stringify(body))
  const { settings } = (await server.get('/api/targets')).body.items.find(t => t.name === 'safe')
  const done = changes.filter(c => c.status === 200).length
  assert.ok(done >= 1)
  assert.equal((await server.get('/api/targets/safe/history')).body.items.filter(e => e.what === 'changed').length, done)
  assert.equal(settings.caFile, undefined)
})

test('deleted: what waits is cancelled and says so, history and deliveries stay', async () => {
  answers['/gone'] = (req, res) => res.writeHead(500).end()
  assert.equal((await make('gone', { events: '*' })).status, 201)
  const order = await server.place()
  await until(() => at('/gone').length, { what: 'an attempt' })
  const deleted = await remove('gone')
  assert.equal(deleted.status, 200)
  assert.ok(deleted.body.cancelled >= 1)
  assert.equal((await server.get('/api/targets/gone')).status, 404)
  const { body } = await server.get(`/api/deliveries?target=gone`)
  assert.ok(body.items.length >= 1)
  assert.ok(body.items.every(d => d.state === 'failed' && /its target was deleted/.test(d.error)), JSON.stringify(body.items))
  const history = await server.get('/api/targets/gone/history')
  assert.deepEqual(history.body.items.map(e => [e.what, e.reason]), [['deleted', null], ['created', null]])
  const seen = at('/gone').length
  await server.place()
  await arrived('/safe', at('/safe').length + 1)
  assert.equal(at('/gone').length, seen)
  assert.ok(order.orderId)
})

test('two processes: each knows at once what the other was told', async () => {
  const second = await server.peer().start()
  const made = await second.post('/api/targets', { name: 'both', kind: 'webhook', url: url('/both'), allowPrivate: true, events: 'order.placed' })
  assert.equal(made.status, 201)
  const order = await server.place()
  assert.equal((await arrived('/both'))[0].event.data.orderId, order.orderId)
  await until(async () => (await server.get('/api/targets/both')).body.configured, { what: 'the first process knows it' })
  assert.equal((await server.api('DELETE', '/api/targets/both')).status, 200)
  await until(async () => (await second.get('/api/targets/both')).status === 404, { what: 'it is gone there' })
})

test('the books are whole', () => assertVerified(server))
