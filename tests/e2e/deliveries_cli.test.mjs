// orderd deliveries: what was sent is listed, shown and sent again, targets are paused and tested, and what today's
// rules would send of past events is compared with what was sent.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { after, test } from 'node:test'

import { assertVerified, until, useServer } from './lib.mjs'

const got = []
let answer = 204
const receiver = http.createServer(async (req, res) => {
  let body = ''
  for await (const chunk of req) body += chunk
  got.push(JSON.parse(body))
  res.writeHead(answer).end(answer === 204 ? undefined : 'we are closed')
})
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve))
after(() => receiver.close())

const rules = (greeting, more = '') => `
oms.on("order.placed", function(event, order)
  return {
    oms.webhook { target = "shop", event = "order.new", data = { number = order.order_number, greeting = "${greeting}" } },
    oms.run { command = "activity", args = { comment = "told the shop" } },
  }
end)
${more}`
const write = (s, text) => fs.writeFileSync(path.join(s.pluginsDir, 'told/rules.lua'), text)
const server = await useServer({
  options: { 'plugins.load': 'told', 'feed.private_targets': 'yes' },
  prepare: s => {
    fs.mkdirSync(path.join(s.pluginsDir, 'told'))
    fs.writeFileSync(path.join(s.pluginsDir, 'told/plugin.ini'), 'name = told\nversion = 1.0.0\napi = 1\ncapabilities = commands, http:example.org, mail\n')
    write(s, rules('hello'))
  },
  config: text => `${text}\n[grant]\ntold = commands, http:example.org, mail\n
[target.shop]\nkind = webhook\nurl = http://127.0.0.1:${receiver.address().port}/shop\nallow_private = yes\n
[target.quiet]\nkind = log\nfile = quiet.log\nevents = order.placed\n`,
})
const began = new Date().toISOString()
const cli = async (...args) => {
  const { code, stdout, stderr } = await server.run('deliveries', args)
  for (const line of stdout.split('\n')) {
    if (args.includes('--json')) break
    assert.ok(line.length <= 80, `${line.length} columns: ${line}`)
  }
  return { code, stdout, stderr }
}
const json = async (...args) => JSON.parse((await cli(...args, '--json')).stdout)
const settled = () => until(async () => (await server.sql("select from delivery where state = 'queued'")).length === 0, { what: 'all is sent', timeout: 60_000 })

test('list: the newest first, with filters as the API has them', async () => {
  const orders = []
  for (let i = 0; i < 3; i++) orders.push(await server.place())
  await until(async () => (await server.sql("select from event_cause")).length === 3, { what: 'the hooks’ commands' })
  await settled()
  const all = await json()
  assert.deepEqual(all.map(d => d.deliveryId), all.map(d => d.deliveryId).sort((a, b) => b - a))
  const shop = await json('list', '--target', 'shop')
  assert.deepEqual(shop.map(d => d.orderNumber), orders.map(o => o.orderNumber).reverse())
  assert.deepEqual(shop[0], (await server.get('/api/deliveries?target=shop&limit=1')).body.items[0])
  for (const name of [orders[1].orderNumber, orders[1].uuid, `id:${orders[1].orderId}`])
    assert.ok((await json('--order', name)).every(d => d.orderId === orders[1].orderId))
  assert.equal((await json('--state', 'failed')).length, 0)
  assert.equal((await json('--until', began)).length, 0)
  const { stdout } = await cli('--target', 'shop', '--limit', '2')
  assert.match(stdout, /^ +ID +ORDER +TARGET +STATE +TRIES +MADE \(UTC\)\n/)
  assert.match(stdout, new RegExp(`${orders[2].orderNumber} +shop +delivered +1 +\\d{4}-\\d\\d-\\d\\d \\d\\d:`))
  assert.match(stdout, /order.placed, webhook order.new, hook order.placed@told/)
  assert.match(stdout, /The newest 2; --limit shows more/)
  for (const [args, message] of [[['--state', 'lost'], /queued, delivered or failed/], [['--since', 'monday'], /a time like/], [['--limit', '0'], /from 1/],
    [['show'], /id of a delivery/], [['show', 'x'], /no id/], [['fly'], /does not know "fly"/], [['pause'], /name of a target/], [['list', 'x'], /no argument "x"/],
    [['redeliver'], /or --target/], [['rederive'], /needs --since/]]) {
    const { code, stderr } = await cli(...args)
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, message)
  }
  const missing = await cli('--order', 'NO-SUCH')
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /there is no order "NO-SUCH"/)
})

test('show, redeliver, and what failed', async () => {
  answer = 503
  const order = await server.place()
  const failed = await until(async () => (await json('--target', 'shop', '--order', order.orderNumber)).find(d => d.attempts > 0), { what: 'an attempt' })
  const { stdout } = await cli('show', String(failed.deliveryId))
  assert.match(stdout, /error: it answered 503/)
  assert.match(stdout, /next attempt: \d{4}-/)
  assert.match(stdout, /payload: \{"data":\{"greeting":"hello"/)
  assert.match(stdout, /attempt 1, .* ms, HTTP 503/)
  assert.match(stdout, /answer: we are closed/)
  answer = 204
  assert.match((await cli('resume', 'shop')).stdout, /resumed shop/)
  await settled()
  const whole = await json('show', String(failed.deliveryId))
  assert.equal(whole.state, 'delivered')
  assert.deepEqual(whole.tries.map(t => t.status), [204, 503])
  const before = got.length
  assert.match((await cli('redeliver', String(failed.deliveryId))).stdout, /is sent again/)
  await until(() => got.length > before, { what: 'it comes again' })
  await settled()
  assert.match((await cli('redeliver', '--target', 'shop', '--failed')).stdout, /^0 deliveries to shop are sent again/)
  assert.match((await cli('redeliver', '--target', 'shop', '--since', began)).stdout, /^4 deliveries to shop are sent again/)
  await until(() => got.length >= before + 5, { what: 'they come again' })
  for (const verb of ['show', 'redeliver']) {
    const { code, stderr } = await cli(verb, '999999')
    assert.equal(code, 1)
    assert.match(stderr, /there is no delivery 999999/)
  }
  const command = (await json('--target', 'command', '--limit', '1'))[0]
  assert.match((await cli('show', String(command.deliveryId))).stdout, /caused: activity.added, event 2 of order id:/)
})

test('targets are listed, paused, resumed and tested', async () => {
  await settled()
  assert.match((await cli('pause', 'shop')).stdout, /paused shop/)
  const order = await server.place()
  await until(async () => (await json('--target', 'shop', '--state', 'queued')).length, { what: 'it waits' })
  const { stdout } = await cli('targets')
  assert.match(stdout, /^TARGET +STATE +WAITING/)
  assert.match(stdout, /^shop +paused +1 /m)
  assert.match(stdout, /paused by: orderd deliveries/)
  assert.deepEqual((await json('targets')).map(t => [t.name, t.state]), [['command', 'active'], ['log', 'active'], ['quiet', 'active'], ['shop', 'paused']])
  await cli('resume', 'shop')
  await until(() => got.some(g => g.data.number === order.orderNumber), { what: 'what waited' })
  const told = await cli('test', 'shop')
  const id = Number(told.stdout.match(/show (\d+)/)[1])
  await until(async () => (await json('show', String(id))).state === 'delivered', { what: 'the test' })
  for (const verb of ['pause', 'resume', 'test']) {
    const { code, stderr } = await cli(verb, 'nobody')
    assert.equal(code, 1)
    assert.match(stderr, /there is no target nobody/)
  }
})

test('rederive: today’s rules over past events, compared with what was sent, and nothing is sent', async () => {
  await settled()
  const [{ n: sent }] = await server.sql('select count(*)::int as n from delivery')
  const [{ n: events }] = await server.sql('select count(*)::int as n from order_event')
  const alike = await json('rederive', '--since', began)
  assert.deepEqual([alike.events, alike.changed, alike.new, alike.gone, alike.fails, alike.groups], [events, 0, 0, 0, 0, []])
  assert.ok(alike.same >= 15)
  assert.equal(alike.active, true)

  write(server, rules('goodbye', `oms.on("activity.added", function(event, order)
  return oms.mail { to = "a@example.org", template = "note" }
end)
oms.on("order.placed", function(event, order) error("it breaks") end)`).replace('oms.run { command = "activity", args = { comment = "told the shop" } },', ''))
  const reload = await server.run('reload')
  assert.equal(reload.code, 0, reload.stdout + reload.stderr)
  const seen = got.length
  const found = await json('rederive', '--since', began, '--limit', '2')
  const of = (change, kind) => found.groups.find(g => g.change === change && g.kind === kind)
  assert.equal(found.changed, 5)
  assert.equal(found.new, 5)
  assert.equal(found.gone, 5)
  assert.equal(found.fails, 5)
  const changed = of('changed', 'webhook')
  assert.deepEqual([changed.target, changed.hook, changed.name, changed.count, changed.samples.length], ['shop', 'order.placed@told', 'order.new', 5, 2])
  assert.match(changed.samples[0].was, /hello/)
  assert.match(changed.samples[0].now, /goodbye/)
  assert.equal(of('new', 'mail').hook, 'activity.added@told')
  assert.equal(of('gone', 'command').target, 'command')
  assert.match(of('fails', 'hook').samples[0].now, /it breaks/)
  assert.equal((await json('rederive', '--since', began, '--target', 'quiet')).changed, 0)
  const none = await json('rederive', '--since', new Date(Date.now() + 3600_000).toISOString())
  assert.equal(none.events, 0)
  const { stdout } = await cli('rederive', '--since', began)
  assert.match(stdout, /same as sent: \d+ +changed: 5 +new: 5 +gone: 5 +fails: 5/)
  assert.match(stdout, /Nothing was sent and no command was carried out/)
  assert.match(stdout, / +5  changed  webhook  shop +order.new/)
  assert.equal(got.length, seen)
  assert.equal((await server.sql('select count(*)::int as n from delivery'))[0].n, sent)
  assert.equal((await server.sql('select count(*)::int as n from order_event'))[0].n, events)
})

test('rederive: mails that leave by another target now are changed, neither gone nor new', async () => {
  write(server, `oms.on("order.placed", function(event, order)
  return oms.mail { to = "a@example.org", template = "note", data = { number = order.order_number } }
end)`)
  assert.equal((await server.run('reload')).code, 0)
  const since = new Date().toISOString()
  for (let i = 0; i < 3; i++) await server.place()
  await settled()
  await until(async () => (await server.sql("select from delivery where name = 'note' and created_at >= $1", [since])).length === 3, { what: 'three mails' })
  const before = await json('rederive', '--since', since)
  assert.deepEqual([before.changed, before.new, before.gone, before.fails], [0, 0, 0, 0])
  write(server, `oms.on("order.placed", function(event, order)
  return oms.mail { to = "a@example.org", template = "note", target = "quiet", data = { number = order.order_number } }
end)`)
  assert.equal((await server.run('reload')).code, 0)
  const found = await json('rederive', '--since', since)
  assert.deepEqual([found.changed, found.new, found.gone, found.fails], [3, 0, 0, 0])
  assert.deepEqual(found.groups.map(g => [g.change, g.kind, g.target, g.count]), [['changed', 'mail', 'quiet', 3]])
})

test('the books are whole', () => assertVerified(server))
