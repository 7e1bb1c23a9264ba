// Commands of plugins: several steps on one order, all of them or none; what may be done with an
// order; and the commands that hooks ask for, each carried out once.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, pool, until, useServer } from './lib.mjs'

const POS = `
oms.command("counter_sale", function(order, args)
  order:update_payment_status("paid")
  order:create_shipment { carrier = args.carrier or "Pickup" }
  order:add_activity("Sold at the counter", { customer_notified = false })
end)
oms.command("three_steps", function(order)
  order:add_activity("one")
  order:add_hold { handle = "two", reason = "The second step" }
  order:release("three")
end)
oms.command("too_late", function(order)
  order:create_shipment {}
  order:cancel("Changed their mind")
end)
oms.command("only_with_a_note", function(order, args)
  order:add_activity("before the refusal")
  if not args.note then return oms.refuse("no_note", "Say why in note") end
  order:add_activity(args.note)
end)
oms.command("broken", function(order)
  order:add_activity("before the error")
  error("the till is on fire")
end)
oms.command("endless", function() while true do end end)
`
const HOOKS = `
oms.command("note_it", function(order, args) order:add_activity("By hook: " .. tostring(args.text)) end)
oms.on("shipment.created", function(event, order)
  return {
    oms.run { command = "activity", args = { comment = "Parcel on its way" } },
    oms.run { command = "note_it", args = { text = order.order_number } },
  }
end)
oms.on("order.canceled", function(event, order)
  return oms.run { command = "create_shipment" }
end)
`
const server = await useServer({
  // The commands that fail are meant to.
  options: { 'plugins.load': 'pos,hooks', 'feed.interval': '20ms', 'check.policy_error': 'ignore' },
  config: text => `${text}\n[grant]\nhooks = commands\n`,
  prepare: on => {
    on.writePlugin('pos', POS)
    on.writePlugin('hooks', HOOKS, { capabilities: ['commands'] })
  },
})
const run = (order, name, body, headers, query = '') =>
  server.api('POST', `/api/orders/${order.uuid}/commands/${name}${query}`, body, headers)
const comments = async order => (await server.client.order(order.uuid)).activities.map(a => a.comment)

test('its steps take effect together, and each event names the command and the policies', async () => {
  const order = await server.place()
  const sold = await run(order, 'counter_sale', { carrier: 'Till 2' })
  assert.equal(sold.status, 200, sold.text)
  assert.deepEqual([sold.body.paymentStatus.code, sold.body.shipmentStatus.code], ['paid', 'shipped'])
  assert.equal(sold.body.shipments[0].carrier, 'Till 2')
  assert.equal(sold.headers.etag, `"${sold.body.version}"`)
  assert.ok((await comments(order)).includes('Sold at the counter'))
  const events = (await server.client.events(order.uuid)).filter(e => e.seq > order.version && e.seq <= sold.body.version)
  assert.deepEqual(events.map(e => e.seq), events.map((_, i) => order.version + 1 + i))
  for (const { policy } of events) assert.match(policy, /^command\.counter_sale@pos( |$)/)
  assert.ok(events.some(e => /order\.status@default/.test(e.policy)))
})

test('no body means no arguments; a body must be an object', async () => {
  const order = await server.place()
  const sold = await run(order, 'counter_sale')
  assert.equal(sold.status, 200, sold.text)
  assert.equal(sold.body.shipments[0].carrier, 'Pickup')
  assertProblem(await run(await server.place(), 'counter_sale', '[1]'), 422)
  assertProblem(await run(await server.place(), 'counter_sale', '{'), 400)
})

test('the refusal of the third step is the answer, and nothing of the first two is left', async () => {
  const order = await server.place()
  assertProblem(await run(order, 'three_steps'), 404)
  const now = await server.client.order(order.uuid)
  assert.deepEqual([now.version, now.holds, now.activities], [order.version, [], []])
  assert.equal((await server.client.events(order.uuid)).length, order.version)
})

test('a policy that refuses a step is named, as if the step had been asked for by itself', async () => {
  const order = await server.place()
  const problem = assertProblem(await run(order, 'too_late'), 409, { code: 'already_shipped' })
  assert.match(problem.policy, /order\.cancel@default/)
  assert.deepEqual((await server.client.order(order.uuid)).shipments, [])
})

test('the script may refuse the whole, or fail: either way nothing happened', async () => {
  const order = await server.place()
  const problem = assertProblem(await run(order, 'only_with_a_note'), 409, { code: 'no_note' })
  assert.match(problem.policy, /command\.only_with_a_note@pos/)
  assertProblem(await run(order, 'broken'), 409, { detail: /init\.lua:\d+: the till is on fire/ })
  assertProblem(await run(order, 'endless'), 409)
  assert.equal((await server.client.order(order.uuid)).version, order.version)
  assert.equal((await run(order, 'only_with_a_note', { note: 'because' })).status, 200)
  assert.deepEqual(await comments(order), ['before the refusal', 'because'])
})

test('an unknown command or order is 404', async () => {
  assertProblem(await run(await server.place(), 'no_such'), 404, { code: 'command_not_found' })
  assertProblem(await run({ uuid: '999999999' }, 'counter_sale'), 404, { code: 'order_not_found' })
})

test('dryRun shows the result and changes nothing', async () => {
  const order = await server.place()
  const tried = await run(order, 'counter_sale', {}, {}, '?dryRun=true')
  assert.equal(tried.status, 200, tried.text)
  assert.equal(tried.body.shipmentStatus.code, 'shipped')
  const now = await server.client.order(order.uuid)
  assert.deepEqual([now.version, now.shipmentStatus.code], [order.version, 'pending'])
})

test('the same key does it once, another body under it is refused, a stale version too', async () => {
  const order = await server.place()
  const key = { 'idempotency-key': `sale-${order.uuid}` }
  const first = await run(order, 'counter_sale', { carrier: 'A' }, key)
  const again = await run(order, 'counter_sale', { carrier: 'A' }, key)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.deepEqual([again.status, again.body], [first.status, first.body])
  assertProblem(await run(order, 'counter_sale', { carrier: 'B' }, key), 422, { code: 'idempotency_key_reused' })
  assertProblem(await run(order, 'only_with_a_note', { note: 'x' }, { 'if-match': `"${order.version}"` }), 412)
})

test('of several callers at once exactly one sells the goods', async () => {
  await pool(10, 2, async () => {
    const order = await server.place()
    const answers = await Promise.all([1, 2, 3].map(() => run(order, 'counter_sale')))
    assert.deepEqual(answers.map(a => a.status).sort(), [200, 409, 409], answers.map(a => a.text).join('\n'))
    assert.equal((await server.client.order(order.uuid)).shipments.length, 1)
  })
})

test('GET actions tells what may be done and who says so, and changes nothing', async () => {
  const order = await server.place()
  const get = async () => {
    const answer = await server.get(`/api/orders/${order.uuid}/actions`)
    assert.equal(answer.status, 200, answer.text)
    return answer.body
  }
  const of = (body, command) => body.items.find(a => a.command === command)
  const before = await get()
  assert.match(before.bundle, /^[0-9a-f]{64}$/)
  assert.deepEqual(Object.keys(before.items[0]), ['command', 'composite', 'type', 'shipmentId', 'returnId',
    'changeId', 'to', 'handle', 'field', 'allowed', 'code', 'reason', 'policy', 'status', 'paymentStatus', 'shipmentStatus'])
  assert.equal(of(before, 'cancel').status, 'canceled')
  assert.equal(of(before, 'counter_sale').shipmentStatus, 'shipped')
  const refused = of(before, 'only_with_a_note')
  assert.deepEqual([refused.allowed, refused.code], [false, 'no_note'])
  const broken = of(before, 'broken')
  assert.deepEqual([broken.allowed, broken.composite, broken.code], [false, true, 'needs_arguments'])
  assert.match(broken.reason, /the till is on fire/)
  assert.equal((await server.client.order(order.uuid)).version, order.version)

  assert.equal((await run(order, 'counter_sale')).status, 200)
  const cancel = of(await get(), 'cancel')
  assert.deepEqual([cancel.allowed, cancel.code, cancel.policy], [false, 'already_shipped', 'order.cancel@default'])
  assertProblem(await server.get('/api/orders/999999999/actions'), 404, { code: 'order_not_found' })
})

test('an event’s data has the API’s names and decimal amounts', async () => {
  const order = await server.place()
  await server.post(`/api/orders/${order.uuid}/payments`, { type: 'capture' })
  const { items } = (await server.get(`/api/orders/${order.uuid}/events`)).body
  const placed = items.find(e => e.type === 'order.placed').data
  assert.equal(placed.grandTotal, order.grandTotal)
  assert.equal(placed.items[0].orderItemId, 1)
  assert.equal(items.find(e => e.type === 'payment.captured').data.amount, order.grandTotal)
  assert.deepEqual(items.filter(e => /"\w*_\w*":/.test(JSON.stringify({ ...e.data, customOptions: null }))), [])
})

const deliveries = order => server.sql(
  `select state, attempts, hook, target, last_error from delivery
   where kind = 'command' and order_id = $1 order by delivery_id`, [order.orderId])
const delivered = (order, count) => until(async () => {
  const found = await deliveries(order)
  return found.length === count && found.every(d => d.state !== 'queued') && found
}, { what: `${count} deliveries` })

test('a hook’s commands are carried out once, by the hook', async () => {
  const order = await server.place()
  assert.equal((await run(order, 'counter_sale')).status, 200)
  const done = await delivered(order, 2)
  assert.deepEqual(done.map(d => d.state), ['delivered', 'delivered'], JSON.stringify(done))
  const { activities } = await server.client.order(order.uuid)
  const by = activities.filter(a => /^hook:shipment\.created@hooks/.test(a.username)).map(a => a.comment)
  assert.deepEqual(by.sort(), [`By hook: ${order.orderNumber}`, 'Parcel on its way'])

  // As after a crash between the command and the note of it: the same deliveries once more.
  await server.sql("update delivery set state = 'queued' where kind = 'command' and order_id = $1", [order.orderId])
  await delivered(order, 2)
  assert.equal((await server.client.order(order.uuid)).activities.length, activities.length)
})

test('a hook’s command that the state refuses fails for good and says why', async () => {
  const order = await server.place()
  assert.equal((await server.post(`/api/orders/${order.uuid}/cancel`)).status, 200)
  const [failed] = await delivered(order, 1)
  assert.deepEqual([failed.state, failed.attempts, failed.target], ['failed', 1, String(order.orderId)])
  assert.match(failed.last_error, /^[a-z_]+: ./)
})

test('after all of it the rows are what the events add up to', () => assertVerified(server))
