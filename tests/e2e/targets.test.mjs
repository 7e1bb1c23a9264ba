// Targets: where events go. Each has its own queue; one that is dead delays no other, and nothing is lost.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, until, useServer } from './lib.mjs'

const server = await useServer({
  options: { 'feed.retry_min': '50ms', 'feed.retry_max': '200ms' },
  config: text => `${text}
[target.audit]
kind = log
file = audit.log
events = order.placed, activity.*
body = full
fields = grandTotal, items

[target.dead]
kind = log
file = dead/there-is-no-such-folder.log
events = *
ordered = yes
`,
})
const log = path.join(server.dataDir, 'notifications.log')
const audit = path.join(server.dir, 'audit.log')
const lines = file => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '').split('\n').filter(Boolean).map(JSON.parse)
const of = (file, { orderId }) => lines(file).filter(l => l.orderId === orderId)
const customer = { customer: { email: 'ana@example.org' } }
const arrived = (file, order, count = 1) => until(() => of(file, order).length >= count && of(file, order),
  { what: `${count} lines in ${path.basename(file)}`, timeout: 60_000 })
const comment = (order, text) => server.post(`/api/orders/id:${order.orderId}/activities`, { comment: text })

test('a target that wants topics gets each of their events once, in order, with the order as it was then', async () => {
  const order = await server.place(customer)
  for (const text of ['one', 'two', 'three']) assert.equal((await comment(order, text)).status, 201)
  const found = await arrived(audit, order, 4)
  assert.deepEqual(found.map(l => [l.seq, l.topic, l.kind, l.hook]), [
    [1, 'order.placed', 'event', null], [2, 'activity.added', 'event', null], [3, 'activity.added', 'event', null],
    [4, 'activity.added', 'event', null]])
  assert.deepEqual(found.map(l => l.payload.version), [1, 2, 3, 4])
  const { payload } = found[1]
  assert.equal(payload.event.data.comment, 'one')
  assert.equal(payload.orderNumber, order.orderNumber)
  assert.deepEqual(Object.keys(payload.order).sort(), ['grandTotal', 'items'])
  assert.equal(payload.order.grandTotal, order.grandTotal)
})

test('one that is dead keeps all that is for it, in order, and delays no other', async () => {
  const order = await server.place(customer)
  await arrived(log, order)
  await until(async () => (await server.sql(`select from delivery where target_name = 'dead' and attempts > 0`)).length,
    { what: 'an attempt that fails' })
  assert.ok((await server.sql("select from target where name = 'dead' and failing_since is not null")).length)
  const before = await server.sql("select delivery_id from delivery where target_name = 'dead' and state = 'queued'")
  assert.ok(before.length >= 5)
  fs.mkdirSync(path.join(server.dir, 'dead'))
  const dead = path.join(server.dir, 'dead/there-is-no-such-folder.log')
  await until(() => lines(dead).length >= before.length, { what: 'its backlog', timeout: 120_000 })
  const seqs = lines(dead).reduce((by, l) => ({ ...by, [l.orderId]: [...by[l.orderId] ?? [], l.seq] }), {})
  for (const list of Object.values(seqs)) assert.deepEqual(list, [...list].sort((a, b) => a - b))
  const attempts = await server.sql(`select a.error, a.latency_ms from delivery_attempt a join delivery d using (delivery_id)
    where d.target_name = 'dead' and a.error is not null`)
  assert.ok(attempts.length > 0)
  assert.match(attempts[0].error, /No such file or directory/)
  await until(async () => (await server.sql("select from target where name = 'dead' and failing_since is null")).length, { what: 'it works again' })
})

test('a file that is renamed or removed is begun anew', async () => {
  const first = await server.place(customer)
  await arrived(log, first)
  fs.renameSync(log, `${log}.1`)
  const second = await server.place(customer)
  await arrived(log, second)
  assert.equal(of(log, first).length, 0)
  assert.equal(of(`${log}.1`, second).length, 0)
  fs.rmSync(log)
  const third = await server.place(customer)
  await arrived(log, third)
})

test('a torn line is cut off before the next; somebody else’s gets its end', async () => {
  fs.appendFileSync(log, '{"deliveryId":1,"at":"20')
  const order = await server.place(customer)
  await arrived(log, order)
  assert.ok(lines(log).length)
  fs.appendFileSync(log, '"a note"')
  const next = await server.place(customer)
  await arrived(log, next)
  assert.ok(lines(log).includes('a note'))
})

test('a FIFO in the place of the file stops nothing; what is for it waits', async () => {
  fs.rmSync(log)
  execFileSync('mkfifo', [log])
  const order = await server.place(customer)
  await arrived(audit, order)
  await until(async () => (await server.sql(`select from delivery where target_name = 'log' and state = 'queued' and attempts > 0`)).length,
    { what: 'the attempt that fails' })
  assert.equal((await comment(order, 'the loop goes on')).status, 201)
  fs.rmSync(log)
  await arrived(log, order)
})

test('a device in its place is not written to; what is for it waits', async () => {
  fs.rmSync(log)
  fs.symlinkSync('/dev/full', log) // the operator's path may be a link; a device is no file
  const order = await server.place(customer)
  await until(async () => (await server.sql(`select from delivery where order_id = $1 and target_name = 'log' and attempts > 0`, [order.orderId])).length,
    { what: 'the attempt that fails' })
  fs.rmSync(log)
  await arrived(log, order)
})

test('a hook names a target; what is for one that is not set up waits for it', async () => {
  const dir = path.join(server.pluginsDir, 'named')
  fs.mkdirSync(dir)
  fs.writeFileSync(path.join(dir, 'plugin.ini'), 'name = named\nversion = 1.0.0\napi = 1\ncapabilities = http:example.org\n')
  fs.writeFileSync(path.join(dir, 'rules.lua'), `oms.on("order.placed", function(event, order)
  return oms.webhook { target = "erp", event = "order.new", data = { number = order.order_number } }
end)
`)
  fs.writeFileSync(server.configFile, fs.readFileSync(server.configFile, 'utf8').replace(/^;?#?\s*load\s*=.*$/m, 'load = named') + '\n[grant]\nnamed = http:example.org\n')
  const reload = await server.run('reload')
  assert.equal(reload.code, 0, reload.stdout + reload.stderr)
  const order = await server.place(customer)
  await until(async () => (await server.sql(`select from delivery where order_id = $1 and target_name = 'erp' and state = 'queued'`, [order.orderId])).length,
    { what: 'the delivery that waits' })
  const erp = path.join(server.dir, 'erp.log')
  fs.appendFileSync(server.configFile, '\n[target.erp]\nkind = log\nfile = erp.log\n')
  assert.equal((await server.run('reload')).code, 0)
  const [line] = await arrived(erp, order)
  assert.deepEqual([line.kind, line.name, line.payload.data.number], ['webhook', 'order.new', order.orderNumber])
})

test('the API tells of targets and deliveries, pauses, resumes, tests and sends again', async () => {
  const { body: { items } } = await server.get('/api/targets')
  assert.deepEqual(items.map(t => t.name), ['audit', 'command', 'dead', 'erp', 'log'])
  const of = async name => (await server.get(`/api/targets/${name}`)).body
  const one = await of('audit')
  assert.deepEqual([one.kind, one.state, one.events, one.here, one.configured], ['log', 'active', ['order.placed', 'activity.*'], true, true])
  assert.equal((await server.get('/api/targets/nobody')).status, 404)

  assert.equal((await server.post('/api/targets/audit/pause', {})).body.state, 'paused')
  const order = await server.place(customer)
  await arrived(log, order)
  const mine = async () => (await server.get(`/api/orders/id:${order.orderId}/deliveries`)).body.items
  const waiting = (await mine()).find(d => d.target === 'audit')
  assert.deepEqual([waiting.state, waiting.attempts, waiting.kind, waiting.topic], ['queued', 0, 'event', 'order.placed'])
  assert.equal((await of('audit')).queued, 1)
  assert.equal((await server.post('/api/targets/audit/resume', {})).body.state, 'active')
  await arrived(audit, order)
  await until(async () => (await mine()).every(d => d.target === 'dead' || d.state === 'delivered'), { what: 'all are delivered' })

  const { body: whole } = await server.get(`/api/deliveries/${waiting.deliveryId}`)
  assert.equal(whole.payload.orderNumber, order.orderNumber)
  assert.deepEqual(whole.tries, [])
  const again = await server.post(`/api/deliveries/${waiting.deliveryId}/redeliver`, {})
  assert.equal(again.status, 200, again.text)
  const twice = await arrived(audit, order, 2)
  assert.equal(new Set(twice.map(l => l.deliveryId)).size, 1, 'the same id')
  assert.equal((await server.post('/api/deliveries/999999999/redeliver', {})).status, 404)

  const { status, body: { deliveryId } } = await server.post('/api/targets/audit/test', {})
  assert.equal(status, 202)
  await until(() => lines(audit).some(l => l.deliveryId === deliveryId && l.kind === 'test'), { what: 'the test' })
  assert.equal((await server.post('/api/targets/nobody/test', {})).status, 404)

  const since = new Date().toISOString()
  const late = await server.place(customer)
  await arrived(audit, late)
  const noted = () => until(async () => (await server.sql(`select from delivery where order_id = $1 and target_name = 'audit' and state = 'delivered'`, [late.orderId])).length, { what: 'it is noted' })
  await noted()
  assert.deepEqual((await server.post('/api/targets/audit/redeliver', { since, only: 'failed' })).body, { queued: 0 })
  assert.deepEqual((await server.post('/api/targets/audit/redeliver', { since })).body, { queued: 1 })
  await arrived(audit, late, 2)
  await noted()
  assert.equal((await server.post('/api/targets/audit/redeliver', { color: 1 })).status, 422)

  const pages = []
  for (let after = ''; ;) {
    const { body } = await server.get(`/api/deliveries?target=audit&state=delivered&limit=3${after}`)
    pages.push(...body.items.map(d => d.deliveryId))
    if (!body.next) break
    after = `&after=${body.next}`
  }
  assert.deepEqual(pages, [...pages].sort((a, b) => b - a))
  const [{ n }] = await server.sql("select count(*)::int as n from delivery where target_name = 'audit' and state = 'delivered'")
  assert.equal(pages.length, n)
  assert.equal((await server.get(`/api/deliveries?since=${since}&target=audit`)).body.items.length, 1)
  for (const query of ['state=lost', 'colour=red', 'since=yesterday', 'limit=0']) assert.equal((await server.get(`/api/deliveries?${query}`)).status, 422, query)
})

test('what is old is cleared away, with its attempts', async () => {
  const [{ n }] = await server.sql("select count(*)::int as n from delivery where state = 'delivered'")
  assert.ok(n > 0)
  await server.sql(`update delivery set delivered_at = delivered_at - interval '31 days' where state = 'delivered'`)
  const [{ attempts }] = await server.sql('select count(*)::int as attempts from delivery_attempt a join delivery d using (delivery_id) where state = $1', ['delivered'])
  assert.ok(attempts > 0)
  await until(async () => (await server.sql("select from delivery where delivered_at < now() - interval '30 days'")).length === 0, { what: 'the upkeep', timeout: 90_000 })
  assert.deepEqual(await server.sql('select from delivery_attempt a where not exists (select from delivery d where d.delivery_id = a.delivery_id)'), [])
})

test('a target that cannot be is refused, and what serves goes on', async () => {
  const good = fs.readFileSync(server.configFile, 'utf8')
  for (const [section, message] of [
    ['[target.x]\nkind = pigeon\n', /kind: must be one of log,\s+command/],
    ['[target.x]\nkind = log\n', /file:\s+is\s+needed/],
    ['[target.x]\nkind = log\nfile = x.log\ncolour = blue\n', /unknown\s+key\s+"colour"/],
    ['[target.x]\nkind = log\nfile = x.log\nrate = -1\n', /rate/],
    ['[target.x]\nkind = command\n', /one\s+target\s+of\s+this\s+kind/],
    ['[target.x]\nkind = log\nfile = x.log\nevents = Order!\n', /events/],
  ]) {
    fs.writeFileSync(server.configFile, `${good}\n${section}`)
    for (const command of ['reload', 'check']) {
      const { code, stdout, stderr } = await server.run(command)
      assert.notEqual(code, 0, section)
      assert.match(stdout + stderr, message)
    }
  }
  fs.writeFileSync(server.configFile, good)
  await arrived(log, await server.place(customer))
})

test('the books are whole', () => assertVerified(server))
