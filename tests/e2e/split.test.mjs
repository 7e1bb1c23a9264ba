// An order cut in two: both orders, their money and their stock, whoever asks for it, and amid faults of
// the trade. Every answer is held against the OpenAPI document; each story ends with the books verified.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Shop, units } from './books.mjs'
import { ADDRESS, assertVerified, useServer } from './lib.mjs'

// What has not arrived yet becomes an order of its own; with its own test, which runs in memory.
const LATE = `
oms.route("POST", "/late/:ref", { role = "staff" }, function(request)
  local made = oms.split_order(request.params.ref, { items = { { order_item_id = 1, qty = 1 } }, reason = "Late" })
  return { json = { of = made.split_of, total = made.grand_total, uuid = made.uuid } }
end)
oms.route("POST", "/late-and-told/:ref", { role = "staff" }, function(request)
  local orders = oms.transaction(function(tx)
    tx:split_order(request.params.ref, { items = { { order_item_id = 1, qty = 1 } } })
    tx:add_activity(request.params.ref, "We split it")
  end)
  return { json = { made = orders[1].uuid, first = orders[2].uuid } }
end)
`
const LATE_TEST = `
oms.test("a late unit goes into an order of its own", function(t)
  local order = t:place { items = { { sku = "A", qty = 3, price = 500 } } }
  local answer = t:request("POST", "/late/" .. order.uuid)
  t:equal(answer.status, 200, answer.text)
  t:equal(answer.json.total, 500)
  t:equal(answer.json.of, order.uuid)
  t:equal(t:request("POST", "/late/" .. order.uuid).json.total, 500)
  t:equal(t:request("POST", "/late/" .. order.uuid).status, 422)
end)
`

const server = await useServer({
  config: text => `${text}[grant]\nlate = commands\n`,
  options: { 'plugins.load': 'late' },
  prepare: on => {
    on.writePlugin('late', LATE, { capabilities: ['commands'] })
    on.writePluginFile('late', 'tests/late.lua', LATE_TEST)
  },
})
const shop = await Shop.of(server)

const story = (name, tell) => test(name, async () => {
  await tell()
  await assertVerified(server)
})

const cents = value => Math.round(value * 100)
const AMOUNTS = ['grandTotal', 'subTotal', 'discountAmount', 'taxAmount', 'shippingFeeInclTax', 'shippingFeeExclTax', 'amountCaptured', 'amountAuthorized']

function assertConserved(was, ...parts) {
  for (const key of AMOUNTS) {
    assert.equal(parts.reduce((sum, part) => sum + cents(part[key]), 0), cents(was[key]), key)
  }
}

story('two linked orders share units, money and stock to the cent', async () => {
  const [mug, tea] = [await shop.stock(10), await shop.stock(10)]
  const bought = await shop.place({
    items: [{ sku: mug, qty: 3, price: 3.33, taxAmount: 1, discountAmount: 0.5 }, { sku: tea, qty: 1, price: 10 }],
    shippingFeeInclTax: 5, customer: { email: 'ana@example.org' }, shippingAddress: ADDRESS, tags: ['gift'],
  })
  await bought.pay(10, { method: 'card', transactionId: 'ch_1' })
  await bought.pay(15.49, { method: 'voucher', transactionId: 'v_1' })
  const was = await bought.now()
  assert.equal(was.paymentStatus.code, 'paid')

  const answer = await shop.call('POST', `${bought.path}/split`, { items: units({ 1: 2 }), reason: 'Two are late' })
  assert.equal(answer.status, 201, answer.text)
  const made = answer.body
  assert.equal(answer.headers.location, `/api/orders/${made.uuid}`)
  const rest = await bought.now()
  assertConserved(was, rest, made)
  assert.deepEqual([made.splitOf, rest.splitOf], [bought.uuid, null])
  assert.deepEqual([made.items.length, made.items[0].sku, made.items[0].qty, rest.items[0].qty], [1, mug, 2, 1])
  assert.deepEqual([made.customer.email, made.shippingAddress.city, made.tags], ['ana@example.org', ADDRESS.city, ['gift']])
  assert.deepEqual([rest.paymentStatus.code, made.paymentStatus.code], ['paid', 'paid'])
  assert.deepEqual(made.payments.map(p => p.transactionId), ['ch_1', 'v_1'])
  assert.notEqual(made.orderNumber, rest.orderNumber)
  assert.deepEqual(await shop.shelf(mug), { qty: 10, reserved: 3 })

  const { items: events } = await shop.ok(200, 'GET', `${bought.path}/events`)
  const split = events.at(-1)
  assert.deepEqual([split.type, split.data.splitUuid, split.data.amount, split.reason], ['order.split', made.uuid, made.grandTotal, 'Two are late'])
  // Each lives its own life.
  await bought.ship()
  assert.equal((await bought.now()).shipmentStatus.code, 'shipped')
  await shop.ok(201, 'POST', `/api/orders/${made.uuid}/shipments`, {})
  assert.deepEqual(await shop.shelf(mug), { qty: 7, reserved: 0 })
})

story('a dry run shows the new order and leaves none', async () => {
  const bought = await shop.place({ items: [{ sku: await shop.stock(4), qty: 4, price: 2 }] })
  const shown = await shop.ok(200, 'POST', `${bought.path}/split?dryRun=true`, { items: units({ 1: 1 }) })
  assert.deepEqual([shown.grandTotal, shown.splitOf], [2, bought.uuid])
  assert.equal((await shop.call('GET', `/api/orders/${shown.uuid}`)).status, 404)
  assert.equal((await bought.now()).items[0].qty, 4)
})

story('the same key answers with the same new order', async () => {
  const bought = await shop.place({ items: [{ sku: await shop.stock(4), qty: 4, price: 2 }] })
  const key = { 'idempotency-key': `split-${bought.uuid}` }
  const body = { items: units({ 1: 1 }) }
  const answers = [await shop.call('POST', `${bought.path}/split`, body, key), await shop.call('POST', `${bought.path}/split`, body, key)]
  assert.deepEqual(answers.map(a => a.status), [201, 201], answers[0].text)
  assert.equal(answers[1].text, answers[0].text)
  assert.equal(answers[1].headers['idempotency-replayed'], 'true')
  assert.equal(answers[1].headers.location, answers[0].headers.location)
  assert.equal((await bought.now()).items[0].qty, 3)
})

story('callers that split at once take no unit twice', async () => {
  const sku = await shop.stock(20)
  const bought = await shop.place({ items: [{ sku, qty: 10, price: 1 }], shippingFeeInclTax: 0.7 })
  await bought.pay(10.7)
  const was = await bought.now()
  const answers = await Promise.all(Array.from({ length: 16 }, () => shop.call('POST', `${bought.path}/split`, { items: units({ 1: 1 }) })))
  const made = answers.filter(a => a.status === 201).map(a => a.body)
  assert.equal(made.length, 9, 'one unit stays')
  for (const refused of answers.filter(a => a.status !== 201)) {
    assert.ok(['nothing_left', 'units_exceeded'].includes(refused.body.code), refused.text)
  }
  assertConserved(was, await bought.now(), ...made)
  assert.deepEqual(await shop.shelf(sku), { qty: 20, reserved: 10 })
})

story('what a split would spoil is refused, and says why', async () => {
  const sku = await shop.stock(20)
  const body = { items: units({ 1: 1 }) }
  const bought = await shop.place({ items: [{ sku, qty: 3, price: 10 }] })
  await bought.refused(422, 'nothing_left', 'split', { items: units({ 1: 3 }) })
  await bought.refused(422, 'units_exceeded', 'split', { items: units({ 1: 4 }) })
  await bought.refused(422, 'unknown_item', 'split', { items: units({ 2: 1 }) })
  await bought.refused(422, 'invalid', 'split', {})
  await bought.post('holds', { handle: 'fraud' })
  await bought.refused(409, 'on_hold', 'split', body)
  await shop.ok(200, 'DELETE', `${bought.path}/holds/fraud`)
  await bought.post('invoices')
  await bought.refused(409, 'already_invoiced', 'split', body)
  const stale = await shop.call('POST', `${bought.path}/split`, body, { 'if-match': '"1"' })
  assert.equal(stale.status, 412)
  await bought.cancel()
  await bought.refused(409, 'order_canceled', 'split', body)
  await shop.refused(404, 'order_not_found', 'POST', '/api/orders/999999/split', body)
})

story('a line of many commands may be one', async () => {
  const bought = await shop.place({ items: [{ sku: await shop.stock(4), qty: 2, price: 2 }] })
  const line = { command: 'split', order: bought.uuid, items: units({ 1: 1 }) }
  const { text } = await server.api('POST', '/api/batch', `${JSON.stringify(line)}\n`, { 'content-type': 'application/x-ndjson' })
  const answer = JSON.parse(text)
  assert.equal(answer.status, 201, text)
  assert.notEqual(answer.order.uuid, bought.uuid)
  assert.equal((await shop.ok(200, 'GET', `/api/orders/${answer.order.uuid}`)).splitOf, bought.uuid)
})

story('a script may split, and gets the new order', async () => {
  const bought = await shop.place({ items: [{ sku: await shop.stock(4), qty: 4, price: 2.5 }] })
  const { body } = await server.post(`/late/${bought.uuid}`)
  assert.deepEqual([body.of, body.total], [bought.uuid, 250])
  assert.equal((await shop.ok(200, 'GET', `/api/orders/${body.uuid}`)).splitOf, bought.uuid)
  const both = (await server.post(`/late-and-told/${bought.uuid}`)).body
  assert.equal(both.first, bought.uuid)
  assert.equal((await shop.ok(200, 'GET', `/api/orders/${both.made}`)).splitOf, bought.uuid)
  const refused = await server.post(`/late-and-told/${bought.uuid.replace(/^./, 'f')}`)
  assert.equal(refused.status, 404, refused.text)
})

story('what happened is explained, and replays the same', async () => {
  const bought = await shop.place({ items: [{ sku: await shop.stock(4), qty: 2, price: 2 }] })
  await bought.pay(4)
  const made = await bought.post('split', { items: units({ 1: 1 }), reason: 'Late' })
  const { stdout } = await server.run('explain', [bought.uuid])
  assert.match(stdout, /order\.split/)
  assert.match(stdout, /split off: 2\.00 EUR, 1 of item 1/)
  assert.match((await server.run('explain', [made.uuid])).stdout, /order\.placed/)
  const replay = await server.run('replay')
  assert.equal(replay.code, 0, replay.stdout + replay.stderr)
})

test('verify names what the other order does not say', async () => {
  const bought = await shop.place({ items: [{ sku: await shop.stock(4), qty: 2, price: 2 }] })
  const made = await bought.post('split', { items: units({ 1: 1 }) })
  await server.sql('update orders set split_of = null where uuid = $1', [made.uuid])
  const { code, stdout, stderr } = await server.run('verify')
  await server.sql('update orders set split_of = $2 where uuid = $1', [made.uuid, bought.uuid])
  assert.equal(code, 1)
  assert.match(stdout + stderr, new RegExp(`split off order ${made.uuid}, which does not exist or says otherwise`))
  await assertVerified(server)
})
