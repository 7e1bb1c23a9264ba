// orderd replay: other rules over the orders there are; what would differ is counted and named, and
// nothing is changed by asking.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertProblem, ROOT, until, useServer, withServer } from './lib.mjs'

const OLIST = path.resolve(ROOT, process.env.ORDERD_OLIST ?? '../shared/data/olist')

const server = await useServer()

function writeRules(on, name, source, { provides = [], capabilities = [] } = {}) {
  on.writePlugin(name, source, { provides })
  const file = path.join(on.pluginsDir, name, 'plugin.ini')
  if (capabilities.length) fs.appendFileSync(file, `capabilities = ${capabilities.join(', ')}\n`)
}

const STRICT = `
oms.policy("order.cancel", function(order)
  return oms.refuse("too_late", "Nothing is cancelled here")
end)
`

async function replay(args, on = server) {
  const { code, stdout, stderr } = await on.run('replay', ['--json', ...args])
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

const of = (report, kind) => report.differences.filter(d => d.kind === kind)

async function lived() {
  const customer = { email: 'ana@example.org', fullName: 'Ana Souza' }
  const canceled = await server.place({ customer })
  await server.post(`/api/orders/${canceled.uuid}/cancel`, { reason: 'changed my mind' })
  const shipped = await server.place({ customer })
  await server.post(`/api/orders/${shipped.uuid}/payments`, { type: 'capture' })
  await server.post(`/api/orders/${shipped.uuid}/shipments`, { carrier: 'post' })
  const open = await server.place()
  return { canceled, shipped, open }
}
const orders = await lived()

test('the rules that serve find no difference, and nothing is written', async () => {
  const count = () => server.sql(`select (select count(*) from order_event) as events, (select count(*) from bundle) as bundles,
    (select count(*) from activation) as activations`)
  const before = await count()
  const report = await replay([])
  assert.deepEqual(report.differences, [])
  assert.deepEqual(report.notifications, [])
  assert.equal(report.orders, 3)
  assert.equal(report.baseActive, true)
  assert.equal(report.candidate, report.base)
  assert.ok(report.decisions > report.events)
  assert.deepEqual(await count(), before)
})

test('a stricter cancel rule: what was cancelled, and what could not be any more, by name', async () => {
  writeRules(server, 'strict', STRICT, { provides: ['order.cancel'] })
  const report = await replay(['--load', 'strict'])
  const [refused, ...others] = of(report, 'cancel_refused')
  assert.deepEqual(others, [])
  assert.equal(refused.orders, 1)
  assert.equal(refused.to, 'too_late')
  assert.equal(refused.policy, 'order.cancel@strict')
  assert.equal(refused.reason, 'Nothing is cancelled here')
  assert.deepEqual(refused.samples.map(s => s.orderNumber), [orders.canceled.orderNumber])
  const [now] = of(report, 'no_more_cancelable')
  assert.deepEqual(now.samples.map(s => s.orderNumber), [orders.open.orderNumber])
  assert.equal(report.differences.length, 2)

  const { code, stdout } = await server.run('replay', ['--load', 'strict'])
  assert.equal(code, 0)
  assert.match(stdout, /Cancellations that would have been refused\n {2}allowed -> too_late: 1 order, by order\.cancel@strict: Nothing is cancelled here/)
  assert.ok(stdout.includes(orders.canceled.orderNumber), stdout)
  assert.deepEqual((await replay(['--load', 'strict', '--policy', 'order.status'])).differences, [])
})

test('another status rule: from which status to which, then and now', async () => {
  writeRules(server, 'careful', `
oms.policy("order.status", function(order, request)
  if order.shipment_status == "shipped" then return "on_hold" end
  return oms.default("order.status", order, request)
end)
`, { provides: ['order.status'] })
  const report = await replay(['--load', 'careful'])
  const [final] = of(report, 'final_status')
  assert.equal(final.status, 'order_status')
  assert.equal(final.to, 'on_hold')
  assert.deepEqual(final.samples.map(s => s.orderNumber), [orders.shipped.orderNumber])
  assert.equal(of(report, 'status').length, 1)
  // The counts before are those of the orders, and the one that moves is in another one.
  const rows = await server.sql('select status as code, count(*)::int as before from orders group by 1 order by 1')
  const counts = report.statuses.filter(s => s.status === 'order_status').sort((a, b) => (a.code < b.code ? -1 : 1))
  assert.deepEqual(counts.filter(s => s.before).map(({ code, before }) => ({ code, before })), rows)
  const was = (await server.client.order(orders.shipped.uuid)).status.code
  assert.deepEqual(counts.filter(s => s.before !== s.after), [
    { status: 'order_status', code: 'on_hold', before: 0, after: 1 },
    { status: 'order_status', code: was, before: rows.find(r => r.code === was).before, after: rows.find(r => r.code === was).before - 1 },
  ].sort((a, b) => (a.code < b.code ? -1 : 1)))
  assert.ok(report.statuses.filter(s => s.status !== 'order_status').every(s => s.before === s.after))
  const { stdout } = await server.run('replay', ['--load', 'careful'])
  assert.match(stdout, /Orders in each status, now and then\n(.*\n)* {2}order_status on_hold: 0 -> 1\n/)
  const later = new Date(Date.now() + 3_600_000).toISOString()
  assert.equal((await replay(['--load', 'careful', '--since', later])).orders, 0)
  const until_ = await replay(['--load', 'careful', '--until', '2001-01-01T00:00:00Z'])
  assert.equal(until_.orders, 0)
})

test('notifications that would be sent in addition are counted by topic', async () => {
  writeRules(server, 'loud', `
oms.on("order.placed", function(_, order)
  return oms.mail { to = "shop@example.org", template = "placed", data = { number = order.order_number } }
end)
`, { capabilities: ['mail'] })
  const report = await replay(['--load', 'loud', '-o', 'grant.loud=mail'])
  const added = report.notifications.filter(n => n.name === 'placed')
  assert.deepEqual(added.map(({ change, topic, kind, orders: n }) => ({ change, topic, kind, n })), [
    { change: 'added', topic: 'order.placed', kind: 'mail', n: 3 },
  ])
  assert.deepEqual(report.differences, [])
  assert.deepEqual((await replay(['--load', 'loud', '-o', 'grant.loud=mail', '--no-hooks'])).notifications, [])
})

test('notifications that would be missing or different are counted too', async () => {
  const scripts = path.join(server.dir, 'scripts')
  fs.cpSync(path.join(ROOT, 'scripts'), scripts, { recursive: true })
  const file = path.join(scripts, 'notifications.lua')
  const text = fs.readFileSync(file, 'utf8')
  const edited = text.replace(/^tell_customer\("order\.canceled".*$/m, '').replace('"order_shipped", parcel', '"order_shipped", reason')
  assert.notEqual(edited, text)
  fs.writeFileSync(file, edited)
  const report = await replay(['--scripts', scripts])
  assert.deepEqual(report.differences, [])
  assert.deepEqual(report.notifications.map(({ change, topic, name, orders: n }) => `${change} ${topic} ${name} ${n}`).sort(), [
    'changed shipment.created order_shipped 1', 'removed order.canceled order_canceled 1',
  ])
  assert.equal(report.notifications.find(n => n.change === 'removed').samples[0].orderNumber, orders.canceled.orderNumber)
})

test('a failing rule is told with file and line', async () => {
  writeRules(server, 'broken', `
oms.policy("payment.status", function(order)
  return order.no_such_field.at_all
end)
`, { provides: ['payment.status'] })
  const report = await replay(['--load', 'broken'])
  const [failed] = of(report, 'failed')
  assert.match(failed.reason, /broken\/init\.lua:3/)
  assert.equal(failed.policy, 'payment.status@broken')
})

test('a candidate that is not there, or brings no plugin, is an error that says what to do', async () => {
  for (const args of [['--plugins', '/nonexistent'], ['--scripts', '/nonexistent'], ['--plugins', '/nonexistent', '--load', 'x']]) {
    const { code, stderr } = await server.run('replay', args)
    assert.equal(code, 1)
    assert.match(stderr, /there is no directory \/nonexistent/)
  }
  const none = await server.run('replay', ['--plugins', server.pluginsDir])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /no plugin of .* is loaded: .*--load/)
  const { detail } = assertProblem(await server.post('/admin/replay', { plugins: '/nonexistent' }), 400)
  assert.match(detail, /there is no directory/)
})

test('the report names base and candidate, its plugins, and says when they are the same', async () => {
  const same = await server.run('replay')
  const { base, plugins } = await replay([])
  assert.deepEqual(plugins, ['default'])
  assert.ok(same.stdout.startsWith(`candidate ${base.slice(0, 12)}, plugins: default\n`), same.stdout)
  assert.match(same.stdout, /the candidate is the active bundle: nothing to compare/)
  writeRules(server, 'strict', STRICT, { provides: ['order.cancel'] })
  const other = await server.run('replay', ['--plugins', server.pluginsDir, '--load', 'strict'])
  assert.equal(other.code, 0, other.stderr)
  assert.match(other.stdout, /^candidate [0-9a-f]{12}, plugins: default strict\n/)
  assert.ok(other.stdout.includes(`base ${base.slice(0, 12)} (active)`), other.stdout)
  assert.doesNotMatch(other.stdout, /nothing to compare/)
})

test('a stored bundle is a candidate by the beginning of its hash', async () => {
  const { base } = await replay([])
  const report = await replay(['--bundle', base.slice(0, 12)])
  assert.equal(report.candidate, base)
  assert.deepEqual(report.differences, [])
  const unknown = await server.run('replay', ['--bundle', 'feedbeef'])
  assert.equal(unknown.code, 1)
  assert.match(unknown.stderr, /no bundle begins with "feedbeef", or several do/)
})

test('a wrong command line says what is wrong', async () => {
  for (const [args, said] of [
    [['--policy', 'order.cancle'], /order\.cancle/], [['--since', 'yesterday'], /yesterday/], [['--limit-samples', 'x'], /--limit-samples/],
    [['--bundle', 'a', '--load', 'b'], /--bundle/], [['surplus'], /surplus/],
  ]) {
    const { code, stderr } = await server.run('replay', args)
    assert.equal(code, 2)
    assert.match(stderr, said)
  }
  const unloadable = await server.run('replay', ['--load', 'nowhere'])
  assert.equal(unloadable.code, 1)
  assert.match(unloadable.stderr, /nowhere/)
})

const finished = on => until(async () => {
  const { body } = await on.get('/admin/replay')
  return body.status !== 'running' && body
}, { what: 'the end of the replay', every: 100 })

test('POST /admin/replay answers at once; its report is that of the command line', async () => {
  writeRules(server, 'strict', STRICT, { provides: ['order.cancel'] })
  assert.equal((await server.get('/admin/replay')).body.status, 'none')
  const started = await server.post('/admin/replay', { load: 'strict', policies: ['order.cancel'] })
  assert.equal(started.status, 202, started.text)
  assert.equal(started.body.status, 'running')
  const done = await finished(server)
  assert.equal(done.status, 'done', JSON.stringify(done))
  assert.equal(done.id, started.body.id)
  const { tookMs, ...report } = done.report
  const { tookMs: other, ...same } = await replay(['--load', 'strict', '--policy', 'order.cancel'])
  assert.ok(tookMs >= 0 && other >= 0)
  assert.deepEqual(report, same)
})

test('a replay that fails says why, and a wrong body is refused', async () => {
  assert.equal((await server.post('/admin/replay', { bundle: 'feedbeef' })).status, 202)
  const failed = await finished(server)
  assert.equal(failed.status, 'failed')
  assert.match(failed.error, /no bundle begins with "feedbeef", or several do/)
  for (const body of [{ surprise: 1 }, { policies: ['order.cancle'] }, { since: 'yesterday' }, { hooks: 1 }, [1]]) {
    assertProblem(await server.post('/admin/replay', body), 400)
  }
})

test('real orders under a stricter cancel rule, while the server goes on serving', {
  skip: !fs.existsSync(OLIST) && `no data set at ${OLIST}`,
}, async () => {
  await withServer({}, async on => {
    const imported = await on.run('import', ['--format', 'olist', OLIST])
    assert.equal(imported.code, 0, imported.stderr)
    writeRules(on, 'strict', STRICT, { provides: ['order.cancel'] })
    const [{ total, canceled, overruled }] = await on.sql(`select (select count(*) from orders) as total,
      count(*) filter (where overruled is null) as canceled, count(*) filter (where overruled is not null) as overruled
      from order_event where type = 'order.canceled'`)
    assert.ok(canceled > 0)

    assert.equal((await on.post('/admin/replay', { load: 'strict' })).status, 202)
    assertProblem(await on.post('/admin/replay', {}), 409)
    let served = 0
    let status
    do {
      await on.place()
      served++
      status = (await on.get('/admin/replay')).body.status
    } while (status === 'running')
    assert.ok(served > 1, 'orders were placed while it ran')

    const { report } = await finished(on)
    assert.ok(report.orders >= total && report.orders <= total + served, `${report.orders} of ${total}`)
    const refused = of(report, 'cancel_refused')
    assert.equal(refused.reduce((sum, group) => sum + group.orders, 0), canceled)
    assert.equal(of(report, 'allowed').length, 0, `${overruled} were refused then, and are now`)
    assert.equal(report.notCompared.broken, 0)
    assert.deepEqual(report.differences.filter(d => !['cancel_refused', 'no_more_cancelable'].includes(d.kind)), [])
  })
})
